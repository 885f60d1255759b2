"""The trained timbre synthesiser as it is shipped: weights, their card, and the palette.

    python -m engine.lab.training.timbre_ship        from the run's last checkpoint

A built-in timbre is learned from its preset's notes as an artist's own would be. The presets of
reserved names in it (piano, harp, …) are known in that way alone: no weight was trained on them.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.lab.training.corpus.instruments import HELD, RATE, InstrumentNote, InstrumentNotes
from engine.lab.training.corpus.instruments_build import PROVENANCE_FILE
from engine.lab.training.loop import LOG_NAME, OuterLoop, read_log
from engine.lab.training.timbre import (
    CORPUS,
    RUNS,
    TimbreLearner,
    config_of,
    parameters_of,
    prepare,
)
from engine.lab.training.weights import save_weights
from engine.media.audio.timbre.learn import learn_timbre
from engine.media.audio.timbre.palette import PALETTE
from engine.media.audio.timbre.sounds import NoteSegment, Timbre
from engine.media.audio.timbre.weights import (
    PALETTE_FILE,
    TRAINED_FILE,
    WEIGHTS_FILE,
    TimbrePrior,
    load_prior,
)
from engine.meta.episodes import is_reserved

PALETTE_NOTES, PALETTE_STEPS = 24, 120
# of the steps on references, chosen on the validation presets: the context, and all else
CONTEXT_RATE, DECODER_RATE = 0.03, 1e-3


def ship(loop: OuterLoop, corpus: InstrumentNotes, folder: Path = WEIGHTS_FILE.parent) -> None:
    """The averaged weights in half precision, with their card, and the palette."""
    learner = loop.learner
    assert isinstance(learner, TimbreLearner)
    weights = folder / WEIGHTS_FILE.name
    halves = {name: tensor.half() for name, tensor in loop.averaged_weights().items()}
    save_weights(weights, halves, card_of(loop, corpus))
    prior = load_prior(weights)
    ship_palette(corpus, prior, folder / PALETTE_FILE.name)
    ship_trained(corpus, prior, folder / TRAINED_FILE.name)


def card_of(loop: OuterLoop, corpus: InstrumentNotes) -> dict[str, object]:
    """What the weights were trained on, and how long."""
    learner = loop.learner
    assert isinstance(learner, TimbreLearner)
    trained = corpus.by_preset("training")
    rows = read_log(loop.folder / LOG_NAME)
    conditioning = [row for row in rows if math.isfinite(row["held_out"])]
    watched = [[int(row["step"]), round(row["held_out"], 4)] for row in conditioning]
    return {
        "model": "timbre synthesiser: harmonics, free partials and noise, with its set encoder",
        "config": config_of(learner),
        "parameters": parameters_of(learner),
        "trained_on": {
            "musescore-general": {
                "licence": "MIT",
                "presets": len(trained),
                "notes": sum(map(len, trained.values())),
            }
        },
        "split": "presets whose name's sha256 begins below 26, and those that share a recording "
        "with one, were never trained on",
        "steps": loop.step,
        "seconds": round(loop.seconds),
        "watched": {"what": "loss of other notes of validation presets", "curve": watched},
        "outer": asdict(loop.config),
        "rates": rates_of(learner),
    }


def rates_of(learner: TimbreLearner) -> dict[str, float]:
    """Of the steps on references."""
    names = [name for name, _ in learner.decoder.named_parameters()]
    return {"context": CONTEXT_RATE, **dict.fromkeys(names, DECODER_RATE)}


def ship_trained(corpus: InstrumentNotes, prior: TimbrePrior, path: Path) -> None:
    """What the encoder says of the training presets, without a step."""
    tensors: dict[str, Tensor] = {}
    for name, notes in corpus.by_preset("training").items():
        timbre = learn_timbre(segments_of(corpus, _spread(notes)), prior, steps=0)
        tensors |= {f"{name}/{k}": t for k, t in _told(timbre).items()}
    _save_timbres(path, tensors, {"model": "training presets: what the decoder is told of each"})


def ship_palette(corpus: InstrumentNotes, prior: TimbrePrior, path: Path) -> None:
    """Contexts and free partials of the built-in timbres; steps move the context alone, and of
    reserved names, which the decoder does not know, the decoder too."""
    conditioning = replace(prior, rates={"context": CONTEXT_RATE})
    tensors: dict[str, Tensor] = {}
    for one in PALETTE:
        model = prior if is_reserved(one.source) else conditioning
        notes = [note for note in corpus.notes if note.preset == one.source]
        timbre = learn_timbre(
            segments_of(corpus, _spread(notes)), model, steps=PALETTE_STEPS, seconds=math.inf
        )
        tensors |= {f"{one.name}/{k}": t for k, t in _told(timbre).items()}
    sources = {one.name: one.source for one in PALETTE}
    card = {"model": "built-in timbres: what the decoder is told of each", "learned_from": sources}
    _save_timbres(path, tensors, card)


def _told(timbre: Timbre) -> dict[str, Tensor]:
    """Without the recorded notes: which of them ship, `corpus.instruments_shipped` says."""
    return replace(timbre, recorded=()).to_tensors()


def _save_timbres(path: Path, tensors: dict[str, Tensor], card: dict[str, object]) -> None:
    built = json.loads((CORPUS / PROVENANCE_FILE).read_text(encoding="utf-8"))
    halves = {name: tensor.half() for name, tensor in tensors.items()}
    save_weights(path, halves, {**card, "sources": built["sources"]})


def segments_of(corpus: InstrumentNotes, notes: Sequence[InstrumentNote]) -> list[NoteSegment]:
    """Notes of the corpus as references."""
    return [
        NoteSegment(corpus.samples(note), RATE, float(note.pitch), note.velocity, HELD)
        for note in notes
    ]


def _spread(notes: Sequence[InstrumentNote]) -> list[InstrumentNote]:
    """So many of them, evenly over pitches and velocities."""
    if len(notes) <= PALETTE_NOTES:
        return list(notes)
    return [notes[int(i)] for i in np.linspace(0, len(notes) - 1, PALETTE_NOTES)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    notes = InstrumentNotes(CORPUS)
    ship(prepare(notes, RUNS, resume=True), notes)
