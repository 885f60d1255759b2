"""Text ↔ tokens: Chinese by character, everything else byte-level BPE; lossless for any text.

One work in a sequence: <work> <language> <form> heading <text> body. A sequence begins with
<start>, which also says that the next work is by another author. Special tokens are part of the
vocabulary but of no merge, so no text, whatever it holds, is ever read as one.
BPE: Sennrich et al. 2016; byte level: Radford et al. 2019.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from engine.core.assets import asset

TOKENIZER_FILE = asset("weights/text/tokenizer.json")
VOCABULARY = 8192
ENGLISH_MERGES = 2300

LANGUAGES = ("zh", "en")
FORMS = (
    *("五绝", "七绝", "五律", "七律", "五古", "七古", "古诗", "词", "曲", "骚", "诗经", "文"),
    *("sonnet", "verse", "drama", "prose", "speech", "scripture"),
)
SPARE = 12  # forms to come
SPECIALS = (
    *("<pad>", "<start>", "<work>", "<text>"),
    *(f"<{name}>" for name in (*LANGUAGES, *FORMS)),
    *(f"<spare{i}>" for i in range(SPARE)),
)
PAD, START, WORK, TEXT = range(4)
STANZA_BREAK = {"ĊĊ": ("Ċ", "Ċ")}  # an empty line is one token, however seldom it comes
# Characters themselves, no escapes: the tokenizers library reads regular expressions otherwise.
ALONE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—]"


@dataclass(frozen=True, slots=True)
class Piece:
    """What the tokens say of one work."""

    language: str
    form: str
    text: str
    heading: str = ""


class Tokens:
    """The vocabulary. Raises `KeyError` for a language or form that has no token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.size = tokenizer.get_vocab_size()

    @classmethod
    def load(cls, path: Path = TOKENIZER_FILE) -> "Tokens":
        """Raises `FileNotFoundError`."""
        return cls(Tokenizer.from_str(path.read_text(encoding="utf-8")))

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids; special tokens say nothing."""
        return self.tokenizer.decode([i for i in ids if i >= len(SPECIALS)])

    def heads(self, pieces: Sequence[Piece]) -> list[list[int]]:
        """<work> <language> <form> heading <text> of each."""
        headings = self.tokenizer.encode_batch([p.heading for p in pieces])
        return [
            [WORK, special(p.language), special(p.form), *h.ids, TEXT]
            for p, h in zip(pieces, headings, strict=True)
        ]

    def works(self, pieces: Sequence[Piece]) -> list[list[int]]:
        """Whole works, head and body."""
        bodies = self.tokenizer.encode_batch([p.text for p in pieces])
        return [h + b.ids for h, b in zip(self.heads(pieces), bodies, strict=True)]


def special(name: str) -> int:
    """The id of a language or form."""
    try:
        return SPECIALS.index(f"<{name}>")
    except ValueError as error:
        raise KeyError(f"{name!r} has no token: choose among {LANGUAGES + FORMS}") from error


def train_tokens(chinese: Iterable[str], english: Iterable[str], size: int = VOCABULARY) -> Tokens:
    """Learn a vocabulary of at most `size`: BPE of the English, then the most frequent characters.

    A character is one token by two merges of its three bytes, or three of four.
    """
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = _splitter()
    budget = min(ENGLISH_MERGES, max(0, size - len(SPECIALS) - len(alphabet)))
    learner.train_from_iterator(
        (re.sub(ALONE, " ", text) for text in english),
        trainers.BpeTrainer(
            vocab_size=len(alphabet) + budget, initial_alphabet=alphabet, show_progress=False
        ),
    )
    learned = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    names = dict.fromkeys((*SPECIALS, *(name for name, _ in learned), *STANZA_BREAK))
    vocabulary = {name: i for i, name in enumerate(names)}
    merges = list(dict.fromkeys([*_merges(learner), *STANZA_BREAK.values()]))
    known = set(merges)
    for character in _by_frequency(chinese):
        new = _character_merges(character)
        fresh = list(dict.fromkeys(a + b for a, b in new if a + b not in vocabulary))
        if len(vocabulary) + len(fresh) > size:
            break
        vocabulary.update({name: len(vocabulary) + i for i, name in enumerate(fresh)})
        merges += [pair for pair in new if pair not in known]
        known.update(new)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = _splitter()
    tokenizer.decoder = decoders.ByteLevel()
    return Tokens(tokenizer)


def _splitter() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(ALONE), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(a, b) for a, b in merges]


def _by_frequency(texts: Iterable[str]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    for character, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if len(character.encode()) > 2 and re.fullmatch(ALONE, character):
            yield character


def _character_merges(character: str) -> list[tuple[str, str]]:
    """The merges that join the bytes of one character from the left."""
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(character)
    symbols = "".join(part for part, _ in whole)
    return [(symbols[:i], symbols[i]) for i in range(1, len(symbols))]
