"""Small things done to samples on their way to the device: a gain, and a crossfade at a jump."""

from array import array

UNSIGNED = "B"  # devices that take only these are rare: they hear no gain and no fade


def louder(raw: bytes, code: str, gain: float) -> bytes:
    """The samples times `gain`, 0 … 1; `code` is their type in the module array."""
    if gain == 1.0 or code == UNSIGNED:
        return raw
    scaled = (value * gain for value in array(code, raw))
    return array(code, scaled if code == "f" else map(int, scaled)).tobytes()


def faded(raw: bytes, tail: bytes, code: str) -> bytes:
    """`raw` comes in while `tail` goes out under its beginning."""
    length = min(len(raw), len(tail))
    if not length or code == UNSIGNED:
        return raw
    new, old = array(code, raw[:length]), array(code, tail[:length])
    count = len(new)
    mixed = (
        (place * one + (count - place) * other) / count
        for place, (one, other) in enumerate(zip(new, old, strict=True))
    )
    head = array(code, mixed if code == "f" else map(int, mixed))
    return head.tobytes() + raw[length:]
