"""How music is drawn: loudness as a waveform, notes as a piano roll, voices in neutral tints."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.protocol import Sketch
from studio.widgets import theme

LEAST_SPAN = 13  # semitones: a melody of two notes does not fill the wall
MOST_NOTE_PX = 16.0
LEAST_CHORDS_PX, CHORDS_PX = 110.0, 18.0  # of a roll with symbols above; of their line
DRUMS_PX = 28.0
_CHORDS_APART_PX = 6
_LIMBS = ((35, 36, 44), (37, 38, 39, 40), (41, 43, 45, 47, 48, 50))  # feet, snare, toms; cymbals
_BLACK = frozenset((1, 3, 6, 8, 10))
_SHARES = (1.0, 0.66, 0.83, 0.5)  # of the text's colour over the ground, voice by voice
_MOST_LIFT = 8.0
_WAVE_SHARE = 0.46  # of the height, of a waveform above a roll


def tint(voice: int, ground: QColor, dimmed: bool = False) -> QColor:
    """Of a voice: between text and ground, neighbours well apart."""
    share = _SHARES[voice % len(_SHARES)] * (0.45 if dimmed else 1.0)
    text = QColor((theme.LIGHT if ground.lightness() > 127 else theme.DARK).text)
    mixed = (
        round(share * one + (1 - share) * other)
        for one, other in zip(text.getRgb()[:3], ground.getRgb()[:3], strict=True)  # pyright: ignore
    )
    return QColor(*mixed)


def draw_wave(painter: QPainter, box: QRectF, peaks: Sequence[float], colour: QColor) -> None:
    """Peaks of 0 … 1 as bars around the middle, or as an outline where bars have no room."""
    if not peaks:
        return
    middle, half = box.center().y(), box.height() / 2
    bars = max(1, min(len(peaks), int(box.width() // 3)))
    step = box.width() / bars
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for bar in range(bars):
        first = bar * len(peaks) // bars
        last = max(first + 1, (bar + 1) * len(peaks) // bars)
        tall = max(0.5, half * min(1.0, max(peaks[first:last])))
        left = box.x() + bar * step
        painter.drawRect(QRectF(left, middle - tall, max(1.0, step - 1), 2 * tall))


def draw_roll(
    painter: QPainter,
    box: QRectF,
    sketch: Sketch,
    seconds: float,
    ground: QColor,
    dimmed: bool = False,
    keys: bool = False,
) -> None:
    """Notes over `seconds`, high ones above, and chords above all where there is room; drums stand
    below. `keys` tells the black keys' rows apart."""
    notes = sketch.notes
    if not notes or seconds <= 0:
        return
    if sketch.chords and box.height() >= LEAST_CHORDS_PX:
        _draw_chords(painter, box, sketch, seconds, ground)
        box = box.adjusted(0, CHORDS_PX, 0, 0)
    if sketch.hits:
        tall = min(DRUMS_PX, box.height() / 5)
        lane = QRectF(box.x(), box.bottom() - tall, box.width(), tall)
        _draw_hits(painter, lane, sketch, seconds, tint(1, ground, dimmed))
        box = box.adjusted(0, 0, 0, -tall - 2)
    low, high = pitch_range(sketch)
    tall = min(MOST_NOTE_PX, box.height() / (high - low + 1))
    top = box.y() + (box.height() - tall * (high - low + 1)) / 2
    if keys and tall >= 4:
        _draw_keys(painter, box, low, high, top, tall)
    painter.setPen(Qt.PenStyle.NoPen)
    air = 1.0 if tall >= 4 else 0.0
    for voice in sorted({note[3] for note in notes}, reverse=True):
        painter.setBrush(tint(voice, ground, dimmed))
        for onset, lasts, pitch, part in notes:
            if part == voice:
                left = box.x() + box.width() * min(1.0, onset / seconds)
                wide = max(1.5, box.width() * lasts / seconds - air)
                wide = min(wide, box.right() - left)
                place = QRectF(left, top + (high - pitch) * tall, wide, max(1.5, tall - air))
                painter.drawRoundedRect(place, min(2.0, tall / 3), min(2.0, tall / 3))


def _draw_chords(
    painter: QPainter, box: QRectF, sketch: Sketch, seconds: float, ground: QColor
) -> None:
    """The symbols of a lead sheet; one that has no room is left out."""
    painter.setPen(tint(1, ground))
    metrics, free = painter.fontMetrics(), box.x()
    for at, symbol in sketch.chords:
        left, words = box.x() + box.width() * at / seconds, symbol.replace("#", "♯")
        words = words[0] + words[1:].replace("b", "♭") if words[1:2] == "b" else words
        wide = metrics.horizontalAdvance(words)
        if left >= free and left + wide <= box.right():
            place = QRectF(left, box.y(), wide + 2, CHORDS_PX)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
            free = left + wide + _CHORDS_APART_PX


def _draw_hits(
    painter: QPainter, box: QRectF, sketch: Sketch, seconds: float, colour: QColor
) -> None:
    """Strokes of a drum kit: what the feet play at the bottom, what the hands play above."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    rows, tall = len(_LIMBS) + 1, box.height() / (len(_LIMBS) + 1)
    for at, key in sketch.hits:
        row = next((i for i, keys in enumerate(_LIMBS) if key in keys), rows - 1)
        left = box.x() + box.width() * min(1.0, at / seconds)
        painter.drawRect(QRectF(left, box.bottom() - (row + 1) * tall, 2.0, max(1.0, tall - 1)))


def pitch_range(sketch: Sketch) -> tuple[int, int]:
    """Lowest and highest row of a roll, with a little air."""
    low, high = min(n[2] for n in sketch.notes) - 1, max(n[2] for n in sketch.notes) + 1
    missing = max(0, LEAST_SPAN - (high - low + 1))
    return low - missing // 2, high + missing - missing // 2


def _draw_keys(
    painter: QPainter, box: QRectF, low: int, high: int, top: float, tall: float
) -> None:
    """Bars of shade where a keyboard has black keys, a hairline under every C."""
    c = theme.colours()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(c.text))
    painter.setOpacity(0.025)
    for pitch in range(low, high + 1):
        if pitch % 12 in _BLACK:
            painter.drawRect(QRectF(box.x(), top + (high - pitch) * tall, box.width(), tall))
    painter.setOpacity(1.0)
    painter.setPen(QPen(QColor(c.line), 1))
    for pitch in range(low, high + 1):
        if pitch % 12 == 0 and pitch > low:
            line = round(top + (high - pitch + 1) * tall) + 0.5
            painter.drawLine(QPointF(box.x(), line), QPointF(box.right(), line))


def draw_sketch(
    painter: QPainter,
    box: QRectF,
    sketch: Sketch,
    ground: QColor,
    seconds: float = 0.0,
    dimmed: bool = False,
    keys: bool = False,
) -> None:
    """What there is: the waveform, the roll, or both one over the other. `seconds`: of the box."""
    seconds = max(seconds, sketch.seconds)
    wave, roll = parts(box, sketch)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if sketch.peaks and seconds > 0:
        wave.setWidth(wave.width() * min(1.0, sketch.seconds / seconds))
        draw_wave(painter, wave, sketch.peaks, tint(1, ground, dimmed))
    draw_roll(painter, roll, sketch, seconds, ground, dimmed, keys)


def lifted(sketch: Sketch) -> Sketch:
    """With quiet peaks raised, so that a small drawing shows their shape."""
    loudest = max(sketch.peaks, default=0.0)
    factor = min(_MOST_LIFT, 0.95 / loudest) if loudest > 0 else 1.0
    return replace(sketch, peaks=tuple(min(1.0, factor * peak) for peak in sketch.peaks))


def parts(box: QRectF, sketch: Sketch) -> tuple[QRectF, QRectF]:
    """Where the waveform goes, and where the roll."""
    if not sketch.notes or not sketch.peaks:
        return QRectF(box), QRectF(box)
    gap = min(24.0, box.height() * 0.06)
    tall = min(120.0, box.height() * _WAVE_SHARE) - gap / 2
    wave = QRectF(box.x(), box.y(), box.width(), tall)
    top = wave.bottom() + gap
    return wave, QRectF(box.x(), top, box.width(), box.bottom() - top)


def draw_head(painter: QPainter, box: QRectF, share: float, width: float = 1.5) -> None:
    """The playhead, in the one accent."""
    x = box.x() + box.width() * min(1.0, max(0.0, share))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.colours().accent), width))
    painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.colours().accent))
    painter.drawPolygon(
        QPolygonF([QPointF(x - 4, box.top()), QPointF(x + 4, box.top()), QPointF(x, box.top() + 5)])
    )
