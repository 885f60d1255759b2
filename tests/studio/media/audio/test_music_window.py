"""The window at work on music: drop, hear, make, compare, judge; by keys and by drops."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, MusicForm, MusicUse, Sketch
from studio import i18n
from studio.media.audio.card import MusicCard
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.notes import draw_sketch
from studio.media.audio.sound_output import NoSoundError
from studio.project.document import digest
from studio.state.adaptation import StyleState
from studio.views.main_window import MainWindow
from tests.studio import fake_music
from tests.studio.at_work import CONTROL, learn_from, make, never_blocked
from tests.studio.fake_engine import STEPS
from tests.studio.windows import controls, drop, files, music_fields, music_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
ABC = "X:1\nT:The Lark\nM:6/8\nK:D\nABc dcB|"


@pytest.fixture
def tunes(tmp_path: Path) -> list[Path]:
    """A score, a recording with notes, and one without."""
    (tmp_path / "tune.abc").write_text(ABC)
    (tmp_path / "kalimba.wav").write_bytes(fake_music.wav(0.6))
    (tmp_path / "rain.ogg").write_bytes(fake_music.wav(0.3))
    return [tmp_path / name for name in ("tune.abc", "kalimba.wav", "rain.ogg")]


@pytest.fixture
def window(qtbot: QtBot, make_window, tunes) -> MainWindow:
    """A window that has learned from three pieces."""
    one = make_window()
    learn_from(qtbot, one, tunes)
    qtbot.waitUntil(lambda: all(card.sketch.seconds for card in cards(one)), timeout=8000)
    return one


@pytest.fixture
def made(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """Three works in the gallery, the newest one on the wall."""
    make(qtbot, window)
    qtbot.waitUntil(lambda: not window.session.generation.is_busy, timeout=8000)
    qtbot.waitUntil(lambda: len(music_wall(window).tracks.pieces()) == 1, timeout=8000)
    qtbot.waitUntil(
        lambda: audio_controller_of(window.session).player.track is not None, timeout=8000
    )
    qtbot.waitUntil(lambda: drawn(window), timeout=20_000)
    music_wall(window).tracks.setFocus()
    return window


def cards(window: MainWindow) -> list[MusicCard]:
    return [card for card in window.references.cards() if isinstance(card, MusicCard)]


def shown(window: MainWindow):
    return music_wall(window).tracks.pieces()


def notes_growing(window: MainWindow) -> int:
    """Of a batch of three, one under the other; none after a first look or of a finished work."""
    pieces = shown(window)
    if not window.stage.is_growing or len(pieces) != 3:
        return 0
    return sum(len(piece.sketch.notes) for piece in pieces)


def drawn(window: MainWindow) -> bool:
    """Whether what every work looks like was read; this asks for what was not."""
    sketches = audio_controller_of(window.session).sketches
    works = window.session.workspace.project.works.all()
    known = [sketches.of_work(work) for work in works]
    return None not in known


# ---- references --------------------------------------------------------------------------------


def test_music_stands_in_the_tray_with_its_length(qtbot, window: MainWindow) -> None:
    assert window.session.workspace.medium is Medium.AUDIO
    # a recording is drawn before anybody has listened to it
    qtbot.waitUntil(lambda: bool(cards(window)[1].sketch.notes), timeout=60_000)
    score, recording, texture = cards(window)
    assert (bool(score.sketch.notes), bool(score.sketch.peaks)) == (True, False)
    assert recording.sketch.notes
    assert recording.sketch.peaks
    assert not texture.sketch.notes
    assert "0:14" in texture.accessibleDescription()
    assert "notes" in score.accessibleDescription()
    window.references.grab()


def test_the_style_says_what_it_has_learned(window: MainWindow) -> None:
    line = window.references.style_line
    assert "412 notes · 3 sounds" in line._detail.text()
    assert line._remarks.text().startswith("kalimba is clipped")
    i18n.set_language("zh")
    assert "削波" in line._remarks.text()


def test_a_first_look_can_be_heard(qtbot, window: MainWindow, outputs) -> None:
    qtbot.waitUntil(lambda: len(shown(window)) == 1, timeout=8000)
    assert shown(window)[0].caption == "First look"
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(outputs[0].heard) > 100, timeout=8000)


def test_a_reference_is_heard_with_the_keyboard(qtbot, window: MainWindow, outputs) -> None:
    player, card = audio_controller_of(window.session).player, cards(window)[1]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Space)
    assert player.is_playing
    assert card.is_heard
    assert "Pause" in card.play.accessibleName()
    qtbot.waitUntil(lambda: card._face.share > 0.01, timeout=8000)
    qtbot.keyClick(card, Qt.Key.Key_Space)
    assert not player.is_playing


def test_a_score_is_heard_in_simple_tones(qtbot, window: MainWindow, outputs) -> None:
    card = cards(window)[0]
    assert "simple tones" in card.play.toolTip()
    card.play.click()
    qtbot.waitUntil(lambda: len(outputs[0].heard) > 1000, timeout=8000)


def test_a_click_in_a_reference_plays_from_there(qtbot, window: MainWindow) -> None:
    card = cards(window)[2]
    lane = card._face.lane()
    place = QPoint(int(lane.x() + lane.width() / 2), int(lane.center().y()))
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=card._face.mapTo(card, place))
    assert audio_controller_of(window.session).player.is_playing
    assert audio_controller_of(window.session).player.position_s == pytest.approx(7.0, abs=0.3)


def test_a_tune_that_is_pasted_is_a_score(qtbot, make_window) -> None:
    one = make_window()
    QGuiApplication.clipboard().setText(ABC)
    qtbot.keyClick(one, Qt.Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: len(cards(one)) == 1, timeout=8000)
    assert one.session.workspace.references()[0].name == "The Lark.abc"


def test_what_is_refused_is_told(qtbot, make_window, tmp_path) -> None:
    one = make_window()
    (tmp_path / "empty.mid").write_bytes(b"")
    (tmp_path / "song.xyz").write_bytes(b"?")
    for number in range(12):
        (tmp_path / f"tune {number}.abc").write_text(f"{ABC}{number}")
    drop(one, files(*sorted(tmp_path.glob("*.mid")), *sorted(tmp_path.glob("*.xyz"))))
    qtbot.waitUntil(lambda: "empty.mid" in one.references.notice.text(), timeout=8000)
    assert "song.xyz" in one.references.notice.text()
    drop(one, files(*sorted(tmp_path.glob("*.abc"))))
    qtbot.waitUntil(lambda: len(cards(one)) == 10, timeout=8000)
    assert "10 of 12" in one.references.notice.text()


# ---- making and looking ------------------------------------------------------------------------


def test_notes_appear_while_works_are_composed(qtbot, make_window, tunes, tmp_path) -> None:
    """The engine composes a step when the test opens its gate, so nothing passes by unseen."""
    gate = tmp_path / "steps"
    window = make_window("held", str(gate))
    learn_from(qtbot, window, tunes)
    qtbot.keyClick(window, Qt.Key.Key_Return, CONTROL)
    seen, lengths = 0, set[float]()
    for step in range(1, STEPS + 1):
        qtbot.waitUntil(lambda before=seen: notes_growing(window) > before, timeout=20_000)
        seen = notes_growing(window)
        lengths |= {piece.length for piece in shown(window)}
        gate.write_bytes(b"." * step)
    qtbot.waitUntil(lambda: window.gallery.model.rowCount() == 3, timeout=20_000)
    qtbot.waitUntil(lambda: not window.stage.is_growing, timeout=20_000)
    qtbot.waitUntil(lambda: len(shown(window)) == 1)
    (finished,) = shown(window)
    assert lengths == {finished.length}, "works grow into the room that they will take"


def test_space_plays_the_work_and_the_playhead_follows(qtbot, made: MainWindow, outputs) -> None:
    tracks, player = music_wall(made).tracks, audio_controller_of(made.session).player
    assert tracks.head() == (0, 0.0)
    qtbot.keyClick(tracks, Qt.Key.Key_Space)
    assert player.is_playing
    qtbot.waitUntil(lambda: tracks.head()[1] > 0.05, timeout=8000)
    qtbot.keyClick(tracks, Qt.Key.Key_Space)
    assert not player.is_playing
    assert music_wall(made).transport.play.accessibleName() == "Play"


def test_what_was_copied_stands_beside_the_time(made: MainWindow) -> None:
    assert music_wall(made).transport.note.whole == "Longest shared run: 7 notes, from Tune"


def test_scrubbing_by_mouse_and_keys(qtbot, made: MainWindow) -> None:
    tracks, player = music_wall(made).tracks, audio_controller_of(made.session).player
    lane = tracks._lane(0)
    middle = QPoint(int(lane.center().x()), int(lane.center().y()))
    qtbot.mousePress(tracks, Qt.MouseButton.LeftButton, pos=middle)
    half = player.seconds / 2
    assert player.position_s == pytest.approx(half, abs=0.2)
    qtbot.mouseMove(tracks, middle + QPoint(40, 0))
    assert player.position_s > half
    qtbot.mouseRelease(tracks, Qt.MouseButton.LeftButton)
    place = player.position_s
    qtbot.keyClick(made, Qt.Key.Key_Comma)
    assert player.position_s == pytest.approx(place - 2)
    qtbot.keyClick(made, Qt.Key.Key_Period)
    assert player.position_s == pytest.approx(place)
    qtbot.keyClick(tracks, Qt.Key.Key_Home)
    assert player.position_s == 0
    assert "0:00 / 0:12" in music_wall(made).transport.time.text()


def test_the_loop_is_a_toggle(qtbot, made: MainWindow) -> None:
    qtbot.keyClick(made, Qt.Key.Key_R)
    assert audio_controller_of(made.session).player.loops
    assert music_wall(made).transport.loop.isChecked()
    music_wall(made).transport.loop.click()
    assert not audio_controller_of(made.session).player.loops


def test_two_works_at_equal_loudness(qtbot, made: MainWindow, outputs) -> None:
    player, music = audio_controller_of(made.session).player, music_wall(made)
    made.session.workspace.select(2)
    made.session.workspace.select(3)
    qtbot.keyClick(made, Qt.Key.Key_C)
    assert [piece.caption[0] for piece in shown(made)] == ["A", "B"]
    gains = sorted(track.gain for track in music._tracks if track)
    assert gains == pytest.approx([10 ** (-3 / 20), 1.0]), "the louder one comes down"
    assert "equally loud" in music.transport.note.whole
    assert music.tracks.head()[0] == 1
    player.seek(3.0)
    qtbot.keyClick(made, Qt.Key.Key_B)
    assert music.tracks.head() == (0, 3.0)
    qtbot.keyClick(made, Qt.Key.Key_B)
    assert music.tracks.head() == (1, 3.0)
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert len(shown(made)) == 1
    assert player.track is not None
    assert player.track.gain == 1.0


def test_judging_works_as_for_pictures(qtbot, made: MainWindow) -> None:
    project = made.session.workspace.project
    made.works.hold.setInterval(0)
    qtbot.keyClick(made, Qt.Key.Key_4)
    assert project.works.get(3).rating == 4
    qtbot.waitUntil(lambda: made.session.workspace.current == 2, timeout=20000)
    qtbot.keyClick(made, Qt.Key.Key_K)
    assert project.works.get(2).kept
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Right)
    assert made.session.workspace.current == 1
    qtbot.keyClick(made, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert project.works.get(1).hidden
    bar = made.work_bar
    assert bar.again.isVisible()
    assert bar.vary.isVisible()
    for hidden in (bar.go_on, bar.edit, bar.zoom, bar.vertical):
        assert not hidden.isVisible()
    assert "0:12" in bar._facts.whole
    made.gallery.grab()


def test_what_plays_goes_on_with_the_next_work(qtbot, made: MainWindow) -> None:
    player = audio_controller_of(made.session).player
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
    first = player.track
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Right)
    assert player.is_playing
    assert player.track != first
    made.session.workspace.show_medium(Medium.TEXT)
    assert not player.is_playing


def test_what_plays_goes_on_once_the_next_work_is_read(qtbot, made: MainWindow) -> None:
    """What a work looks like is read off the window's thread; the wall follows when it is there."""
    controller = audio_controller_of(made.session)
    gate = Event()
    controller.sketches._known.clear()
    for _ in range(2):  # the threads of the background
        made.session.workspace.background.run(gate.wait, lambda _: None)
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
    first = controller.player.track
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Right)
    assert made.session.workspace.current == 2
    assert controller.player.track == first, "it is not interrupted"
    gate.set()
    qtbot.waitUntil(lambda: controller.player.track != first, timeout=20_000)
    assert controller.player.is_playing


def test_what_arrives_does_not_interrupt(qtbot, made: MainWindow, outputs) -> None:
    player = audio_controller_of(made.session).player
    player.set_loop(True)
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
    heard = player.track
    made.session.workspace.set_brief(replace(made.session.workspace.brief, seed=50))
    qtbot.keyClick(made, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    qtbot.waitUntil(lambda: made.session.workspace.current == 6, timeout=8000)
    qtbot.waitUntil(lambda: music_wall(made)._hung == (6,), timeout=20_000)
    assert player.is_playing
    assert player.track == heard
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
    assert player.track != heard, "the keys are the wall's again"


def test_making_again_and_the_media_keys(qtbot, made: MainWindow) -> None:
    qtbot.keyClick(made, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    qtbot.keyClick(made, Qt.Key.Key_2, CONTROL)
    assert made.session.workspace.medium is Medium.TEXT
    qtbot.keyClick(made, Qt.Key.Key_3, CONTROL)
    assert made.session.workspace.medium is Medium.AUDIO
    assert made.gallery.model.rowCount() == 6


def test_without_a_sound_device_everything_else_works(qtbot, made: MainWindow) -> None:
    def none():
        raise NoSoundError("sound_device")

    player = audio_controller_of(made.session).player
    player._output, player._open = None, none
    for _ in range(2):
        qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
        assert not player.is_playing
    assert "no sound device" in made.notice.text()
    assert music_wall(made).transport.note.whole == "No sound"
    made.notice.show_text("")
    qtbot.keyClick(music_wall(made).tracks, Qt.Key.Key_Space)
    assert made.notice.text() == "", "it is said once"
    player.seek(2.0)
    assert music_wall(made).tracks.head()[1] == 2.0


# ---- the brief ---------------------------------------------------------------------------------


def test_the_brief_asks_what_the_form_has_a_place_for(qtbot, window: MainWindow) -> None:
    fields, session = music_fields(window), window.session
    fold = window.brief._folds[Medium.AUDIO]
    assert fields.key.isVisible()
    assert not fields.invention.isVisible()
    fields.form.chosen.emit(2)
    assert session.workspace.brief.form == MusicForm.TEXTURE
    for hidden in (fields.key, fields.tempo, fields.sound, fields.daring, fold):
        assert not hidden.isVisible()
    assert fields.invention.isVisible()
    assert fields.length.text() == "20 s"
    fields.length.setValue(100)
    assert session.workspace.brief.length == 100
    fields.form.chosen.emit(1)
    assert (session.workspace.brief.length, fields.length.text()) == (0, "As theirs")
    assert fold.isVisible()


def test_wishes_reach_the_brief(window: MainWindow) -> None:
    fields, session = music_fields(window), window.session
    for box, words in ((fields.key, "E♭ minor"), (fields.metre, "6/8"), (fields.voices, "Melody")):
        place = next(n for n in range(box.count()) if box.itemText(n).startswith(words))
        box.setCurrentIndex(place)
        box.activated.emit(place)
    fields.length.setValue(8)
    fields.tempo.setValue(120)
    fields.loop.click()
    fields.daring.settled.emit(120)
    fields.density.settled.emit(50)
    fields.strength.settled.emit(150)
    fields.variation.settled.emit(80)
    brief = session.workspace.brief
    assert (brief.key, brief.mode, brief.metre, brief.voices) == ("Eb", "minor", "6/8", 1)
    assert (brief.length, brief.tempo, brief.loop) == (8, 120, True)
    assert (brief.temperature, brief.density, brief.strength) == (1.2, 2.0, 1.5)
    assert brief.nearness == 0.8
    assert fields.key.currentText() == "E♭ minor"
    fields.tempo.setValue(30)
    fields.tempo.stepBy(-1)
    assert session.workspace.brief.tempo == 0, "below the slowest it is theirs again"
    fields.tempo.stepBy(1)
    assert session.workspace.brief.tempo == 30
    i18n.set_language("zh")
    assert fields.key.currentText() == "E♭ 小调"


def test_a_score_to_go_on_from_and_a_sound_of_ones_own(
    qtbot, window: MainWindow, tmp_path, tunes
) -> None:
    session, fields = window.session, music_fields(window)
    audio_controller_of(session).sources.use_reference(
        session.workspace.references()[0].id, "content"
    )
    assert session.workspace.brief.content == session.workspace.references()[0].digest
    assert "Tune" in fields.opening.choose.text()
    assert fields.opening.isVisible(), "the fold opens to show it"
    fields.opening.clear.click()
    assert not session.workspace.brief.content
    (tmp_path / "theme.mid").write_bytes(b"MThd and so on")
    audio_controller_of(session).sources.take_opening(tmp_path / "theme.mid")
    qtbot.waitUntil(lambda: bool(session.workspace.brief.content), timeout=8000)
    assert "Theme" in fields.opening.choose.text()
    audio_controller_of(session).sources.take_opening(tunes[1])
    assert "kalimba.wav" in fields.opening.notice.text()
    audio_controller_of(session).sources.take_sound(tunes[1])
    qtbot.waitUntil(lambda: len(session.workspace.brief.sound) == 64, timeout=8000)
    assert "Kalimba" in fields.sound.currentText()
    audio_controller_of(session).sources.take_sound(tmp_path / "grand.sf2")
    assert session.workspace.brief.sound.endswith("grand.sf2")
    assert fields.sound.currentText() == "Grand"
    place = fields.sound.findText("Violin")
    fields.sound.activated.emit(place)
    assert session.workspace.brief.sound == "violin"
    session.workspace.history.undo()
    assert session.workspace.brief.sound.endswith("grand.sf2")


def test_a_score_is_gone_on_from_varied_or_filled(window: MainWindow) -> None:
    session, fields = window.session, music_fields(window)
    opening = fields.opening
    assert opening.use.isHidden(), "nothing is made of no score"
    audio_controller_of(session).sources.use_reference(
        session.workspace.references()[0].id, "content"
    )
    assert not opening.use.isHidden()
    assert opening._bars_room.isHidden()
    opening.use.chosen.emit(2)
    brief = session.workspace.brief
    assert (brief.score_use, brief.first_bar, brief.last_bar) == (MusicUse.FILL, 5, 8)
    assert not opening._bars_room.isHidden()
    assert fields._length_room.isHidden(), "as long as the score"
    opening.first_bar.setValue(12)
    brief = session.workspace.brief
    assert (brief.first_bar, brief.last_bar) == (12, 12)
    opening.last_bar.setValue(3)
    brief = session.workspace.brief
    assert (brief.first_bar, brief.last_bar) == (3, 3)
    opening.use.chosen.emit(1)
    brief = session.workspace.brief
    assert (brief.score_use, brief.first_bar) == (MusicUse.VARY, 0)
    opening.clear.click()
    assert session.workspace.brief == replace(brief, content="", score_use=MusicUse.EXTEND)
    session.workspace.history.undo()
    assert session.workspace.brief == brief


@pytest.mark.parametrize(
    ("action", "use", "length"),
    [
        ("vary", MusicUse.VARY, 0),
        ("go_on", MusicUse.EXTEND, 16),
        ("accompany", MusicUse.ACCOMPANY, 0),
    ],
)
def test_more_is_made_from_the_notes_of_a_work(
    made: MainWindow, monkeypatch, action: str, use: MusicUse, length: int
) -> None:
    session, asked = made.session, {}
    controller, project = audio_controller_of(session), session.workspace.project
    work = project.works.all()[0]
    monkeypatch.setattr(controller._maker, "again", lambda _id, **changes: asked.update(changes))
    music_wall(made).act(action, work.id)
    assert asked.pop("content") == digest(b64decode(project.works.sidecar(work.id)["score"]))
    assert asked == {"score_use": use, "first_bar": 0, "last_bar": 0, "length": length}


def test_the_bars_of_a_work_are_chosen_before_they_are_filled(made: MainWindow) -> None:
    session, project = made.session, made.session.workspace.project
    work = project.works.all()[0]
    music_wall(made).act("fill_bars", work.id)
    brief = session.workspace.brief
    score = b64decode(project.works.sidecar(work.id)["score"])
    assert brief.content == digest(score) and project.blob(brief.content) == score
    assert (brief.score_use, brief.first_bar, brief.last_bar) == (MusicUse.FILL, 5, 8)
    assert not music_fields(made).opening._bars_room.isHidden()


def test_chords_and_drums_are_drawn_beside_the_roll() -> None:
    """The symbols above, drums below, both where there are some."""
    notes = tuple((i * 0.5, 0.5, 60 + i % 5, 0) for i in range(8))
    plain = Sketch(seconds=4.0, notes=notes)
    drawn = [
        _drawn(sketch)
        for sketch in (
            plain,
            replace(plain, chords=((0.0, "C"), (2.0, "F#m"))),
            replace(plain, hits=((0.0, 36), (1.0, 38))),
        )
    ]
    assert len(set(drawn)) == 3


def _drawn(sketch: Sketch) -> bytes:
    canvas = QImage(400, 240, QImage.Format.Format_RGB32)
    canvas.fill(QColor("black"))
    painter = QPainter(canvas)
    draw_sketch(painter, QRectF(canvas.rect()), sketch, QColor("black"))
    painter.end()
    return bytes(canvas.constBits())


def test_textures_are_seen_when_no_reference_has_notes(qtbot, make_window, tunes) -> None:
    one = make_window()
    drop(one, files(tunes[2]))
    qtbot.waitUntil(music_fields(one).invention.isVisible, timeout=8000)
    assert not music_fields(one).key.isVisible()


def test_the_menu_of_a_reference_lends_notes_and_sound(window: MainWindow) -> None:
    for place, words in ((0, "Start from this score"), (1, "Play in this sound")):
        menu = window.menus.reference_menu(cards(window)[place])
        action = next(each for each in menu.actions() if each.text() == words)
        action.trigger()
    assert window.session.workspace.brief.content
    assert window.session.workspace.brief.sound


# ---- the whole ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_of_music_has_a_name(made: MainWindow, language: str) -> None:
    i18n.set_language(language)
    for control in controls(made):
        assert control.accessibleName().strip(), (type(control).__name__, control.parentWidget())


def test_composing_and_playing_never_block_the_window(qtbot, made: MainWindow) -> None:
    made.session.workspace.set_brief(
        replace(made.session.workspace.brief, count=8, seed=100, length=32)
    )
    audio_controller_of(made.session).player.set_loop(True)
    audio_controller_of(made.session).player.play()
    qtbot.wait(200)
    with never_blocked(made):
        make(qtbot, made, 11)


def test_a_crash_keeps_the_music_and_goes_on(qtbot, make_window, tunes, tmp_path) -> None:
    one = make_window("crash-once", str(tmp_path / "crashed"))
    drop(one, files(*tunes))
    notice = one.references.style_line.notice
    qtbot.waitUntil(lambda: notice.text() != "", timeout=8000)
    notice.act()
    qtbot.waitUntil(lambda: one.session.adaptation.state is StyleState.READY, timeout=8000)


def test_long_names_do_not_widen_the_brief(qtbot, make_window, tmp_path) -> None:
    one = make_window()
    before = one.brief.width()
    names = [f"{'a very long name of a piece of music indeed ' * 2}{n}" for n in range(2)]
    for name in names:
        (tmp_path / f"{name}.wav").write_bytes(fake_music.wav(0.1 + 0.1 * names.index(name)))
        (tmp_path / f"{name}.abc").write_text(ABC + name)
    drop(one, files(*sorted(tmp_path.glob("*.wav")), *sorted(tmp_path.glob("*.abc"))))
    qtbot.waitUntil(lambda: len(cards(one)) == 4, timeout=8000)
    audio_controller_of(one.session).sources.use_reference(
        one.session.workspace.references()[3].id, "content"
    )
    audio_controller_of(one.session).sources.use_reference(
        one.session.workspace.references()[0].id, "sound"
    )
    assert one.brief.width() == before
    body = music_fields(one).parentWidget()
    assert body is not None
    assert body.minimumSizeHint().width() <= before
