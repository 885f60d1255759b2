"""What GGML's quantisations stand for: blocks of bytes -> float32.

Each block has one or two scales in half precision and small integers. Written for numpy, a whole
tensor at a time; the layouts are those of ggml's `block_q*` structures.
Legend: B blocks, of 32 values (Q4_0 to Q8_0) or 256 (the K kinds, in 8 or 16 groups).
"""

from collections.abc import Callable

import numpy as np

F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 = 0, 1, 2, 3, 6, 7, 8
Q4_K, Q5_K, Q6_K, BF16 = 12, 13, 14, 30
# kind: (values in a block, bytes of a block)
BLOCKS = {
    **{F32: (1, 4), F16: (1, 2), BF16: (1, 2)},
    **{Q4_0: (32, 18), Q4_1: (32, 20), Q5_0: (32, 22), Q5_1: (32, 24), Q8_0: (32, 34)},
    **{Q4_K: (256, 144), Q5_K: (256, 176), Q6_K: (256, 210)},
}
NAMES = {
    **{F32: "F32", F16: "F16", BF16: "BF16", Q8_0: "Q8_0", Q6_K: "Q6_K"},
    **{Q4_0: "Q4_0", Q4_1: "Q4_1", Q5_0: "Q5_0", Q5_1: "Q5_1", Q4_K: "Q4_K", Q5_K: "Q5_K"},
}
_CHUNK = 1 << 16  # blocks at a time, so that what lies between stays small


def dequantised(raw: np.ndarray, kind: int) -> np.ndarray:
    """raw: the uint8 of whole blocks. Returns float32 (values,)."""
    if kind == F32:
        return raw.view("<f4").astype(np.float32)
    if kind == F16:
        return raw.view("<f2").astype(np.float32)
    if kind == BF16:
        return (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)
    values, size = BLOCKS[kind]
    blocks = raw.reshape(-1, size)
    out = np.empty((len(blocks), values), np.float32)
    for start in range(0, len(blocks), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = _KINDS[kind](blocks[part])
    return out.reshape(-1)


def _half(block: np.ndarray, at: int) -> np.ndarray:
    """The half-precision number at a byte of each block: (B, 1) float32."""
    return np.ascontiguousarray(block[:, at : at + 2]).view("<f2").astype(np.float32)


def _nibbles(data: np.ndarray) -> np.ndarray:
    """(B, n) bytes -> (B, 2 n): all low halves, then all high ones."""
    return np.concatenate([data & 15, data >> 4], -1)


def _fifth_bits(block: np.ndarray, at: int) -> np.ndarray:
    """(B, 32): the bit of each value that the nibbles have no room for."""
    bits = np.ascontiguousarray(block[:, at : at + 4]).view("<u4")
    return ((bits >> np.arange(32, dtype=np.uint32)) & 1).astype(np.uint8)


def _q4_0(b: np.ndarray) -> np.ndarray:
    return (_nibbles(b[:, 2:]).astype(np.float32) - 8) * _half(b, 0)


def _q4_1(b: np.ndarray) -> np.ndarray:
    return _nibbles(b[:, 4:]) * _half(b, 0) + _half(b, 2)


def _q5_0(b: np.ndarray) -> np.ndarray:
    values = _nibbles(b[:, 6:]) | _fifth_bits(b, 2) << 4
    return (values.astype(np.float32) - 16) * _half(b, 0)


def _q5_1(b: np.ndarray) -> np.ndarray:
    return (_nibbles(b[:, 8:]) | _fifth_bits(b, 4) << 4) * _half(b, 0) + _half(b, 2)


def _q8_0(b: np.ndarray) -> np.ndarray:
    return b[:, 2:].view(np.int8) * _half(b, 0)


def _scales_k(b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The eight 6-bit scales and minima of a Q4_K or Q5_K block: (B, 8, 1) float32 each."""
    low, mid, high = b[:, 4:8], b[:, 8:12], b[:, 12:16]
    scales = np.concatenate([low & 63, (high & 15) | (low >> 6) << 4], -1)
    minima = np.concatenate([mid & 63, (high >> 4) | (mid >> 6) << 4], -1)
    return (_half(b, 0) * scales)[:, :, None], (_half(b, 2) * minima)[:, :, None]


def _groups(data: np.ndarray) -> np.ndarray:
    """(B, 128) bytes -> (B, 8, 32): 32 bytes hold the low halves of one group, the high of the
    next."""
    halves = data.reshape(-1, 4, 1, 32) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)
    return (halves & 15).reshape(-1, 8, 32)


def _q4_k(b: np.ndarray) -> np.ndarray:
    scales, minima = _scales_k(b)
    return (scales * _groups(b[:, 16:]) - minima).reshape(len(b), 256)


def _q5_k(b: np.ndarray) -> np.ndarray:
    scales, minima = _scales_k(b)
    fifth = (b[:, 16:48].reshape(-1, 1, 32) >> np.arange(8, dtype=np.uint8).reshape(1, 8, 1)) & 1
    return (scales * (_groups(b[:, 48:]) | fifth << 4) - minima).reshape(len(b), 256)


def _q6_k(b: np.ndarray) -> np.ndarray:
    low = b[:, :128].reshape(-1, 2, 1, 64) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)
    shifts = np.array([0, 2, 4, 6], np.uint8).reshape(1, 1, 4, 1)
    high = (b[:, 128:192].reshape(-1, 2, 1, 32) >> shifts) & 3  # (B, 2, 4, 32)
    values = (low & 15).reshape(-1, 8, 32) | high.reshape(-1, 8, 32) << 4
    scales = _half(b, 208) * b[:, 192:208].view(np.int8)  # (B, 16)
    signed = values.reshape(len(b), 16, 16).astype(np.float32) - 32
    return (signed * scales[:, :, None]).reshape(len(b), 256)


_KINDS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    **{Q4_0: _q4_0, Q4_1: _q4_1, Q5_0: _q5_0, Q5_1: _q5_1, Q8_0: _q8_0},
    **{Q4_K: _q4_k, Q5_K: _q5_k, Q6_K: _q6_k},
}
