"""GGUF files: what the header says in under a second, and one tensor at a time, never more.

The format (version 2 and 3, little-endian): magic, version, counts, typed key-value pairs, tensor
descriptions, then the data, aligned. Every count and length is checked against the bytes that are
there before anything is allocated, so a damaged file costs one sentence.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.generators.causal_lm.quantized import BLOCKS, dequantised

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES, MOST_TENSORS, MOST_AXES = 4096, 65_536, 4
MOST_ITEMS = 4_000_000  # of one array: the largest vocabularies have 300,000
_SCALARS = {
    **{0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?"},
    **{10: "Q", 11: "q", 12: "d"},
}
_TEXT, _ARRAY = 8, 9

Value = str | int | float | bool | list[str] | np.ndarray


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor as it lies in the file. shape: rows first, as torch has it."""

    shape: tuple[int, ...]
    kind: int  # GGML's number of the quantisation
    start: int  # of its first byte in the file
    size: int  # bytes


class GgufFile:
    """A GGUF file, memory-mapped. `about` holds the key-value pairs, `tensors` what can be read.

    Raises BadInput for a file that is none, is damaged or ends early.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise BadInput("model_missing", path=str(path)) from error
        except (OSError, ValueError) as error:
            raise BadInput("model_unreadable", name=path.name, reason=str(error)) from error
        self._at = 0
        try:
            self._read_header()
        except (struct.error, UnicodeDecodeError, KeyError, OverflowError) as error:
            raise self._damaged("its header cannot be read") from error

    def tensor(self, name: str) -> np.ndarray:
        """float32, shaped as torch has it."""
        entry = self.tensors[name]
        raw = np.frombuffer(self._bytes, np.uint8, entry.size, entry.start)
        return dequantised(raw, entry.kind).reshape(entry.shape)

    def rows(self, name: str, chosen: np.ndarray) -> np.ndarray:
        """Some rows of a matrix, (len(chosen), N) float32; the others are not read."""
        entry = self.tensors[name]
        raw = np.frombuffer(self._bytes, np.uint8, entry.size, entry.start)
        whole = raw.reshape(entry.shape[0], -1)
        return dequantised(whole[chosen].reshape(-1), entry.kind).reshape(len(chosen), -1)

    # ---- the header ----------------------------------------------------------------------------

    def _read_header(self) -> None:
        if self._take(4) != MAGIC:
            raise BadInput("not_a_model", name=self.path.name)
        version = self._scalar("I")
        if version not in VERSIONS:
            raise self._damaged(f"GGUF version {version} is not known here")
        tensors, entries = self._scalar("Q"), self._scalar("Q")
        if tensors > MOST_TENSORS or entries > MOST_ENTRIES:
            raise self._damaged("its header promises more than any model has")
        self.about: dict[str, Value] = {}
        for _ in range(entries):
            key = self._text()
            self.about[key] = self._value(self._scalar("I"))
        found = [self._description() for _ in range(tensors)]
        alignment = self.about.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 4096:
            raise self._damaged("its alignment makes no sense")
        base = -(-self._at // alignment) * alignment
        self.tensors = {
            name: self._placed(name, shape, kind, offset, base)
            for name, shape, kind, offset in found
        }

    def _description(self) -> tuple[str, tuple[int, ...], int, int]:
        name, axes = self._text(), self._scalar("I")
        if not 0 < axes <= MOST_AXES:
            raise self._damaged(f"{name} has {axes} axes")
        shape = tuple(self._scalar("Q") for _ in range(axes))
        return name, shape[::-1], self._scalar("I"), self._scalar("Q")

    def _placed(
        self, name: str, shape: tuple[int, ...], kind: int, offset: int, base: int
    ) -> Entry:
        if kind not in BLOCKS:
            raise BadInput("model_quantisation", name=self.path.name, kind=str(kind))
        items, size = BLOCKS[kind]
        count = 1
        for length in shape:
            count *= length
        if shape[-1] % items:
            raise self._damaged(f"{name} does not fill its blocks")
        size = count // items * size
        if base + offset + size > len(self._bytes):
            raise BadInput("model_cut_off", name=self.path.name)
        return Entry(shape, kind, base + offset, size)

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._bytes):
            raise BadInput("model_cut_off", name=self.path.name)
        self._at += count
        return self._bytes[self._at - count : self._at]

    def _scalar(self, code: str) -> int:
        return struct.unpack("<" + code, self._take(struct.calcsize("<" + code)))[0]

    def _text(self) -> str:
        return self._take(self._scalar("Q")).decode("utf-8")

    def _value(self, kind: int) -> Value:
        if kind == _TEXT:
            return self._text()
        if kind != _ARRAY:
            return self._scalar(_SCALARS[kind])
        kind, count = self._scalar("I"), self._scalar("Q")
        if count > MOST_ITEMS:
            raise self._damaged("a list in its header is too long")
        if kind == _TEXT:
            return self._texts(count)
        code = np.dtype("<" + _SCALARS[kind])
        return np.frombuffer(self._take(code.itemsize * count), code)

    def _texts(self, count: int) -> list[str]:
        """Many short texts: the loop that decides how fast a header is read."""
        data, at, end = self._bytes, self._at, len(self._bytes)
        texts = []
        for _ in range(count):
            (size,) = struct.unpack_from("<Q", data, at) if at + 8 <= end else (end,)
            if at + 8 + size > end:
                raise BadInput("model_cut_off", name=self.path.name)
            texts.append(data[at + 8 : at + 8 + size].decode("utf-8"))
            at += 8 + size
        self._at = at
        return texts

    def _damaged(self, reason: str) -> BadInput:
        return BadInput("model_damaged", name=self.path.name, reason=reason)
