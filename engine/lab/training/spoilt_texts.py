"""Real texts and what becomes of them when they are spoilt: what a critic of texts is tried on.

Kinds: `shuffled` all words in any order, `half shuffled` half of them, `clauses` whole clauses in
any order with their marks, `clauses between marks` the same where marks and capitals stay where
they were, `salad` words drawn by their frequency, `loop` one clause again and again, `noise`
another language or letters at random, `small model` what the shipped model writes after the same
references, which in English is no English.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from engine.core.progress import finished
from engine.lab.training.corpus.works import Part, Work, by_author
from engine.media.text import clauses
from engine.media.text.coherence import shuffled
from engine.media.text.copying import Language, units_of
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece
from engine.protocol import TextBrief

REAL, SMALL_MODEL = "real", "small model"
KINDS = (
    "shuffled",
    "half shuffled",
    "clauses",
    "clauses between marks",
    "salad",
    "loop",
    "noise",
)
LENGTHS: dict[str, tuple[int, int]] = {"en": (60, 420), "zh": (16, 100)}  # characters
REFERENCES = 4
FOREIGN = (
    "Nel mezzo del cammin di nostra vita mi ritrovai per una selva oscura, ché la diritta via era "
    "smarrita.",
    "Les sanglots longs des violons de l'automne blessent mon cœur d'une langueur monotone.",
    "Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind.",
    "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía.",
    "Arma virumque cano, Troiae qui primus ab oris Italiam fato profugus Laviniaque venit litora.",
    "Chuang qian ming yue guang, yi shi di shang shuang. Ju tou wang ming yue, di tou si gu xiang.",
)
_SENTENCE = {"en": re.compile(r"(?<=[.!?;])\s+"), "zh": re.compile(r"(?<=[。！？])")}
_CLAUSE = re.compile(r"[^,;:.!?\n，；：。！？]+[,;:.!?\n，；：。！？]*")


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, of which voice it is (or was, before it was spoilt), and real texts in that voice."""

    text: str
    language: Language
    kind: str
    voice: str
    references: tuple[str, ...]


def passages(
    works: Sequence[Work], part: Part, language: Language, count: int, rng: random.Random
) -> dict[str, list[str]]:
    """By author and form, groups of short texts: some `count` texts of a part in all."""
    groups: dict[str, list[str]] = defaultdict(list)
    for author, own in by_author(works, part).items():
        for work in own:
            if work.language == language:
                groups[f"{author}, {work.form}"].append(work.text)
    by_form: dict[str, list[str]] = defaultdict(list)
    for voice, texts in groups.items():
        if len(texts) > REFERENCES:
            by_form[voice.rsplit(", ", 1)[1]].append(voice)
    found: dict[str, list[str]] = {}
    while by_form and sum(map(len, found.values())) < count:
        voice = rng.choice(by_form[rng.choice(sorted(by_form))])
        texts = rng.sample(groups[voice], min(len(groups[voice]), REFERENCES + 4))
        cut = [passage(text, language, rng) for text in texts]
        found[voice] = [text for text in cut if len(text) >= LENGTHS[language][0]]
        if len(found[voice]) <= REFERENCES:
            del found[voice]
    return found


def passage(text: str, language: Language, rng: random.Random) -> str:
    """Some sentences, or lines, in a row."""
    lined = "\n" in text.strip()
    parts = text.split("\n") if lined else _SENTENCE[language].split(text)
    parts = [part.strip() for part in parts if part.strip()]
    glue = "\n" if lined else " " if language == "en" else ""
    first, wanted = rng.randrange(max(1, len(parts) - 2)), rng.randint(*LENGTHS[language])
    taken: list[str] = []
    for part in parts[first:]:
        taken.append(part)
        if len(glue.join(taken)) >= wanted:
            break
    return glue.join(taken)[: 2 * LENGTHS[language][1]]


class Spoiler:
    """Spoils texts of one language; works: where the words of a salad come from."""

    def __init__(self, works: Iterable[Work], language: Language, seed: int = 0) -> None:
        self.language: Language = language
        self.rng = random.Random(seed)
        counts: Counter[str] = Counter()
        for work in works:
            if work.language == language and self.rng.random() < 0.05:
                counts.update(units_of(work.text[:400], language))
        self._words, self._weights = zip(*sorted(counts.items()), strict=True)

    def spoilt(self, text: str, kind: str) -> str:
        match kind:
            case "shuffled":
                return shuffled(text, self.language, self.rng)
            case "half shuffled":
                return self._half(text)
            case "clauses":
                return clauses.shuffled(text, self.language, self.rng)
            case "clauses between marks":
                return clauses.words_shuffled(text, self.language, self.rng)
            case "salad":
                return self._salad(len(text))
            case "loop":
                return self._loop(text)
            case _:
                return self._noise(len(text))

    def _half(self, text: str) -> str:
        """Every other line or clause with its words shuffled."""
        parts = _CLAUSE.findall(text)
        spoilt = [shuffled(c, self.language, self.rng) for c in parts]
        if len(parts) < 2:
            return "".join(spoilt)
        return "".join(
            s if i % 2 else c for i, (c, s) in enumerate(zip(parts, spoilt, strict=True))
        )

    def _salad(self, size: int) -> str:
        if self.language == "en":
            words = self.rng.choices(self._words, self._weights, k=max(6, size // 5))
            return " ".join(words).capitalize() + "."
        letters = self.rng.choices(self._words, self._weights, k=max(8, size))
        rows = ["".join(letters[i : i + 7]) for i in range(0, len(letters), 7)]
        return "，".join(rows) + "。"

    def _loop(self, text: str) -> str:
        clause = (_CLAUSE.findall(text) or [text])[0].strip()
        glue = " " if self.language == "en" else ""
        return glue.join([clause] * max(4, len(text) // max(1, len(clause))))

    def _noise(self, size: int) -> str:
        rng = self.rng
        if self.language == "zh":
            letters = [chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(max(8, size))]
            return "，".join("".join(letters[i : i + 6]) for i in range(0, len(letters), 6)) + "。"
        if rng.random() < 0.5:
            return rng.choice(FOREIGN)
        words = ("".join(rng.choices("etaoinshrdlucmfwyp", k=rng.randint(2, 8))) for _ in range(20))
        return " ".join(words).capitalize() + "."


def samples_of(
    voices: dict[str, list[str]], language: Language, spoiler: Spoiler, kinds: Sequence[str] = KINDS
) -> list[Sample]:
    """Every text of every voice, real and spoilt in each way; the others stand beside it."""
    found: list[Sample] = []
    for voice, texts in voices.items():
        for place, text in enumerate(texts):
            others = tuple((texts[place + 1 :] + texts[:place])[:REFERENCES])
            found.append(Sample(text, language, REAL, voice, others))
            for kind in kinds:
                spoilt = spoiler.spoilt(text, kind)
                if spoilt != text:
                    found.append(Sample(spoilt, language, kind, voice, others))
    return found


def by_small_model(
    voices: dict[str, list[str]], language: Language, each: int, seed: int = 0
) -> list[Sample]:
    """What the shipped model writes after the references of every voice."""
    base = shipped(torch.device("cpu"))
    found: list[Sample] = []
    for voice, texts in voices.items():
        references = tuple(texts[:REFERENCES])
        pieces = [WeightedPiece(piece(text, language, ""), 1.0) for text in references]
        style = finished(adapt(pieces, base))
        length = sum(len(units_of(text, language)) for text in references) // len(references)
        brief = TextBrief(count=each, seed=seed, length=max(10, min(90, length)))
        written = finished(write(style, [""] * len(references), brief, base.model.bias.device))
        found += [Sample(w.text, language, SMALL_MODEL, voice, references) for w in written]
    return found
