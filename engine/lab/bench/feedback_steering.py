"""Measures what the dials of a brief do: `python -m engine.lab.bench.feedback_steering [KIND...]`.

Styles of training makers make the same works with each dial a deviation up and down; half of how
these differ, on average, is a row of J (see `engine.feedback.steering`). Some ten minutes.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.cli import console
from engine.critic.calibration import calibration
from engine.feedback.steering import FILE, turned
from engine.interfaces import Content
from engine.lab.bench.feedback_calibration import CORPUS, KINDS
from engine.lab.bench.feedback_makers import (
    Maker,
    medium_of,
    picture_maker,
    score_maker,
    text_maker,
)
from engine.lab.training.corpus.image_works import ImageWorks
from engine.lab.training.corpus.notes_works import NotesWorks
from engine.lab.training.corpus.works import by_author, read_works
from engine.media.audio.loading import LoadedMusic
from engine.media.image.codec.raster import to_tensor
from engine.media.image.generators.transport.grade import Grade
from engine.media.text.features import Words
from engine.protocol import Brief, PictureBrief

STYLES, REFERENCES, WORKS = 4, 5, 6
DIGITS = 4


def measured(maker: Maker, seed: int) -> np.ndarray:
    """J (D, P) of one style."""
    usual = maker.usual(WORKS, seed)
    if isinstance(usual, PictureBrief):
        usual = replace(usual, invention=PictureBrief().invention)
    plain, rows = maker.made(usual), []
    for place in range(len(maker.medium.dials(maker.kind))):
        up, down = (_features(maker, usual, plain, place, away) for away in (1.0, -1.0))
        rows.append((up - down) / 2)
    return np.stack(rows)


def _features(
    maker: Maker, usual: Brief, plain: Sequence[Content], place: int, away: float
) -> np.ndarray:
    """(P,): the mean of works with one dial turned; plain: those with none."""
    deviations = np.zeros(len(maker.medium.dials(maker.kind)))
    deviations[place] = away
    brief = turned(usual, maker.medium.dials(maker.kind), deviations)
    grade = Grade.of(brief) if isinstance(brief, PictureBrief) else None
    if grade is None:
        works = maker.made(brief)
    else:  # the last thing done to a picture
        works = [grade(work) for work in plain if isinstance(work, Tensor)]
    fit, features = calibration(maker.kind), maker.judge.features
    rows = [fit.standardised(work, features) for work in maker.measured(works)]
    return np.mean(rows, axis=0)


def makers(kind: str, seed: int = 3) -> Iterator[Maker]:
    """Styles of training makers. Raises FileNotFoundError without a corpus."""
    rng = np.random.default_rng(seed)
    groups, build = _SOURCES[kind](kind)
    names = sorted(name for name, works in groups.items() if len(works) >= REFERENCES)
    for index in rng.permutation(len(names))[:STYLES]:
        works = groups[names[index]]
        picks = rng.permutation(len(works))[:REFERENCES]
        yield build([works[i] for i in picks])


def _pictures(kind: str) -> tuple[dict[str, list], Callable[[list], Maker]]:
    works = ImageWorks(CORPUS / "image" / "works.zip")
    groups = works.by_style("training")
    whole = {name: [work for work in group if work.detail == 0] for name, group in groups.items()}
    return whole, lambda picked: picture_maker([to_tensor(works.picture(work)) for work in picked])


def _texts(kind: str) -> tuple[dict[str, list], Callable[[list], Maker]]:
    groups = by_author(read_works(CORPUS / "text" / "works.jsonl.gz"), "training")
    short = {
        name: [work for work in group if work.language == kind and 15 < len(work.text) < 600]
        for name, group in groups.items()
    }
    language = "zh" if kind == "zh" else "en"
    return short, lambda picked: text_maker([Words(w.text, language, w.heading) for w in picked])


def _scores(kind: str) -> tuple[dict[str, list], Callable[[list], Maker]]:
    works = NotesWorks(CORPUS / "notes" / "works.npz")
    groups = works.by_style("training")
    short = {n: [work for work in group if 30 < work.notes < 600] for n, group in groups.items()}
    return short, lambda picked: score_maker([LoadedMusic(works.score(work)) for work in picked])


_SOURCES = {"image": _pictures, "zh": _texts, "en": _texts, "audio": _scores}


def main() -> None:
    torch.set_num_threads(1)
    rows = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for kind in sys.argv[1:] or KINDS:
        found = []
        for number, maker in enumerate(makers(kind)):
            found.append(measured(maker, seed=100 * number))
            console.say(f"{kind}: style {number + 1} of {STYLES}")
        mean, dials = np.mean(found, axis=0), medium_of(kind).dials(kind)
        rows[kind] = {
            "dials": [dial.name for dial in dials],
            "response": [[round(value, DIGITS) for value in row] for row in mean.tolist()],
        }
        FILE.write_text(json.dumps(rows) + "\n", encoding="utf-8")
        for dial, row in zip(dials, mean, strict=True):
            console.say(f"  {dial.name}: " + " ".join(f"{value:+.2f}" for value in row))


if __name__ == "__main__":
    main()
