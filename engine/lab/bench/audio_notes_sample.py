"""The scores that the bench needs, small enough to ship: all works of reserved styles, which were
never trained on, and of validation styles, which choose what the bench leaves open.

    python -m engine.lab.bench.audio_notes_sample

writes assets/samples/audio/reserved-scores.npz from the corpus, in the corpus's own format.
"""

import sys
from pathlib import Path

from engine.core.assets import asset
from engine.lab.training.corpus.notes_sources import LICENCES
from engine.lab.training.corpus.notes_works import WORKS_FILE, NotesWorks, write_works
from engine.lab.training.score_data import CORPUS, load_corpus

SAMPLE_FILE = asset("samples/audio/reserved-scores.npz")
AS_GIVEN = LICENCES["bach"]  # of every folder that may be handed on like this


def write_sample(corpus: NotesWorks, path: Path = SAMPLE_FILE) -> int:
    """Write the sample of a corpus; returns how many works it has."""
    kept = [
        work
        for part in ("reserved", "validation")
        for _, group in sorted(corpus.by_style(part).items())
        for work in group
        if work.licence == AS_GIVEN
    ]
    write_works(path, kept, [corpus.score(work) for work in kept])
    return len(kept)


def read_sample() -> NotesWorks:
    """The shipped works. Raises FileNotFoundError, ValueError for another format."""
    return NotesWorks(SAMPLE_FILE)


if __name__ == "__main__":
    count = write_sample(load_corpus(CORPUS / WORKS_FILE))
    sys.stdout.write(f"{count} works in {SAMPLE_FILE}\n")
