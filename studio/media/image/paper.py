"""The paper of a picture made transparent: what is drawn on it can lie on any other ground."""

from collections import Counter

from PySide6.QtGui import QColor, QImage

_BITS = 4  # of each channel: colours that are alike count as one
_EDGE_STEPS = 256  # pixels of each edge that are looked at
_GRAIN, _SOLID = 0.03, 0.3  # distances from the paper: of its own grain, of opaque ink


def paper_of(image: QImage) -> QColor:
    """The colour that most of the edge has, as the mean of the pixels that are like it."""
    wide, tall = image.width(), image.height()
    xs = range(0, wide, max(1, wide // _EDGE_STEPS))
    ys = range(0, tall, max(1, tall // _EDGE_STEPS))
    places = [(x, y) for x in xs for y in (0, tall - 1)]
    places += [(x, y) for y in ys for x in (0, wide - 1)]
    pixels = [image.pixelColor(*place).getRgb()[:3] for place in places]  # pyright: ignore
    key = Counter(tuple(c >> _BITS for c in pixel) for pixel in pixels).most_common(1)[0][0]
    alike = [pixel for pixel in pixels if tuple(c >> _BITS for c in pixel) == key]
    return QColor(*(round(sum(channel) / len(alike)) for channel in zip(*alike, strict=True)))


def without_paper(image: QImage) -> QImage:
    """The picture with soft edges where its colours come near to the paper's.

    The distance of a channel c from the paper p is d = |c - p| / max(p, 255 - p), and that of a
    pixel its largest one. Below _GRAIN a pixel is clear, above _SOLID opaque, and alpha is linear
    between. The colour x under alpha a solves c = p + a (x - p): on the same paper the picture
    looks as it was.
    """
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    paper = paper_of(image).getRgb()[:3]  # pyright: ignore[reportIndexIssue] - a stub's gap
    alphas = [_alphas(channel) for channel in paper]
    inks = [_inks(channel) for channel in paper]
    clear = QImage(image.size(), QImage.Format.Format_RGBA8888)
    for y in range(image.height()):  # row by row, so that no step keeps other threads waiting
        line = bytes(memoryview(image.constScanLine(y)))[: 4 * image.width()]  # pyright: ignore[reportArgumentType]
        channels = [line[place::4] for place in range(3)]
        known = line[3::4]
        alpha = bytes(
            map(max, *(c.translate(table) for c, table in zip(channels, alphas, strict=True)))
        )
        row = bytearray(4 * image.width())
        for place, channel in enumerate(channels):
            ink = inks[place]
            row[place::4] = bytes(ink[a << 8 | c] for a, c in zip(alpha, channel, strict=True))
        row[3::4] = bytes(a * k // 255 for a, k in zip(alpha, known, strict=True))
        memoryview(clear.scanLine(y))[: len(row)] = row  # pyright: ignore[reportArgumentType]
    return clear


def _alphas(paper: int) -> bytes:
    """Alpha, 0 to 255, for each value of one channel."""
    widest = max(paper, 255 - paper)
    distances = (abs(c - paper) / widest for c in range(256))
    shares = ((distance - _GRAIN) / (_SOLID - _GRAIN) for distance in distances)
    return bytes(round(255 * min(1.0, max(0.0, share))) for share in shares)


def _inks(paper: int) -> bytes:
    """The value under each alpha and each value seen, at alpha * 256 + seen."""
    table = bytearray(256 * 256)
    for alpha in range(1, 256):
        for seen in range(256):
            value = round(paper + (seen - paper) * 255 / alpha)
            table[alpha << 8 | seen] = min(255, max(0, value))
    return bytes(table)
