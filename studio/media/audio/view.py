"""Music in the window."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from engine.protocol import Medium, Sketch
from studio.i18n import t
from studio.media.audio import music, reading
from studio.media.audio.card import MusicCard
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.fields import MusicFields
from studio.media.audio.files import is_score
from studio.media.audio.music import clock
from studio.media.audio.notes import draw_sketch
from studio.media.audio.score_facts import ScoreFacts
from studio.media.audio.wall import MusicWall
from studio.project.rows import ReferenceRow, WorkRow
from studio.state.foreign_files import foreign
from studio.state.intake import Source
from studio.state.recent import Recent
from studio.state.session import Session
from studio.views.medium_view import CELL_SIZE, JUDGED, KEPT, Beginning, MediumView
from studio.widgets import theme

_DRAWN = 280  # cells that are kept: all that a large screen shows at once


class AudioView(MediumView):
    medium = Medium.AUDIO
    action = "music"
    beginnings = (Beginning("tunes", "music"),)
    work_menu = (("vary", "again"), music.FROM_NOTES, JUDGED, KEPT, ("as_sound",))
    cell_size: QSize | None = CELL_SIZE

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session, self._controller = session, audio_controller_of(session)
        self._drawn: Recent[tuple[str, str, float], QPixmap] = Recent(_DRAWN)

    def starts_from(self, source: Source) -> bool:
        return isinstance(source, Path) and is_score(source.name)

    def start_from(self, source: Source) -> bool:
        if not isinstance(source, Path) or not is_score(source.name):
            return False
        self._controller.sources.take_opening(source)
        return True

    def wall(self, parent: QWidget) -> MusicWall:
        return MusicWall(self._session, parent)

    def fields(self) -> MusicFields:
        return MusicFields(self._session)

    def card(self, reference: ReferenceRow, parent: QWidget) -> MusicCard:
        return MusicCard(reference, self._controller, self._read, parent)

    def _read(self, digest: str) -> bytes:
        """A recording, as the engine decodes it. On another thread."""
        project = self._session.workspace.project
        return reading.sound(self._session.inspector, foreign(project, digest))

    def draw_cell(self, painter: QPainter, box: QRectF, work: WorkRow) -> None:
        """Drawn once: hundreds of notes are slow to draw at every scroll."""
        key = (work.digest, theme.colours().raised, painter.device().devicePixelRatioF())
        drawn = self._drawn.get(key)
        if drawn is None:
            known = self._controller.sketches.of_work(work)
            if known is None:
                painter.fillRect(box, QColor(theme.colours().raised))
                return
            drawn = _canvas(box.size().toSize(), key[2], known.sketch)
            self._drawn.put(key, drawn)
        painter.drawPixmap(box.topLeft(), drawn)

    def details(self, work: WorkRow) -> str:
        known = self._controller.sketches.of_work(work)
        time = [clock(known.seconds)] if known is not None and known.seconds else []
        score = score_words(known.score) if known is not None else []
        return " · ".join([*time, *score, self.facts(work)])

    def add_reference_actions(self, menu: QMenu, reference: ReferenceRow) -> None:
        """A score can be gone on from, a recording lends its sound."""
        score = is_score(reference.name)
        words = t("opening.from_reference") if score else t("sound.from_reference")
        field = "content" if score else "sound"
        menu.addAction(words).triggered.connect(
            lambda: self._controller.sources.use_reference(reference.id, field)
        )

    def preference_key(self, side: str) -> str:
        """Two pieces are seen one under the other, under the same letters."""
        return f"pair.{side}"


def score_words(score: ScoreFacts) -> list[str]:
    """Key, tempo and metre as players say them; only what is known."""
    signs = score.key[1:].replace("b", "♭").replace("#", "♯")
    key = [t(f"key.{score.mode}", tonic=score.key[:1] + signs)] if score.key else []
    tempo = [t("music.tempo_of", n=score.tempo)] if score.tempo else []
    return [*key, *tempo, *([score.metre] if score.metre else [])]


def _canvas(size: QSize, ratio: float, sketch: Sketch) -> QPixmap:
    ground = QColor(theme.colours().raised)
    canvas = QPixmap(size * ratio)
    canvas.setDevicePixelRatio(ratio)
    canvas.fill(ground)
    painter = QPainter(canvas)
    draw_sketch(painter, QRectF(8, 8, size.width() - 16, size.height() - 16), sketch, ground)
    painter.end()
    return canvas
