"""The files of MusicXML, plain or packed (.mxl) → the root of the score's tree.

A file that breaks a rule of XML (an ampersand alone, a wrong name of its encoding, an end that
lacks) is read as far as it goes. No entity is expanded, nothing is fetched.
"""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from engine.core.archive import Archive
from engine.core.errors import BadInput
from engine.media.audio.codec.score import FORMATS, Remark

ROOTS = ("score-partwise", "score-timewise")
_HEAD_BYTES = 8192
_CONTAINER = "META-INF/container.xml"
_SUFFIXES = (".xml", ".musicxml")
_LONE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Parsed(NamedTuple):
    """root: without namespaces. remarks: what was wrong with the file."""

    root: etree._Element
    remarks: tuple[Remark, ...]


def is_musicxml(data: bytes) -> bool:
    """Whether the bytes begin as a score in MusicXML, in any encoding."""
    head = data[:_HEAD_BYTES].replace(b"\0", b"")
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<" and any(
        root.encode() in head for root in ROOTS
    )


def parse(data: bytes, name: str) -> Parsed:
    """Raises BadInput: "not_notes" for XML of another kind, "damaged_notes"."""
    root, remark = _root(data), None
    if root is None:
        root, remark = _root(_mended(data)), "mended"
    if root is None:
        root, remark = _root(_mended(data), recover=True), "truncated"
    if root is None:
        raise BadInput("damaged_notes", name=name)
    if _local(root) not in ROOTS:
        raise BadInput("not_notes", name=name, formats=FORMATS)
    for element in root.iter(etree.Element):  # some programs name a namespace
        if "}" in str(element.tag):
            element.tag = _local(element)
    return Parsed(root, (remark,) if remark else ())


def _local(element: etree._Element) -> str:
    """The name without its namespace; a recovered one may be none that XML allows."""
    return str(element.tag).rpartition("}")[2]


def _root(data: bytes, *, recover: bool = False) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _mended(data: bytes) -> bytes:
    """As UTF-8 that says nothing of its encoding, each lone ampersand written as XML wants it."""
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8"
    encoding = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(data[:2], encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1" if encoding == "utf-8" else encoding, "replace")
    text = _DECLARATION.sub("", text.lstrip("\ufeff"))
    return _LONE_AMPERSAND.sub("&amp;", text).encode("utf-8", "replace")


def unpack(data: bytes, name: str) -> Parsed:
    """The score in an .mxl: the first of its root files that is one. Raises BadInput as `parse`
    does, and "swollen_notes"."""
    refused = BadInput("not_notes", name=name, formats=FORMATS)
    try:
        archive = Archive(data, name)
        for path in _candidates(archive):
            try:
                return parse(archive.read(path), name)
            except BadInput as error:
                if error.code == "swollen_text":
                    raise
                refused = error
    except BadInput as error:
        if error.code == "swollen_text":
            limit = error.details["limit_mb"]
            raise BadInput("swollen_notes", name=name, limit_mb=limit) from error
        refused = error
    if refused.code in ("damaged_text", "locked_text"):
        refused = BadInput("damaged_notes", name=name)
    raise refused


def _candidates(archive: Archive) -> Iterator[str]:
    """What the container calls a score, then what looks like one, whatever case its name has."""
    there = {_plain(part): part for part in sorted(archive.names, reverse=True)}
    container = there.get(_plain(_CONTAINER))
    named: list[str] = []
    if container is not None and (root := _root(archive.read(container), recover=True)) is not None:
        files = list(root.iter("{*}rootfile"))
        files.sort(key=lambda file: "musicxml" not in file.get("media-type", ""))
        named = [_plain(file.get("full-path", "")) for file in files]
    others = [n for n in sorted(there) if n.endswith(_SUFFIXES) and not n.startswith("meta-inf/")]
    for path in dict.fromkeys([*named, *others]):
        if path in there and path.endswith(_SUFFIXES):
            yield there[path]


def _plain(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./").lstrip("/").casefold()
