"""PDF files → the words of their text layer, page by page until there are characters enough.

The document is parsed by pdfminer.six, which says for every glyph where it stands, whatever fonts
this machine has; how pages are read is decided in `pages` and `columns`. Nothing in a file is run.
"""

import io
import logging
import math
import struct
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfdocument import (
    PDFDocument,
    PDFEncryptionError,
    PDFPasswordIncorrect,
)
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.psexceptions import PSException
from pdfminer.utils import Matrix, apply_matrix_pt

from engine.core.errors import BadInput
from engine.media.text.codec.columns import is_in_columns, upright
from engine.media.text.codec.draft import FLAWED, KEPT_CHARACTERS, Draft
from engine.media.text.codec.glyphs import Glyph, Piece, has_han, without_doubles
from engine.media.text.codec.pages import Page, read_across, read_down, text_of
from engine.media.text.codec.pdf_limits import MAX_STREAM_BYTES as MAX_STREAM_BYTES

MAX_PAGES = 300
MOST_NAMELESS = 0.02  # of the glyphs: more are missed
_QUARTERS = 4
_SIDEWAYS = 0.2  # of the glyphs of a page: fewer that are turned are stamps and watermarks
# How fonts that have one glyph for several characters name quotation marks.
_MEANT = str.maketrans({"\u02bb": "‘", "\u02bc": "’", "\u02bd": "‛"})
# What pdfminer raises for broken objects, beside its own errors.
_BROKEN = (PSException, LookupError, ValueError, TypeError, AttributeError, OSError)
_BROKEN_TOO = (AssertionError, ArithmeticError, RuntimeError, MemoryError, struct.error)

logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it would tell of every odd object


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One glyph as it is drawn: from start to end, in a quarter turn of 0 … 3."""

    text: str
    start: tuple[float, float]
    end: tuple[float, float]
    em: float
    turn: int

    def turned(self, turn: int) -> Glyph:
        """As if the page were turned so that what is drawn at `turn` runs to the right."""
        (x, y), (right, top) = self.start, self.end
        for _ in range(turn):
            x, y, right, top = y, -x, top, -right
        return Glyph(self.text, x, y, max(x, right), self.em)


class _Ink(PDFTextDevice):
    """The glyphs of a page."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources)
        self.drawn: list[_Drawn] = []
        self.nameless = 0  # glyphs of fonts that do not say which characters they show

    def render_char(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        matrix: Matrix,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        rise: float,
        cid: int,
        *_: object,
    ) -> float:
        advance = font.char_width(cid) * fontsize * scaling
        try:
            text = font.to_unichr(cid).replace("\0", "")
        except PDFUnicodeNotDefined:
            self.nameless += 1
            return advance
        a, b, c, d, _e, _f = matrix
        em = abs(fontsize) * math.sqrt(abs(a * d - b * c))
        if text and em > 0:
            end = 0 if font.is_vertical() else advance
            first, last = (apply_matrix_pt(matrix, (along, rise)) for along in (0, end))
            turn = round(math.atan2(b, a) / (math.pi / 2)) % _QUARTERS
            self.drawn.append(_Drawn(text, first, last, em, turn))
        return advance


def read_pdf(data: bytes, name: str) -> Draft:
    """Raises BadInput: "locked_text", "odd_lock", "damaged_text", "pdf_without_text",
    "pdf_without_letters"."""
    try:
        return _read(data, name)
    except BadInput:
        raise
    except PDFPasswordIncorrect as error:
        raise BadInput("locked_text", name=name) from error
    except PDFEncryptionError as error:
        raise BadInput("odd_lock", name=name) from error
    except (*_BROKEN, *_BROKEN_TOO) as error:
        raise BadInput("damaged_text", name=name) from error


def _read(data: bytes, name: str) -> Draft:
    document = PDFDocument(PDFParser(io.BytesIO(data)), password="")
    resources = PDFResourceManager()
    pages: list[Page] = []
    length = nameless = damaged = 0
    for page in islice(PDFPage.create_pages(document), MAX_PAGES):
        ink = _Ink(resources)
        try:
            PDFPageInterpreter(resources, ink).process_page(page)
        except (*_BROKEN, *_BROKEN_TOO):
            damaged += 1
        pages.append(_page(ink.drawn, _height(page)))
        nameless += ink.nameless
        length += len(ink.drawn)
        if length > KEPT_CHARACTERS:
            break
    text = upright(text_of(pages)).translate(_MEANT)
    if nameless > length:
        raise BadInput("pdf_without_letters", name=name)
    if not text.strip() and damaged:
        raise BadInput("damaged_text", name=name)
    if not text.strip():
        raise BadInput("pdf_without_text", name=name)
    flawed = damaged or nameless > MOST_NAMELESS * length
    return Draft(text, remarks=(FLAWED,) if flawed else (), wrapped=True)


def _page(drawn: list[_Drawn], height: float) -> Page:
    """Columns as columns, else lines; what few glyphs are turned, say a stamp, is left out."""
    if has_han("".join(each.text for each in drawn)):
        upright_ones = without_doubles(each.turned(0) for each in drawn)
        if is_in_columns(upright_ones):
            return read_down(upright_ones, height)
    turns = Counter(each.turn for each in drawn)
    lines: list[Piece] = []
    for turn, count in turns.most_common():
        if count >= _SIDEWAYS * len(drawn):
            glyphs = without_doubles(each.turned(turn) for each in drawn if each.turn == turn)
            lines += read_across(glyphs).lines
    return Page(tuple(lines))


def _height(page: PDFPage) -> float:
    """Of the page as it is shown, in points."""
    left, bottom, right, top = page.mediabox
    return abs(right - left) if page.rotate % 180 else abs(top - bottom)
