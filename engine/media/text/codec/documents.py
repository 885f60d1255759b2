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

LARGE_MB, PLAIN_MB = 50, 10
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
READERS: dict[str, tuple[Reader, int]] = {  # suffix: how it is read, and its limit in MB
    ".txt": (read_plain, PLAIN_MB),
    ".md": (read_markdown, PLAIN_MB),
    ".html": (read_html, PLAIN_MB),
    ".htm": (read_html, PLAIN_MB),
    ".srt": (read_subtitles, PLAIN_MB),
    ".vtt": (read_subtitles, PLAIN_MB),
    ".lrc": (read_lyrics, PLAIN_MB),
    ".rtf": (read_rich_text, PLAIN_MB),
    ".docx": (read_word, LARGE_MB),
    ".odt": (read_open_document, LARGE_MB),
    ".epub": (read_epub, LARGE_MB),
    ".pdf": (read_pdf, LARGE_MB),
}
ZIPPED = {".docx": "word/document.xml", ".odt": "content.xml", ".epub": "META-INF/container.xml"}


def limit_mb(suffix: str) -> int:
    """How large a file with this suffix may be."""
    return READERS.get(suffix, READERS[".txt"])[1]


def read_format(data: bytes, name: str, suffix: str) -> Draft:
    """Read by what the bytes say they are, then by the suffix, else as plain text."""
    return READERS[_kind(data, name, suffix)][0](data, name)


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
