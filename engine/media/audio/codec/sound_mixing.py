"""Many channels → two, and two that cancel each other."""

import numpy as np

_HALF = 0.7071  # -3 dB, for what stands in the middle or behind (ITU-R BS.775-3, table 2)
# By the number of channels, in the order of WAVE files: (left, right) of each.
_OPPOSITE = -0.9  # the correlation of two channels of which one is upside down
_L, _R, _M, _BL, _BR, _BM, _NO = (
    *((1.0, 0.0), (0.0, 1.0), (_HALF, _HALF)),
    *((_HALF, 0.0), (0.0, _HALF), (0.5, 0.5), (0.0, 0.0)),
)
_LAYOUTS = {
    3: (_L, _R, _M),
    4: (_L, _R, _BL, _BR),
    5: (_L, _R, _M, _BL, _BR),
    6: (_L, _R, _M, _NO, _BL, _BR),
    7: (_L, _R, _M, _NO, _BM, _BL, _BR),
    8: (_L, _R, _M, _NO, _BL, _BR, _BL, _BR),
}


def fold_down(block: np.ndarray) -> np.ndarray:
    """(n, C) → (n, min(C, 2)): never louder than the loudest channel.

    Up to eight channels by their layout (without the low effects); of more, the odd to the left.
    """
    channels = block.shape[1]
    if channels <= 2:
        return block
    layout = _LAYOUTS.get(channels) or [(_L, _R)[i % 2] for i in range(channels)]
    gains = np.array(layout, dtype=np.float32)  # (C, 2)
    return block @ (gains / gains.sum(0))


def opposite(samples: np.ndarray) -> bool:
    """(C, N) without an offset: whether two channels are one upside down, so that their mean would
    be silence."""
    if len(samples) != 2:
        return False
    left, right = samples
    energies = float(left @ left) * float(right @ right)
    return energies > 0 and float(left @ right) < _OPPOSITE * energies**0.5
