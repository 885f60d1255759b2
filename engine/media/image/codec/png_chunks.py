"""The chunks of a PNG: what says which colours it means, and a copy that one flaw cannot spoil.

PNG specification, third edition (W3C 2025), sections 5 and 11.
"""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE_BYTES = 4 * 2**20
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf")
_COLOURS = (b"cICP", b"gAMA", b"cHRM", b"sRGB")  # read here, since Pillow reads only some


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """(type, content, whether its checksum is right), as far as the file goes."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        checksum = data[at + 8 + length : at + 12 + length]
        yield kind, content, checksum == struct.pack(">I", zlib.crc32(kind + content))
        at += 12 + length


def plain_copy(data: bytes) -> tuple[bytes, dict[bytes, bytes], bool]:
    """(the picture alone with true checksums, what says how its colours are meant, whether a part
    that counts was damaged). Texts, however long, and animations stay behind."""
    copy, colours, flawed = [SIGNATURE], {}, False
    for kind, content, sound in chunks(data):
        if kind in _KEPT:
            flawed |= not sound
            copy.append(struct.pack(">I", len(content)) + kind + content)
            copy.append(struct.pack(">I", zlib.crc32(kind + content)))
        elif kind in _COLOURS and sound:
            colours.setdefault(kind, content)
        elif kind == b"iCCP":
            colours.setdefault(kind, _profile(content))
    return b"".join(copy), colours, flawed


def _profile(content: bytes) -> bytes:
    """The colour profile in an iCCP chunk; what is no profile where it is damaged."""
    packed = content.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b"damaged"
