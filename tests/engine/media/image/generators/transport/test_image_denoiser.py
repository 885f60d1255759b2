"""The picture denoiser: preconditioning, loss weights, any size, what it is told."""

import pytest
import torch

from engine.media.image.generators.transport.denoiser import (
    SIGMA_DATA,
    SIGMAS,
    Denoiser,
    DenoiserConfig,
    StyleEncoder,
    denoising_loss,
    draw_sigmas,
    number_features,
    preconditioning,
)

SMALL = DenoiserConfig(channels=8, dilations=(1, 2), style=6, told=10)


def test_preconditioning_keeps_every_part_at_unit_deviation():
    """Karras et al. (2022), eq. 12 and 13: c_in makes the input, c_out the target so."""
    sigma = torch.tensor([0.05, 0.3, 1.5], dtype=torch.float64)
    skip, out, inward = preconditioning(sigma)
    torch.testing.assert_close(inward**2 * (SIGMA_DATA**2 + sigma**2), torch.ones_like(sigma))
    target = ((1 - skip) ** 2 * SIGMA_DATA**2 + skip**2 * sigma**2) / out**2
    torch.testing.assert_close(target, torch.ones_like(sigma))


def test_an_untrained_denoiser_gives_the_best_linear_guess_and_a_loss_of_one():
    torch.manual_seed(0)
    denoiser, clean = Denoiser(SMALL), SIGMA_DATA * torch.randn(64, 3, 16, 16)
    sigma = draw_sigmas(64, torch.Generator().manual_seed(1))
    noisy = clean + sigma[:, None, None, None] * torch.randn_like(clean)
    with torch.no_grad():
        denoised = denoiser(noisy, sigma, torch.full((64,), 80.0), torch.zeros(64, 6))
    skip, _, _ = preconditioning(sigma)
    torch.testing.assert_close(denoised, skip[:, None, None, None] * noisy)
    assert denoising_loss(denoised, clean, sigma).mean().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("size", [(7, 10), (16, 16), (33, 20)])
def test_any_size_comes_back_as_it_was(size):
    x = torch.randn(2, 3, *size)
    told = torch.ones(2), torch.full((2,), 60.0), torch.zeros(2, 6)
    assert Denoiser(SMALL)(x, *told).shape == x.shape


def test_it_learns_and_listens_to_noise_scale_and_style():
    torch.manual_seed(0)
    denoiser = Denoiser(SMALL)
    optimizer = torch.optim.Adam(denoiser.parameters(), lr=1e-2)
    colours = torch.tensor([[0.8, -0.8, 0.0], [-0.8, 0.0, 0.8]])
    first = last = 0.0
    for step in range(60):
        which = torch.arange(16) % 2
        clean = colours[which][:, :, None, None].expand(-1, -1, 8, 8)
        sigma = draw_sigmas(16, torch.Generator().manual_seed(step))
        style = torch.nn.functional.one_hot(which, 6).float()
        noisy = clean + sigma[:, None, None, None] * torch.randn_like(clean)
        denoised = denoiser(noisy, sigma, torch.full((16,), 80.0), style)
        loss = denoising_loss(denoised, clean, sigma).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first, last = (loss.item() if step == 0 else first), loss.item()
    assert last < 0.7 * first
    x = 1.5 * torch.randn(1, 3, 8, 8)
    asked = [
        denoiser(x, torch.tensor([sigma]), torch.tensor([scale]), torch.eye(6)[kind : kind + 1])
        for sigma, scale, kind in ((1.5, 80.0, 0), (1.5, 80.0, 1), (0.2, 80.0, 0), (1.5, 20.0, 0))
    ]
    assert all(not torch.allclose(asked[0], other) for other in asked[1:])


def test_sigmas_cover_their_range_evenly_and_repeat():
    sigmas = draw_sigmas(1000, torch.Generator().manual_seed(3))
    assert SIGMAS[0] <= sigmas.min() and sigmas.max() <= SIGMAS[1]
    logs = sigmas.log().sort().values
    assert (logs.diff() < 2 * (logs[-1] - logs[0]) / 999 + 1e-3).all()
    assert torch.equal(sigmas, draw_sigmas(1000, torch.Generator().manual_seed(3)))


def test_the_encoder_averages_over_crops_of_any_size():
    encoder = StyleEncoder(SMALL.style, channels=4)
    crops, scales = torch.randn(5, 3, 12, 12), torch.linspace(20, 300, 5)
    each = encoder.each(crops, scales)
    torch.testing.assert_close(encoder(crops, scales), each.mean(0))
    assert encoder(torch.randn(2, 3, 32, 20), scales[:2]).shape == (6,)
    assert number_features(scales, scales).shape == (5, 14)
