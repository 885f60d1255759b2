"""The demo's texts: adapt to the sample poems, write some in their form, show both."""

import html
from pathlib import Path

from engine.core.assets import asset
from engine.core.input_files import expand
from engine.protocol import (
    TEXT_SUFFIXES,
    AdaptRequest,
    GenerateRequest,
    Job,
    Medium,
    Reference,
    TextBrief,
    WorkFile,
)

SAMPLES = asset("samples/texts")
POET = "wang-wei"
BRIEF = TextBrief(count=4, seed=701, form="五绝")


def references() -> list[Path]:
    """Poems by one poet."""
    return [path for path in expand([SAMPLES], TEXT_SUFFIXES) if path.stem.startswith(POET)]


def jobs(out: Path) -> tuple[AdaptRequest, Job]:
    """What the engine is asked: a style of the poems, then poems in it."""
    style = str(out / "poems.style")
    found = tuple(Reference(path=str(path)) for path in references())
    adapt = AdaptRequest(job_id="read", medium=Medium.TEXT, references=found, out=style)
    return adapt, GenerateRequest(
        job_id="write", style=style, out_dir=str(out / "texts"), brief=BRIEF
    )


def section(works: tuple[WorkFile, ...]) -> str:
    """References and works as HTML, with what of each stands in the references."""
    read = [_poem(path.read_text(encoding="utf-8"), path.stem) for path in references()]
    made = [_poem(work.text, f"seed {work.seed} · {_copied(work)}") for work in works]
    return (
        f"<h2>References: poems</h2><section>{''.join(read)}</section>"
        f"<h2>Works: poems ({BRIEF.form})</h2><section>{''.join(made)}</section>"
    )


def _copied(work: WorkFile) -> str:
    if work.copied is None or work.copied.run < 2:
        return "nothing copied"
    return f"longest shared run: {work.copied.run} characters, {work.copied.words}"


def _poem(text: str, caption: str) -> str:
    lines = html.escape(text.strip()).replace("\n", "<br>")
    return (
        f'<figure><p lang="zh" style="font: 20px/1.8 serif">{lines}</p>'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>\n"
    )
