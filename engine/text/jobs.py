"""The verbs on text files: references → style, style → works with their sidecars."""

import logging
from collections.abc import Generator, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import torch

from engine.errors import BadInput
from engine.media.script import to_simplified, to_traditional
from engine.media.text import TextWork, decode
from engine.messages import (
    AdaptRequest,
    Brief,
    Event,
    GenerateRequest,
    Medium,
    Preview,
    Progress,
    Refusal,
    Script,
    WorkFile,
)
from engine.progress import Advance, Pace
from engine.references import ReadReference, read_references
from engine.style import Style
from engine.telling import told
from engine.text.adapt import StyleTensors, WeightedPiece
from engine.text.adapt import adapt as adapt_pieces
from engine.text.adapt import blend as blend
from engine.text.notation import piece
from engine.text.tokens import Piece
from engine.text.voice import shipped
from engine.text.write import Written, write
from engine.works import write_work

log = logging.getLogger(__name__)

FIRST = 40  # characters or words of the first preview

Text = ReadReference[TextWork]


def read(job: AdaptRequest) -> Generator[Event, None, tuple[list[Text], list[Refusal]]]:
    """The texts of a request; see `engine.references`."""
    return (yield from read_references(job, decode))


def adapt(
    job: AdaptRequest, references: list[Text], device: torch.device, pace: Pace
) -> Generator[Event, None, StyleTensors]:
    """The tensors of the style; yields Progress."""
    pieces = [WeightedPiece(_piece(r.content), r.weight) for r in references]
    base = shipped(device)
    slices = adapt_pieces(pieces, base.model, base.tokens, seconds=job.seconds, seed=job.seed)
    return (yield from told(slices, job.job_id, "adapting", pace))


def _piece(work: TextWork) -> Piece:
    if work.language == "zh":
        return piece(to_simplified(work.text), "zh", to_simplified(work.title))
    return piece(work.text, work.language, work.title)


def first_preview(
    job: AdaptRequest, references: list[Text], tensors: StyleTensors, device: torch.device
) -> Generator[Event, None, None]:
    """A short work in the references' own form, as it is written; none where that cannot be."""
    if job.preview_dir is None:
        return
    script = _script(references)
    brief = Brief(medium=Medium.TEXT, count=1, seed=job.seed, length=FIRST, script=script)
    slices = write(tensors, [r.name for r in references], brief, device)
    try:
        works = yield from told(slices, job.job_id, "writing", Pace(), Shown(job.job_id, script))
    except BadInput as error:  # the style stands all the same
        log.info("no first text: %s", error)
        return
    yield Preview(job_id=job.job_id, index=0, text=_in_script(works[0].text, script))


def _script(references: list[Text]) -> Script:
    """How most of the references are written."""
    traditional = sum(r.content.script == Script.TRADITIONAL for r in references)
    return Script.TRADITIONAL if 2 * traditional > len(references) else Script.SIMPLIFIED


def generate(
    job: GenerateRequest, style: Style, digest: str, device: torch.device, pace: Pace
) -> Generator[Event, None, list[WorkFile]]:
    """Writes the works; yields Progress, and Previews of the words so far.

    Works are saved one by one: a job that is stopped keeps those that it has saved."""
    names = [reference.name for reference in style.references]
    slices = write(style.tensors, names, _simplified(job.brief), device)
    show = Shown(job.job_id, job.brief.script)
    finished = yield from told(slices, job.job_id, "writing", pace, show)
    works = []
    for i, written in enumerate(finished):
        one = replace(job.brief, count=1, seed=job.brief.seed + i)
        works.append(_save(written, one, style, digest, device, Path(job.out_dir)))
        yield Progress(job_id=job.job_id, done=1, total=1, stage="saving")
    return works


def _simplified(brief: Brief) -> Brief:
    """The artist's words in the script that the model knows."""
    return replace(
        brief,
        prompt=to_simplified(brief.prompt),
        keywords=tuple(to_simplified(word) for word in brief.keywords),
        acrostic=to_simplified(brief.acrostic),
    )


def _in_script(text: str, script: Script) -> str:
    return to_traditional(text) if script is Script.TRADITIONAL else text


class Shown:
    """Previews of the texts that have changed since they were last shown."""

    def __init__(self, job_id: str, script: Script) -> None:
        self._job_id, self._script = job_id, script
        self._last: dict[int, str] = {}

    def __call__(self, advance: Advance) -> Iterator[Preview]:
        for index, text in enumerate(advance.texts):
            if text and self._last.get(index) != text:
                self._last[index] = text
                words = _in_script(text, self._script)
                yield Preview(job_id=self._job_id, index=index, text=words)


def _save(
    written: Written,
    brief: Brief,
    style: Style,
    digest: str,
    device: torch.device,
    folder: Path,
) -> WorkFile:
    text = _in_script(written.text, brief.script)
    copied = replace(
        written.copied,
        words=_in_script(written.copied.words, brief.script),
        learned_words=_in_script(written.copied.learned_words, brief.script),
    )
    data = (text + "\n").encode()
    more = {"copied": asdict(copied)}
    work = write_work(data, ".txt", brief, style, digest, device, folder, more)
    return replace(work, text=text, copied=copied)
