"""Facts of music, their drawing, the order of sketches in the queue, what goes to the engine."""

import itertools
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from engine.protocol import (
    INSTRUMENTS,
    GenerateRequest,
    InspectResult,
    Medium,
    MusicBrief,
    MusicForm,
    Sketch,
    SketchRequest,
    SketchResult,
    WorkFile,
)
from studio import i18n
from studio.client.job_queue import JobState
from studio.media.audio import files, music, notes
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.music import Music
from studio.media.audio.rules import AudioRules
from studio.media.audio.sketches import Sketches
from studio.project.project import Project
from studio.project.rows import NewReference
from studio.state import intake
from studio.state.orders import sidecar_of, with_files
from studio.widgets import theme
from tests.studio import fake_music
from tests.studio.sessions import RULES

MUSIC = MusicBrief()
AUDIO = AudioRules()
DIGEST = "ab" * 32


def test_what_a_sidecar_tells() -> None:
    sketch = fake_music.sketch_of(1)
    told = {"sketch": asdict(sketch), "loudness_lufs": -16.2, "score": "TVRoZA=="}
    told = json.loads(json.dumps(told))
    assert music.music_of(told) == Music(sketch, -16.2, True)
    assert music.music_of({"seconds": 3}) == Music(Sketch(seconds=3.0))
    assert music.music_of({"sketch": {"seconds": "?"}}).sketch == music.NOTHING


def test_gains_only_lower() -> None:
    pieces = [Music(music.NOTHING, loudness) for loudness in (-16.0, -22.0, None)]
    gains = music.equal_gains(pieces)
    assert gains == pytest.approx([10 ** (-6 / 20), 1.0, 1.0])
    assert music.equal_gains([Music(music.NOTHING)] * 2) == [1.0, 1.0]


def test_which_form_is_meant() -> None:
    tune, rain = fake_music.sketch_of(1), fake_music.rain(1, 3.0)
    assert not music.is_texture(MUSIC)
    assert not music.is_texture(MUSIC, [rain, tune])
    assert music.is_texture(MUSIC, [rain])
    assert music.is_texture(replace(MUSIC, form=MusicForm.TEXTURE), [tune])
    assert not music.is_texture(replace(MUSIC, form=MusicForm.MUSIC), [rain])


def test_a_texture_is_asked_for_without_wishes_for_notes() -> None:
    wishes = replace(MUSIC, key="C", mode="minor", metre="3/4", tempo=90, content=DIGEST)
    wishes = replace(wishes, sound="violin", voices=2, density=2.0, loop=True, length=30)
    assert music.trimmed(wishes) == wishes
    texture = music.trimmed(replace(wishes, form=MusicForm.TEXTURE))
    assert texture == replace(MUSIC, form=MusicForm.TEXTURE, loop=True, length=30)


def test_how_long_works_will_be() -> None:
    assert music.expected_s(replace(MUSIC, length=8, metre="3/4", tempo=60)) == 24
    assert music.expected_s(replace(MUSIC, length=4, metre="6/8", tempo=90)) == 8
    assert music.expected_s(replace(MUSIC, form=MusicForm.TEXTURE)) == music.USUAL_TEXTURE_S


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", ".wav"),
        (b"RIFF\0\0\0\0sfbkLIST", ".sf2"),
        (b"FORM\0\0\0\0AIFFCOMM", ".aiff"),
        (b"MThd\0\0\0\6", ".mid"),
        (b"fLaC....", ".flac"),
        (b"OggS....", ".ogg"),
        (b"\xff\xfb\x90\0", ".mp3"),
        (b"ID3\4", ".mp3"),
        (b"PK\x03\x04", ".mxl"),
        (b"<?xml version='1.0'?><score-partwise/>", ".musicxml"),
        (b"X:1\nT:Tune\nK:D\nABc|", ".abc"),
        (b"\x89PNG\r\n", ""),
        (b"", ""),
    ],
)
def test_files_are_known_by_their_first_bytes(head: bytes, suffix: str) -> None:
    assert files.suffix_of(head) == suffix


def medium_of(source: intake.Source) -> Medium | None:
    rules = intake.rules_of(RULES, source)
    return rules.medium if rules else None


def test_every_suffix_of_music_is_taken_in() -> None:
    for name in ("a.WAV", "b.mp3", "c.mid", "d.musicxml", "e.mxl", "f.abc", "g.aiff"):
        assert medium_of(Path(name)) is Medium.AUDIO
    assert medium_of("X:1\nT:A\nK:C\nCDE|") is Medium.AUDIO
    assert medium_of("T: is a letter") is Medium.TEXT


def test_every_instrument_has_a_name_in_both_languages() -> None:
    for language in i18n.LANGUAGES:
        entries = i18n.catalogue(language)
        assert all(f"instrument.{name}" in entries for name in INSTRUMENTS)


def test_the_clock() -> None:
    assert [music.clock(seconds) for seconds in (0, 7.9, 61, 754)] == [
        "0:00",
        "0:07",
        "1:01",
        "12:34",
    ]


def test_samples_are_offered_only_where_there_are_some(tmp_path: Path) -> None:
    assert not AudioRules(tmp_path / "none").samples()
    (tmp_path / "LICENCE.txt").write_text("free")
    assert not AudioRules(tmp_path).samples()
    (tmp_path / "fiddle-lark.abc").write_text("X:1")
    assert AudioRules(tmp_path).samples()


# ---- files for the engine ----------------------------------------------------------------------


def test_opening_and_sound_go_to_the_engine_as_files(project: Project, tmp_path: Path) -> None:
    opening, sound = project.put(b"MThd one"), project.put(b"fLaC one")
    brief = replace(MUSIC, content=opening, sound=sound)
    sent: Any = with_files(project, AUDIO, brief, tmp_path)
    assert Path(sent.content).suffix == ".mid"
    assert Path(sent.content).read_bytes() == b"MThd one"
    assert Path(sent.sound).suffix == ".flac"
    for plain in ("violin", "/fonts/grand.sf2", ""):
        sent: Any = with_files(project, AUDIO, replace(MUSIC, sound=plain), tmp_path)
        assert sent.sound == plain


def test_a_sidecar_names_digests_and_keeps_the_drawing(tmp_path: Path) -> None:
    told = tmp_path / "work.json"
    told.write_text(json.dumps({"brief": {"content": "/tmp/x.mid", "sound": "/tmp/y.wav"}}))
    sketch = fake_music.sketch_of(2)
    work = WorkFile(path="w.flac", sidecar=str(told), seed=1, sketch=sketch)
    kept = sidecar_of(work, AUDIO, replace(MUSIC, content=DIGEST, sound="violin"))
    assert kept["brief"]["content"] == DIGEST
    assert kept["brief"]["sound"] == "violin"
    assert music.music_of(json.loads(json.dumps(kept))).sketch == sketch


def test_time_is_learned_by_the_second_of_music() -> None:
    brief = replace(MUSIC, count=2, length=16, metre="4/4", tempo=120)
    assert AUDIO.effort(replace(brief, length=32)) == 2 * AUDIO.effort(brief) == 2 * 64
    assert AUDIO.timing_key(brief) == "music"
    assert AUDIO.timing_key(replace(brief, form=MusicForm.TEXTURE)) == "texture"


# ---- sketches ----------------------------------------------------------------------------------


def test_sketches_wait_until_everything_else_is_done(make_queue, tmp_path: Path) -> None:
    queue = make_queue("normal")
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    order: list[str] = []
    queue.job_finished.connect(lambda job: order.append(type(job.request).__name__))
    for _ in range(2):
        job_id, _folder = queue.open_job()
        queue.submit(SketchRequest(job_id=job_id, path=str(tmp_path / "a.wav")))
    job_id, folder = queue.open_job()
    brief = MusicBrief(count=1)
    queue.submit(GenerateRequest(job_id=job_id, style="s", out_dir=str(folder), brief=brief))
    waiting = [type(queue.job(one).request).__name__ for one in queue._waiting]
    assert waiting == ["GenerateRequest", "SketchRequest", "SketchRequest"]


def test_a_sketch_is_asked_once_and_remembered(qtbot, make_session) -> None:
    session = make_session()
    item = NewReference("tune.abc", b"X:1\nK:D\nABC", Medium.AUDIO)
    session.workspace.history.add_references([item])
    reference = session.workspace.project.references.all(Medium.AUDIO)[0]
    answers: list[object] = []
    session.client.event_received.connect(answers.append)
    with qtbot.waitSignal(audio_controller_of(session).sketches.ready, timeout=8000):
        assert audio_controller_of(session).sketches.of_reference(reference) is None
        assert audio_controller_of(session).sketches.of_reference(reference) is None
    found = audio_controller_of(session).sketches.of_reference(reference)
    assert found is not None
    assert found.sketch.notes
    assert found.listened
    assert sum(isinstance(each, InspectResult) for each in answers) == 1
    assert not any(isinstance(each, SketchResult) for each in answers), "a score is not heard"


def test_a_recording_is_drawn_at_once_and_heard_when_there_is_time(qtbot, make_session) -> None:
    session = make_session()
    item = NewReference("rain.wav", fake_music.wav(0.5), Medium.AUDIO)
    session.workspace.history.add_references([item])
    reference = session.workspace.project.references.all(Medium.AUDIO)[0]
    sketches, seen = audio_controller_of(session).sketches, []

    def look() -> bool:
        found = sketches.of_reference(reference)
        if found is not None and found not in seen:
            seen.append(found)
        return found is not None and found.listened

    sketches.ready.connect(lambda _digest: look())
    qtbot.waitUntil(look)
    assert [(bool(one.sketch.peaks), one.listened) for one in seen] == [(True, False), (True, True)]
    assert not any(isinstance(job.request, SketchRequest) for job in session.jobs.jobs())


def test_a_sketch_that_fails_is_nothing_to_draw(qtbot, make_session) -> None:
    session = make_session("failing")
    session.workspace.history.add_references([NewReference("a.mid", b"?", Medium.AUDIO)])
    reference = session.workspace.project.references.all(Medium.AUDIO)[0]
    with qtbot.waitSignal(audio_controller_of(session).sketches.ready, timeout=8000):
        audio_controller_of(session).sketches.of_reference(reference)
    assert audio_controller_of(session).sketches.of_reference(reference) == Music(music.NOTHING)


def test_sketches_of_another_project_are_not_waited_for(qtbot, make_session, tmp_path) -> None:
    session = make_session("slow")
    item = NewReference("a.wav", fake_music.wav(0.5), Medium.AUDIO)
    session.workspace.history.add_references([item])
    sketches: Sketches = audio_controller_of(session).sketches
    reference = session.workspace.project.references.all(Medium.AUDIO)[0]
    qtbot.waitUntil(lambda: sketches.of_reference(reference) is not None)
    qtbot.waitUntil(lambda: session.jobs.running is not None, timeout=8000)
    job = session.jobs.running
    other = Project.create(tmp_path / "Other.maquette")
    sketches.attach(other)
    qtbot.waitUntil(lambda: session.jobs.job(job.id).state is JobState.CANCELLED, timeout=8000)
    sketches.attach(session.workspace.project)
    other.close()


# ---- drawing -----------------------------------------------------------------------------------


def painted(sketch: Sketch, seconds: float = 0.0) -> QImage:
    image = QImage(200, 80, QImage.Format.Format_RGB32)
    image.fill(QColor("#161616"))
    painter = QPainter(image)
    notes.draw_sketch(painter, QRectF(0, 0, 200, 80), sketch, QColor("#161616"), seconds)
    painter.end()
    return image


def ink(image: QImage, left: int, right: int) -> int:
    ground = QColor("#161616").rgb()
    return sum(image.pixel(x, y) != ground for x in range(left, right) for y in range(80))


def test_every_kind_of_sketch_is_drawn(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    for sketch in (
        fake_music.sketch_of(1),
        fake_music.rain(1, 9.0),
        fake_music.sketch_of(1, peaks=False),
    ):
        assert ink(painted(sketch), 0, 200) > 300
    assert ink(painted(music.NOTHING), 0, 200) == 0


def test_what_grows_leaves_room_for_what_comes(qapp: QApplication) -> None:
    sketch = fake_music.sketch_of(1, bars=4)
    image = painted(sketch, seconds=2 * sketch.seconds)
    assert ink(image, 0, 95) > 100
    assert ink(image, 105, 200) == 0


def test_voices_are_told_apart_without_the_accent(qapp: QApplication) -> None:
    for name in ("dark", "light"):
        theme.apply(qapp, name)
        ground = QColor(theme.colours().ground)
        tints = [notes.tint(voice, ground) for voice in range(4)]
        lightness = sorted(each.lightness() for each in tints)
        assert min(b - a for a, b in itertools.pairwise(lightness)) >= 15
        assert all(each.hsvSaturation() < 60 for each in tints)
        assert all(theme.contrast(each.name(), ground.name()) > 3 for each in tints)
    theme.apply(qapp, "dark")


def test_a_piece_begins_shortly_before_its_first_note() -> None:
    def sketch(*onsets: float) -> Sketch:
        return Sketch(seconds=9.0, notes=tuple((at, 0.5, 60, 0) for at in onsets))

    assert music.begins_s(sketch(0.9, 1.4)) == pytest.approx(0.8)
    assert music.begins_s(sketch(0.2)) == music.begins_s(sketch()) == 0.0
    drums = Sketch(seconds=9.0, notes=((0.9, 0.5, 60, 0),), hits=((0.0, 36),))
    assert music.begins_s(drums) == 0.0
