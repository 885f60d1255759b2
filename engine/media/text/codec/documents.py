"""The file formats of texts: bytes → the words in them, each within its limits."""

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from engine.core.archive import Archive
from engine.core.errors import BadInput
from engine.core.text_encoding import FORMATS, decoded
from engine.media.text.codec.draft import KEPT_CHARACTERS, Draft
from engine.media.text.codec.epub import read_epub
from engine.media.text.codec.gutenberg import without_licence
from engine.media.text.codec.markup import from_html, from_markdown
from engine.media.text.codec.pdf import read_pdf
from engine.media.text.codec.subtitles import from_lyrics, from_subtitles, is_lyrics
from engine.media.text.codec.word import read_open_document, read_rich_text, read_word
from engine.protocol import DOCUMENTS, PLAIN_TEXTS

_HTML = ("<!doctype html", "<html", "<?xml")
_OLE = b"\xd0\xcf\x11\xe0"


def read_plain(data: bytes, name: str) -> Draft:
    """A text by itself, or what its first words say that it is."""
    found = decoded(data, name)
    opening = found.text[:200].lstrip("\ufeff \t\r\n").lower()
    if opening.startswith(_HTML) and "<html" in found.text[:2000].lower():
        return read_html(data, name)
    if opening.startswith("webvtt"):
        return read_subtitles(data, name)
    if is_lyrics(found.text):
        return read_lyrics(data, name)
    return _remarked(replace(without_licence(found.text), wrapped=True), found.remarks)


def read_html(data: bytes, name: str) -> Draft:
    found = decoded(data, name)
    try:
        return _remarked(from_html(found.text), found.remarks)
    except (etree.LxmlError, ValueError) as error:
        raise BadInput("damaged_text", name=name) from error


def read_markdown(data: bytes, name: str) -> Draft:
    found = decoded(data, name)
    source = found.text[: 4 * KEPT_CHARACTERS]
    draft = from_markdown(source.replace("\r\n", "\n").replace("\r", "\n"))
    return _remarked(replace(draft, wrapped=True), found.remarks)


def read_subtitles(data: bytes, name: str) -> Draft:
    found = decoded(data, name)
    draft = from_subtitles(found.text)
    if draft is None:
        raise BadInput("damaged_text", name=name)
    return _remarked(draft, found.remarks)


def read_lyrics(data: bytes, name: str) -> Draft:
    found = decoded(data, name)
    return _remarked(from_lyrics(found.text), found.remarks)


def _remarked(draft: Draft, remarks: tuple[str, ...]) -> Draft:
    return replace(draft, remarks=(*remarks, *draft.remarks))


Reader = Callable[[bytes, str], Draft]
READERS: dict[str, Reader] = {  # by suffix
    ".txt": read_plain,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".srt": read_subtitles,
    ".vtt": read_subtitles,
    ".lrc": read_lyrics,
    ".rtf": read_rich_text,
    ".docx": read_word,
    ".odt": read_open_document,
    ".epub": read_epub,
    ".pdf": read_pdf,
}
ZIPPED = {".docx": "word/document.xml", ".odt": "content.xml", ".epub": "META-INF/container.xml"}


def limit_mb(suffix: str) -> int:
    """How large a file with this suffix may be."""
    own = DOCUMENTS if suffix in DOCUMENTS.suffixes else PLAIN_TEXTS
    return own.max_bytes // 2**20


def read_format(data: bytes, name: str, suffix: str) -> Draft:
    """Read by what the bytes say they are, then by the suffix, else as plain text."""
    return READERS[_kind(data, name, suffix)](data, name)


def _kind(data: bytes, name: str, suffix: str) -> str:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if head.startswith(b"%PDF-") or b"\n%PDF-" in data[:1024]:
        return ".pdf"
    if data.startswith(_OLE):
        return ".docx"
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    if suffix == ".pdf":
        raise BadInput("damaged_text", name=name)
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data, name, suffix)
    return suffix if suffix in READERS else ".txt"


def _kind_of_zip(data: bytes, name: str, suffix: str) -> str:
    archive = Archive(data, name)
    if suffix in ZIPPED and archive.find(ZIPPED[suffix]):
        return suffix
    for kind, part in ZIPPED.items():
        if archive.find(part):
            return kind
    if any(each.lower().endswith(".opf") for each in archive.names):
        return ".epub"
    if archive.find("[Content_Types].xml") and any("word/" in each for each in archive.names):
        return ".docx"
    if suffix in ZIPPED:
        raise BadInput("damaged_text", name=name)
    raise BadInput("not_a_text", name=name, formats=FORMATS)
