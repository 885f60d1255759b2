"""A contact sheet and a web page of works of all media: whole, readable, asking for nothing."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote

import pypdf
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.protocol import Medium
from studio.project.project import Project
from studio.state.export_format import ExportError, ExportFormat, ExportOptions
from studio.views.contact_sheet import COLUMNS, ROWS, write_contact_sheet
from studio.views.portfolio import write_portfolio
from studio.widgets import theme
from tests.studio import fake_music
from tests.studio.sessions import RULES

POEM = "野渡無人語，荒村有犬聲。\n歸來看翠色，一徑入雲行。"
VERSE = "<b>When</b> all the quiet hours & more\nhave gone to sleep"
OPTIONS = ExportOptions(ExportFormat.PNG)


@pytest.fixture(autouse=True)
def _fonts(qapp: QApplication) -> None:
    theme.load_fonts(qapp)


@pytest.fixture
def works(project: Project, png: Callable[[int, int, int], bytes]) -> list[int]:
    """Music, two texts and two pictures, in this order."""
    made = []
    style = project.styles.add(b"a", {}, {}, Medium.AUDIO)
    sketch = {"seconds": 4.0, "notes": [[0.0, 1.0, 60, 0], [1.0, 2.0, 64, 0]], "peaks": [0.5, 1.0]}
    made.append(
        project.works.add(fake_music.wav(0.2), {"sketch": sketch}, style_id=style.id, seed=1)
    )
    style = project.styles.add(b"t", {}, {}, Medium.TEXT)
    made += [project.works.add(w.encode(), {}, style_id=style.id, seed=2) for w in (POEM, VERSE)]
    style = project.styles.add(b"i", {}, {})
    size = {"width_px": 48, "height_px": 32}
    made += [
        project.works.add(png(48, 32, n), {"seed": n}, style_id=style.id, seed=n, **size)
        for n in (7, 8)
    ]
    project.works.rate(made[-1].id, 4)
    return [work.id for work in made]


class Links(HTMLParser):
    """Everything a page asks for, and what it says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_page_in_both_languages_asks_for_nothing_from_outside(project, works, tmp_path) -> None:
    target = tmp_path / "Study portfolio"
    (index,) = write_portfolio(project, RULES, works, target, OPTIONS, "zh")
    assert index == target / "index.html"
    assert sorted(p.name for p in target.iterdir()) == [
        "index.en.html",
        "index.html",
        "small",
        "works",
    ]
    for name, lang in (("index.html", "zh-Hans"), ("index.en.html", "en")):
        text = (target / name).read_text("utf-8")
        assert f'<html lang="{lang}">' in text
        assert not re.search(r"(https?:)?//|@import|url\(|<script", text)
        links = Links(text)
        assert links.found
        for link in links.found:
            assert (target / unquote(link)).is_file(), link
        assert links.tags.count("audio") == 1
        assert len(links.images) == 3
        assert all(image["alt"] and image["width"] for image in links.images)
        words = "".join(links.words)
        assert "<b>When</b> all the quiet hours & more" in words
        assert POEM in words
    assert (target / "works" / "Study 0004.png").read_bytes() == project.blob(
        project.works.get(works[3]).digest
    )
    assert (target / "works" / "Study 0004.json").is_file()


def test_a_page_that_cannot_be_written_leaves_nothing(project, works, tmp_path) -> None:
    style = project.styles.latest()
    odd = project.works.add(b"no picture", {}, style_id=style.id, seed=1, width_px=1, height_px=1)
    with pytest.raises(ExportError):
        write_portfolio(project, RULES, [*works, odd.id], tmp_path / "page", OPTIONS, "en")
    assert list(tmp_path.glob("*page*")) == []
    with pytest.raises(ExportError, match="nothing to export"):
        write_portfolio(project, RULES, [], tmp_path / "page", OPTIONS, "en")


def test_a_sheet_names_every_work_and_breaks_into_pages(project, works, tmp_path) -> None:
    a_page = COLUMNS * ROWS
    ids = (works * 4)[: a_page + 1]
    (path,) = write_contact_sheet(project, RULES, ids, tmp_path / "sheet.pdf")
    pages = pypdf.PdfReader(path).pages
    assert len(pages) == 2
    box = pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (210, 297)
    words = pages[0].extract_text()
    assert "Study" in words
    assert "0004" in words
    assert "★★★★" in words
    assert "Made with AI" in " ".join(words.split())
    assert "1 / 2" in " ".join(words.split())


def test_a_sheet_shows_what_the_works_look_like(project, works, tmp_path) -> None:
    """The picture's own colour stands on the page, and the music's notes are dark on white."""
    pytest.importorskip("PySide6.QtPdf")
    from PySide6.QtCore import QSize
    from PySide6.QtPdf import QPdfDocument

    (path,) = write_contact_sheet(project, RULES, [works[0], works[3]], tmp_path / "sheet.pdf")
    document = QPdfDocument()
    document.load(str(path))
    image: QImage = document.render(0, QSize(420, 594))
    colours = {image.pixelColor(x, y).name() for x in range(0, 420, 2) for y in range(0, 300, 2)}
    picture = QImage.fromData(project.blob(project.works.get(works[3]).digest)).pixelColor(5, 5)

    def near(name: str) -> bool:
        from PySide6.QtGui import QColor

        other = QColor(name)
        return abs(other.red() - picture.red()) + abs(other.blue() - picture.blue()) < 24

    assert any(map(near, colours))
    assert "#1d1b18" in colours, "notes are dark"
    assert "#161616" not in colours
    document.close()
