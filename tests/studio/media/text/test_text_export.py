"""A text leaves whole in each format, can be read back, and says that it was made with AI."""

import io
import subprocess
import sys

import docx
import pypdf
import pytest
from hypothesis import example, given, settings, strategies as st
from PySide6.QtWidgets import QApplication

from engine.media.text.codec.documents import read_format
from engine.media.text.codec.plain import decode, shown, tidy
from studio.media.text.export import NOTE, SUFFIXES, encode_text
from studio.state.export_format import ExportError
from studio.widgets import theme

VERSE = (
    "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n\n"
    "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date:"
)
CHINESE = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"


@pytest.fixture(autouse=True)
def _fonts(qapp: QApplication) -> None:
    theme.load_fonts(qapp)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".docx"])
def test_what_is_written_can_be_read_back(suffix: str) -> None:
    for text, title in ((VERSE, "A Day"), (VERSE, ""), (CHINESE, "静夜思"), (CHINESE, "")):
        work = decode(encode_text(text, suffix, title=title), f"🌙 {title}{suffix}")
        assert (work.title, work.text) == (title, text)


def test_a_pdf_holds_the_words() -> None:
    for text, title in ((VERSE + "\nOfficial fjords, é", "A Day"), (CHINESE, "静夜思")):
        reader = pypdf.PdfReader(io.BytesIO(encode_text(text, ".pdf", title=title)))
        (page,) = reader.pages
        words = "".join(page.extract_text().split())
        assert words == "".join((title + text).split())
        width, height = page.mediabox.width, page.mediabox.height
        assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)


def test_a_pdf_of_columns() -> None:
    data = encode_text((CHINESE + "\n") * 30, ".pdf", title="静夜思", vertical=True)
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert len(reader.pages) > 1
    assert all(page.mediabox.width < page.mediabox.height for page in reader.pages)
    words = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert words.startswith("静夜思床前明月光")
    assert words.count("低头思故乡") == 30
    assert "︐" in words
    assert "，" not in words, "marks stand in their vertical forms"


PROSE = "這是一個很長的段落，" * 12 + "到此為止。\n" + "第二個段落也很長，" * 9 + "完。\n短行。"
QUOTED = "他说：“好，我们走吧。《春晓》呢？”\n她没有回答——只是看着他……\n\n第二段（很短）里有词。"


@pytest.mark.parametrize("title", ["", "静夜思"])
@pytest.mark.parametrize(
    "text",
    [CHINESE, PROSE, PROSE * 6, QUOTED, "「外『內』外」\n一二三四五", "春風吹不盡\n" * 60],
    ids=["verse", "prose", "pages", "marks", "quotations", "long verse"],
)
def test_columns_are_read_back_as_lines(text: str, title: str) -> None:
    words = shown(encode_text(text, ".pdf", title=title, vertical=True), "it.pdf").words
    assert words == (f"{title}\n\n{text}" if title else text).strip()


def test_words_among_columns_are_read_back() -> None:
    text = "第二段里有Maquette和AI两个词，\n以及数字2026年。"
    assert shown(encode_text(text, ".pdf", vertical=True), "it.pdf").words == text


def test_english_is_never_set_in_columns() -> None:
    data = encode_text(VERSE, ".pdf", vertical=True)
    (page,) = pypdf.PdfReader(io.BytesIO(data)).pages
    assert page.mediabox.width < page.mediabox.height


def test_long_texts_take_several_pages() -> None:
    reader = pypdf.PdfReader(io.BytesIO(encode_text((VERSE + "\n") * 60, ".pdf")))
    words = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert len(reader.pages) > 3
    assert words == "".join(VERSE.split()) * 60, "no line is lost between two pages"


def test_the_files_say_that_they_were_made_with_ai() -> None:
    about = pypdf.PdfReader(io.BytesIO(encode_text(VERSE, ".pdf", title="A Day"))).metadata
    assert about is not None
    assert (about.title, about.creator) == ("A Day", NOTE)
    document = docx.Document(io.BytesIO(encode_text(VERSE, ".docx", title="A Day")))
    properties = document.core_properties
    assert (properties.title, properties.comments) == ("A Day", NOTE)
    assert properties.created is not None
    assert properties.created.year >= 2026


def test_a_document_of_columns() -> None:
    data = encode_text(CHINESE, ".docx", vertical=True)
    assert b"tbRl" in docx.Document(io.BytesIO(data)).sections[0]._sectPr.xml.encode()
    assert decode(data, "it.docx").text == CHINESE


@pytest.mark.parametrize("suffix", [".doc", "", ".png", ".epub"])
def test_other_formats_are_refused(suffix: str) -> None:
    with pytest.raises(ExportError, match="txt, md, docx, pdf"):
        encode_text(VERSE, suffix)


def test_odd_texts_do_no_harm() -> None:
    for text in ("", "\n\n", "\0\x07\x1b", "\ud800 half", "\u202e👩‍🎨🌊", "x" * 3000, "月" * 3000):
        for suffix in SUFFIXES:
            assert encode_text(text, suffix, title=text[:9], vertical=True)


@pytest.mark.process
def test_word_is_only_loaded_when_it_is_needed() -> None:
    code = "import studio.media.text.export, sys; assert not {'docx', 'lxml'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


@settings(deadline=None, max_examples=120)
@given(st.text("ab 月*_#>-+=1.)(`\\[]<&~|!:\n\u3000", max_size=40))
@example("1. one\n2) two\n- three\n+ four\n# five\n> six\n---\n===\n***\n* * *\n    seven\n&amp;")
@example("\n 1")
@example("[a]: b\n```\nc\n```\n<b>d</b> ![e](f) `g` \\h *i* __j__ <!-- k -->")
def test_marks_of_markdown_are_words(text: str) -> None:
    read = read_format(encode_text(f"a\n{text}", ".md"), "it.md", ".md")
    assert tidy(read.text) == tidy(f"a\n{text}")
