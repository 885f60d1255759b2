"""Sounds are learned from notes and make notes."""

import numpy as np
import pytest
import torch

from engine.core.errors import BadInput
from engine.core.style import Style, load_style
from engine.media.audio.timbre import (
    NoteSegment,
    Timbre,
    learn_timbre,
    learning,
    name_for_program,
    preset,
    preset_for_program,
    presets,
    synthesise,
)
from engine.media.audio.timbre.learn import prepared
from engine.media.audio.timbre.palette import PALETTE, UnknownTimbreError, program_of
from engine.media.audio.timbre.weights import load_prior, trained_timbres
from engine.meta.episodes import is_reserved
from engine.meta.errors import EmptySupportError, WrongCheckpointError

RATE = 44_100


def plucked(pitch: float, seconds: float = 0.8, rate: int = RATE) -> NoteSegment:
    """A note of ten partials that die away."""
    at = np.arange(round(seconds * rate)) / rate
    base = 440 * 2 ** ((pitch - 69) / 12)
    parts = [np.sin(2 * np.pi * k * base * at) * np.exp(-at * (3 + k)) / k for k in range(1, 11)]
    return NoteSegment(0.2 * np.sum(parts, 0).astype(np.float32), rate, pitch, 0.8)


def hiss(seconds: float = 0.4) -> NoteSegment:
    rng = np.random.default_rng(1)
    at = np.arange(round(seconds * RATE)) / RATE
    noise = 0.2 * rng.standard_normal(len(at)) * np.exp(-at * 12)
    return NoteSegment(noise.astype(np.float32), RATE, 60.0, 0.9)


@pytest.mark.weights
@pytest.mark.parametrize("pitch", [40.0, 57.5, 76.0])
@pytest.mark.parametrize("name", ["flute", "violin"])
def test_a_note_has_its_pitch(name: str, pitch: float) -> None:
    sound = synthesise([(0, 1.0, pitch, 0.8)], preset(name))
    spectrum = np.abs(np.fft.rfft(sound[4096:36864] * np.hanning(32768)))
    base = 440 * 2 ** ((pitch - 69) / 12) * 32768 / RATE
    near = [spectrum[round(k * base) - 4 : round(k * base) + 5].max() for k in (1, 2, 3)]
    between = [np.median(spectrum[round(k * base) - 12 : round(k * base)]) for k in (1.6, 2.6)]
    assert max(near) > 20 * max(between)


@pytest.mark.weights
@pytest.mark.parametrize("name", presets())
def test_every_built_in_sound_sounds_and_ends(name: str) -> None:
    sound = synthesise([(0, 0.4, 62, 0.8)], preset(name))
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert 0.01 < np.abs(sound).max() < 1.5
    assert 0.4 <= len(sound) / RATE <= 3.5
    assert np.abs(sound[-64:]).max() < 2e-3


@pytest.mark.weights
def test_the_palette_covers_every_program() -> None:
    assert len(presets()) == len(set(presets())) >= 24
    assert presets()[0] == name_for_program(0) == name_for_program(127) == "piano"
    assert {one.program for one in PALETTE} <= set(range(128))
    for one in PALETTE:
        assert name_for_program(one.program) == one.name
        assert program_of(one.name) == one.program
    assert name_for_program(110) == "violin"
    assert torch.equal(preset_for_program(108).context, preset("kalimba").context)


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(UnknownTimbreError, match="kalimba"):
        preset("theremin")


@pytest.mark.weights
def test_nothing_that_was_trained_on_is_reserved() -> None:
    assert len(trained_timbres()) > 100
    assert not [name for name in trained_timbres() if is_reserved(name)]


@pytest.mark.weights
def test_notes_sum_and_start_where_they_are_asked() -> None:
    timbre = preset("marimba")
    late = synthesise([(0.5, 0.3, 60, 0.9)], timbre)
    assert np.abs(late[: round(0.48 * RATE)]).max() < 1e-3
    assert np.abs(late[round(0.5 * RATE) : round(0.55 * RATE)]).max() > 0.02
    both = synthesise([(0.0, 0.3, 72, 0.9), (0.5, 0.3, 60, 0.9)], timbre)
    assert len(both) >= len(late)
    assert np.abs(both[: round(0.2 * RATE)]).max() > 0.02


@pytest.mark.weights
def test_no_note_clicks() -> None:
    """Between two samples nothing jumps by more than the sound itself could."""
    notes = [(0.0, 0.25, 45, 0.9), (0.26, 0.1, 45, 0.9)]
    sound = synthesise(notes, preset("clarinet"))
    quiet = np.abs(np.diff(sound[: round(0.2 * RATE)])).max()
    assert np.abs(np.diff(sound)).max() < 3 * quiet


@pytest.mark.weights
def test_the_same_seed_gives_the_same_samples() -> None:
    notes = [(0, 0.2, 60, 0.7), (0.1, 0.2, 64, 0.7)]
    first, again = (synthesise(notes, preset("flute"), seed=4) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, synthesise(notes, preset("flute"), seed=5))


@pytest.mark.weights
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_other_rates_are_made(rate: int) -> None:
    sound = synthesise([(0, 0.5, 69, 0.8)], preset("oboe"), rate)
    spectrum = np.abs(np.fft.rfft(sound[: rate // 2] * np.hanning(rate // 2)))
    strongest = np.argmax(spectrum) * 2
    assert min(abs(strongest - 440 * k) for k in range(1, 8)) < 15


@pytest.mark.weights
def test_notes_of_no_length_and_none_at_all_are_made() -> None:
    assert len(synthesise([], preset("harp"))) == 0
    assert np.isfinite(synthesise([(0, 0.0, 127, 1.0), (0, 0.01, 0, 0.0)], preset("harp"))).all()


@pytest.mark.weights
def test_long_notes_do_not_grow() -> None:
    sound = synthesise([(0, 8.0, 60, 0.8)], preset("strings"))
    early = np.sqrt((sound[RATE : 2 * RATE] ** 2).mean())
    late = np.sqrt((sound[6 * RATE : 7 * RATE] ** 2).mean())
    assert late < 1.3 * early


@pytest.mark.weights
def test_steps_bring_a_timbre_nearer_to_its_notes() -> None:
    notes = [plucked(60.0), plucked(67.0)]
    found = list(learning(notes, steps=12, seconds=600))
    assert len(found) == 13

    def apart(timbre: Timbre) -> float:
        made = synthesise([(0, 0.8, 64.0, 0.8)], timbre)[: round(0.8 * RATE)]
        real = plucked(64.0).samples
        bands = [_bands(s / np.sqrt((s**2).sum())) for s in (made, real)]
        return float(np.abs(bands[0] - bands[1]).mean())

    assert apart(found[-1]) < apart(found[0])


def _bands(sound: np.ndarray) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(sound, 2048)[::2048]
    power = np.abs(np.fft.rfft(frames * np.hanning(2048)))[:, :240] ** 2
    return np.log(power.reshape(len(frames), 30, 8).sum(-1) + 1e-8)


@pytest.mark.weights
def test_learning_is_the_same_twice_and_tells_how_far_it_is() -> None:
    conditioning: list[float] = []
    first = learn_timbre([plucked(60.0)], steps=3, seconds=600, progress=conditioning.append)
    again = learn_timbre([plucked(60.0)], steps=3, seconds=600)
    assert conditioning == pytest.approx([1 / 3, 2 / 3, 1.0])
    for name, tensor in first.to_tensors().items():
        assert torch.equal(tensor, again.to_tensors()[name])


@pytest.mark.weights
def test_noise_is_learned_as_noise() -> None:
    timbre = learn_timbre([hiss(), hiss(0.2)], steps=20, seconds=600)
    sound = synthesise([(0, 0.4, 60.0, 0.9)], timbre)[: round(0.15 * RATE)]
    spectrum = np.abs(np.fft.rfft(sound)) + 1e-9
    flatness = np.exp(np.log(spectrum).mean()) / spectrum.mean()
    assert flatness > 0.3
    assert np.isfinite(sound).all()


def test_other_rates_and_early_cuts_are_brought_into_line() -> None:
    slow = plucked(60.0, rate=22_050)
    early = NoteSegment(np.pad(slow.samples, (220, 0)), 22_050, 60.0, 0.8)
    plain, trimmed = prepared([slow]), prepared([early])
    assert abs(len(plain[0].samples) - round(0.8 * RATE)) < 10
    assert abs(len(trimmed[0].samples) - len(plain[0].samples)) < 0.004 * RATE


@pytest.mark.weights
def test_silence_and_nothing_are_refused() -> None:
    silent = NoteSegment(np.zeros(RATE, np.float32), RATE, 60.0, 0.5)
    for given in ([], [silent], [NoteSegment(np.ones(3, np.float32), RATE, 60.0, 0.5)]):
        with pytest.raises(EmptySupportError):
            learn_timbre(given)


@pytest.mark.weights
def test_a_timbre_lives_in_a_style_file(tmp_path) -> None:
    timbre = learn_timbre([plucked(60.0)], steps=2, seconds=600)
    Style("audio", {**timbre.to_tensors(), "notes/other": torch.zeros(2)}, ()).save(
        tmp_path / "s.style"
    )
    found = Timbre.from_tensors(load_style(tmp_path / "s.style").tensors)
    notes = [(0, 0.2, 60, 0.8)]
    assert np.array_equal(synthesise(notes, timbre), synthesise(notes, found))
    with pytest.raises(BadInput):
        Timbre.from_tensors({"notes/other": torch.zeros(2)})


def test_foreign_and_missing_weights_are_refused(tmp_path) -> None:
    with pytest.raises(WrongCheckpointError, match="missing"):
        load_prior(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"no weights")
    (tmp_path / "bad.json").write_text('{"config": {}, "rates": {}}')
    with pytest.raises(WrongCheckpointError, match="no timbre synthesiser"):
        load_prior(tmp_path / "bad.safetensors")
