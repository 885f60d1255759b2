"""What pictures are like: their size, their bytes as a file, their main colours."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from studio.state.png import MAGIC


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG by its first bytes; None for anything else."""
    if not data.startswith(MAGIC) or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def png(image: QImage) -> bytes:
    """The picture as the bytes of a file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def main_colours(image: QImage, count: int) -> tuple[str, ...]:
    """At most `count` colours "#rrggbb" that stand for the picture, dark to light; () of none.

    Boxes of pixels are cut at the median of their widest channel, the widest box first
    (Heckbert 1982). Slow for large pictures.
    """
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = [image.pixel(x, y) for y in range(image.height()) for x in range(image.width())]
    boxes = [[(p >> 16 & 255, p >> 8 & 255, p & 255) for p in pixels]] if pixels else []
    while 0 < len(boxes) < count:
        boxes.sort(key=_width)
        widest = boxes.pop()
        wide, channel = _width(widest)
        if not wide:
            boxes.append(widest)
            break
        widest.sort(key=lambda pixel: pixel[channel])
        half = len(widest) // 2
        boxes += [widest[:half], widest[half:]]
    means = (tuple(round(sum(c) / len(box)) for c in zip(*box, strict=True)) for box in boxes)
    unique = sorted(set(means), key=sum)
    return tuple("#{:02x}{:02x}{:02x}".format(*colour) for colour in unique)


def _width(box: list[tuple[int, int, int]]) -> tuple[int, int]:
    """How far the pixels spread in the channel in which they spread farthest, and which it is."""
    spread = (max(values) - min(values) for values in zip(*box, strict=True))
    return max((wide, channel) for channel, wide in enumerate(spread))
