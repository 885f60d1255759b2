"""The demo's music: adapt to the sample hornpipes, compose some more, show both."""

import base64
import html
from pathlib import Path

from engine.core.assets import asset
from engine.core.input_files import expand
from engine.protocol import (
    SCORE_SUFFIXES,
    AdaptRequest,
    GenerateRequest,
    Job,
    Medium,
    MusicBrief,
    Reference,
    Sketch,
    WorkFile,
)

SAMPLES = asset("samples/music")
BRIEF = MusicBrief(count=2, seed=1883, length=8, sound="dulcimer")
ROLL = 360, 90  # px


def jobs(out: Path) -> tuple[AdaptRequest, Job]:
    """What the engine is asked: a style of the tunes, then tunes in it."""
    style = str(out / "tunes.style")
    found = tuple(Reference(path=str(path)) for path in expand([SAMPLES], SCORE_SUFFIXES))
    adapt = AdaptRequest(job_id="hear", medium=Medium.AUDIO, references=found, out=style)
    return adapt, GenerateRequest(
        job_id="compose", style=style, out_dir=str(out / "music"), brief=BRIEF
    )


def section(works: tuple[WorkFile, ...]) -> str:
    """The works as HTML, to be seen and heard."""
    names = ", ".join(path.stem for path in expand([SAMPLES], SCORE_SUFFIXES))
    made = "".join(_work(work) for work in works)
    return f"<h2>Works: tunes after {html.escape(names)}</h2><section>{made}</section>"


def _work(work: WorkFile) -> str:
    sound = base64.b64encode(Path(work.path).read_bytes()).decode()
    copied = work.copied.run if work.copied else 0
    roll = _roll(work.sketch) if work.sketch else ""
    return (
        f'<figure>{roll}<audio controls src="data:audio/flac;base64,{sound}"></audio>'
        f"<figcaption>seed {work.seed} · longest run shared with a tune: {copied} notes"
        "</figcaption></figure>\n"
    )


def _roll(sketch: Sketch) -> str:
    """The notes as a small drawing."""
    pitches = [pitch for _, _, pitch, _ in sketch.notes] or [60]
    low, high, (width, height) = min(pitches), max(pitches), ROLL
    step = height / (high - low + 1)
    bars = "".join(
        f'<rect x="{onset / sketch.seconds * width:.1f}" y="{(high - pitch) * step:.1f}" '
        f'width="{max(1.0, duration / sketch.seconds * width):.1f}" height="{step:.1f}"/>'
        for onset, duration, pitch, _ in sketch.notes
    )
    return f'<svg width="{width}" height="{height}" fill="#e6e3dd">{bars}</svg>'
