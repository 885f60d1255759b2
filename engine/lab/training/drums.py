"""Training of the drum network on mixtures whose strokes are known.

    python -m engine.lab.training.drums SOUNDFONT … [--stems 160] [--steps 3000]

The SoundFonts are learned from and never shipped; name those whose licence allows it.
"""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from engine.lab.training.drum_data import TEMPI, Stem, kit_stem, mixture, music_stem
from engine.lab.training.weights import save_weights
from engine.media.audio.playing.soundfont import SoundFont
from engine.media.audio.transcription.drum_model import (
    CLASSES,
    WEIGHTS_FILE,
    DrumNetwork,
    seen,
)

log = logging.getLogger(__name__)
CROP, BATCH, RATE, LOUDER = 500, 8, 2e-3, 4.0  # frames; weight of what is struck
HELD_OUT = 0.15  # of the stems


def stems(fonts: Sequence[SoundFont], count: int) -> tuple[list[Stem], list[Stem]]:
    """Of kits and of other instruments, `count` each."""
    tempi = [TEMPI[i % len(TEMPI)] for i in range(count)]
    kits = [kit_stem(fonts, tempo, i) for i, tempo in enumerate(tempi)]
    return kits, [music_stem(fonts, tempo, i) for i, tempo in enumerate(tempi)]


def batch(
    kits: Sequence[Stem], tunes: Sequence[Stem], rng: np.random.Generator, size: int = BATCH
) -> tuple[torch.Tensor, torch.Tensor]:
    """(N, CROP, 2 B), (N, CROP, C)."""
    rows = []
    for _ in range(size):
        powers, wanted = mixture(kits, tunes, rng)
        at = int(rng.integers(len(powers) - CROP))
        rows.append((seen(powers)[at : at + CROP], wanted[at : at + CROP]))
    inputs, targets = zip(*rows, strict=True)
    return torch.from_numpy(np.stack(inputs)), torch.from_numpy(np.stack(targets))


def loss_of(model: DrumNetwork, inputs: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    weights = 1 + LOUDER * wanted
    return F.binary_cross_entropy_with_logits(model(inputs), wanted, weight=weights)


def train(kits: Sequence[Stem], tunes: Sequence[Stem], steps: int) -> tuple[DrumNetwork, float]:
    """The averaged network and its loss on stems that were held out."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    cut = int((1 - HELD_OUT) * len(kits)) // len(TEMPI) * len(TEMPI)
    model, averaged = DrumNetwork(), DrumNetwork()
    averaged.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    watched = batch(kits[cut:], tunes[cut:], np.random.default_rng(1), 96)
    for step in range(steps):
        loss = loss_of(model, *batch(kits[:cut], tunes[:cut], rng))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for mine, theirs in zip(averaged.parameters(), model.parameters(), strict=True):
                mine.lerp_(theirs, 0.01)
        if step % 200 == 199:
            with torch.no_grad():
                held = float(loss_of(averaged, *watched))
            log.info("step %d: %.4f, held out %.4f", step + 1, loss.item(), held)
    with torch.no_grad():
        return averaged, float(loss_of(averaged, *watched))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("soundfonts", type=Path, nargs="+")
    parser.add_argument("--stems", type=int, default=160)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    fonts = [SoundFont.load(path) for path in asked.soundfonts]
    torch.set_num_threads(1)
    model, held = train(*stems(fonts, asked.stems), asked.steps)
    card = {
        "model": "drum strokes by class of piece: convolutions over time of bands and their rises",
        "classes": list(CLASSES),
        "parameters": sum(p.numel() for p in model.parameters()),
        "trained_on": {
            "SoundFonts": [path.name for path in asked.soundfonts],
            "licence": "MIT",
            "stems": asked.stems,
            "steps": asked.steps,
        },
        "held_out_loss": round(held, 4),
    }
    halves = {name: tensor.half() for name, tensor in model.state_dict().items()}
    save_weights(asked.out, halves, card)


if __name__ == "__main__":
    main()
