"""What the timbre bench counts, and its arms."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.lab.bench.audio_timbre import METRICS, STUDIO, TimbreBenchPlan, distances, means, spread
from engine.lab.bench.audio_timbre_arms import LEARNED, Task, nearest_preset, repitched
from engine.lab.bench.audio_timbre_metrics import mel_distance, stft_distance
from engine.lab.bench.report import Row
from engine.lab.training.corpus.instruments_sample import SampleNote, SamplePreset, read_sample
from engine.media.audio.timbre.weights import shipped, trained_timbres

RATE = 44_100
AT = np.arange(round(1.2 * RATE)) / RATE


def tone(hz: float, amplitude: float = 0.3) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * AT)).astype(np.float32)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
def test_distances_are_zero_for_the_same_and_grow(metric) -> None:
    real = tone(440)
    assert metric(real, real) == pytest.approx(0, abs=1e-6)
    assert 0 < metric(0.8 * real, real) < metric(tone(660), real)


def test_a_level_that_is_half_is_six_decibels_where_there_is_sound() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert mel_distance(noise / 2, noise) == pytest.approx(6.02, abs=0.05)
    assert stft_distance(noise / 2, noise) == pytest.approx(0.5 + np.log(2), abs=0.02)


def test_a_repitched_note_has_the_pitch_and_level_that_is_asked() -> None:
    loud = SampleNote(tone(440), 69.0, 0.9)
    preset = SamplePreset("tone", (loud,), ())
    made = repitched(Task.of(preset, 1))(SampleNote(tone(880), 81.0, 0.9))
    assert np.abs(np.fft.rfft(made[: RATE // 2])).argmax() * 2 == pytest.approx(880, abs=3)
    assert np.abs(made).max() == pytest.approx(0.3, rel=0.05)
    assert len(made) == len(AT)


@pytest.mark.weights
def test_the_nearest_preset_plays_at_the_level_of_the_references() -> None:
    preset = read_sample()[0]
    player = nearest_preset(shipped(), Task.of(preset, 3), trained_timbres())
    made, real = player(preset.query[0]), preset.query[0].samples
    assert len(made) == len(real)
    assert 0.1 < np.abs(made).max() / np.abs(real).max() < 10


def test_presets_are_spread() -> None:
    presets = read_sample()
    assert spread(presets, 3) == [presets[0], presets[len(presets) // 2], presets[-1]]
    assert spread(presets, 100) == presets


@pytest.mark.weights
def test_every_arm_has_its_rows() -> None:
    rows = distances(TimbreBenchPlan(1, {1: (0.05,)}))
    arms = {row.arm for row in rows}
    assert arms == {*LEARNED, STUDIO, "nearest training preset", "nearest note re-pitched"}
    assert {row.metric for row in rows} == set(METRICS)
    assert all(np.isfinite(row.value) and row.styles == 1 for row in rows)
    assert {row.seconds for row in rows if row.arm == "from scratch"} == {0.0, 0.05}


@pytest.mark.weights
def test_a_bench_that_was_stopped_goes_on(tmp_path: Path) -> None:
    plan = TimbreBenchPlan(1, {1: (0.05,)})
    first = distances(plan, tmp_path)
    (kept,) = tmp_path.iterdir()
    halved = kept.read_text(encoding="utf-8").replace('"seconds": 0.05', '"seconds": 7.0')
    kept.write_text(halved, encoding="utf-8")
    assert {row.seconds for row in distances(plan, tmp_path)} == {None, 0.0, 7.0}
    assert [row.value for row in distances(plan, tmp_path)] == [row.value for row in first]


def test_means_are_over_presets() -> None:
    row = Row(bench="timbre", arm="a", metric="m", value=1.0, references=3, seconds=0.5)
    (found,) = means([[row], [replace(row, value=3.0)]])
    assert (found.value, found.styles, found.references, found.seconds) == (2.0, 2, 3, 0.5)
    assert found.low is not None and found.high is not None
    assert found.low <= found.value <= found.high
