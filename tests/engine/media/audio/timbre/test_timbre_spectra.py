"""The spectra that partials and noise are expected to have are those that they have."""

import numpy as np
import pytest
import torch

from engine.media.audio.timbre.decoder import TimbreDecoder
from engine.media.audio.timbre.encoder import TimbreEncoder
from engine.media.audio.timbre.hearing import FEATURES, hear, shared_ratios
from engine.media.audio.timbre.loss import (
    BINS,
    FRAMES,
    REACH,
    SIZES,
    expected,
    gathered,
    look,
    spectral_losses,
)
from engine.media.audio.timbre.sounds import MODES, Timbre
from engine.media.audio.timbre.spectra import (
    BANDS,
    RATE,
    frames_at,
    line_powers,
    noise_powers,
    powers,
)
from engine.media.audio.timbre.synthesis import synthesise
from engine.media.audio.timbre.weights import TimbrePrior


def random_prior() -> TimbrePrior:
    torch.manual_seed(3)
    decoder, encoder = TimbreDecoder(), TimbreEncoder()
    return TimbrePrior(
        decoder.eval().requires_grad_(False),
        encoder.eval().requires_grad_(False),
        {"context": 0.03},
    )


def tone(seconds: float, *partials: tuple[float, float]) -> np.ndarray:
    """Partials of (Hz, amplitude)."""
    at = np.arange(round(seconds * RATE)) / RATE
    return np.sum([a * np.sin(2 * np.pi * f * at) for f, a in partials], 0).astype(np.float32)


@pytest.mark.parametrize("place", range(3))
def test_a_partial_has_the_line_that_is_expected(place: int) -> None:
    hz, amplitude = 1234.5, 0.3
    frames = frames_at(tone(1.0, (hz, amplitude)), np.array([0.5]), SIZES[place])
    seen = powers(torch.from_numpy(frames))[0, : BINS[place]]
    said = line_powers(
        torch.tensor([[[np.log(amplitude)]]], dtype=torch.float32),
        torch.tensor([[hz]]),
        torch.tensor([[0.0]]),
        SIZES[place],
        BINS[place],
        REACH[place],
    )[0, 0]
    strong = seen > 3e-3 * seen.max()
    assert strong.sum() >= 3
    apart = 10 * (said[strong] / seen[strong]).log10()
    assert apart.abs().max() < 1.5
    assert abs(float(10 * (said.max() / seen.max()).log10())) < 0.5


def test_white_noise_has_the_power_that_is_expected() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE * 4).astype(np.float32)
    said = noise_powers(torch.full((1, BANDS), float(np.log(0.01))), 512, 257)[0]
    seen = powers(torch.from_numpy(frames_at(noise, np.linspace(0.1, 3.9, 400), 512))).mean(0)
    assert abs(float(10 * (seen[5:-5].mean() / said[5:-5].mean()).log10())) < 0.2


def test_what_is_synthesised_has_the_spectra_that_were_learned_from() -> None:
    """The loss never synthesises; this is what holds the two together."""
    prior = random_prior()
    prior.decoder.noise.bias.fill_(-9.0)
    timbre = Timbre(torch.randn(32), torch.tensor([0.5, 1.6, *[0.0] * (MODES - 2)]))
    sound = synthesise([(0, 2.0, 57.3, 0.8)], timbre, model=prior)
    times = torch.linspace(0.3, 1.8, 40)[None]
    pitch, velocity = torch.tensor([57.3]), torch.tensor([0.8])
    given = (pitch, velocity, times, timbre.context[None], timbre.ratios[None])
    sounding = prior.decoder(*given)
    for place, size in enumerate(SIZES):
        said = expected(sounding, place, slice(0, 40))[0].mean(0)
        frames = torch.from_numpy(frames_at(sound, times[0].numpy(), size))
        seen = powers(frames)[:, : BINS[place]].mean(0)
        apart = 10 * (seen.log10() - said.log10())[3:]
        assert abs(float(apart.mean())) < 0.7
        assert float(apart.abs().mean()) < 2.0


def test_the_loss_of_a_note_with_itself_is_that_of_chance_alone() -> None:
    prior = random_prior()
    timbre = Timbre(torch.zeros(32))
    sound = synthesise([(0, 1.5, 60.0, 0.8)], timbre, model=prior)
    looks = gathered([look(sound, 1.5, np.random.default_rng(0))])
    assert looks.moments.shape == (1, sum(FRAMES))

    def loss(pitch: float) -> float:
        given = (torch.tensor([pitch]), torch.tensor([0.8]), looks.moments)
        sounding = prior.decoder(*given, torch.zeros(1, 32), torch.zeros(1, MODES))
        return float(spectral_losses(sounding, looks))

    assert loss(60.0) < 0.5 * loss(61.0)


def test_free_partials_are_heard_and_harmonics_are_not() -> None:
    base = 440.0
    bell = tone(1.0, (base, 0.3), (2 * base, 0.1), (2.76 * base, 0.2), (5.4 * base, 0.1))
    found = hear(bell, 69.0, 0.8, 1.0).peaks
    assert sorted(round(float(r), 2) for r, _ in found) == pytest.approx([2.76, 5.4], abs=0.02)


def test_free_partials_are_those_of_half_of_the_notes() -> None:
    first = np.array([[2.76, 0.5], [7.3, 0.1]])
    second = np.array([[2.77, 0.4]])
    third = np.array([[2.75, 0.4], [3.5, 0.9]])
    ratios = shared_ratios([first, second, third])
    assert ratios.shape == (MODES,)
    assert ratios[0] == pytest.approx(2.76)
    assert not ratios[1:].any()


@pytest.mark.parametrize("seconds", [0.004, 0.1, 3.5])
def test_any_length_is_heard(seconds: float) -> None:
    heard = hear(tone(seconds, (300.0, 0.2)), 62.0, 0.5, seconds)
    assert heard.features.shape == (FEATURES,)
    assert np.isfinite(heard.features).all()
