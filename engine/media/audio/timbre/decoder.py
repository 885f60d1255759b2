"""The decoder: a note and a timbre's context -> partials and noise at any moment of the note.

Harmonics and filtered noise as in DDSP (Engel et al. 2020), made for notes: amplitudes are a
function of the time since the onset, evaluated at any moments one likes; letting go is a decay in
decibels; partials may be stretched (Fletcher 1964: f_k = k f_0 √(1 + β k²)), blurred, and joined by
free ones, for bells and bars.
Legend: B notes, T moments, K harmonics, M free partials, N noise bands, Z context, C width.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.media.audio.timbre.spectra import BANDS, RATE, frequency_of, mel

DECAYS = (0.003, 0.008, 0.02, 0.05, 0.12, 0.3, 0.8, 2.0)  # seconds, of the moments' features
LONGEST = 2.0  # seconds after the onset that were ever heard
PITCHES = (24, 36, 48, 60, 72, 84, 96, 108)  # centres of the pitch's features
KNOTS, BASIS = 24, 16  # of the body's resonance; of the free partials' amplitudes
QUIETEST, LOUDEST, SILENT = -16.0, 1.0, -60.0  # natural logarithms of amplitudes


@dataclass(frozen=True, slots=True)
class TimbreConfig:
    """Sizes of the decoder and of the encoder that tells it."""

    context: int = 32
    width: int = 128
    harmonics: int = 100


@dataclass(frozen=True, slots=True)
class Sounding:
    """What a note sounds like at T moments, as if it were never let go.

    log_partials (B, T, K + M), SILENT where a partial does not sound; log_noise (B, T, N), of
    variances; frequencies, widths (B, K + M) Hz; falls (B, K + M), noise_falls (B,): nepers a
    second after it was let go.
    """

    log_partials: Tensor
    log_noise: Tensor
    frequencies: Tensor
    widths: Tensor
    falls: Tensor
    noise_falls: Tensor

    def let_go(self, after: Tensor) -> "Sounding":
        """after: (B, T) seconds since it was let go, 0 before that."""
        return replace(
            self,
            log_partials=self.log_partials - self.falls[:, None] * after[..., None],
            log_noise=self.log_noise - 2 * self.noise_falls[:, None, None] * after[..., None],
        )


class TimbreDecoder(nn.Module):
    """About 150 thousand parameters."""

    def __init__(self, config: TimbreConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or TimbreConfig()
        wide, conditioning = config.width, len(PITCHES) + 3 + config.context
        self.note = nn.Sequential(
            nn.Linear(conditioning, wide), nn.SiLU(), nn.Linear(wide, wide), nn.SiLU()
        )
        self.moment = nn.Linear(len(DECAYS) + 2, wide)
        self.film = nn.Linear(wide, 4 * wide)
        self.inner = nn.Linear(wide, wide)
        self.harmonics = nn.Linear(2 * wide, config.harmonics)
        self.noise = nn.Linear(2 * wide, BANDS)
        self.modes = nn.Linear(2 * wide, BASIS + 1)
        self.basis = nn.Sequential(nn.Linear(1, BASIS), nn.SiLU(), nn.Linear(BASIS, BASIS))
        knots = nn.Linear(64, KNOTS)
        self.body = nn.Sequential(nn.Linear(config.context, 64), nn.SiLU(), knots)
        self.nature = nn.Linear(wide, 6)  # stretch, blur, detuning; three rates of the release
        order = torch.arange(1, config.harmonics + 1)
        with torch.no_grad():
            for head in (self.harmonics, self.noise, self.modes, self.nature, knots):
                head.weight.mul_(0.3)
            self.harmonics.bias.copy_(-3.5 - order.log())
            self.noise.bias.fill_(-15.0)
            self.modes.bias[0] = -6.0
            self.nature.bias.copy_(torch.tensor([-11.0, -7.0, 0.0, 3.0, 0.0, 3.0]))

    def forward(
        self, pitch: Tensor, velocity: Tensor, moments: Tensor, conditioning: Tensor, ratios: Tensor
    ) -> Sounding:
        """pitch (MIDI), velocity (B,); moments (B, T) seconds since the onset; conditioning (B, Z);
        ratios (B, M)."""
        note = self.note(torch.cat([note_features(pitch, velocity), conditioning], -1))  # (B, C)
        inside = self._moments(note, moments)  # (B, T, 2C)
        stretch, blur, detune, rate, tilt, noise_rate = self.nature(note).unbind(-1)
        base = frequency_of(pitch + 0.3 * torch.tanh(detune))
        frequencies = self._frequencies(base, stretch.clamp(-16, -4).exp(), ratios)
        log_partials = torch.cat([self.harmonics(inside), self._modes(inside, ratios)], -1)
        log_partials = log_partials + self._resonance(conditioning, frequencies)[:, None]
        sounds = (frequencies > 0) & (frequencies < 0.48 * RATE)
        steeper = 0.3 * tilt[:, None] * (frequencies.clamp_min(20) / 440).log()
        return Sounding(
            log_partials.clamp(QUIETEST, LOUDEST).masked_fill(~sounds[:, None], SILENT),
            self.noise(inside).clamp(-30, 0),
            frequencies,
            blur.clamp(-10, -3).exp()[:, None] * frequencies,
            (rate[:, None] + steeper).clamp(-2, 6).exp(),
            noise_rate.clamp(-2, 6).exp(),
        )

    def _moments(self, note: Tensor, moments: Tensor) -> Tensor:
        """(B, C), (B, T) -> (B, T, 2C): of each moment, beside what holds for the whole note."""
        first, shift, second, again = self.film(note)[:, None].chunk(4, -1)
        inside = F.silu(self.moment(moment_features(moments)) * (1 + first) + shift)
        inside = inside + F.silu(self.inner(inside) * (1 + second) + again)
        return torch.cat([inside, note[:, None].expand_as(inside)], -1)

    def _frequencies(self, base: Tensor, stretch: Tensor, ratios: Tensor) -> Tensor:
        """(B,), (B,), (B, M) -> (B, K + M)."""
        order = torch.arange(1, self.config.harmonics + 1, device=base.device)
        stretched = order * (1 + stretch[:, None] * order.square()).sqrt()
        return base[:, None] * torch.cat([stretched, ratios], -1)

    def _modes(self, inside: Tensor, ratios: Tensor) -> Tensor:
        """(B, T, 2C), (B, M) -> (B, T, M)."""
        said = self.modes(inside)
        where = self.basis(ratios.clamp_min(0.05).log2()[..., None])  # (B, M, BASIS)
        return said[..., :1] + torch.einsum("btf,bmf->btm", said[..., 1:], where)

    def _resonance(self, conditioning: Tensor, frequencies: Tensor) -> Tensor:
        """(B, Z), (B, K + M) -> (B, K + M): the body's gain at the partials' own frequencies."""
        scale = (KNOTS - 1) / float(mel(RATE / 2))
        places = 2595 * torch.log10(1 + frequencies.detach() / 700) * scale
        places = places.clamp(0, KNOTS - 1.001)
        low = places.floor().long()
        knots = self.body(conditioning)
        return torch.lerp(knots.gather(1, low), knots.gather(1, low + 1), places - low)


def note_features(pitch: Tensor, velocity: Tensor) -> Tensor:
    """(B,), (B,) -> (B, 11)."""
    centres = torch.tensor(PITCHES, dtype=pitch.dtype, device=pitch.device)
    near = (-0.5 * ((pitch[:, None] - centres) / 10).square()).exp()
    plain = torch.stack([(pitch - 60) / 24, velocity, velocity.clamp_min(0.03).log()], -1)
    return torch.cat([near, plain], -1)


def moment_features(moments: Tensor) -> Tensor:
    """(B, T) seconds -> (B, T, 10)."""
    decays = torch.tensor(DECAYS, dtype=moments.dtype, device=moments.device)
    falling = (-moments[..., None] / decays).exp()
    plain = torch.stack([moments / 2, (1 + moments / 0.005).log() / 6], -1)
    return torch.cat([falling, plain], -1)
