"""Damaged and malicious inputs, made from good ones: input `number` of a target is always the same.

Half of those made from a zip are damaged inside and packed again, so that they get past its
checksums; texts also get words that mean something to their formats.
"""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Sequence

MAX_BYTES = 400_000
_NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]
_WORDS = (
    b"<!ENTITY a 'aaaaaaaa'>|<w:p>|</w:p>|<!--|]]>|&#0;|&#x110000;|<note>|<divisions>0</divisions>"
    b'|<duration>99999999</duration>|[1|:||:|"|{|}|(3|(9:0:0|K:|M:0/0|L:1/0|Q:0|V:|X:|P:(A|\\rtf1'
    b"|\\u-1?|\\bin9999999 |00:00:00,000 --> |NaN|1e999|-1|null|[]|{}|\\ud800|\x00|\xff\xfe|/Kids ["
    b"|/Length 99999999|obj|endstream|/Encrypt|<<|>>|%%EOF"
).split(b"|")


def mutant(target: str, number: int, corpus: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """(name, bytes) of one input. The name has the suffix of the file that it was made from."""
    chance = random.Random(f"{target}:{number}")
    name, data = chance.choice(corpus)
    other = chance.choice(corpus)[1]
    if data.startswith(b"PK\x03\x04") and chance.random() < 0.5:
        data = _inside(data, chance)
    else:
        data = _damaged(data, chance, other)
    return name, data[:MAX_BYTES]


def _damaged(data: bytes, chance: random.Random, other: bytes = b"") -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8, 32))):
        place = chance.randrange(len(changed) + 1)
        chance.choice(_KINDS)(changed, place, chance, other)
    return bytes(changed)


# Of these a beginning alone can be unpacked; a block of bz2 comes whole, and one of the cases is a
# bomb.
_BOUNDED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def _inside(data: bytes, chance: random.Random) -> bytes:
    """The same zip, one of its parts damaged; checksums are right."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if not {one.compress_type for one in archive.infolist()} <= _BOUNDED:
                return _damaged(data, chance)
            parts = [(name, _beginning(archive, name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _damaged(data, chance)
    victim = chance.randrange(len(parts))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (name, content) in enumerate(parts):
            archive.writestr(name, _damaged(content, chance) if place == victim else content)
    return out.getvalue()


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(MAX_BYTES)


def _flip(data: bytearray, place: int, chance: random.Random, _other: bytes) -> None:
    if place < len(data):
        data[place] ^= 1 << chance.randrange(8)


def _number(data: bytearray, place: int, chance: random.Random, _other: bytes) -> None:
    value, order = chance.choice(_NUMBERS), chance.choice("<>")
    packed = struct.pack(f"{order}I", value)[: chance.choice((1, 2, 4))]
    data[place : place + len(packed)] = packed


def _cut(data: bytearray, place: int, _chance: random.Random, _other: bytes) -> None:
    del data[place:]


def _remove(data: bytearray, place: int, chance: random.Random, _other: bytes) -> None:
    del data[place : place + chance.choice((1, 4, 64, 1024))]


def _repeat(data: bytearray, place: int, chance: random.Random, _other: bytes) -> None:
    piece = data[place : place + chance.choice((1, 4, 64, 1024))]
    data[place:place] = piece * chance.choice((1, 2, 100))
    del data[MAX_BYTES:]


def _noise(data: bytearray, place: int, chance: random.Random, _other: bytes) -> None:
    data[place : place + 16] = chance.randbytes(chance.choice((1, 4, 16)))


def _word(data: bytearray, place: int, chance: random.Random, _other: bytes) -> None:
    data[place:place] = chance.choice(_WORDS) * chance.choice((1, 1, 3, 200))


def _splice(data: bytearray, place: int, chance: random.Random, other: bytes) -> None:
    start = chance.randrange(len(other) + 1)
    data[place:] = other[start : start + MAX_BYTES]


_KINDS: tuple[Callable[[bytearray, int, random.Random, bytes], None], ...] = (
    *(_flip, _flip, _number, _number, _cut, _remove, _repeat, _noise, _word, _splice),
)
