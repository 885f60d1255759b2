"""What is written on a shared .style file: a name and a small picture.

A style is a safetensors file: eight bytes that tell how long the header is, the header (JSON, which
begins with `__metadata__`), the tensors. The label is one more entry at the front of that metadata.
It belongs to the file and not to the style: without it the bytes are those from before, with the
same sha256, and whoever reads a style reads it without its label.

The picture is plain pixels: nothing that came from somebody else has to be decoded as a picture.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

MAX_NAME = 80  # characters
MAX_SIDE_PX = 512
_BEFORE, _ENTRY = b'{"__metadata__":{', b'"maquette_label":'
_LENGTH = 8  # bytes that tell how long the header is; it is a multiple of as many


@dataclass(frozen=True, slots=True)
class StyleLabel:
    """pixels: width × height × 3 bytes, red, green and blue, line by line; b"" with width 0."""

    name: str
    width: int = 0
    height: int = 0
    pixels: bytes = b""


def labelled(data: bytes, label: StyleLabel) -> bytes:
    """The style with this label instead of any that it has. Raises ValueError for no style."""
    data = unlabelled(data)
    header = _header(data)
    if not header.startswith(_BEFORE):
        raise ValueError("not a style")
    picture = base64.b64encode(zlib.compress(label.pixels, 9)).decode()
    about = {"name": label.name, "width": label.width, "height": label.height, "picture": picture}
    words = json.dumps(about | {"sha256": _sum(about)}, sort_keys=True)
    entry = _ENTRY + json.dumps(words).encode() + b","
    entry += b" " * (-len(entry) % _LENGTH)
    return _with_header(data, _BEFORE + entry + header[len(_BEFORE) :])


def unlabelled(data: bytes) -> bytes:
    """The style as it was before it was labelled; anything else as it is."""
    entry, _words = _entry(data)
    if not entry:
        return data
    return _with_header(data, _BEFORE + _header(data)[len(_BEFORE) + len(entry) :])


def label_of(data: bytes) -> StyleLabel | None:
    """None where there is none, or one that was damaged."""
    _entry_bytes, words = _entry(data)
    try:
        about = json.loads(words)
        claimed = about.pop("sha256")
        wide, tall = about["width"], about["height"]
        if claimed != _sum(about) or not (0 <= wide <= MAX_SIDE_PX and 0 <= tall <= MAX_SIDE_PX):
            return None
        length = 3 * wide * tall
        pixels = zlib.decompressobj().decompress(base64.b64decode(about["picture"]), length + 1)
        name = " ".join(str(about["name"]).split())[:MAX_NAME]
        return StyleLabel(name, wide, tall, pixels) if len(pixels) == length else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        return None


def _header(data: bytes) -> bytes:
    return data[_LENGTH : _LENGTH + int.from_bytes(data[:_LENGTH], "little")]


def _with_header(data: bytes, header: bytes) -> bytes:
    rest = data[_LENGTH + int.from_bytes(data[:_LENGTH], "little") :]
    return len(header).to_bytes(_LENGTH, "little") + header + rest


def _entry(data: bytes) -> tuple[bytes, str]:
    """The label's own bytes in the header, and the JSON in them; empty where there is none."""
    header = _header(data)
    if not header.startswith(_BEFORE + _ENTRY):
        return b"", ""
    text = header[len(_BEFORE) + len(_ENTRY) :].decode("utf-8", "replace")
    try:
        words, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return b"", ""
    if not isinstance(words, str) or text[end : end + 1] != ",":
        return b"", ""
    tail = text[end + 1 :]
    own = len(_ENTRY) + len(text[: end + 1].encode()) + len(tail) - len(tail.lstrip(" "))
    return header[len(_BEFORE) : len(_BEFORE) + own], words


def _sum(about: Mapping[str, object]) -> str:
    return sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
