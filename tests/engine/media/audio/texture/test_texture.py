"""Sound textures: as long as asked, without a seam, like the recording and no copy of it."""

from itertools import pairwise

import numpy as np
import pytest

from engine.media.audio.codec.sound import RATE, Sound
from engine.media.audio.texture.generate import (
    KEPT_SECONDS,
    LEAST_SECONDS,
    TextureMemory,
    generate,
    joined,
    learn_texture,
)
from engine.media.audio.texture.join import fade_samples
from engine.media.audio.texture.path import HOP, Limits, choose_path, contexts, heard_bands

pytestmark = pytest.mark.slow  # pictures and sounds are made


def rain(seconds: float, seed: int = 0, channels: int = 1) -> Sound:
    """Noise with drops in it."""
    random = np.random.default_rng(seed)
    wave = 0.03 * random.normal(size=(channels, int(seconds * RATE)))
    for _ in range(int(20 * seconds)):
        at = int(random.integers(0, max(1, wave.shape[1] - 2000)))
        times = np.arange(min(2000, wave.shape[1] - at)) / RATE
        pitch = random.uniform(900, 6000)
        wave[:, at : at + len(times)] += (
            0.3 * np.sin(2 * np.pi * pitch * times) * np.exp(-200 * times)
        )
    return Sound(wave.astype(np.float32), RATE)


def drone(seconds: float) -> Sound:
    times = np.arange(int(seconds * RATE)) / RATE
    partials = [np.sin(2 * np.pi * 110.3 * h * times + h) / h for h in range(1, 8)]
    return Sound(0.2 * np.stack(partials).sum(0, dtype=np.float32)[None], RATE)


def flux(wave: np.ndarray) -> np.ndarray:
    """(N,) -> (T,) how much the sound changes from one frame to the next."""
    return np.abs(np.diff(heard_bands(wave), axis=0)).mean(1)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.3, 20.0])
@pytest.mark.parametrize("invention", [0.0, 1.0])
def test_it_is_as_long_as_asked_whatever_there_is(seconds: float, invention: float) -> None:
    for sound in (rain(8, channels=2), rain(0.5), rain(0.05), drone(2)):
        made = generate(learn_texture([sound]), seconds, 1, invention)
        assert made.shape == (sound.samples.shape[0], int(seconds * RATE))
        assert made.dtype == np.float32
        assert np.isfinite(made).all()
        assert 0.2 < made.std() / sound.samples.std() < 3


def test_the_same_seed_gives_the_same_sound_and_others_do_not() -> None:
    memory = learn_texture([rain(6)])
    assert np.array_equal(generate(memory, 4, 3), generate(memory, 4, 3))
    assert not np.allclose(generate(memory, 4, 3), generate(memory, 4, 4))


@pytest.mark.parametrize("sound", [rain(12), drone(8)])
def test_the_seam_is_heard_no_more_than_the_rest(sound: Sound) -> None:
    for seed in range(3):
        made = generate(learn_texture([sound]), 5, seed, 0.5)[0]
        middle = len(made) // 2
        turned = np.roll(made, middle)  # the seam comes to lie in the middle
        steps = np.abs(np.diff(turned))
        assert steps[middle - 3 : middle + 3].max() <= 1.2 * steps.max()
        changes, at = flux(turned), middle // HOP
        assert changes[at - 3 : at + 3].max() <= 1.3 * np.max(changes[: at - 3])


def test_a_drone_stays_in_phase() -> None:
    made = generate(learn_texture([drone(8)]), 5, 1, 0.5)[0]
    frames = made[: len(made) // 2205 * 2205].reshape(-1, 2205)
    levels = np.sqrt(np.square(frames).mean(1))
    assert levels.min() > 0.7 * levels.max()


def test_it_sounds_like_another_part_of_the_recording() -> None:
    whole = rain(24).samples
    half = whole.shape[1] // 2
    made = generate(learn_texture([Sound(whole[:, :half], RATE)]), 12, 1, 0.5)
    mine, other, source = (heard_bands(w) for w in (made[0], whole[0, half:], whole[0, :half]))
    for measure in (np.mean, np.std):
        apart = np.abs(measure(mine, axis=0) - measure(other, axis=0)).mean()
        own = np.abs(measure(source, axis=0) - measure(other, axis=0)).mean()
        assert apart < own + 0.05  # bels


@pytest.mark.parametrize(("invention", "most_s"), [(0.0, 4.0), (0.5, 1.4), (1.0, 0.5)])
def test_nothing_longer_than_a_piece_is_copied(invention: float, most_s: float) -> None:
    source = learn_texture([rain(9)])
    made = generate(source, 4, 2, invention)[0]
    samples = source.samples[0].astype(np.float32) / 32_767
    grain = RATE // 20
    size = 1 << (len(samples) + grain - 1).bit_length()
    spectrum = np.fft.rfft(samples, size)
    places = []
    for at in range(0, len(made) - grain, grain):
        products = spectrum * np.conj(np.fft.rfft(made[at : at + grain], size))
        place = int(np.fft.irfft(products, size)[: len(samples)].argmax())
        same = np.corrcoef(samples[place : place + grain], made[at : at + grain])[0, 1] > 0.999
        places.append(place - at if same else None)
    longest = run = 0
    for before, after in pairwise(places):
        run = run + 1 if after is not None and after == before else 0
        longest = max(longest, run + 1)
    assert longest * grain / RATE < most_s
    assert sum(place is not None for place in places) > len(places) / 5  # grains are the source's


def test_pieces_jump_and_close_the_circle() -> None:
    sound = rain(20)
    heard = contexts(heard_bands(sound.mono()))
    limits = Limits(np.array([len(heard)]), 500, 50, 3)
    path = choose_path(heard, limits, np.random.default_rng(0))
    assert sum(piece.length for piece in path) == 500
    for piece, after in pairwise(path):
        assert abs(after.start - piece.end) >= 12
    for piece in path:
        assert limits.margin <= piece.start < piece.end <= len(heard) - limits.margin
        assert piece.length <= limits.most


def test_memories_are_bounded_kept_as_tensors_and_joined() -> None:
    long = learn_texture([rain(50), rain(70, 1), rain(2, 2, channels=2)])
    assert long.samples.shape[0] == 2
    assert long.samples.dtype == np.int16
    assert long.samples.shape[1] <= KEPT_SECONDS * RATE
    assert np.diff(long.ends, prepend=0).tolist() == [20 * RATE, 20 * RATE, 2 * RATE]
    again = TextureMemory.from_tensors(long.to_tensors())
    assert np.array_equal(again.samples, long.samples)
    both = TextureMemory.from_tensors(
        joined([long.to_tensors(), learn_texture([rain(70)]).to_tensors()])
    )
    assert np.diff(both.ends, prepend=0).tolist() == [10 * RATE, 10 * RATE, 2 * RATE, 30 * RATE]
    assert generate(both, 3, 1).shape == (2, 3 * RATE)


def test_no_piece_runs_from_one_recording_into_another() -> None:
    memory = learn_texture([drone(4), rain(4)])
    bands = heard_bands(memory.samples[0] / 32_767)
    limits = Limits(memory.ends // HOP, 400, 30, 3)
    border = int(memory.ends[0]) // HOP
    for seed in range(5):
        for piece in choose_path(contexts(bands), limits, np.random.default_rng(seed)):
            assert piece.end <= border or piece.start >= border


def test_what_hardly_changes_is_faded_over_slowly() -> None:
    ends, length = np.array([8 * RATE]), 8 * RATE
    slow = fade_samples(heard_bands(drone(8).mono()), ends, length)
    assert slow > fade_samples(heard_bands(rain(8).mono()), ends, length)
    assert fade_samples(heard_bands(rain(0.2).mono()), ends, int(LEAST_SECONDS * RATE)) < 1200
