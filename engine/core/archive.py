"""Zipped documents (.docx, .epub, .mxl, …), opened so that none unpacks to more than it may.

What an entry declares is never believed: parts are inflated here, within limits of their own, and
a part that breaks off is given as far as it goes.
"""

import io
import posixpath
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from engine.core.errors import BadInput

MAX_ENTRIES = 5000
MAX_UNPACKED_BYTES = 300 * 2**20  # of all parts that are read together
MAX_PART_BYTES = 30 * 2**20  # of one part that is read
MAX_RATIO = 200  # of a part that is read and has more than RATIO_FROM_BYTES; text packs to 1 : 10
RATIO_FROM_BYTES = 2**20
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_LOCAL_HEADER_BYTES = 30
_CHUNK_BYTES = 512  # a fault loses at most what these unpack to
_UTF8_NAME, _LOCKED = 0x800, 0x1  # flags of an entry


class Archive:
    """The parts of a zip by name. Every method raises BadInput in the name of the file.

    flawed: the parts that were read, but not to their end or not as they were packed.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name, self._data = name, data
        try:
            entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
        except BROKEN as error:
            raise BadInput("damaged_text", name=name) from error
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED_BYTES:
            raise self._swollen()
        self._left = MAX_UNPACKED_BYTES
        self._entries = {entry.filename: entry for entry in entries}
        self._spellings: dict[str, str] = {}
        for entry in entries:
            for spelling in _spellings(entry):
                self._spellings.setdefault(_plain(spelling), entry.filename)
        self.names = frozenset(self._entries)
        self.flawed: set[str] = set()

    def find(self, path: str) -> str | None:
        """How the archive itself spells the part that `path` means: other programs forgive
        capitals, backslashes, "./" and percent signs. None where there is no such part."""
        for spelling in (path, unquote(path)):
            if spelling in self._entries:
                return spelling
            if (found := self._spellings.get(_plain(spelling))) is not None:
                return found
        return None

    def read(self, part: str) -> bytes:
        """One part, as far as it can be unpacked and never more of it than is allowed."""
        entry = self._entries.get(part)
        if entry is None:
            raise BadInput("damaged_text", name=self._name)
        if entry.flag_bits & _LOCKED:
            raise BadInput("locked_text", name=self._name)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadInput("odd_packing", name=self._name)
        most = min(MAX_PART_BYTES, self._left)
        packed = self._packed(entry)
        content, whole = _inflated(packed, entry.compress_type == zipfile.ZIP_DEFLATED, most + 1)
        ratio = len(content) / max(1, len(packed))
        if len(content) > most or (len(content) > RATIO_FROM_BYTES and ratio > MAX_RATIO):
            raise self._swollen()
        if not content and not whole:
            raise BadInput("damaged_text", name=self._name)
        if not whole or zlib.crc32(content) != entry.CRC:
            self.flawed.add(part)
        self._left -= len(content)
        return content

    def xml(self, part: str) -> etree._Element:  # pyright: ignore[reportPrivateUsage]
        """The root of an XML part, mended where it is not well-formed; no entity is expanded,
        nothing is fetched."""
        data = self.read(part)
        for recover in (False, True):
            parser = etree.XMLParser(
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                recover=recover,
            )
            try:
                root = etree.fromstring(data, parser)
            except (etree.XMLSyntaxError, ValueError):
                root = None
            if root is not None:
                if recover:
                    self.flawed.add(part)
                return root
        raise BadInput("damaged_text", name=self._name)

    def _packed(self, entry: zipfile.ZipInfo) -> bytes:
        start = entry.header_offset
        head = self._data[start : start + _LOCAL_HEADER_BYTES]
        if len(head) < _LOCAL_HEADER_BYTES or not head.startswith(b"PK\x03\x04"):
            raise BadInput("damaged_text", name=self._name)
        lengths = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        start += _LOCAL_HEADER_BYTES + lengths
        return self._data[start : start + entry.compress_size]

    def _swollen(self) -> BadInput:
        limit_mb = MAX_UNPACKED_BYTES // 2**20
        return BadInput("swollen_text", name=self._name, limit_mb=limit_mb)


def _inflated(packed: bytes, deflated: bool, most: int) -> tuple[bytes, bool]:
    """(at most `most` bytes of a part, whether it came to its end without a fault)."""
    if not deflated:
        return packed[:most], True
    inflater, content = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    for start in range(0, len(packed), _CHUNK_BYTES):
        room = most - len(content)
        if inflater.eof or not room:
            break
        try:
            content += inflater.decompress(packed[start : start + _CHUNK_BYTES], room)
        except zlib.error:
            return bytes(content), False
    return bytes(content), inflater.eof


def _spellings(entry: zipfile.ZipInfo) -> Iterator[str]:
    """What an entry may be called: a name without the flag of UTF-8 may be in it all the same, or
    in an encoding of the machine that packed it."""
    yield entry.filename
    if entry.flag_bits & _UTF8_NAME or entry.filename.isascii():
        return
    for encoding in ("utf-8", "gb18030", "cp932"):
        try:
            yield entry.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue


def _plain(path: str) -> str:
    """A path without what programs spell differently."""
    path = unicodedata.normalize("NFC", path.replace("\\", "/")).casefold()
    return posixpath.normpath(path).lstrip("/")
