"""The wall of music: what was made, or grows, drawn over time; and its playing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from engine.protocol import MusicBrief, MusicForm, Preview, Sketch
from studio.i18n import t
from studio.media.audio import music
from studio.media.audio.card import track_of
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.copied_words import copied_words
from studio.media.audio.music import Music
from studio.media.audio.parts import MusicParts
from studio.media.audio.player import Track
from studio.media.audio.tracks import Piece, Tracks
from studio.media.audio.transport import Transport
from studio.project.rows import WorkRow
from studio.state.orders import brief_of
from studio.state.session import Session
from studio.views.wall import Wall
from studio.widgets.base import column

if TYPE_CHECKING:
    from studio.media.audio.notation.page import NotationView

_FRAME_MS = 80  # notes come faster than anybody looks
_STEP_S = 2.0
LETTERS = "AB"


class MusicWall(Wall):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("PlainWall")
        self._controller = controller = audio_controller_of(session)
        self._workspace, self._sketches = session.workspace, controller.sketches
        self._player = controller.player
        self._asked: MusicBrief | None = None
        self._grown: dict[int, Preview] = {}
        self._hung: tuple[int, ...] = ()
        self._arrived: int | None = None  # made while something else may be heard
        self._tracks: tuple[Track | None, ...] = ()
        self._note = ""  # on what hangs here
        self.tracks, self.transport = Tracks(self), Transport(self._player, self)
        self.parts = MusicParts(self.tracks, self._bar_s)
        lines = column(self.tracks, self.transport, gap=0)
        lines.setStretch(0, 1)
        self.setLayout(lines)
        self._lines = lines
        self._view: NotationView | None = None
        self._follows = False  # what the engine writes
        self.transport.notation_asked.connect(self._on_notation_asked)
        self._soon = QTimer(self, singleShot=True, interval=_FRAME_MS)
        self._soon.timeout.connect(self.grown)
        self.tracks.scrubbed.connect(self._on_scrubbed)
        self.tracks.toggled.connect(self.toggle_fit)
        self.transport.play_asked.connect(self.toggle_fit)
        self.transport.start_asked.connect(self.to_start)
        self.transport.loop_asked.connect(self.toggle_loop)
        self.transport.swap_asked.connect(self.swap)
        self.transport.show_volume(session.settings.settings.volume)
        self.transport.volume_chosen.connect(self._on_volume_chosen)
        self._settings = session.settings
        self._player.moved.connect(self._show_head)
        self._player.changed.connect(self._show_head)
        session.maker.works_added.connect(self._on_works_added)
        self.retranslate()

    def retranslate(self) -> None:
        self.tracks.setAccessibleName(t("stage.tracks"))
        self.tracks.setToolTip(t("what.tracks"))
        if self._view is not None:
            self._view.sheet.setAccessibleName(t("stage.notation"))
        self._show_ready()

    @property
    def canvas(self) -> QWidget:
        return self.tracks

    # ---- works that grow -----------------------------------------------------------------------

    def begin(self, asked: MusicBrief | None) -> None:
        self.drop_growth()
        self._asked = asked

    def take(self, preview: Preview) -> None:
        if self._grown.get(preview.index) != preview:
            self._grown[preview.index] = preview
            if not self._soon.isActive():
                self._soon.start()

    def has_growth(self) -> bool:
        return bool(self._grown)

    def show_growth(self) -> None:
        asked, caption = self._asked, t("stage.first_look") if self._asked is None else ""
        places = range(max(asked.count if asked else 1, *(key + 1 for key in self._grown)))
        longest = max(self._sketch(place).seconds for place in places)
        pieces = [Piece(self._sketch(place), caption, longest) for place in places]
        self._hung = ()
        self._hide_notation()
        self._show_pieces(tuple(pieces), tuple(self._growing_track(place) for place in places))

    def drop_growth(self) -> None:
        self._soon.stop()
        self._grown = {}

    def _sketch(self, place: int) -> Sketch:
        preview = self._grown.get(place)
        return preview.sketch if preview and preview.sketch else music.NOTHING

    def _growing_track(self, place: int) -> Track | None:
        """Something to hear when the engine has played it already."""
        preview = self._grown.get(place)
        if preview is None or not preview.path:
            return None
        sketch, read = self._sketch(place), Path(preview.path).read_bytes
        return Track(preview.path, read, sketch.seconds, begins=music.begins_s(sketch))

    # ---- finished works ------------------------------------------------------------------------

    def hang(self, works: tuple[int, ...]) -> bool:
        project = self._workspace.project
        rows = [project.works.get(work_id) for work_id in works]
        known = [self._sketches.of_work(row) for row in rows]
        found = [one for one in known if one is not None]
        if len(found) < len(known):
            return False
        gains = music.equal_gains(found) if len(found) > 1 else [1.0]
        tracks = tuple(
            Track(
                row.digest,
                lambda name=row.digest: project.blob(name),
                one.seconds,
                gain,
                music.begins_s(one.sketch),
            )
            for row, one, gain in zip(rows, found, gains, strict=True)
        )
        pieces = tuple(
            Piece(one.sketch, self._caption(place, work_id, len(works)))
            for place, (one, work_id) in enumerate(zip(found, works, strict=True))
        )
        others, self._hung = works != self._hung, works
        self._note = self._note_of(found)
        self._show_pieces(pieces, tracks, others)
        self.transport.show_notation(len(found) == 1 and found[0].has_score)
        self._show_notation()
        return True

    def show_reference(self, reference_id: int) -> bool:
        """Its notes and its waveform, to be heard."""
        project = self._workspace.project
        reference = project.references.get(reference_id)
        known = self._sketches.of_reference(reference)
        if known is None:
            return False
        tracks = (track_of(reference, known.sketch, project.blob),)
        piece = Piece(known.sketch, t("reference.named", name=reference.name))
        self._hung = ()
        self._hide_notation()
        self._show_pieces((piece,), tracks, others=tracks != self._tracks)
        return True

    @staticmethod
    def _note_of(found: Sequence[Music]) -> str:
        """Of one work, what was copied; of two, that neither is louder."""
        if len(found) == 1:
            return copied_words(found[0].copied)
        measured = all(one.loudness_lufs is not None for one in found)
        return t("music.equal") if measured else t("music.swap")

    def _caption(self, place: int, work_id: int, count: int) -> str:
        if count == 1:
            return ""
        work = self._workspace.project.works.get(work_id)
        words = t("stage.caption", id=work.id, seed=work.seed)
        stars = " ".join("★" * work.rating)
        return f"{LETTERS[place]}   {words}   {stars}".rstrip()

    def _show_pieces(
        self, pieces: tuple[Piece, ...], tracks: tuple[Track | None, ...], others: bool = True
    ) -> None:
        before = {track.key for track in self._tracks if track}
        self._tracks = tracks
        self.tracks.show_pieces(pieces)
        if others or self._player.track is None:
            self._make_ready(before)
        self._show_ready()
        self._show_head()

    def _make_ready(self, before: set[str]) -> None:
        """What hangs here now is what is heard next; what is heard now goes on where it may."""
        player, ready = self._player, [track for track in self._tracks if track]
        heard = player.track
        arrives = self._hung == (self._arrived,) or self._grown
        if heard is not None and player.is_playing:
            if heard in ready:
                player.cue(ready[ready.index(heard)])
            elif ready and not arrives:
                goes_on = heard.key in before
                player.play(ready[-1]) if goes_on else player.cue(ready[-1])
        elif heard not in ready:
            player.cue(ready[-1] if ready else None)
        elif heard is not None:
            player.cue(ready[ready.index(heard)])

    def _show_ready(self) -> None:
        longest = max((piece.length for piece in self.tracks.pieces()), default=0.0)
        note, two = self._note if self._hung else "", len(self._hung) == 2
        self.transport.show_ready(any(self._tracks), longest, note, two)

    def _show_head(self) -> None:
        self.tracks.show_head(self._place_heard(), self._player.position_s)
        if self._view is not None and not self._view.isHidden():
            self._view.show_head(self._player.position_s if self._place_heard() == 0 else -1.0)

    def _place_heard(self) -> int:
        track = self._player.track
        return self._tracks.index(track) if track is not None and track in self._tracks else -1

    # ---- notation ------------------------------------------------------------------------------

    def _on_notation_asked(self, _on: bool) -> None:
        self._show_notation()

    def _show_notation(self) -> None:
        """Staves in the place of the roll, where they are asked for and what hangs here has them;
        until the engine has written them, the roll stays."""
        button, project = self.transport.notation, self._workspace.project
        wanted = button.isChecked() and not button.isHidden() and len(self._hung) == 1
        score = None
        if wanted:
            self._follow_written()
            work = project.works.get(self._hung[0])
            score = self._controller.written.of_work(project, work)
        if score is None or not score.staves:
            self._stand(notation=False)
            if score is not None:
                self._note = t("music.no_notation")
                self._show_ready()
            return
        view = self._notation_view()
        view.sheet.show_score(score)
        self._stand(notation=True)
        self._show_head()

    def _hide_notation(self) -> None:
        self.transport.show_notation(False)
        self._stand(notation=False)

    def _stand(self, *, notation: bool) -> None:
        if self._view is not None:
            self._view.setVisible(notation)
        self.tracks.setVisible(not notation)

    def _notation_view(self) -> "NotationView":
        """Made when it is first looked at."""
        if self._view is None:
            from studio.media.audio.notation.page import NotationView

            self._view = NotationView(self)
            self._lines.insertWidget(0, self._view, 1)
            self._view.sheet.setAccessibleName(t("stage.notation"))
            self._view.sheet.heard_from.connect(lambda seconds: self._on_scrubbed(0, seconds))
            self._view.sheet.toggled.connect(self.toggle_fit)
        return self._view

    def _follow_written(self) -> None:
        if not self._follows:
            self._follows = True
            self._controller.written.ready.connect(lambda _digest: self._show_notation())

    # ---- playing -------------------------------------------------------------------------------

    def toggle_fit(self) -> None:
        """The key that fits a picture plays music, or pauses it."""
        if self._player.is_playing:
            self._player.pause()
        else:
            self._own()
            self._player.play()

    def to_start(self) -> None:
        self._player.seek(0.0)

    def skip(self, steps: int) -> None:
        """Two seconds on, or back."""
        self._own()
        self._player.seek(self._player.position_s + steps * _STEP_S)

    def toggle_loop(self) -> None:
        self._player.set_loop(not self._player.loops)

    def swap(self) -> None:
        """The other of two works that are compared, at the same place."""
        ready = [track for track in self._tracks if track]
        if len(ready) == 2 and len(self._hung) == 2:
            other = ready[0] if self._player.track == ready[1] else ready[1]
            self._player.switch(other)
            self._show_head()

    def _on_volume_chosen(self, percent: int) -> None:
        """It stays so for every project."""
        if percent != self._settings.settings.volume:
            self._workspace.attempt(lambda: self._settings.update(volume=percent))

    def _own(self) -> None:
        """After a reference was heard, the wall has the keys again."""
        ready = [track for track in self._tracks if track]
        if ready and self._player.track not in ready:
            self._player.cue(ready[-1])

    def _on_scrubbed(self, place: int, seconds: float) -> None:
        track = self._tracks[place]
        if track is None:
            return
        if self._player.track != track:
            if self._player.track in self._tracks:
                self._player.switch(track)
            else:
                self._player.cue(track)
        self._player.seek(seconds)

    def _on_works_added(self, rows) -> None:
        self._arrived = rows[-1].id if rows else None

    def forget(self) -> None:
        self._hung, self._tracks, self._arrived = (), (), None

    def _bar_s(self, work_id: int) -> float:
        """How long a bar is, as far as the brief and the notes of a work tell; else a second."""
        project = self._workspace.project
        asked = brief_of(project.works.sidecar(work_id), MusicBrief())
        known = self._sketches.of_work(project.works.get(work_id))
        notes = known.sketch.notes if known is not None else ()
        if not notes or asked.form == MusicForm.TEXTURE:
            return 1.0
        ends = max(onset + lasts for onset, lasts, *_ in notes)
        bars = (known.bars if known is not None else 0) or asked.length or music.USUAL_BARS
        return max(0.25, ends / bars)

    # ---- ways of looking, and actions ----------------------------------------------------------

    def zoom(self, steps: int) -> None:
        """Music is seen whole."""

    def act(self, name: str, work_id: int | None) -> None:
        acts = {
            "repeat": self.toggle_loop,
            "swap": self.swap,
            "to_start": self.to_start,
            "back": lambda: self.skip(-1),
            "forward": lambda: self.skip(1),
        }
        if name in acts:
            acts[name]()
        elif name in music.ACTIONS and work_id is not None:
            self._controller.use(work_id, music.ACTIONS[name])

    def is_on(self, name: str) -> bool:
        return name == "repeat" and self._player.loops

    def offers(self, name: str, work: WorkRow | None) -> bool:
        return name in ("again", "vary")
