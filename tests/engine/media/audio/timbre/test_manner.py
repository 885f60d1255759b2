"""Vibrato, glides, breath and release are heard in a recording, and played."""

import numpy as np
import pytest
import torch

from engine.media.audio.timbre.articulation import heard_manner, vibrato_of
from engine.media.audio.timbre.manner import HOP_S, PLAIN, Manner, courses
from engine.media.audio.timbre.pitch import tracked
from engine.media.audio.timbre.sounds import Timbre
from engine.media.audio.timbre.spectra import RATE, frequency_of
from engine.media.audio.timbre.synthesis import synthesise

NOTE = np.dtype([("onset_s", "<f4"), ("duration_s", "<f4"), ("pitch", "u1")])
PITCHES = (69, 71, 74, 72, 69, 67)
SECONDS, APART = 0.9, 1.4


def played(
    *, depth: float = 0.0, glide: float = 0.0, fall: float = 60.0, breath: float = 0.0,
    apart: float = APART,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """A recording of six notes, and what was heard in it. fall: nepers a second after each."""
    notes = np.array([(0.3 + apart * i, SECONDS, p) for i, p in enumerate(PITCHES)], NOTE)
    times = np.arange(round((0.3 + apart * len(PITCHES) + 0.5) * RATE)) / RATE
    rng, sound = np.random.default_rng(0), np.zeros(len(times))
    for place, (onset, duration, pitch) in enumerate(notes.tolist()):
        since = times - onset
        cents = depth * np.sin(2 * np.pi * 5.5 * np.maximum(since - 0.2, 0))
        if place and glide:
            cents += 100 * (PITCHES[place - 1] - pitch) * np.clip(1 - since / glide, 0, 1)
        turns = np.cumsum(float(frequency_of(float(pitch))) * 2 ** (cents / 1200)) / RATE
        level = np.clip(since / 0.01, 0, 1) * np.exp(-fall * np.maximum(since - duration, 0))
        sound += level * sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 9))
        blown = (since > -breath) & (since < duration)
        sound += breath and 0.2 * blown * rng.standard_normal(len(times))
    return (0.1 * sound).astype(np.float32), notes


def test_a_vibrato_is_heard_with_its_rate_depth_and_delay() -> None:
    manner = heard_manner(*played(depth=30.0))
    assert manner.vibrato_hz == pytest.approx(5.5, abs=0.3)
    assert manner.vibrato_cents == pytest.approx(30, rel=0.3)
    assert 0.1 < manner.vibrato_after < 0.35
    assert manner.vibrato_share > 0.6


def test_what_stays_on_its_pitch_has_no_manner() -> None:
    manner = heard_manner(*played(apart=SECONDS))
    assert (manner.vibrato_cents, manner.glide, manner.breath) == (0, 0, 0)
    assert heard_manner(np.zeros(RATE, np.float32), np.zeros(0, NOTE)) == PLAIN


@pytest.mark.parametrize("seed", range(3))
def test_chance_movement_is_no_vibrato(seed: int) -> None:
    wander = np.cumsum(np.random.default_rng(seed).normal(0, 4, 90))
    assert vibrato_of(wander) is None


def test_a_glide_between_legato_notes_is_heard() -> None:
    manner = heard_manner(*played(glide=0.15, apart=SECONDS))
    assert manner.glide == pytest.approx(0.15, abs=0.06)
    assert manner.glide_share > 0.6


@pytest.mark.parametrize("fall", [10.0, 30.0])
def test_a_release_is_heard(fall: float) -> None:
    assert heard_manner(*played(fall=fall)).release == pytest.approx(fall, rel=0.3)


def test_breath_before_a_note_is_heard() -> None:
    assert heard_manner(*played(breath=0.08)).breath == pytest.approx(0.08, abs=0.03)


def test_a_manner_is_played_as_it_was_heard() -> None:
    manner = Manner(
        vibrato_hz=5.5, vibrato_cents=30, vibrato_share=1, vibrato_least=0.4, vibrato_after=0.1,
        glide=0.1, glide_share=1,
    )  # fmt: skip
    rows = np.array([(0.0, 1.0, 69.0, 0.8), (1.0, 0.2, 71.0, 0.8), (3.0, 1.0, 69.0, 0.8)])
    first, second, third = courses(rows, manner, 7)
    assert first is not None
    assert third is not None
    assert second is not None
    assert np.abs(first[:10]).max() == 0, "it begins after a while"
    assert vibrato_of(first) is not None
    assert second[0] == pytest.approx(-200), "from the note before"
    assert second[int(0.1 / HOP_S) :] == pytest.approx(0, abs=30)
    assert third[0] == 0, "after a rest nothing leads to it"
    again = courses(rows, manner, 7)
    assert [one.tolist() for one in again if one is not None] == [
        one.tolist() for one in (first, second, third)
    ]
    assert courses(rows, PLAIN, 7) == [None] * 3


def test_a_manner_is_kept_in_a_style() -> None:
    manner = Manner(vibrato_hz=5.5, release=20.0)
    kept = Timbre(torch.zeros(32), manner=manner).to_tensors()
    assert Timbre.from_tensors(kept).manner == manner
    assert "timbre/manner" not in Timbre(torch.zeros(32)).to_tensors()
    assert Manner.from_tensor(torch.tensor([5.5])).vibrato_cents == 0, "of an older style"


@pytest.mark.weights
def test_a_held_note_wavers_and_ends_as_it_was_heard() -> None:
    manner = Manner(
        vibrato_hz=6, vibrato_cents=40, vibrato_share=1, vibrato_least=0.4, release=40, breath=0.05
    )
    notes = [(0.2, 1.2, 69.0, 0.9)]
    sound = synthesise(notes, Timbre(torch.zeros(32), manner=manner))
    found = vibrato_of(tracked(sound[int(0.2 * RATE) : int(1.4 * RATE)], 69.0).cents)
    assert found is not None
    assert found.hz == pytest.approx(6, abs=0.4)
    assert found.cents == pytest.approx(40, rel=0.35)
    plain = synthesise(notes, Timbre(torch.zeros(32)))
    after = int(1.5 * RATE)
    assert np.square(sound[after:]).sum() < np.square(plain[after:]).sum()
