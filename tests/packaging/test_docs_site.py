"""The documentation's site: whole in both languages, no dead link, nothing from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest

from studio import i18n
from tests.packaging.scripts import script

docs_site = script("docs_site")


class Links(HTMLParser):
    """What a page points to."""

    ATTRIBUTES: ClassVar = {"a": "href", "img": "src", "link": "href", "script": "src"}

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = self.ATTRIBUTES.get(tag)
        self.found += [value for name, value in attrs if name == wanted and value]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    yield docs_site.build(tmp_path_factory.mktemp("site"))
    i18n.set_language("en")


def test_every_link_leads_to_a_file_of_the_site(pages: list[Path]) -> None:
    for page in pages:
        for link in Links(page).found:
            if not link.startswith(("https://", "#")):
                assert (page.parent / link.split("#")[0]).exists(), f"{page}: {link}"


def test_nothing_is_loaded_from_elsewhere(pages: list[Path]) -> None:
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r'(src|href)="//|<img[^>]*https?:|<link[^>]*https?:', text)


def test_both_languages_have_the_same_pages_and_pictures() -> None:
    english, chinese = (list(docs_site.manual(language)) for language in ("en", "zh"))
    assert [page.name for page in english] == [page.name for page in chinese]
    for one, other in zip(english, chinese, strict=True):
        pictures = [re.findall(r"[\w-]+\.png", page.text) for page in (one, other)]
        assert pictures[0] == pictures[1]


def test_names_of_the_window_are_the_windows_own() -> None:
    (keys,) = (page for page in docs_site.manual("zh") if page.name == "8-keys")
    assert i18n.t("action.keep") in keys.text
    assert "<kbd>Ctrl+E</kbd>" in keys.text
    with pytest.raises(KeyError):
        docs_site.words_of("brief.no_such_field")
    i18n.set_language("en")


def test_no_mark_of_markdown_is_left_over(pages: list[Path]) -> None:
    for page in pages:
        if page.parent.name != "workshop":  # there `**` may stand in code
            assert "**" not in page.read_text(encoding="utf-8"), page
