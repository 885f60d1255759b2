"""The file formats of texts: bytes → the words in them, each within its limits."""

import io
import logging
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from lxml import etree

from engine.core.archive import Archive
from engine.core.errors import BadInput
from engine.media.text.codec.columns import Run, has_han, is_in_columns, lines_of, run_of, upright
from engine.media.text.codec.encoding import FORMATS, to_text
from engine.media.text.codec.markup import (
    Draft,
    from_html,
    from_markdown,
    from_subtitles,
    from_word,
)
from engine.messages import DOCUMENTS, PLAIN_TEXTS

if TYPE_CHECKING:
    from pypdf import PageObject

KEPT_CHARACTERS = 20_000  # of one work; the rest is not read
MAX_PAGES = 300

_OLE = b"\xd0\xcf\x11\xe0"  # what Word wraps a document in that has a password
_DC = "{http://purl.org/dc/elements/1.1/}"
_FRINGE = re.compile(r"cover|title|copyright|colophon|imprint|toc|contents|nav", re.IGNORECASE)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_PAGE_NUMBER = re.compile(r"[-–— ·]*(?:\d{1,4}|[ivxlc]{1,6})[-–— ·]*")


def read_plain(data: bytes, name: str) -> Draft:
    return Draft(to_text(data, name))


def read_markdown(data: bytes, name: str) -> Draft:
    source = to_text(data, name)[: 4 * KEPT_CHARACTERS]
    return from_markdown(source.replace("\r\n", "\n").replace("\r", "\n"))


def read_subtitles(data: bytes, name: str) -> Draft:
    draft = from_subtitles(to_text(data, name))
    if draft is None:
        raise BadInput("damaged_text", name=name)
    return draft


def read_word(data: bytes, name: str) -> Draft:
    if data.startswith(_OLE):
        raise BadInput("locked_text", name=name)
    archive = Archive(data, name)
    if "word/document.xml" not in archive.names:
        raise BadInput("damaged_text", name=name)
    return from_word(archive.xml("word/document.xml"))


def read_epub(data: bytes, name: str) -> Draft:
    """Its chapters in the order of reading, until there are characters enough."""
    archive = Archive(data, name)
    if "META-INF/rights.xml" in archive.names:
        raise BadInput("locked_text", name=name)
    package_path, package = _package(archive, name)
    title = next((e.text or "" for e in package.iter(_DC + "title")), "")
    chapters = list(_chapters(package, posixpath.dirname(package_path)))
    _refuse_locked(archive, set(chapters), name)
    inner = [path for path in chapters if not _FRINGE.search(posixpath.basename(path))]
    texts: list[str] = []
    for path in inner or chapters:
        if sum(map(len, texts)) > KEPT_CHARACTERS:
            break
        if path not in archive.names:
            raise BadInput("damaged_text", name=name)
        texts.append(_chapter(archive.read(path), name))
    return Draft("\n\n".join(texts), title.strip())


def _package(archive: Archive, name: str) -> tuple[str, etree._Element]:
    if "META-INF/container.xml" not in archive.names:
        raise BadInput("damaged_text", name=name)
    for element in archive.xml("META-INF/container.xml").iter("{*}rootfile"):
        path = element.get("full-path", "")
        if path in archive.names:
            return path, archive.xml(path)
    raise BadInput("damaged_text", name=name)


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    """The paths of the spine inside the zip, without the table of contents."""
    items = {e.get("id"): e for e in package.iter("{*}item")}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or reference.get("linear") == "no":
            continue
        if "html" in item.get("media-type", "") and "nav" not in item.get("properties", ""):
            path = posixpath.normpath(posixpath.join(folder, _unquoted(item.get("href", ""))))
            yield path.partition("#")[0]


def _unquoted(reference: str) -> str:
    """Without its %20s."""
    raw = _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode()), reference.encode())
    return raw.decode("utf-8", "replace")


def _refuse_locked(archive: Archive, chapters: set[str], name: str) -> None:
    """Encrypted fonts do no harm, encrypted chapters do."""
    part = "META-INF/encryption.xml"
    if part in archive.names:
        locked = {_unquoted(e.get("URI", "")) for e in archive.xml(part).iter("{*}CipherReference")}
        if locked & chapters:
            raise BadInput("locked_text", name=name)


def _chapter(data: bytes, name: str) -> str:
    try:
        return from_html(to_text(data, name)).text
    except (etree.LxmlError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("damaged_text", name=name) from error


def read_pdf(data: bytes, name: str) -> Draft:
    """The text layer, page by page until there are characters enough; no page numbers."""
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would tell of every odd object
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput("locked_text", name=name)
        text = _pages(reader.pages[:MAX_PAGES])
    except BadInput:
        raise
    except (DependencyError, FileNotDecryptedError) as error:
        raise BadInput("locked_text", name=name) from error
    except (PyPdfError, MemoryError, RecursionError, ArithmeticError) as error:
        raise BadInput("damaged_text", name=name) from error
    except (LookupError, ValueError, TypeError, AttributeError, OSError, AssertionError) as error:
        # pypdf meets broken objects with any of these
        raise BadInput("damaged_text", name=name) from error
    if not text.strip():
        raise BadInput("pdf_without_text", name=name)
    return Draft(upright(text))


def _pages(pages: Iterable["PageObject"]) -> str:
    text, goes_on = "", True
    for page in pages:
        words, next_goes_on = _page(page)
        text += words if goes_on else f"\n{words}"
        goes_on = next_goes_on
        if len(text) > KEPT_CHARACTERS:
            break
    return text


def _page(page: "PageObject") -> tuple[str, bool]:
    """Its words, and whether the last line goes on over the page."""
    words = page.extract_text()
    if not has_han(words):
        return _without_number(words), False
    runs: list[Run] = []

    def see(text: str, matrix, tm, font, size: float) -> None:
        if text.strip():
            runs.append(run_of(text, matrix, tm, size, font))

    page.extract_text(visitor_text=see)
    if runs and is_in_columns(runs):
        lines, goes_on = lines_of(runs, float(page.mediabox.height))
        return "\n".join(lines), goes_on
    return _without_number(words), False


def _without_number(text: str) -> str:
    lines = text.strip().split("\n")
    for end in (0, -1):
        if lines and _PAGE_NUMBER.fullmatch(lines[end].strip()):
            del lines[end]
    return "\n".join(lines)


Reader = Callable[[bytes, str], Draft]
READERS: dict[str, Reader] = {  # by suffix
    ".txt": read_plain,
    ".md": read_markdown,
    ".srt": read_subtitles,
    ".docx": read_word,
    ".epub": read_epub,
    ".pdf": read_pdf,
}


def limit_mb(suffix: str) -> int:
    """How large a file with this suffix may be."""
    own = DOCUMENTS if suffix in DOCUMENTS.suffixes else PLAIN_TEXTS
    return own.max_bytes // 2**20


def read_format(data: bytes, name: str, suffix: str) -> Draft:
    """Read by what the bytes say they are, then by the suffix, else as plain text."""
    if data[:1024].lstrip().startswith(b"%PDF-"):
        suffix = ".pdf"
    elif suffix == ".pdf":
        raise BadInput("damaged_text", name=name)
    elif data.startswith(b"PK\x03\x04") and suffix not in (".docx", ".epub"):
        suffix = _kind_of_zip(data, name)
    return READERS.get(suffix, read_plain)(data, name)


def _kind_of_zip(data: bytes, name: str) -> str:
    names = Archive(data, name).names
    if "word/document.xml" in names:
        return ".docx"
    if "META-INF/container.xml" in names:
        return ".epub"
    raise BadInput("not_a_text", name=name, formats=FORMATS)
