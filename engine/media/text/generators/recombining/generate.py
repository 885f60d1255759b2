"""The memory-only voice: for languages that the model has never learned.

Nothing but the references is known: their parts are counted (see `kneser_ney`) and put together
anew, in lines as long as theirs (see `recombined`). It writes free verse and prose, no other form.
Legend: K references, N bytes of all, V different parts. Tensors of such a style:
memory_only/text (N,) uint8, the references as UTF-8; memory_only/starts (K + 1,) int32, where each
begins; memory_only/language uint8, its key; weights (K,).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.media.text.copying import Copying, CopyWatch, Source, limit_of
from engine.media.text.forms import MAX_LENGTH
from engine.media.text.generators.recombining.counts import Recombined, line_lengths
from engine.media.text.generators.recombining.parts import (
    END,
    STOPS,
    added,
    counts,
    parts_of,
    stops,
)
from engine.media.text.works import Written
from engine.protocol import TextBrief
from engine.sequence.adapt import StyleTensors
from engine.sequence.draw import draw

PREFIX = "memory_only/"
FORMS = ("", "free verse", "prose")
LENGTH = {True: 80, False: 120}  # words, letters where nobody says how many
OUT_OF_PATIENCE = 120  # words past the length, after which a text ends as it is
RECENT = 80  # parts that a text does not like to repeat
AGAIN = 0.6  # nats, each time a long word was said among those
OWN_RUN = 4  # parts that are not said twice in this order among those
SHOW_EVERY, TRIES = 16, 40


def style_of(texts: Sequence[str], weights: Sequence[float], language: str) -> StyleTensors:
    """The tensors of a style: the references themselves."""
    data = [text.encode() for text in texts]
    starts = np.cumsum([0, *map(len, data)])
    return {
        PREFIX + "text": _bytes(b"".join(data)),
        PREFIX + "starts": torch.tensor(starts, dtype=torch.int32),
        PREFIX + "language": _bytes(language.encode()),
        "weights": torch.tensor(list(weights), dtype=torch.float32),
    }


def _bytes(data: bytes) -> torch.Tensor:
    return torch.tensor(list(data), dtype=torch.uint8)


def language_of_style(style: StyleTensors) -> str:
    """The key of the language that this style only recombines; "" for a voice of the model."""
    return (
        bytes(style[PREFIX + "language"].tolist()).decode() if PREFIX + "language" in style else ""
    )


def texts_of(style: StyleTensors) -> list[str]:
    """The references."""
    data = bytes(style[PREFIX + "text"].tolist())
    return [data[a:b].decode() for a, b in pairwise(style[PREFIX + "starts"].tolist())]


def blend(styles: Sequence[StyleTensors], weights: Sequence[float]) -> StyleTensors:
    """The references of all; the language of the weightiest. Raises BadInput for unlike styles."""
    languages = [language_of_style(style) for style in styles]
    if not all(languages):
        raise BadInput("memory_only_blend")
    texts = [text for style in styles for text in texts_of(style)]
    shares = [
        float(share) * weight / sum(weights)
        for style, weight in zip(styles, weights, strict=True)
        for share in style["weights"] / style["weights"].sum()
    ]
    first = max(range(len(styles)), key=lambda i: weights[i])
    return style_of(texts, shares, languages[first])


# ---- writing -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Draft:
    """A work as it grows; `row` are the ids of its parts, `last` the last of them."""

    text: str
    row: list[int]
    last: str
    watch: CopyWatch
    words: int
    words_in_line: int


def write(
    style: StyleTensors, names: Sequence[str], brief: TextBrief
) -> Generator[Advance, None, list[Written]]:
    """The works of a brief, one after another; yields how far it is, with the texts as they stand.

    Raises BadInput for what such a voice cannot do.
    """
    _check(brief)
    texts, language = texts_of(style), language_of_style(style)
    voice = Recombined(texts, style["weights"].tolist(), language, brief.form)
    sources = [Source(n, t) for n, t in zip(names, texts, strict=True)]
    copying = Copying(sources, "en" if voice.spaced else "zh")
    works: list[Written] = []
    length = brief.length or LENGTH[voice.spaced]
    for i in range(brief.count):
        draft = _begun(voice, copying, brief)
        rng = np.random.default_rng((brief.seed + i, 0))
        while not _is_done(voice, draft, length):
            _one_part(voice, draft, brief, rng, draft.words - length)
            if len(draft.row) % SHOW_EVERY == 0:
                done = i + min(1.0, draft.words / length)
                yield Advance(done, brief.count, texts=(*(w.text for w in works), draft.text))
        text = draft.text.strip()
        works.append(Written(text, copying.check(text)))
        yield Advance(i + 1, brief.count, texts=tuple(w.text for w in works))
    return works


def _check(brief: TextBrief) -> None:
    if brief.form not in FORMS:
        raise BadInput("memory_only_form", form=brief.form)
    if brief.keywords or brief.acrostic:
        raise BadInput("memory_only_wish")
    if not 0 <= brief.length <= MAX_LENGTH:
        raise BadInput("bad_length", length=brief.length, most=MAX_LENGTH)


def _begun(voice: Recombined, copying: Copying, brief: TextBrief) -> Draft:
    """With the opening words of the brief, as they are."""
    prompt = brief.prompt.strip()
    watch = CopyWatch(copying, limit_of(brief.copy_limit, copying.language))
    watch.push(prompt)
    parts = [END, *parts_of(prompt, voice.language)[:-1]]
    return Draft(
        text=prompt,
        row=voice.numbers(parts),
        last=parts[-1],
        watch=watch,
        words=sum(map(counts, parts)),
        words_in_line=(line_lengths(parts) or [0])[-1],
    )


def _is_done(voice: Recombined, draft: Draft, length: int) -> bool:
    """At the end of a sentence, in verse also of its line."""
    if draft.words < length:
        return False
    stopped = voice.stop == voice.end or draft.text.rstrip()[-1:] in tuple(STOPS)
    ended = stopped and (draft.last == END or not voice.verse)
    return ended or draft.words > length + OUT_OF_PATIENCE


def _one_part(
    voice: Recombined, draft: Draft, brief: TextBrief, rng: np.random.Generator, late: int
) -> None:
    """One more part; `late` words past the length. Raises BadInput where every one would copy."""
    log_p = voice.log_shares(draft.row, draft.words_in_line, brief.strength)
    recent = draft.row[-RECENT:]
    said = np.bincount([i for i in recent if i >= 0], minlength=len(log_p))
    log_p -= AGAIN * said * voice.long
    runs = set(zip(*(recent[i:] for i in range(OWN_RUN)), strict=False))
    for possible in voice.possible(draft.row[-1], draft.words_in_line, late):
        for _ in range(TRIES):
            bias = np.where(possible & (log_p > -np.inf), 0.0, -np.inf)
            if not np.isfinite(bias).any():
                break
            chosen = draw(log_p, bias, rng, brief.temperature, brief.top_p)
            grown = added(draft.text, draft.last, _shown(voice, draft, chosen), voice.language)
            run = (*draft.row[1 - OWN_RUN :], chosen)
            if run not in runs and draft.watch.allows(grown[len(draft.text) :]):
                _push(voice, draft, chosen, grown)
                return
            possible[chosen] = False
    raise BadInput("memory_only_small")


def _shown(voice: Recombined, draft: Draft, chosen: int) -> str:
    """The part, with a capital where the references have one."""
    part = voice.parts[chosen]
    if (draft.last == END and voice.capitals) or (stops(draft.last) and draft.text):
        return part[:1].upper() + part[1:]
    return part


def _push(voice: Recombined, draft: Draft, chosen: int, grown: str) -> None:
    part = voice.parts[chosen]
    draft.watch.push(grown[len(draft.text) :])
    draft.text, draft.last = grown, part
    draft.row.append(chosen)
    draft.words += counts(part)
    draft.words_in_line = 0 if part == END else draft.words_in_line + counts(part)
