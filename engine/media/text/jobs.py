"""The verbs on text files: references → style, style → works with their sidecars."""

import logging
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from engine.core.draft import Draft, all_of, one_of
from engine.core.errors import BadInput
from engine.core.job_events import told
from engine.core.progress import Advance, Pace
from engine.core.references import ReadReference, read_references, refusal
from engine.core.style import Style
from engine.core.works import Origin, write_work
from engine.media.text.brief import RULES
from engine.media.text.codec.language import name_of
from engine.media.text.codec.plain import TextWork, decode
from engine.media.text.codec.script import to_simplified, to_traditional
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt as adapt_pieces
from engine.media.text.generators.maquette_lm.notation import piece
from engine.media.text.generators.maquette_lm.tokens import LANGUAGES, Piece
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.generators.maquette_lm.write import Written, write
from engine.media.text.generators.recombining import generate as memory_only
from engine.messages import (
    AdaptRequest,
    Event,
    GenerateRequest,
    Preview,
    Progress,
    Refusal,
    Script,
    TextBrief,
    WorkFile,
)
from engine.sequence.adapt import StyleTensors, blend as blend_pieces

log = logging.getLogger(__name__)

FIRST = 40  # characters or words of the first preview

Text = ReadReference[TextWork]


def read(job: AdaptRequest) -> Generator[Event, None, tuple[list[Text], list[Refusal]]]:
    """The texts of a request; see `engine.core.references`.

    In languages that the model never learned there are either all of them, for a memory-only voice,
    or none: beside others they are refused."""
    usable, refused = yield from read_references(job, decode, RULES.max_bytes)
    if not any(_is_learned(text) for text in usable):
        return usable, refused
    bad = {refusal.path for refusal in refused}
    paths = [reference.path for reference in job.references if reference.path not in bad]
    for path, text in zip(paths, usable, strict=True):
        if not _is_learned(text):
            language = name_of(text.content.language)
            error = BadInput("other_language", name=text.name, language=language)
            refused.append(refusal(path, error))
    return [text for text in usable if _is_learned(text)], refused


def _is_learned(text: Text) -> bool:
    return text.content.language in LANGUAGES


def memory_only_language(tensors: StyleTensors) -> str:
    """The language, by its own name, of a style that only recombines its references; else ""."""
    language = memory_only.language_of_style(tensors)
    return name_of(language) if language else ""


def adapt(
    job: AdaptRequest, references: list[Text], device: torch.device, pace: Pace
) -> Generator[Event, None, StyleTensors]:
    """The tensors of the style; yields Progress."""
    if not _is_learned(references[0]):
        yield Progress(job_id=job.job_id, done=1, total=1, stage="adapting")
        texts = [r.content.text for r in references]
        weights = [r.weight for r in references]
        return memory_only.style_of(texts, weights, _commonest_language(references))
    pieces = [WeightedPiece(_piece(r.content), r.weight) for r in references]
    base = shipped(device)
    slices = adapt_pieces(pieces, base, seconds=job.seconds)
    return (yield from told(slices, job.job_id, "adapting", pace))


def _commonest_language(references: list[Text]) -> str:
    """That of most of the weight."""
    shares: defaultdict[str, float] = defaultdict(float)
    for reference in references:
        shares[reference.content.language] += reference.weight
    return max(shares, key=lambda language: shares[language])


def blend(styles: list[StyleTensors], weights: list[float]) -> StyleTensors:
    """One style between several. Raises BadInput where only some are memory-only."""
    if any(memory_only.language_of_style(style) for style in styles):
        return memory_only.blend(styles, weights)
    return blend_pieces(styles, weights)


def _writing(
    tensors: StyleTensors, names: Sequence[str], brief: TextBrief, device: torch.device
) -> Generator[Advance, None, list[Written]]:
    """The works of a brief, by the model or, where it never learned the language, without it."""
    if memory_only.language_of_style(tensors):
        return memory_only.write(tensors, names, brief)
    return write(tensors, names, _simplified(brief), device)


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
    brief = TextBrief(count=1, seed=job.seed, length=FIRST, script=script)
    slices = _writing(tensors, [r.name for r in references], brief, device)
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


def draft(
    job: GenerateRequest[TextBrief], style: Style, device: torch.device, pace: Pace
) -> Generator[Event, None, list[Draft[TextBrief]]]:
    """The texts, not yet saved; kept is `Written`."""
    names = [reference.name for reference in style.references]
    slices = _writing(style.tensors, names, job.brief, device)
    show = Shown(job.job_id, _script_of(style.tensors, job.brief))
    written = yield from told(slices, job.job_id, "writing", pace, show)
    return [Draft(one_of(job.brief, i), each.text, each) for i, each in enumerate(written)]


def complete(
    drafts: Sequence[Draft[TextBrief]],
    job: GenerateRequest[TextBrief],
    style: Style,
    digest: str,
    device: torch.device,
) -> Generator[Event, None, list[WorkFile]]:
    """Saved one by one: a job that is stopped keeps those that it has saved."""
    works = []
    origin = Origin(style=style, digest=digest, device=device)
    for i, each in enumerate(drafts):
        assert isinstance(each.kept, Written)
        works.append(_save(each.kept, each.brief, origin, Path(job.out_dir)))
        yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
    return works


generate = all_of(draft, complete)


def _simplified(brief: TextBrief) -> TextBrief:
    """The artist's words in the script that the model knows."""
    return replace(
        brief,
        prompt=to_simplified(brief.prompt),
        keywords=tuple(to_simplified(word) for word in brief.keywords),
        acrostic=to_simplified(brief.acrostic),
    )


def _script_of(tensors: StyleTensors, brief: TextBrief) -> Script:
    """How the words are to be written; a memory-only voice leaves them as the references have."""
    return Script.SIMPLIFIED if memory_only.language_of_style(tensors) else brief.script


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


def _save(written: Written, brief: TextBrief, origin: Origin, folder: Path) -> WorkFile:
    script = _script_of(origin.style.tensors, brief)
    text = _in_script(written.text, script)
    copied = replace(
        written.copied,
        words=_in_script(written.copied.words, script),
        learned_words=_in_script(written.copied.learned_words, script),
    )
    data = (text + "\n").encode()
    more = {"copied": asdict(copied), "memory_only": memory_only_language(origin.style.tensors)}
    work = write_work(data, ".txt", brief, origin, folder, more)
    return replace(work, text=text, copied=copied)
