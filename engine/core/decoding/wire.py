"""Frames between the engine and its decoding child: one message of plain data, then its arrays.

A frame is three lengths, then the message in MessagePack, then the bytes of each array as they lie
in memory. Dataclasses, tuples, numbers, words and numpy arrays are carried; nothing else is, so
that reading a frame runs no code of the sender's.
"""

import io
import struct
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar, cast

import msgspec
import numpy as np
import numpy.typing as npt

Message = TypeVar("Message")
Array = npt.NDArray[Any]

_HEAD = struct.Struct(">QQ")  # bytes of the message, how many arrays
_SIZE = struct.Struct(">Q")  # bytes of one array
_MOST_ARRAYS = 10_000
_MOST_BYTES = 2**30  # of the message, or of one array


class Readable(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Writable(Protocol):
    def write(self, data: Any, /) -> int: ...
    def flush(self) -> None: ...


class _Placed(msgspec.Struct):
    """An array by its number in the frame."""

    number: int
    dtype: str | list[tuple[str, str]]
    shape: list[int]


def write(stream: Writable, message: object) -> None:
    """One frame, flushed. Raises OSError."""
    arrays: list[Array] = []
    body = msgspec.msgpack.encode(message, enc_hook=lambda value: _placed(value, arrays))
    stream.write(_HEAD.pack(len(body), len(arrays)))
    stream.write(body)
    for array in arrays:
        stream.write(_SIZE.pack(array.nbytes))
        stream.write(array.reshape(-1).view(np.uint8).data)
    stream.flush()


def read(stream: Readable, kind: type[Message]) -> Message:
    """The message of the next frame. Raises EOFError at the end of the stream, and
    ValueError for what is no frame of this kind."""
    body_size, count = _HEAD.unpack(_exactly(stream, _HEAD.size).data)
    body = _exactly(stream, body_size)
    if count > _MOST_ARRAYS:
        raise ValueError(f"a frame of {count} arrays")
    arrays = [_exactly(stream, _array_size(stream)) for _ in range(count)]
    return msgspec.msgpack.decode(
        body.data, type=kind, dec_hook=lambda _, value: _array(value, arrays)
    )


def _array_size(stream: Readable) -> int:
    return _SIZE.unpack(_exactly(stream, _SIZE.size).data)[0]


def _exactly(stream: Readable, size: int) -> Array:
    """The next `size` bytes, as uint8."""
    if size > _MOST_BYTES:
        raise ValueError(f"a frame of {size} bytes")
    data = np.empty(size, np.uint8)  # its pages are taken as they are filled
    view, filled = data.data, 0
    while filled < size:
        count = stream.readinto(view[filled:])
        if not count:
            raise EOFError
        filled += count
    return data


def _placed(value: object, arrays: list[Array]) -> _Placed:
    if not isinstance(value, np.ndarray):
        raise NotImplementedError(f"{type(value).__name__} is not carried")
    array = np.asarray(cast(Array, value), order="C")
    arrays.append(array)
    dtype = array.dtype.descr if array.dtype.names else array.dtype.str
    return _Placed(len(arrays) - 1, cast("str | list[tuple[str, str]]", dtype), list(array.shape))


def _array(value: object, arrays: Sequence[Array]) -> Array:
    """Over the bytes that were received: nothing is copied."""
    placed = msgspec.convert(value, _Placed)
    dtype = np.dtype(placed.dtype)
    if dtype.hasobject:
        raise ValueError("arrays of objects are not carried")
    if not 0 <= placed.number < len(arrays):
        raise ValueError(f"there is no array {placed.number}")
    return arrays[placed.number].view(dtype).reshape(placed.shape)


def copied(value: Message, kind: type[Message]) -> Message:
    """What the other side of a stream would read."""
    stream = io.BytesIO()
    write(stream, value)
    stream.seek(0)
    return read(stream, kind)
