"""Texts as they grow and as they are saved, whichever generator wrote them.

A generator of texts differs from another in its slices: a generator of `Advance` that returns the
texts, in simplified script. What becomes of them, previews, drafts and files, is the same for all.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.core.errors import BadInput
from engine.core.job_events import with_progress
from engine.core.progress import Advance, Pace
from engine.core.references import ReadReference
from engine.core.works import Origin, write_work
from engine.interfaces import Draft, Job, brief_of_one
from engine.media.text.codec.plain import TextWork
from engine.media.text.codec.script import to_simplified, to_traditional
from engine.protocol import (
    Copied,
    GenerateRequest,
    Preview,
    Progress,
    Script,
    TextBrief,
    WorkFile,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """A finished text in people's layout, and what of it stands elsewhere."""

    text: str
    copied: Copied


Slices = Generator[Advance, None, list[Written]]


def script_of(references: Sequence[ReadReference[TextWork]]) -> Script:
    """How most of the references are written."""
    traditional = sum(r.content.script == Script.TRADITIONAL for r in references)
    return Script.TRADITIONAL if 2 * traditional > len(references) else Script.SIMPLIFIED


def simplified(brief: TextBrief) -> TextBrief:
    """The artist's words in the script that models know and styles are kept in."""
    return replace(
        brief,
        prompt=to_simplified(brief.prompt),
        keywords=tuple(to_simplified(word) for word in brief.keywords),
        acrostic=to_simplified(brief.acrostic),
    )


def in_script(text: str, script: Script) -> str:
    """A text in simplified script as `script` has it."""
    return to_traditional(text) if script is Script.TRADITIONAL else text


class Growing:
    """Previews of the texts that have changed since they were last shown."""

    def __init__(self, job_id: str, script: Script) -> None:
        self._job_id, self._script = job_id, script
        self._last: dict[int, str] = {}

    def __call__(self, advance: Advance) -> Iterator[Preview]:
        for index, text in enumerate(advance.texts):
            if text and self._last.get(index) != text:
                self._last[index] = text
                words = in_script(text, self._script)
                yield Preview(job_id=self._job_id, index=index, text=words)


def save_text(
    written: Written,
    script: Script,
    memory_only: str,
    brief: TextBrief,
    origin: Origin,
    folder: Path,
) -> WorkFile:
    """memory_only: see `StyleFacts`."""
    text = in_script(written.text, script)
    copied = replace(
        written.copied,
        words=in_script(written.copied.words, script),
        learned_words=in_script(written.copied.learned_words, script),
    )
    data = (text + "\n").encode()
    more = {"copied": asdict(copied), "memory_only": memory_only}
    work = write_work(data, ".txt", brief, origin, folder, more)
    return replace(work, text=text, copied=copied)


def first_text(slices: Slices, job_id: str, script: Script) -> Job[None]:
    """A text as it is written, as Previews; none where its brief cannot be met."""
    show = Growing(job_id, script)
    try:
        works = yield from with_progress(slices, job_id, "writing", Pace(), show)
    except BadInput as error:  # the style stands all the same
        log.info("no first text: %s", error)
        return
    yield Preview(job_id=job_id, index=0, text=in_script(works[0].text, script))


def draft_texts(
    slices: Slices, job: GenerateRequest[TextBrief], script: Script, pace: Pace
) -> Job[list[Draft[TextBrief]]]:
    """The texts of a request, not yet saved; the state of a draft is `Written`."""
    show = Growing(job.job_id, script)
    written = yield from with_progress(slices, job.job_id, "writing", pace, show)
    return [Draft(brief_of_one(job.brief, i), w.text, w) for i, w in enumerate(written)]


def save_texts(
    drafts: Sequence[Draft[TextBrief]],
    job: GenerateRequest[TextBrief],
    origin: Origin,
    script: Script | None = None,
    memory_only: str = "",
) -> Job[list[WorkFile]]:
    """Saved one by one: a job that is stopped keeps those that it has saved. script: None is that
    of each brief. memory_only: see `StyleFacts`."""
    works = []
    for i, each in enumerate(drafts):
        assert isinstance(each.state, Written)
        own, folder = script or each.brief.script, Path(job.out_dir)
        works.append(save_text(each.state, own, memory_only, each.brief, origin, folder))
        yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
    return works
