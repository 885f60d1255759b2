"""A piece of music in the tray: its waveform or its notes, how long it is, and its sound."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from engine.protocol import Sketch
from studio.i18n import t
from studio.media.audio import tones
from studio.media.audio.controller import AudioController
from studio.media.audio.files import is_score
from studio.media.audio.music import NOTHING, clock
from studio.media.audio.notes import draw_head, draw_sketch, lifted
from studio.media.audio.player import Track
from studio.project.rows import ReferenceRow
from studio.views.reference_card import CardFace, WideCard
from studio.widgets import icons, theme
from studio.widgets.buttons import IconButton

SIZE = QSize(236, 60)
_PLAY_PX = 30


class MusicFace(CardFace):
    """The drawing beside the play button, with the playhead while it is heard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(SIZE, parent)
        self.sketch = NOTHING
        self.share = -1.0  # 0 … 1 while it is heard
        self._drawn: tuple[object, QPixmap] = (None, QPixmap())

    def lane(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_PLAY_PX + 8, 6, -10, -6)

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not (self.sketch.peaks or self.sketch.notes):
            icons.draw(painter, "music", QRectF(_PLAY_PX + 12, 20, 20, 20), theme.colours().dim)
            return
        state = (self.sketch, theme.colours().ground, self.devicePixelRatioF())
        if self._drawn[0] != state:
            self._drawn = (state, self._canvas())
        painter.drawPixmap(QPointF(0, 0), self._drawn[1])
        if self.share >= 0:
            draw_head(painter, self.lane(), self.share, 1.2)

    def _canvas(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        canvas = QPixmap(self.size() * ratio)
        canvas.setDevicePixelRatio(ratio)
        ground = QColor(theme.colours().raised)
        canvas.fill(ground)
        painter = QPainter(canvas)
        draw_sketch(painter, self.lane(), lifted(self.sketch), ground)
        painter.end()
        return canvas


def track_of(reference: ReferenceRow, sketch: Sketch, read: Callable[[str], bytes]) -> Track:
    """A recording as it is; a score in simple tones. read: gives the bytes of a digest."""
    digest = reference.digest
    if is_score(reference.name):
        return Track(f"tones {digest}", lambda: tones.wav(sketch), sketch.seconds)
    return Track(digest, lambda: read(digest), sketch.seconds)


class MusicCard(WideCard):
    """A click on the drawing plays from there; the button and Space play and pause."""

    def __init__(
        self,
        reference: ReferenceRow,
        controller: AudioController,
        read: Callable[[str], bytes],
        parent: QWidget | None = None,
    ) -> None:
        """read: gives a recording by its digest, as a WAV file; on another thread."""
        self._controller, self._player, self._read = controller, controller.player, read
        self._face = MusicFace()
        super().__init__(reference, self._face, parent)
        self.play = IconButton("play", 16, parent=self._face)
        self.play.setFixedSize(_PLAY_PX, _PLAY_PX)
        self.play.move(5, (SIZE.height() - _PLAY_PX) // 2)
        self.play.clicked.connect(self.act)
        self.is_heard = False
        self.show_row(reference)
        self._player.changed.connect(self._show_heard)
        self._player.moved.connect(self._show_heard)

    @property
    def sketch(self) -> Sketch:
        return self._face.sketch

    def act(self) -> None:
        """Play, go on or pause."""
        self._player.toggle(self._track())

    def _play_from(self, share: float) -> None:
        track = self._track()
        self._player.play(track)
        self._player.seek(share * track.seconds)

    def _track(self) -> Track:
        return track_of(self.row, self.sketch, self._read)

    def show_content(self) -> None:
        music = self._controller.sketches.of_reference(self.row)
        if music is not None:
            self._face.sketch = music.sketch
            self._face.update()
            self.retranslate()

    def _show_heard(self) -> None:
        """Whether it plays, and where."""
        player = self._player
        heard = player.track is not None and player.track == self._track()
        share = player.position_s / player.seconds if heard and player.seconds else -1.0
        if (heard and player.is_playing) != self.is_heard:
            self.is_heard = heard and player.is_playing
            self.retranslate()
        if share != self._face.share:
            self._face.share = share
            self._face.update()

    def retranslate(self) -> None:
        super().retranslate()
        sketch, name = self._face.sketch, self.row.name
        score = is_score(name)
        self.length.setText(clock(sketch.seconds) if sketch.seconds else "")
        self.play.set_icon("pause" if self.is_heard else "play", filled=True)
        key = "pause" if self.is_heard else "play_tones" if score else "play"
        self.play.set_words(t(f"reference.{key}", name=name))
        self.play.setEnabled(not score or bool(sketch.notes))
        notes = t("reference.notes", n=len(sketch.notes)) if sketch.notes else ""
        facts = " · ".join(filter(None, (self.length.text(), notes)))
        self._describe("\n".join(filter(None, (name, facts))), "" if self._refusal else facts)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._face.mapFrom(self, event.position().toPoint())
        lane = self._face.lane()
        if event.button() == Qt.MouseButton.LeftButton and lane.contains(QPointF(place)):
            share = (place.x() - lane.x()) / lane.width()
            if self.play.isEnabled():
                self._play_from(share)
        else:
            super().mousePressEvent(event)
