"""The files of the package → works and their scores, folder by folder, each kept once it is read.

A folder that was read lies in <corpus>/parsed/<folder>.npz: a build that was stopped goes on there.
Remove that folder to read everything anew, as after a change of the readers or of the styles.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path, PurePosixPath

import numpy as np
from tqdm import tqdm

from engine.core.errors import BadInput
from engine.lab.training.corpus.notes_kern import KernError, read_kern
from engine.lab.training.corpus.notes_sources import LICENCES
from engine.lab.training.corpus.notes_styles import style_of
from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks, digest, write_works
from engine.media.audio.codec import scores as notes
from engine.media.audio.codec.abc import score_of_tune, tunes
from engine.media.audio.codec.score import Part, Score, score_of

LEAST_NOTES, LEAST_BARS = 12, 4
VOICE_BY_VOICE = ("josquin",)  # folders whose files hold one piece, each tune a voice of it
MUSICXML = (".mxl", ".xml", ".musicxml")
_RIGHTS = re.compile(r"<rights[^>]*>(.*?)</rights>", re.DOTALL)
_GIVEN = re.compile(r"public domain|CC0|CC-BY|CC-SA-BY|P\.D\.", re.IGNORECASE)
_OLD = re.compile(r"_old$|^bwv.*-(?:sc|a|b|lpz)$")  # another version of a file beside it

Read = tuple[Score, dict[str, str]]


def read_folder(corpus: Path, name: str, parsed: Path) -> tuple[list[NotesWork], list[Score]]:
    """The works of one folder that are worth keeping."""
    kept = parsed / f"{name}.npz"
    if not kept.exists():
        parsed.mkdir(parents=True, exist_ok=True)
        found = list(_works(corpus, name))
        write_works(kept, [work for work, _ in found], [score for _, score in found])
    opened = NotesWorks(kept)
    return list(opened.works), [opened.score(work) for work in opened.works]


def _works(corpus: Path, name: str) -> Iterator[tuple[NotesWork, Score]]:
    paths = sorted(path for path in (corpus / name).rglob("*") if path.is_file())
    for path in tqdm(paths, desc=name, unit=" files", mininterval=10):
        place = PurePosixPath(path.relative_to(corpus).as_posix())
        if place.suffix == ".krn" and path.with_suffix(".mxl").exists():
            continue
        if _OLD.search(place.stem):
            continue
        for score, about in _read(path):
            if len(score) >= LEAST_NOTES and len(score.bars()) >= LEAST_BARS:
                yield _work(place, score, about), score


def _work(place: PurePosixPath, score: Score, about: dict[str, str]) -> NotesWork:
    style = style_of(place, score, about)
    folder = place.parts[0]
    return NotesWork(
        source=folder,
        style=style.name,
        spellings=(style.composer,) if style.composer else (),
        kind=style.kind,
        licence=LICENCES[folder],
        title=score.title or place.stem,
        path=place.as_posix(),
        sha256=digest(score),
        notes=len(score),
        bars=len(score.bars()),
        parts=tuple((part.name, part.program) for part in score.parts),
    )


def _read(path: Path) -> Iterator[Read]:
    """The scores of a file and what it says about itself; nothing of a file that is no score."""
    if path.suffix == ".abc":
        found = list(tunes(path.read_text(encoding="utf-8", errors="replace")))
        scores = [score_of_tune(tune) for tune in found]
        if path.parent.name in VOICE_BY_VOICE and scores:
            yield together(scores), {}
        else:
            yield from ((s, t.fields) for s, t in zip(scores, found, strict=True))
    elif path.suffix == ".krn":
        try:
            yield read_kern(path.read_text(encoding="utf-8", errors="replace"))
        except KernError:
            return
    elif path.suffix in MUSICXML and not claims_rights(path):
        try:
            yield notes.decode(path.read_bytes(), path.name), {}
        except BadInput:
            return


def together(voices: list[Score]) -> Score:
    """One score of the voices of a piece, each of them a score."""
    parts: list[Part] = []
    notes: list[np.ndarray] = []
    for voice in voices:
        shifted = voice.notes.copy()
        shifted["part"] += len(parts)
        notes.append(shifted)
        parts += voice.parts
    first = voices[0]
    title = first.title
    return score_of(np.concatenate(notes), first.metres, first.keys, first.tempos, parts, title)


def claims_rights(path: Path) -> bool:
    """Whether a MusicXML file names a right without giving it away."""
    text = path.read_bytes()
    if text.startswith(b"PK"):
        from zipfile import ZipFile

        with ZipFile(path) as packed:
            names = [n for n in packed.namelist() if n.endswith("xml") and "META-INF" not in n]
            text = packed.read(names[0]) if names else b""
    said = chain(*(found.split() for found in _RIGHTS.findall(text.decode("utf-8", "replace"))))
    rights = " ".join(said)
    return bool(rights) and not _GIVEN.search(rights)
