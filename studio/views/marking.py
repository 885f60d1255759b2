"""Parts of the work that is looked at: what was said of them, and the part that is chosen now."""

from PySide6.QtCore import QObject, Signal

from engine.messages import Medium, MusicBrief, MusicForm
from studio import music
from studio.i18n import t
from studio.making import brief_of
from studio.said import Place, said_of
from studio.session import Session
from studio.widgets.easel import Easel
from studio.widgets.mark_layer import MarkLayer
from studio.widgets.pages import Pages
from studio.widgets.parts import MusicParts, Parts, PictureParts, TextParts
from studio.widgets.tracks import Tracks


class Marking(QObject):
    """One layer a medium; only that of the medium that is worked on is seen."""

    changed = Signal()  # begun, finished, or another part is chosen

    def __init__(
        self, session: Session, easel: Easel, pages: Pages, tracks: Tracks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._parts: dict[Medium, Parts] = {
            Medium.IMAGE: PictureParts(easel),
            Medium.TEXT: TextParts(pages),
            Medium.AUDIO: MusicParts(tracks),
        }
        self._work: int | None = None
        self.layers = {medium: MarkLayer(each) for medium, each in self._parts.items()}
        for layer in self.layers.values():
            layer.place_changed.connect(self._on_place_changed)
        session.history.judged.connect(self._on_judged)
        session.project_changed.connect(self._on_project_changed)
        self.retranslate()

    def retranslate(self) -> None:
        for layer in self.layers.values():
            layer.setAccessibleName(t("mark.layer"))
            layer.setAccessibleDescription(self.words())

    @property
    def layer(self) -> MarkLayer:
        return self.layers[self._session.medium]

    @property
    def is_open(self) -> bool:
        return any(layer.is_open for layer in self.layers.values())

    @property
    def place(self) -> Place | None:
        return self.layer.place if self.is_open else None

    def may_begin(self) -> bool:
        return self._work is not None and self._parts[self._session.medium].is_ready()

    def begin(self) -> None:
        if self.may_begin():
            self._measure_bars()
            self.layer.begin()
            self.changed.emit()

    def finish(self) -> None:
        if self.is_open:
            for layer in self.layers.values():
                layer.finish()
            self.changed.emit()

    def say(self, liked: bool) -> None:
        """Like or dislike the chosen part; said again, it is taken back."""
        if self._work is not None and self.place is not None:
            self._session.toggle_mark(self._work, self.place, liked)

    def show_work(self, work_id: int | None) -> None:
        """The one that hangs on the wall now, alone; None where there is no such work."""
        if work_id != self._work:
            self.finish()
            self._work = work_id
            self._show()

    def words(self) -> str:
        """Which part is chosen, for those who cannot see it."""
        place = self.place
        if place is None:
            return ""
        if place.box is not None:
            left, top, right, bottom = (round(100 * side) for side in place.box)
            return t("mark.box", left=left, top=top, right=right, bottom=bottom)
        if self._session.medium is Medium.AUDIO:
            return t("mark.span", start=f"{place.start:.1f}", end=f"{place.end:.1f}")
        first, last = int(place.start) + 1, int(place.end)
        return t("mark.lines", n=last - first + 1, first=first, last=last)

    def _measure_bars(self) -> None:
        """How long a bar is, as far as the brief and the notes of the work tell."""
        parts = self._parts[Medium.AUDIO]
        if self._session.medium is not Medium.AUDIO or not isinstance(parts, MusicParts):
            return
        assert self._work is not None
        project = self._session.project
        asked = brief_of(project.sidecar(self._work), MusicBrief())
        known = self._session.sketches.of_work(project.work(self._work))
        notes = known.sketch.notes if known is not None else ()
        parts.bar_s = 1.0
        if notes and asked.form != MusicForm.TEXTURE:
            ends = max(onset + lasts for onset, lasts, *_ in notes)
            parts.bar_s = max(0.25, ends / (asked.length or music.USUAL_BARS))

    def _show(self) -> None:
        for medium, layer in self.layers.items():
            mine = medium is self._session.medium and self._work is not None
            said = said_of(self._session.project, medium).marks if mine else ()
            layer.show_marks(tuple((m.place, m.liked) for m in said if m.work_id == self._work))

    def _on_judged(self) -> None:
        self._show()
        if self.is_open:
            self.changed.emit()

    def _on_place_changed(self) -> None:
        self.retranslate()
        self.changed.emit()

    def _on_project_changed(self) -> None:
        self._session.history.judged.connect(self._on_judged)
        self._work = None
        self.finish()
        self._show()
