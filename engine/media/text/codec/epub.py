"""Electronic books (.epub) → the words of their chapters, in the order of reading.

A book that lacks a part, or spells it in another way, is read as far as it goes, as other programs
do; only encrypted chapters are refused.
"""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from engine.core.archive import Archive
from engine.core.errors import BadInput
from engine.core.text_encoding import to_text
from engine.media.text.codec.draft import FLAWED, KEPT_CHARACTERS, Draft
from engine.media.text.codec.markup import words_of_html

_DC = "{http://purl.org/dc/elements/1.1/}"
_LOST = ("damaged_text", "not_a_text", "mixed_encodings")
_TYPES = ("html", "oeb1-document", "dtbook", "/xml")
_SUFFIXES = (".xhtml", ".html", ".htm", ".xml")
_OTHERS = ("image/", "audio/", "video/", "font", "css", "ncx", "javascript", "svg", "smil")
_WORD = re.compile(r"[a-z]+")
# Chapters that no reader means by the book, by the words of their names or of the book's guide.
_FRINGE = {
    *("cover", "title", "titlepage", "copyright", "colophon", "imprint", "toc", "contents", "nav"),
    *("halftitle", "frontcover", "backcover", "copyrightpage"),
}
_BESIDE = {"page", "front", "back", "of", "table", "the", "half", "xhtml", "html"}


def read_epub(data: bytes, name: str) -> Draft:
    """Its chapters until there are characters enough."""
    archive = Archive(data, name)
    path, package = _package(archive, name)
    title = next((e.text or "" for e in package.iter(_DC + "title")), "")
    spine = list(_spine(package, posixpath.dirname(path)))
    chapters = [part for each in spine if (part := archive.find(each)) is not None]
    _refuse_locked(archive, set(chapters), name)
    guide = {archive.find(each) for each in _guide(package, posixpath.dirname(path))}
    inner = [part for part in chapters if part not in guide and not _is_fringe(part)]
    texts: list[str] = []
    lost = len(chapters) < len(spine)
    for part in inner or chapters:
        if sum(map(len, texts)) > KEPT_CHARACTERS:
            break
        words = _chapter(archive, part, name)
        texts += [words] if words is not None else []
        lost |= words is None
    if not texts:
        raise BadInput("damaged_text", name=name)
    return Draft("\n\n".join(texts), title.strip(), (FLAWED,) if lost or archive.flawed else ())


def _chapter(archive: Archive, part: str, name: str) -> str | None:
    """None where it cannot be read; BadInput where it must not be."""
    try:
        return words_of_html(to_text(archive.read(part), name))
    except BadInput as error:
        if error.code in _LOST:
            return None
        raise
    except (etree.LxmlError, ValueError):
        return None


def _package(archive: Archive, name: str) -> tuple[str, etree._Element]:
    """(path, root) of the package document: the one that is named, else the first there is."""
    named: list[str] = []
    if container := archive.find("META-INF/container.xml"):
        named = [e.get("full-path", "") for e in archive.xml(container).iter("{*}rootfile")]
    found = [part for path in named if (part := archive.find(path)) is not None]
    others = sorted(each for each in archive.names if each.lower().endswith(".opf"))
    for path in (*found, *others):
        root = archive.xml(path)
        if next(root.iter("{*}itemref"), None) is not None:
            return path, root
    raise BadInput("damaged_text", name=name)


def _spine(package: etree._Element, folder: str) -> Iterator[str]:
    """The paths of what is read, one after the other, without the table of contents."""
    items = {e.get("id"): e for e in package.iter("{*}item")}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or reference.get("linear") == "no":
            continue
        if _is_text(item) and "nav" not in item.get("properties", "").split():
            yield _inside(folder, item.get("href", ""))


def _guide(package: etree._Element, folder: str) -> Iterator[str]:
    """The paths that the book's own guide calls cover, title page and so on."""
    for reference in package.iter("{*}reference"):
        kind = reference.get("type", "").lower().replace("-", "")
        path = reference.get("href", "")
        if kind in _FRINGE and "#" not in path:
            yield _inside(folder, path)


def _inside(folder: str, reference: str) -> str:
    """What a reference of the package means, as a path in the archive."""
    path = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))


def _is_text(item: etree._Element) -> bool:
    """By its media type, however that is spelled, else by its name."""
    media = item.get("media-type", "").lower()
    if any(kind in media for kind in _OTHERS):
        return False
    return any(kind in media for kind in _TYPES) or item.get("href", "").lower().endswith(_SUFFIXES)


def _is_fringe(part: str) -> bool:
    """Whether the words of its name say nothing but cover, contents and the like."""
    stem = posixpath.splitext(posixpath.basename(part))[0]
    words = set(_WORD.findall(stem.lower()))
    return bool(words & _FRINGE) and words <= _FRINGE | _BESIDE


def _refuse_locked(archive: Archive, chapters: set[str], name: str) -> None:
    """Encrypted fonts do no harm, encrypted chapters do; rights alone lock nothing."""
    if part := archive.find("META-INF/encryption.xml"):
        references = archive.xml(part).iter("{*}CipherReference")
        locked = {archive.find(reference.get("URI", "")) for reference in references}
        if locked & chapters:
            raise BadInput("locked_text", name=name)
