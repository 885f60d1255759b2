"""Music: does meta-learning help, is a manner known again, what is copied, what does it cost?

Notes: reserved styles only, whom no training ever saw, from the shipped sample of the corpus.
Timbre: reserved presets, where the timbre synthesiser is shipped. The whole bench takes about an
hour and a half on one thread, `--quick` some four minutes; progress on stderr.

    python -m engine.lab.bench.audio FOLDER OUT.json [--quick]

measures in parts, which are kept in the folder, so that a bench that was stopped goes on.
"""

import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch

from engine.core.device import one_thread
from engine.lab.bench import audio_timbre
from engine.lab.bench.audio_costs import costs, timbre_is_shipped
from engine.lab.bench.audio_distributions import (
    ReferenceSet,
    distributions,
    heard_hornpipes,
    hornpipes,
)
from engine.lab.bench.audio_notes import FULL, QUICK, notes
from engine.lab.bench.audio_notes_sample import read_sample
from engine.lab.bench.audio_style import identified, styles_of
from engine.lab.bench.report import Report, kept
from engine.media.audio.generators.score.weights import shipped

CPU = torch.device("cpu")
HELD = 16  # real passages of a style that its judge is asked about


def run(quick: bool, folder: Path | None = None) -> Report:
    """The report; `quick` takes fewer styles, seconds and pieces, and rates that were found before.

    folder: each part, and of the timbre bench each preset, is kept there as soon as it is measured,
    and read from there the next time. Costs are those of the process that measured them. Raises
    `WrongCheckpointError` without the shipped score model.
    """
    report = Report()
    for name, part in PARTS.items():
        _said(name)
        measure = partial(part, quick, folder and folder / name)
        report.extend(kept(folder and folder / f"{name}.json", measure).rows)
    return report


def _costs(_quick: bool, _folder: Path | None) -> Report:
    report = Report()
    costs(report, read_sample())
    return report


def _notes(quick: bool, _folder: Path | None) -> Report:
    report = Report()
    with one_thread():
        notes(report, shipped(CPU), read_sample(), QUICK if quick else FULL)
    return report


def _styles(quick: bool, _folder: Path | None) -> Report:
    report = Report()
    each, every = (4, 3) if quick else (HELD, 1)
    with one_thread():
        styles = styles_of(read_sample(), HELD)
        identified(report, styles, shipped(CPU), each=each, every=every)
    return report


def _distributions(quick: bool, _folder: Path | None) -> Report:
    report = Report()
    with one_thread():
        heard = [heard_hornpipes()] if timbre_is_shipped() else []
        styles = () if quick else styles_of(read_sample(), HELD)
        others = (ReferenceSet(style.style, style.references) for style in styles)
        distributions(report, [hornpipes(), *heard, *others], shipped(CPU), each=4)
    return report


def _timbre(quick: bool, folder: Path | None) -> Report:
    return Report(rows=audio_timbre.rows(quick, folder) if timbre_is_shipped() else [])


Part = Callable[[bool, Path | None], Report]
PARTS: Mapping[str, Part] = {
    "costs": _costs,  # first, so that its peak of memory is that of adapting and composing
    "notes": _notes,
    "styles": _styles,
    "distributions": _distributions,
    "timbre": _timbre,
}


def _said(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


if __name__ == "__main__":
    run("--quick" in sys.argv, Path(sys.argv[1])).write(Path(sys.argv[2]))
