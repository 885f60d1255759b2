"""How the command line shows a job: progress on standard error, the result on standard output."""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.protocol import (
    Event,
    ExportResult,
    Failure,
    FailureKind,
    JudgeResult,
    NearStyle,
    Progress,
    StyleResult,
    WorkFile,
    WorkReport,
    WorksResult,
)

if TYPE_CHECKING:
    from tqdm import tqdm

DONE, OUR_FAULT, BAD_INPUT = 0, 1, 2
MEMORY_ONLY = (
    "\nthe generator has never learned this language ({language}): "
    "this voice knows only the references and puts their own words together anew"
)
DERIVED = "\nthe style is derived from {model}: its licence holds for it too ({licence})"
IN_PARTS = "\nmemory was short: made in parts, more slowly; with more of it the works may differ"
GROUNDS = {
    "references": "\nground: the one that the references lay on",
    "shape": "\nground: outside the outline of the reference that it took most from",
    "edge": "\nground: the colour that most of its edge has, wherever it stands",
}
BAR = "{desc} {percentage:3.0f}%|{bar}|{postfix}"


def forgive_odd_signs() -> None:
    """A console of another encoding shows what it can: an arrow or a name in Chinese that it has
    no signs for must not end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(events: Iterator[Event], as_json: bool) -> int:
    """Runs a job to its end; returns the exit code."""
    last = watch(events)
    if isinstance(last, Failure):
        return fail(last.message, last.remedy, bad_input=last.kind is FailureKind.BAD_INPUT)
    if isinstance(last, StyleResult | WorksResult | JudgeResult | ExportResult):
        say(_as_json(last) if as_json else _in_words(last))
    return DONE


def watch(events: Iterator[Event]) -> Event | None:
    """The last event of a job; meanwhile, on a terminal, a bar shows its progress."""
    from tqdm import tqdm  # a tenth of a second that --help and a refusal need not wait for

    last: Event | None = None
    with tqdm(total=1.0, leave=False, bar_format=BAR, mininterval=0.2, disable=None) as bar:
        bar.set_description_str("starting", refresh=True)
        for event in events:
            last = event
            if isinstance(event, Progress):
                _advance(bar, event)
    return last


def fail(message: str, remedy: str, *, bad_input: bool) -> int:
    """One line on standard error: what happened, and what to do."""
    sys.stderr.write(f"{message}{'; ' if remedy else ''}{remedy}\n")
    return BAD_INPUT if bad_input else OUR_FAULT


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _advance(bar: "tqdm", progress: Progress) -> None:
    bar.set_description(progress.stage, refresh=False)
    left = progress.seconds_left
    bar.set_postfix_str("" if left is None else f" {left:.0f} s left", refresh=False)
    bar.update(progress.done / progress.total - bar.n)


def _as_json(result: StyleResult | WorksResult | JudgeResult | ExportResult) -> str:
    return json.dumps(asdict(result))


def _in_words(result: StyleResult | WorksResult | JudgeResult | ExportResult) -> str:
    if isinstance(result, ExportResult):
        return "\n".join(result.paths) + GROUNDS.get(result.ground, "")
    if isinstance(result, JudgeResult):
        return _judged(result)
    if isinstance(result, WorksResult):
        paths = "\n".join(_shown(work) for work in result.works)
        scarce = IN_PARTS if any(work.in_parts for work in result.works) else ""
        return f"{paths}\n{_counted(len(result.works), 'work')} in {result.seconds:.1f} s{scarce}"
    left_out = "".join(f"\nleft out: {r.message}; {r.remedy}" for r in result.refused)
    left_out += "".join(f"\n{remark.message}" for remark in result.remarks)
    if result.ratings_used or result.tastes:
        return _taught(result, left_out)
    caution = MEMORY_ONLY.format(language=result.memory_only) if result.memory_only else ""
    if result.model and result.licence:
        caution += DERIVED.format(model=result.model, licence=result.licence)
    return (
        f"{result.path}\nadapted to {_counted(result.references_used, 'reference')} "
        f"in {result.seconds:.1f} s{left_out}{caution}"
    )


def _taught(result: StyleResult, left_out: str) -> str:
    """What a style has learned, a line a taste."""
    tastes = "".join(f"\n  {t.direction.english} ({t.certainty:.0%} sure)" for t in result.tastes)
    heading = "you like works that are" if tastes else "nothing certain yet"
    return (
        f"{result.path}\nlearned from {_counted(result.ratings_used, 'rating')} "
        f"in {result.seconds:.1f} s: {heading}{tastes}{left_out}"
    )


def _judged(result: JudgeResult) -> str:
    """A paragraph a work, and a line on all of them."""
    reports = "\n\n".join(map(_reported, result.works))
    left_out = "".join(f"\nleft out: {r.message}; {r.remedy}" for r in result.refused)
    return (
        f"{reports}\n\n{_counted(len(result.works), 'work')}: style match {result.match:.0%} "
        f"in the mean, {result.diversity:.1f} different ones, in {result.seconds:.1f} s{left_out}"
    )


def _reported(report: WorkReport) -> str:
    lines = "".join(f"\n  {said.english}" for said in report.said)
    quality = f"{report.quality:.0%}" if report.quality_known else "unknown"
    return (
        f"{report.path}\n  style match {report.match:.0%}, quality {quality}, "
        f"novelty {report.novelty:.0%}, copied {report.copied:.0%}{lines}{_near(report.style)}"
    )


def _near(style: NearStyle | None) -> str:
    """A line on the style that a work is nearest to."""
    if style is None:
        return ""
    beside = f" ({style.share:.0%}; next {style.next}, {style.next_share:.0%})"
    return f"\n  nearest style: {style.name}{beside if style.next else ', the only one'}"


def _shown(work: WorkFile) -> str:
    """Its path; and a text itself."""
    return f"{work.path}\n\n{work.text}\n" if work.text else work.path


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
