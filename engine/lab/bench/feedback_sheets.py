"""Before and after: `python -m engine.lab.bench.feedback_sheets [--out DIR] [MEDIUM...]`.

Two simulated artists a medium, who want opposite things, rate works through the service as the
studio would: adapt, generate, rate, learn, generate again from new seeds. A sheet each: works
without what was learned above, works with it below.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from engine.cli import console
from engine.core.assets import asset
from engine.protocol import (
    AdaptRequest,
    Brief,
    Event,
    GenerateRequest,
    Job,
    LearnRequest,
    Medium,
    MusicBrief,
    PictureBrief,
    Reference,
    StyleResult,
    Taste,
    TextBrief,
    WorkFile,
    WorksResult,
)
from engine.registry import installed
from engine.service import Service

SAMPLES = asset("samples")
RATED, AT_ONCE, SHOWN = 24, 8, 8
LATER = 5000  # the seed of the works before and after
ROW = (800, 90)  # pixels of one piece of music
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Artist:
    """Likes one feature of works, or its contrary (sign -1)."""

    name: str
    medium: Medium
    references: str
    kind: str
    feature: str
    sign: int
    brief: Brief


_PICTURES = PictureBrief(width_px=256, height_px=176)
_VERSE = TextBrief(form="free verse", length=30)
_TUNES = MusicBrief(length=8)
ARTISTS = (
    Artist("warm", Medium.IMAGE, "images/*.jpg", "image", "warmth", 1, _PICTURES),
    Artist("cool", Medium.IMAGE, "images/*.jpg", "image", "warmth", -1, _PICTURES),
    Artist("short-lines", Medium.TEXT, "texts/shake*", "en", "line_length", -1, _VERSE),
    Artist("long-lines", Medium.TEXT, "texts/shake*", "en", "line_length", 1, _VERSE),
    Artist("major", Medium.AUDIO, "music/*.mid", "audio", "minor", -1, _TUNES),
    Artist("minor", Medium.AUDIO, "music/*.mid", "audio", "minor", 1, _TUNES),
)


def result_of(service: Service, job: Job) -> Event:
    """Raises RuntimeError with what a failure says."""
    last = list(service.run(job))[-1]
    if not isinstance(last, StyleResult | WorksResult):
        raise RuntimeError(str(last))
    return last


def sheet(artist: Artist, out: Path) -> tuple[float, float]:
    """Writes the sheet; returns the feature's mean before and after."""
    service, folder = Service(CPU), out / artist.name
    style, learned = folder / "s.style", folder / "t.style"
    folder.mkdir(parents=True, exist_ok=True)
    paths = sorted(SAMPLES.glob(artist.references))
    references = tuple(Reference(path=str(path)) for path in paths)
    adapting = AdaptRequest(job_id="a", references=references, out=str(style), medium=artist.medium)
    result_of(service, adapting)
    rated: list[WorkFile] = []
    for first in range(0, RATED, AT_ONCE):
        rated += _made(service, artist, style, folder / "rated", first, AT_ONCE)
    stars = _stars(artist.sign * _values(artist, rated))
    ratings = {work.path: int(star) for work, star in zip(rated, stars, strict=True)}
    learning = LearnRequest(job_id="l", style=str(style), out=str(learned), ratings=ratings)
    said = result_of(service, learning)
    before = _made(service, artist, style, folder / "before", LATER, SHOWN)
    after = _made(service, artist, learned, folder / "after", LATER, SHOWN)
    _drawn(artist, before, after, out / f"{artist.name}.png")
    tastes = said.tastes if isinstance(said, StyleResult) else ()
    _told(artist, before, after, tastes, out / f"{artist.name}.txt")
    return float(_values(artist, before).mean()), float(_values(artist, after).mean())


def _made(
    service: Service, artist: Artist, style: Path, folder: Path, seed: int, count: int
) -> tuple[WorkFile, ...]:
    brief = replace(artist.brief, seed=seed, count=count)
    job = GenerateRequest(job_id="g", style=str(style), out_dir=str(folder), brief=brief)
    result = result_of(service, job)
    assert isinstance(result, WorksResult)
    return result.works


def _values(artist: Artist, works: tuple[WorkFile, ...] | list[WorkFile]) -> np.ndarray:
    """(N,): the feature of each work."""
    medium = installed().medium(artist.medium)
    judge = medium.judge(artist.kind, CPU)
    place = [feature.code for feature in judge.features].index(artist.feature)
    seen = [judge.measure(medium.load(work.path, CPU)) for work in works]
    return np.array([each.measured.values[place] for each in seen])


def _stars(liking: np.ndarray) -> np.ndarray:
    """(N,) 1 … 5, a fifth of the works each."""
    ranks = np.argsort(np.argsort(liking, kind="stable"), kind="stable")
    return 1 + ranks * 5 // len(liking)


def _drawn(
    artist: Artist, before: tuple[WorkFile, ...], after: tuple[WorkFile, ...], path: Path
) -> None:
    """Pictures side by side, or piano rolls below each other; nothing of texts."""
    if artist.medium is Medium.TEXT:
        return
    rows = [[_shown(work) for work in works] for works in (before, after)]
    width, height = rows[0][0].size
    columns = len(rows[0]) if artist.medium is Medium.IMAGE else 1
    lines = len(rows[0]) // columns
    page = Image.new("RGB", (columns * width, 2 * lines * height + 12), "white")
    for part, row in enumerate(rows):
        for i, picture in enumerate(row):
            left, top = i % columns * width, (part * lines + i // columns) * height
            page.paste(picture, (left, top + 12 * part))
    page.save(path)


def _shown(work: WorkFile) -> Image.Image:
    if work.sketch is None:
        return Image.open(work.path).convert("RGB")
    page = Image.new("RGB", ROW, "white")
    pen = ImageDraw.Draw(page)
    for onset, duration, pitch, _ in work.sketch.notes:
        left = onset / work.sketch.seconds * ROW[0]
        right = (onset + duration) / work.sketch.seconds * ROW[0]
        top = ROW[1] - (pitch - 36) * ROW[1] / 60
        pen.rectangle((left, top, max(left, right - 1), top + 2), "black")
    return page


def _told(
    artist: Artist,
    before: tuple[WorkFile, ...],
    after: tuple[WorkFile, ...],
    tastes: tuple[Taste, ...],
    path: Path,
) -> None:
    """What was learned, the briefs that were steered, and texts themselves."""
    lines = [
        f"{t.direction.english}: {t.strength:+.2f}, certainty {t.certainty:.2f}" for t in tastes
    ]
    for name, works in (("before", before), ("after", after)):
        lines.append(f"---- {name}: {artist.feature} {_values(artist, works).round(2).tolist()}")
        lines += [f"{work.text}\n" for work in works if work.text]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("sheets"))
    parser.add_argument("medium", nargs="*", choices=[*Medium, []], help="all where none is named")
    options = parser.parse_args()
    for artist in ARTISTS:
        if not options.medium or artist.medium in options.medium:
            before, after = sheet(artist, options.out)
            console.say(f"{artist.name}: {artist.feature} {before:.2f} → {after:.2f}")


if __name__ == "__main__":
    main()
