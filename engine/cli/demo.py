"""The main job without a window, on the shipped samples: adapt, generate, rate, show.

`python run.py demo --out DIR` leaves works with their sidecars, a contact sheet and report.html;
`--small` makes pictures of a third of the size, for a quick look.
"""

import argparse
import base64
import html
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from PIL import Image

from engine.cli import console, demo_music, demo_texts
from engine.core.assets import asset
from engine.core.files import write_atomic
from engine.core.input_files import expand
from engine.media.image.codec.raster import decode
from engine.media.image.generators.transport.distance import patch_distance
from engine.protocol import (
    PICTURE_SUFFIXES,
    AdaptRequest,
    Event,
    Failure,
    GenerateRequest,
    Job,
    PictureBrief,
    Reference,
    StyleResult,
    WorkFile,
    WorksResult,
)
from engine.service import Service

SAMPLES = asset("samples/images")
BRIEFS = {
    "compose": PictureBrief(count=4, seed=1834, width_px=384, height_px=264, invention=0.4),
    "invent freely": PictureBrief(count=2, seed=7, width_px=384, height_px=264, invention=0.9),
    "tile": PictureBrief(count=1, seed=3, width_px=192, height_px=192, tile=True),
}
SMALL_BRIEFS = {
    title: replace(brief, width_px=brief.width_px // 3, height_px=brief.height_px // 3)
    for title, brief in BRIEFS.items()
}
PATCHES_PX = (5, 9, 15)
GROUND = "#161616"
SHEET = (4, 340, 244)  # columns, width and height of a cell in px
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Maquette: demo</title>
<style>
body {{ background: #161616; color: #e6e3dd; font: 15px/1.5 system-ui, sans-serif; margin: 40px; }}
section {{ display: flex; flex-wrap: wrap; gap: 20px; margin-bottom: 40px; }}
figure {{ margin: 0; max-width: 384px; }} img {{ max-width: 100%; display: block; }}
figcaption {{ color: #a09c94; font-size: 13px; margin-top: 6px; }} h1, h2 {{ font-weight: 600; }}
</style>
<h1>Maquette</h1><p>{facts}. Everything here was made with AI, on this machine. The stars are those
of a simulated rater who likes warm pictures. Distances are those of 5, 9 and 15 px patches from all
references together, on filters that the generator never saw: 0 is equal.</p>
<h2>References</h2><section>{references}</section><h2>Works</h2><section>{works}</section>
{texts}</html>
"""

Result = TypeVar("Result")


class DemoError(RuntimeError):
    """The engine could not do its part; the text says why."""


@dataclass(frozen=True, slots=True)
class DemoWorks:
    """A work in the report. `distance`: of its 5, 9 and 15 px patches from the references."""

    title: str
    work: WorkFile
    rating: int
    distances: tuple[float, ...]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python run.py demo", description=__doc__)
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: a new temporary folder")
    parser.add_argument("--small", action="store_true", help="smaller pictures, a quick look")
    options = parser.parse_args(arguments)
    out = options.out or Path(tempfile.mkdtemp(prefix="maquette-demo-"))
    try:
        report = run(out, small=options.small)
    except DemoError as error:
        return console.fail(str(error), "", bad_input=False)
    console.say(f"Open {report}")
    return console.DONE


def run(out: Path, *, small: bool = False) -> Path:
    """Fills the folder; returns the report's path. Raises DemoError."""
    service = Service()
    references = expand([SAMPLES], PICTURE_SUFFIXES)
    pixels = [decode(path.read_bytes(), path.name) for path in references]
    adapted = _finish(
        service.run(
            AdaptRequest(
                job_id="adapt",
                references=tuple(Reference(path=str(path)) for path in references),
                out=str(out / "samples.style"),
            )
        ),
        StyleResult,
    )
    shown, seconds = [], 0.0
    for title, brief in (SMALL_BRIEFS if small else BRIEFS).items():
        job: Job = GenerateRequest(
            job_id=title, style=adapted.path, out_dir=str(out / "works"), brief=brief
        )
        result = _finish(service.run(job), WorksResult)
        seconds += result.seconds
        shown += [_look(title, work, pixels) for work in result.works]
    ratings = {Path(one.work.path).name: one.rating for one in shown}
    write_atomic(out / "works" / "ratings.json", json.dumps(ratings, indent=1).encode())
    _contact_sheet([*references, *(Path(one.work.path) for one in shown)], out / "sheet.png")
    reading, writing = demo_texts.jobs(out)
    read = _finish(service.run(reading), StyleResult)
    written = _finish(service.run(writing), WorksResult)
    hearing, composing = demo_music.jobs(out)
    heard = _finish(service.run(hearing), StyleResult)
    composed = _finish(service.run(composing), WorksResult)
    facts = (
        f"pictures: adapted in {adapted.seconds:.1f} s, {len(shown)} works in {seconds:.1f} s; "
        f"poems: adapted in {read.seconds:.1f} s, {len(written.works)} in {written.seconds:.1f} s; "
        f"tunes: adapted in {heard.seconds:.1f} s, {len(composed.works)} in "
        f"{composed.seconds:.1f} s"
    )
    texts = demo_texts.section(written.works) + demo_music.section(composed.works)
    return _report(references, shown, facts, texts, out / "report.html")


def _finish(events: Iterator[Event], kind: type[Result]) -> Result:
    """Shows the job's progress; its result. A Failure is raised."""
    last = console.watch(events)
    if isinstance(last, Failure):
        raise DemoError(f"{last.message}; {last.remedy}")
    if not isinstance(last, kind):
        raise DemoError(f"the engine ended with {last}")
    return last


def _look(title: str, work: WorkFile, references: list[torch.Tensor]) -> DemoWorks:
    picture = decode(Path(work.path).read_bytes(), work.path)
    scale = (work.width_px * work.height_px) ** 0.5
    distances = tuple(patch_distance(picture, references, px, scale) for px in PATCHES_PX)
    return DemoWorks(title, work, _simulated_rating(picture), distances)


def _simulated_rating(picture: torch.Tensor) -> int:
    """1 to 5 from a rater who likes warm pictures: the mean of red less blue, in five steps."""
    warmth = (picture[0] - picture[2]).mean().item()
    return min(5, max(1, 3 + round(warmth * 6)))


def _contact_sheet(paths: list[Path], out: Path) -> None:
    """All pictures in rows, each fitted into a cell."""
    columns, width, height = SHEET
    sheet = Image.new("RGB", (columns * width, -(-len(paths) // columns) * height), GROUND)
    for k, path in enumerate(paths):
        with Image.open(path) as picture:
            cell = picture.convert("RGB")
        cell.thumbnail((width - 16, height - 16), Image.Resampling.LANCZOS)
        left = k % columns * width + (width - cell.width) // 2
        top = k // columns * height + (height - cell.height) // 2
        sheet.paste(cell, (left, top))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    write_atomic(out, buffer.getvalue())


def _report(
    references: list[Path], shown: list[DemoWorks], facts: str, texts: str, out: Path
) -> Path:
    """One page that stands alone: the samples are embedded, the works lie beside it."""
    figures = [_figure(f"data:image/jpeg;base64,{_base64(p)}", p.stem) for p in references]
    works = [
        _figure(
            f"works/{Path(one.work.path).name}",
            f"{one.title} · seed {one.work.seed} · {'★' * one.rating}{'☆' * (5 - one.rating)} · "
            + "distance "
            + " / ".join(f"{d:.4f}" for d in one.distances),
        )
        for one in shown
    ]
    page = PAGE.format(facts=facts, references="".join(figures), works="".join(works), texts=texts)
    write_atomic(out, page.encode())
    return out


def _figure(source: str, caption: str) -> str:
    text = html.escape(caption)
    return f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>\n'


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


if __name__ == "__main__":
    sys.exit(main())
