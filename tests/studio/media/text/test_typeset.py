"""Texts stand as a typesetter would have them: across, down, and still while they grow."""

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from studio.media.text.pages import HOME, SIZES_PX, Page, Pages
from studio.media.text.typeset import Typesetter
from studio.widgets import theme

POEM = "空山不見雨，但聞夜泉聲。\n明月來相照，孤雲何處行。"
SONNET = "\n".join(["Shall I compare thee to a summer's day?"] * 14)
EM = 20


@pytest.fixture
def setter(qapp: QApplication) -> Typesetter:
    theme.load_fonts(qapp)
    return Typesetter()


def test_a_line_of_verse_is_a_line(setter: Typesetter) -> None:
    setting = setter.across(POEM, EM, 34 * EM, chinese=True)
    assert len(setting.blocks) == 2
    assert setting.size.height() == 2 * round(EM * 1.8)
    assert 11 * EM < setting.size.width() < 12 * EM, "the last mark hangs"


def test_closing_marks_never_begin_a_line(setter: Typesetter) -> None:
    prose = "院子里的石头被雨打湿，颜色深了一层，像是有人刚刚把它们从河里捞出来，又忘在了这里。" * 6
    for width in range(6 * EM, 20 * EM, 7):
        ((layout, _top),) = setter.across(prose, EM, width, chinese=True).blocks
        starts = [layout.lineAt(n).textStart() for n in range(layout.lineCount())]
        assert all(prose[start] not in "，。" for start in starts)


def test_columns_run_from_right_to_left(setter: Typesetter) -> None:
    setting = setter.down(POEM, EM, 40 * EM)
    first, last = setting.cells[0], setting.cells[-1]
    assert (first[0], last[0]) == ("空", "。")
    assert first[1].x() > last[1].x()
    assert first[1].y() == 0
    tops = [place.y() for sign, place in setting.cells if place.x() == first[1].x()]
    assert tops == sorted(tops)
    assert len(tops) == 12


def test_marks_hang_below_a_full_column_and_brackets_open_the_next(setter: Typesetter) -> None:
    height = 4 * EM * 1.12 + 1
    columns: dict[float, str] = {}
    for sign, place in setter.down("一二三四，五六七「八」九。", EM, height).cells:
        columns[place.x()] = columns.get(place.x(), "") + sign
    assert list(columns.values()) == ["一二三四，", "五六七", "「八」九。"]


def test_latin_words_lie_on_their_side_as_one(setter: Typesetter) -> None:
    signs = [sign for sign, _ in setter.down("在 Kyoto 1834 年", EM, 40 * EM).cells]
    assert signs == ["在", " ", "Kyoto 1834", " ", "年"]


@pytest.mark.parametrize("text", ["", "\n\n", "，。", "「", "a", "\t", "🌊" * 50, "א" * 40])
def test_odd_texts_can_be_set_and_drawn(setter: Typesetter, text: str) -> None:
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for setting in (setter.across(text, EM, 150, chinese=True), setter.down(text, EM, 100)):
        setting.draw(painter, QPointF(10, 10))
    painter.end()


@pytest.fixture
def pages(qtbot, setter: Typesetter) -> Pages:
    wall = Pages()
    qtbot.addWidget(wall)
    wall.resize(800, 600)
    return wall


def test_short_texts_are_larger_and_many_are_smaller(pages: Pages) -> None:
    pages.show_pages((Page(POEM),))
    alone = pages.size_px()
    pages.show_pages((Page(SONNET),))
    sonnet = pages.size_px()
    pages.show_pages(tuple(Page(POEM) for _ in range(8)))
    assert alone > sonnet > SIZES_PX[HOME] > pages.size_px()
    pages.show_pages((Page("It rained for days and nobody came. " * 40),))
    assert pages.size_px() == SIZES_PX[HOME]


def test_a_text_that_grows_stays_where_it_began(pages: Pages) -> None:
    cell = pages._cells()[0]
    lefts = set()
    for end in range(1, len(POEM) + 1):
        page = Page(POEM[:end], lines=4, grows=True)
        pages.show_pages((page,))
        place = pages._place(page, pages._set(page, cell), cell)
        lefts.add((place.x(), place.y()))
    assert len(lefts) == 1


def test_a_long_text_scrolls_and_a_short_one_does_not(pages: Pages) -> None:
    pages.show_pages((Page(POEM),))
    assert pages.verticalScrollBar().maximum() == 0
    pages.show_pages((Page("\n".join([SONNET] * 6)),))
    assert pages.verticalScrollBar().maximum() > 600
    pages.set_vertical(True)
    pages.show_pages((Page("\n".join([POEM] * 40)),))
    assert pages.horizontalScrollBar().value() == pages.horizontalScrollBar().maximum() > 0


def test_the_type_grows_and_comes_home(pages: Pages) -> None:
    pages.show_pages((Page(SONNET),))
    before = pages.size_px()
    pages.larger(1)
    assert pages.size_px() > before
    pages.home()
    assert pages.size_px() == before
    pages.larger(99)
    pages.larger(-99)
    assert pages.size_px() >= SIZES_PX[0]
