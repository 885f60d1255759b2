"""Music: does meta-learning help, is a manner known again, what is copied, what does it cost?

Notes: reserved styles only, whom no training ever saw, from the shipped sample of the corpus.
Timbre: reserved presets, where the timbre synthesiser is shipped. The whole bench takes about an
hour and a half on one thread, `--quick` some four minutes; progress on stderr.
"""

import sys
import time

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
from engine.lab.bench.report import Report
from engine.media.audio.generators.score.weights import shipped

QUICK_SETS = 2  # whose pieces are counted in a quick run: the samples, written and heard
HELD = 16  # real passages of a style that its judge is asked about


def run(quick: bool) -> Report:
    """The report; `quick` takes fewer styles, seconds and pieces, and rates that were found before.

    Raises `WrongCheckpointError` without the shipped score model.
    """
    report, works = Report(), read_sample()
    base = shipped(torch.device("cpu"))
    _said("costs")  # first, so that its peak of memory is that of adapting and composing
    costs(report, works)
    with one_thread():
        _said("notes")
        notes(report, base, works, QUICK if quick else FULL)
        _said("styles")
        each, every = (4, 3) if quick else (HELD, 1)
        styles = styles_of(works, HELD)
        identified(report, styles, base, each=each, every=every)
        _said("distributions")
        heard = [heard_hornpipes()] if timbre_is_shipped() else []
        others = (ReferenceSet(style.style, style.references) for style in styles)
        sets = [hornpipes(), *heard, *others]
        distributions(report, sets[: QUICK_SETS if quick else None], base, each=4)
    if timbre_is_shipped():
        _said("timbre")
        report.extend(audio_timbre.rows(quick))
    return report


def _said(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")
