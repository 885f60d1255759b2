"""Bytes as a difference from other bytes: styles that differ in a few numbers are small.

A delta is compressed JSON and bytes: a list of runs, each [offset, length] of the base or
[-1, length] of what follows the list.
"""

import json
import zlib

_PROBE, _STEP, _LEAST = 64, 1024, 4096  # bytes: compared first, moved on by, worth a run
_MOST_MISSES = 256
_LONGEST_STEP = 1 << 20
_END = b"\n"


def make_delta(base: bytes, data: bytes) -> bytes | None:
    """What makes `data` of `base`; None when they share too little to be worth it."""
    runs: list[tuple[int, int]] = []
    new = bytearray()
    place = begin = misses = 0
    while place < len(data) and misses < _MOST_MISSES:
        at = base.find(data[place : place + _PROBE])
        length = _common(base, at, data, place) if at >= 0 else 0
        if length < _LEAST:
            place, misses = place + _STEP, misses + 1
            continue
        back = 0
        while place - back > begin and at > back and base[at - back - 1] == data[place - back - 1]:
            back += 1
        _add_new(runs, new, data[begin : place - back])
        runs.append((at - back, length + back))
        place = begin = place + length
    _add_new(runs, new, data[begin:])
    if len(new) * 2 > len(data):
        return None
    return zlib.compress(json.dumps(runs).encode() + _END + bytes(new))


def apply_delta(base: bytes, delta: bytes) -> bytes:
    """The bytes that `make_delta` was given as `data`."""
    head, _, new = zlib.decompress(delta).partition(_END)
    parts, used = [], 0
    for offset, length in json.loads(head):
        if offset < 0:
            parts.append(new[used : used + length])
            used += length
        else:
            parts.append(base[offset : offset + length])
    return b"".join(parts)


def _add_new(runs: list[tuple[int, int]], new: bytearray, part: bytes) -> None:
    if part:
        runs.append((-1, len(part)))
        new.extend(part)


def _common(one: bytes, i: int, other: bytes, j: int) -> int:
    """How many bytes are the same from there on."""
    length, step = 0, _LONGEST_STEP
    while step:
        left = one[i + length : i + length + step]
        if len(left) == step and left == other[j + length : j + length + step]:
            length += step
        else:
            step //= 2
    return length
