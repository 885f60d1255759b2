"""Drums: learned as bars, recombined, kept with the style, played."""

from dataclasses import replace

import numpy as np
import pytest

from engine.media.audio.codec.score import TICKS, Score, hits_of, notes_of, score_of
from engine.media.audio.generators.score.drumming import Drums, as_hits, limb_of
from engine.media.audio.generators.score.form import BarPlan
from engine.media.audio.playing import play
from engine.media.audio.playing.instruments import Instruments
from engine.media.audio.playing.kit import drummed, layers_of, struck
from engine.media.audio.playing.room import RATE
from engine.media.audio.playing.soundfont import SoundFont

BAR, STEPS = 4 * TICKS, 96


def tune(bars: int = 8, cymbal: int = 42) -> Score:
    """A beat whose every fourth bar is a fill, another in every second bar."""
    notes = notes_of((i * TICKS, TICKS, 60 + i % 5, 0, 80) for i in range(4 * bars))
    rows: list[tuple[int, int, int]] = []
    for bar in range(bars):
        at = bar * BAR
        rows += [(at, 36, 110), (at + BAR // 2, 36 if bar % 2 else 38, 100)]
        rows += [(at + n * TICKS // 2, cymbal, 80) for n in range(8)]
        rows += [(at + 3 * TICKS + n * TICKS // 4, 45, 90) for n in range(4 * (bar % 4 == 3))]
    return replace(score_of(notes), hits=hits_of(rows))


def melody() -> Score:
    return replace(tune(), hits=hits_of([]))


def test_a_style_keeps_drums_and_blends_them() -> None:
    drums = Drums.of([tune(), melody(), tune(4, 51)])
    assert [len(bars) for bars in drums.bars] == [8, 0, 4]
    assert Drums.from_tensors(drums.to_tensors(), 3) == drums or (
        Drums.from_tensors(drums.to_tensors(), 3).bars == drums.bars
    )
    both = drums.joined(Drums.of([tune(2)]))
    assert Drums.from_tensors(both.to_tensors(), 4).bars == both.bars
    assert Drums.of([melody()]).to_tensors() == {}


def test_new_bars_are_theirs_or_have_limbs_of_two() -> None:
    drums = Drums.of([tune(), tune(8, 51)])
    theirs = {bar for bars in drums.bars for bar in bars}
    made = drums.played(0, (), 16, STEPS, seed=3, nearness=0.5)
    assert len(made) == 16 and len(set(made)) > 2
    for bar in made:
        for limb in range(4):
            mine = [hit for hit in bar if limb_of(hit[1]) == limb]
            assert any(mine == [hit for hit in o if limb_of(hit[1]) == limb] for o in theirs)
    fills = [i for i, bar in enumerate(made) if any(key == 45 for _, key, _ in bar)]
    assert fills and all(i % 4 == 3 for i in fills)
    assert set(drums.played(0, (), 16, STEPS, seed=3, nearness=1.0)) <= theirs


def test_a_bar_that_returns_has_its_drums_again() -> None:
    drums = Drums.of([tune()])
    form = tuple(BarPlan(i, i - 4 if i >= 4 else -1) for i in range(8))
    made = drums.played(0, form, 8, STEPS, seed=1, nearness=0.0)
    assert made[4:] == made[:4]


@pytest.mark.parametrize("steps", [STEPS, 72])
def test_without_drums_like_these_there_are_none(steps: int) -> None:
    drums = Drums.of([melody(), tune()])
    assert drums.played(0, (), 8, STEPS, seed=1, nearness=0.5) == ()
    assert bool(drums.played(1, (), 8, steps, seed=1, nearness=0.5)) == (steps == STEPS)


def test_the_kit_sounds_where_it_is_struck() -> None:
    score = tune(2)
    sound = drummed(score, seed=1)
    assert len(sound) / RATE < 4 + 3
    for at, lowest, highest in ((0, 30, 150), (RATE, 150, 400)):  # a bass drum, then a snare
        spectrum = np.abs(np.fft.rfft(sound[at : at + RATE // 10]))
        assert lowest < np.argmax(spectrum) * 10 < highest
    stems = _stems(score)
    assert len(stems) == 2 and np.abs(stems[-1]).max() > 0.01
    assert as_hits(Drums.of([score]).bars[0], score).tolist() == score.hits.tolist()


def _stems(score: Score) -> list[np.ndarray]:
    from engine.core.progress import finished
    from engine.media.audio.playing.instruments import Instruments

    return finished(play.voices(score, Instruments(), [0], 1, loop=False))


@pytest.mark.parametrize("key", [0, *range(35, 82), 127])
def test_every_key_has_strokes_that_begin_at_once_and_die_away(key: int) -> None:
    layers = layers_of(key)
    assert layers == tuple(sorted(layers)) and 0 < layers[0] <= layers[-1] <= 1
    for layer in range(len(layers)):
        sound = struck(key, layer)
        assert np.isfinite(sound).all() and 0.003 < np.abs(sound).max() < 1.2
        loudest = np.abs(sound).argmax() / RATE
        assert loudest < 0.25
        assert np.abs(sound[-200:]).max() < 0.1 * np.abs(sound).max()


def test_harder_hits_are_louder_and_no_level_jumps_between_strokes() -> None:
    loud = [drummed(replace(melody(), hits=hits_of([(0, 38, v)])), seed=3) for v in (20, 60, 110)]
    levels = [float(np.abs(sound).max()) for sound in loud]
    assert levels[0] < levels[1] < levels[2]


class FakeSynth:
    """FluidSynth, as far as it is asked."""

    def __init__(self, has_kit: bool) -> None:
        self.has_kit, self.struck = has_kit, []

    def system_reset(self) -> None: ...

    def program_select(self, channel: int, font: int, bank: int, program: int) -> int:
        return 0 if bank == 0 or self.has_kit else -1

    def noteon(self, channel: int, key: int, velocity: int) -> None:
        self.struck.append((key, velocity))

    def noteoff(self, channel: int, key: int) -> None: ...

    def get_samples(self, count: int) -> np.ndarray:
        return np.full(2 * count, 100, np.int16)


@pytest.mark.parametrize("has_kit", [True, False])
def test_a_soundfont_with_a_kit_plays_the_drums(has_kit: bool) -> None:
    synth = FakeSynth(has_kit)
    score = replace(melody(), hits=hits_of([(0, 36, 100), (480, 38, 60), (960, 36, 100)]))
    sound = Instruments(soundfont=SoundFont(synth, 1)).drums(score, seed=3)
    assert [key for key, _ in synth.struck] == ([36, 38, 36] if has_kit else [])
    assert np.array_equal(sound, drummed(score, seed=3)) != has_kit
