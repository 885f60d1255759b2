"""What is heard: seamless loops, equal loudness, jumps without a click, one word when silent."""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.client.background import Background
from studio.media.audio import mixing, sound_output, tones
from studio.media.audio.player import Player, Track
from studio.media.audio.sound_output import NoSoundError
from studio.widgets.file_decoder import FileDecoder
from tests.studio import fake_music
from tests.studio.fake_sound import HEADER, FakeOutput

REAL_LOAD = sound_output.load


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[Player]:
    background = Background()
    one = Player(background)
    yield one
    one.stop()
    background.close()


def track(key: str, seconds: float = 0.4, level: float = 0.3, gain: float = 1.0) -> Track:
    data = fake_music.wav(seconds, 200, level)
    return Track(key, lambda: data, seconds, gain)


def pcm(output: FakeOutput) -> array:
    return array("h", bytes(output.heard))


def test_a_track_plays_to_its_end_and_stands_at_its_beginning(qtbot, player, outputs) -> None:
    places: list[float] = []
    player.moved.connect(lambda: places.append(player.position_s))
    player.play(track("a"))
    assert player.is_playing
    qtbot.waitUntil(lambda: not player.is_playing, timeout=4000)
    assert bytes(outputs[0].heard) == fake_music.wav(0.4, 200)[HEADER:], "every sample, once"
    assert player.position_s == 0.0
    assert places[:-1] == sorted(places[:-1]), "the playhead never goes back"
    assert 0.3 < max(places) <= 0.4
    assert not outputs[0].is_running


def test_a_rest_before_a_piece_is_passed_over_unless_it_loops(qtbot, player, outputs) -> None:
    late = replace(track("a"), begins=0.25)
    player.play(late)
    qtbot.waitUntil(lambda: not player.is_playing, timeout=4000)
    whole = fake_music.wav(0.4, 200)[HEADER:]
    assert bytes(outputs[0].heard) == whole[-len(outputs[0].heard) :]
    assert len(outputs[0].heard) / len(whole) == pytest.approx(0.15 / 0.4, abs=0.02)
    player.seek(0.1)
    player.play(late)
    assert player.position_s == pytest.approx(0.1, abs=0.05), "a place that was asked for stays"
    player.stop()
    player.set_loop(True)
    player.play(late)
    assert player.position_s < 0.1


def test_a_loop_has_no_seam(qtbot, player, outputs) -> None:
    player.set_loop(True)
    player.play(track("a", 0.1))
    qtbot.waitUntil(lambda: len(outputs[0].heard) > 5 * 1600, timeout=4000)
    once = fake_music.wav(0.1, 200)[HEADER:]
    heard = bytes(outputs[0].heard)
    assert heard == (once * 50)[: len(heard)]
    assert 0 <= player.position_s < 0.1
    player.set_loop(False)
    qtbot.waitUntil(lambda: not player.is_playing, timeout=4000)


def test_pause_keeps_the_place_and_play_goes_on(qtbot, player, outputs) -> None:
    one = track("a", 2.0)
    player.play(one)
    qtbot.waitUntil(lambda: player.position_s > 0.1, timeout=4000)
    player.pause()
    place = player.position_s
    assert not outputs[0].is_running
    qtbot.wait(60)
    assert player.position_s == place
    player.toggle()
    assert player.is_playing
    assert player.position_s == pytest.approx(place, abs=0.1)


def test_seeking_is_bounded_and_works_while_paused(player) -> None:
    player.cue(track("a", 2.0))
    for wanted, place in ((1.5, 1.5), (-3, 0.0), (99, 2.0)):
        player.seek(wanted)
        assert player.position_s == place
    assert not player.is_playing


def test_switching_stays_at_the_same_place_without_a_pause(qtbot, player, outputs) -> None:
    player.play(track("a", 3.0))
    qtbot.waitUntil(lambda: player.position_s > 0.15, timeout=4000)
    before = player.position_s
    player.switch(track("b", 3.0))
    assert player.is_playing
    assert player.position_s == pytest.approx(before, abs=0.08)
    qtbot.waitUntil(lambda: player.position_s > before + 0.15, timeout=4000)
    assert outputs[0].starts == 1, "the stream goes on"
    heard = pcm(outputs[0])
    steps = [abs(one - other) for one, other in zip(heard[1:], heard, strict=False)]
    slope = 2 * 3.15 * 200 / 8000 * 0.3 * 32767
    assert max(steps) < 1.3 * slope, "no click"


def test_the_louder_one_comes_down(qtbot, player, outputs) -> None:
    player.play(track("a", 0.2, level=0.4, gain=0.5))
    qtbot.waitUntil(lambda: not player.is_playing, timeout=4000)
    assert max(pcm(outputs[0])) == pytest.approx(0.2 * 32767, rel=0.02)


def test_without_a_device_there_is_one_word(qtbot, player, monkeypatch) -> None:
    def none() -> FakeOutput:
        raise NoSoundError("sound_device")

    player._open = none
    told = []
    player.silent.connect(lambda problem: told.append(problem.text))
    player.play(track("a"))
    player.play(track("b"))
    assert len(told) == 1
    assert "no sound device" in told[0]
    assert not player.is_playing
    player.seek(0.2)
    assert player.position_s == pytest.approx(0.2), "everything else works"
    player._open = FakeOutput
    player.play()
    assert player.problem is None, "a device that was connected is found"


def test_a_file_that_is_no_sound_is_told(qtbot, player) -> None:
    told = []
    player.silent.connect(lambda problem: told.append(problem.key))
    player.play(Track("x", lambda: b"not a sound", 1.0))
    qtbot.waitUntil(lambda: not player.is_playing, timeout=4000)
    assert told == ["error.sound_unreadable"]
    assert player.position_s == 0.0


def test_what_cannot_be_read_is_told(qtbot, player, tmp_path: Path) -> None:
    player.play(Track("x", (tmp_path / "gone.flac").read_bytes, 1.0))
    qtbot.waitUntil(lambda: player.problem is not None, timeout=4000)
    assert not player.is_playing


def test_cueing_the_same_track_changes_nothing(qtbot, player) -> None:
    player.play(track("a", 2.0))
    player.cue(track("a", 2.0))
    assert player.is_playing
    player.cue(None)
    assert not player.is_playing
    assert player.track is None


@pytest.mark.parametrize("code", ["h", "i", "f"])
def test_gain_and_fade_of_every_kind_of_sample(code: str) -> None:
    loud = 0.5 if code == "f" else 1000
    raw = array(code, [loud] * 100).tobytes()
    quiet = array(code, mixing.louder(raw, code, 0.25))
    assert quiet[0] == pytest.approx(loud / 4)
    mixed = array(code, mixing.faded(array(code, [0] * 100).tobytes(), raw[: len(raw) // 2], code))
    assert mixed[0] == loud
    assert mixed[25] == pytest.approx(loud / 2)
    assert set(mixed[50:]) == {0}


def test_tones_of_a_score_can_be_heard() -> None:
    sketch = fake_music.sketch_of(3, bars=2, peaks=False)
    data = tones.wav(sketch)
    sound = array("h", data[HEADER:])
    assert len(sound) / tones.RATE == pytest.approx(sketch.seconds, abs=0.5)
    assert 3000 < max(sound) <= 32_000
    assert tones.wav(fake_music.rain(1, 3.0)), "nothing to hear is no error"


@pytest.mark.qt_log_ignore("pa_context_connect", "pipewire", "FFmpeg")
def test_the_real_decoder_gives_all_samples(qtbot: QtBot) -> None:
    """Qt's own, without a device: it must be able to read what the engine and artists bring."""
    REAL_LOAD()
    QAudioFormat = pytest.importorskip(
        "PySide6.QtMultimedia",
        reason="Qt Multimedia needs libpulse0 (python run.py libraries)",
        exc_type=ImportError,
    ).QAudioFormat
    form = QAudioFormat()
    form.setSampleRate(44_100)
    form.setChannelCount(2)
    form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    data, ended = bytearray(), []
    keep = FileDecoder(fake_music.wav(0.5), form, data.extend, ended.append)
    qtbot.waitUntil(lambda: bool(ended), timeout=8000)
    assert ended == [True]
    assert len(data) / 4 == pytest.approx(0.5 * 44_100, rel=0.01)
    keep.deleteLater()
    ended.clear()
    keep = FileDecoder(b"nothing " * 100, form, data.extend, ended.append)
    qtbot.waitUntil(lambda: bool(ended), timeout=8000)
    assert ended == [False]
