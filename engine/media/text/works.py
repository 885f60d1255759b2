"""Texts as they grow and as they are saved, whichever generator wrote them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.core.progress import Advance
from engine.core.works import Origin, write_work
from engine.media.text.codec.script import to_traditional
from engine.messages import Copied, Preview, Script, TextBrief, WorkFile


@dataclass(frozen=True, slots=True)
class Written:
    """A finished text in people's layout, and what of it stands elsewhere."""

    text: str
    copied: Copied


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
