"""Zipped documents (.docx, .epub), opened so that none unpacks to more than it may."""

import io
import zipfile
import zlib

from lxml import etree

from engine.core.errors import BadInput

MAX_ENTRIES = 5000
MAX_UNPACKED_BYTES = 300 * 2**20
MAX_PART_BYTES = 30 * 2**20  # of one part that is read
MAX_RATIO = 200  # of a part that is read and has more than RATIO_FROM_BYTES; text packs to 1 : 10
RATIO_FROM_BYTES = 2**20
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


class Archive:
    """The parts of a zip by name. Every method raises BadInput in the name of the file."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise BadInput("damaged_text", name=name) from error
        entries = self._zip.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED_BYTES:
            raise self._swollen()
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, part: str) -> bytes:
        """One part; never more bytes than its entry says, and than are allowed."""
        try:
            entry = self._zip.getinfo(part)
            size = entry.file_size
            packed = max(1, entry.compress_size)
            if size > MAX_PART_BYTES or (size > RATIO_FROM_BYTES and size / packed > MAX_RATIO):
                raise self._swollen()
            if entry.flag_bits & 1:
                raise BadInput("locked_text", name=self._name)
            return self._zip.read(part)
        except BadInput:
            raise
        except (*BROKEN, KeyError, RuntimeError) as error:
            raise BadInput("damaged_text", name=self._name) from error

    def xml(self, part: str) -> etree._Element:
        """The root of an XML part; no entity is expanded, nothing is fetched."""
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        data = self.read(part)
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise BadInput("damaged_text", name=self._name) from error

    def _swollen(self) -> BadInput:
        limit_mb = MAX_UNPACKED_BYTES // 2**20
        return BadInput("swollen_text", name=self._name, limit_mb=limit_mb)
