"""Texts leave the studio: as .txt, .md, .docx or .pdf, each saying that it was made with AI where
the format has a place for it.

    data = encode_text(text, ".pdf", vertical=True)

Lines and stanzas stay as they are. For a PDF the fonts must be loaded (`theme.load_fonts`).
"""

import datetime
import io
import re
from typing import cast

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QSizeF
from PySide6.QtGui import (
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)

from studio.media.text.typeset import COLUMN_PITCH, Down, Typesetter
from studio.state.export_format import ExportError
from studio.widgets import theme

SUFFIXES = (".txt", ".md", ".docx", ".pdf")
NOTE = "Made with AI, by Maquette"
BODY_PT, TITLE_PT = 12.0, 18.0
POEM_PT = 28.0  # at most, where a whole poem has the page for itself
POEM_SHARE = 0.72  # of the page's height, at most
ABOVE = 0.42  # of the free height: the middle that the eye takes for it lies a little higher
LINE_PERCENT = {"pdf": 122, "docx": 150}  # of the face's own height
QT_DPI = 96  # what Qt takes the margins of a document to be in
MARGINS_MM = QMarginsF(32, 30, 32, 34)
DPI = 600
PAGE = QPageSize.PageSizeId.A4
_FACES = {"latin": "Georgia", "chinese": "SimSun"}  # in Word, which brings its own fonts
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_MARK = re.compile(r"([\\`*_\[\]<>#&~|])")
_BULLET = re.compile(r"^(?:[-+=]|\d{1,9}(?=[.)]))")
_VERSE = 30  # Chinese characters: with a longer line it is prose


def encode_text(text: str, suffix: str, *, title: str = "", vertical: bool = False) -> bytes:
    """The bytes of one file. Raises ExportError for a suffix that is none of SUFFIXES."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    title = " ".join(_CONTROL.sub("", title).split())
    vertical = vertical and bool(_HAN.search(text))
    match suffix.lower():
        case ".txt":
            return (f"{title}\n\n{text}\n" if title else f"{text}\n").encode()
        case ".md":
            return _to_markdown(text, title).encode()
        case ".docx":
            return _to_word(text, title, vertical)
        case ".pdf":
            return _to_pdf(text, title, vertical)
    formats = ", ".join(s.removeprefix(".") for s in SUFFIXES)
    raise ExportError("export_text_format", name=title, suffix=suffix, formats=formats)


# ---- Markdown ----------------------------------------------------------------------------------


def _to_markdown(text: str, title: str) -> str:
    """Lines of a stanza end in two spaces, so that they stay lines."""
    stanzas = re.split(r"\n(?:[ \t]*\n)+", text)
    blocks = ["  \n".join(map(_escaped, stanza.split("\n"))) for stanza in stanzas]
    head = [f"# {_escaped(title)}"] if title else []
    return "\n\n".join([*head, *blocks]) + "\n"


def _escaped(line: str) -> str:
    bare = line.strip()
    indent = line[: len(line.rstrip()) - len(bare)].replace(" ", "\u00a0")
    marked = _MARK.sub(r"\\\1", bare)
    if found := _BULLET.match(marked):
        at = found.end() - (0 if found[0].isdigit() else 1)
        marked = f"{marked[:at]}\\{marked[at:]}"
    return indent + marked


# ---- Word --------------------------------------------------------------------------------------


def _to_word(text: str, title: str, vertical: bool) -> bytes:
    """A paragraph a line, without space between; python-docx is only loaded here."""
    import docx
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt
    from docx.styles.style import ParagraphStyle

    document = docx.Document()
    normal = cast(ParagraphStyle, document.styles["Normal"])
    normal.font.name, normal.font.size = _FACES["latin"], Pt(BODY_PT)
    fonts = normal.element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    if fonts is not None:
        fonts.set(qn("w:eastAsia"), _FACES["chinese"])
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = LINE_PERCENT["docx"] / 100
    if title:
        heading = document.add_paragraph(style="Title")
        heading.add_run(title).font.size = Pt(TITLE_PT)
        look = document.styles["Title"].element  # plain: no rule below, no colour
        for path in (("w:pPr", "w:pBdr"), ("w:rPr", "w:rFonts"), ("w:rPr", "w:color")):
            outer, inner = look.find(qn(path[0])), look.find("/".join(map(qn, path)))
            if outer is not None and inner is not None:
                outer.remove(inner)
    for line in text.split("\n"):
        document.add_paragraph(line)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(MARGINS_MM.left())
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM.top()), Mm(MARGINS_MM.bottom())
    if vertical:
        direction = OxmlElement("w:textDirection")
        direction.set(qn("w:val"), "tbRl")
        section._sectPr.append(direction)
    about = document.core_properties
    about.title, about.author, about.comments = title, "Maquette", NOTE
    about.created = about.modified = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# ---- PDF ---------------------------------------------------------------------------------------


def _to_pdf(text: str, title: str, vertical: bool) -> bytes:
    """A4, portrait, in the serif, with generous margins. A text that a page can hold stands in its
    middle, as large as it may; a longer one fills pages."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setTitle(title or text.strip().partition("\n")[0][:80])
    writer.setCreator(NOTE)
    portrait = QPageLayout.Orientation.Portrait
    unit = QPageLayout.Unit.Millimeter
    writer.setPageLayout(QPageLayout(QPageSize(PAGE), portrait, MARGINS_MM, unit))
    painter = QPainter(writer)
    try:
        if vertical:
            _paint_down(painter, writer, f"{title}\n\n{text}" if title else text)
        else:
            _paint_across(painter, writer, text, title)
    finally:
        painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _pixels(points: float) -> int:
    return round(points * DPI / 72)


def _paint_across(painter: QPainter, writer: QPdfWriter, text: str, title: str) -> None:
    document, left, top = _set_across(writer, text, title)
    page, block = 0, document.begin()
    while block.isValid():
        place = document.documentLayout().blockBoundingRect(block).topLeft() + QPointF(left, top)
        for number in range(block.layout().lineCount()):
            line = block.layout().lineAt(number)
            middle = place.y() + line.y() + line.height() / 2
            while middle >= (page + 1) * writer.height():
                writer.newPage()
                page += 1
            line.draw(painter, place - QPointF(0, page * writer.height()))
        block = block.next()


def _set_across(writer: QPdfWriter, text: str, title: str) -> tuple[QTextDocument, float, float]:
    """The text in lines, and how far from the left and from the top it begins."""
    page = QSizeF(writer.width(), writer.height())
    document = _document(text, title, writer)
    wide, tall = document.idealWidth(), document.size().height()
    if wide > page.width() or tall > page.height():  # prose, or long
        document.setPageSize(page)
        return document, 0.0, 0.0
    room = _room(page, wide, tall)
    document = _document(text, title, writer, max(1.0, min(POEM_PT / BODY_PT, room)))
    wide, tall = document.idealWidth(), document.size().height()
    return document, (page.width() - wide) / 2, ABOVE * (page.height() - tall)


def _room(page: QSizeF, wide: float, tall: float) -> float:
    """How many times larger what is so large may be."""
    return min(page.width() / max(1.0, wide), POEM_SHARE * page.height() / max(1.0, tall))


def _document(text: str, title: str, writer: QPdfWriter, scale: float = 1.0) -> QTextDocument:
    chinese = len(_HAN.findall(text)) * 4 > len(text)
    body_pt, title_pt = scale * BODY_PT, scale * TITLE_PT
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.documentLayout().setPaintDevice(writer)
    document.setDefaultFont(_face(body_pt, chinese))
    cursor = QTextCursor(document)
    lines = text.split("\n")
    block = QTextBlockFormat()
    block.setLineHeight(
        LINE_PERCENT["pdf"], QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
    )
    heading = QTextBlockFormat(block)
    heading.setBottomMargin(title_pt * QT_DPI / 72)
    if title:
        style = QTextCharFormat()
        style.setFont(_face(title_pt, chinese))
        cursor.setBlockFormat(heading)
        cursor.insertText(title, style)
    if chinese and max(map(len, lines)) > _VERSE:
        block.setTextIndent(2 * body_pt * QT_DPI / 72)
    plain = QTextCharFormat()
    plain.setFont(_face(body_pt, chinese))
    for number, line in enumerate(lines):
        if number or title:
            cursor.insertBlock(block, plain)
        else:
            cursor.setBlockFormat(block)
        cursor.insertText(line, plain)
    return document


def _face(points: float, chinese: bool) -> QFont:
    return theme.printed(theme.serif(_pixels(points), chinese))


def _paint_down(painter: QPainter, writer: QPdfWriter, text: str) -> None:
    """Columns from right to left, as many on a page as there is room for."""
    page = QSizeF(writer.width(), writer.height())
    em = _em_down(page, text)
    pitch = em * COLUMN_PITCH
    setting = Typesetter().down(text, em, page.height())
    alone = setting.size.width() <= page.width()
    right, top = page.width() - em, 0.0
    if alone:
        right -= (page.width() - setting.size.width()) / 2
        top = _top_down(page.height() - setting.size.height(), em)
    on_a_page = max(1, int((page.width() - em) / pitch) + 1)
    first = max((place.x() for _, place in setting.cells), default=0.0)
    pages: dict[int, list[tuple[str, QPointF]]] = {}
    for sign, place in setting.cells:
        number, column = divmod(round((first - place.x()) / pitch), on_a_page)
        pages.setdefault(number, []).append((sign, QPointF(right - column * pitch, place.y())))
    for number, cells in enumerate(pages[each] for each in sorted(pages)):
        if number:
            writer.newPage()
        down = Down(setting.size, setting.end, setting.font, cells)
        down.draw(painter, QPointF(0, top))


def _top_down(free: float, em: int) -> float:
    """How far columns stand from the top; below them is clearly more room than above, or else
    whoever reads the page back takes all of them for full ones, that go on in the next."""
    head, foot = (edge * DPI / 25.4 for edge in (MARGINS_MM.top(), MARGINS_MM.bottom()))
    clear = (foot + free - 1.25 * head - 4.5 * em) / 2.25
    return max(0.0, min(ABOVE * free, clear))


def _em_down(page: QSizeF, text: str) -> int:
    """Of characters in columns: as large as a page may hold all of them, or else the usual size."""
    em = _pixels(BODY_PT)
    size = Typesetter().down(text, em, page.height()).size
    room = _room(page, size.width(), size.height())
    return em if room <= 1.0 else int(em * min(POEM_PT / BODY_PT, room))
