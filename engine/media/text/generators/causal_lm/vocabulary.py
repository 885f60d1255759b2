"""The vocabulary of a model, and the part of it that some scripts need, as a tokenizer.

Two kinds: SentencePiece's (Kudo and Richardson 2018), whose pieces have "▁" for a space and scores
that say which merge comes first, and byte-level BPE (Radford et al. 2019) with a list of merges.
A piece is kept where all its letters are of the scripts wanted. Parts of such a piece have the same
letters, so that whatever the whole vocabulary merges of kept pieces, the kept part merges too; what
has other letters is still read and written, byte by byte.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from engine.core.errors import BadInput
from engine.media.text.forms.tokenizer_bytes import BYTE_OF

SCRIPTS = ("LATIN", "HAN")
MOST_TOKENIZER_BYTES = 128 * 2**20
_ORDINARY, _UNKNOWN, _CONTROL, _USER, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6  # GGUF's token types
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_CASELESS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# Where words are split before merging, by GGUF's name.
SPLITS = {
    **dict.fromkeys(("gpt-2", "default", ""), _GPT2),
    **dict.fromkeys(("llama-bpe", "llama3"), _CASELESS + "{1,3}" + _REST),
    "qwen2": _CASELESS + _REST,
    "smollm": _GPT2,
}


@dataclass(frozen=True, slots=True)
class Pruned:
    """tokenizer: with new ids. rows (V,): the id that each had. opening: what every text begins
    with, by its new id, -1 for nothing."""

    tokenizer: Tokenizer
    rows: np.ndarray
    opening: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """pieces: by id, as the model's files write them. special: ids that no text ever has.

    whole: pieces that are found before anything is merged. outline: tokenizer.json without its
    vocabulary. merges: of byte-level BPE, or of a tokenizer.json; scores: of SentencePiece.
    """

    name: str
    pieces: Sequence[str]
    special: frozenset[int]
    whole: frozenset[int]
    outline: Mapping[str, Any]
    opening: int
    byte_level: bool
    merges: Sequence[tuple[str, str]] | None = None
    scores: np.ndarray | None = None
    byte_ids: frozenset[int] = field(default_factory=frozenset)

    def pruned(self, scripts: Iterable[str] = SCRIPTS) -> Pruned:
        """Only the pieces whose letters are of these scripts. Raises BadInput."""
        wanted = frozenset(scripts)
        kept = [i for i in range(len(self.pieces)) if self._is_kept(i, wanted)]
        index = {self.pieces[i]: new for new, i in enumerate(kept)}
        whole = [i for i in kept if i in self.whole]
        outline = json.loads(json.dumps(self.outline))
        outline["added_tokens"] = [_added(index[self.pieces[i]], self.pieces[i]) for i in whole]
        outline["model"] |= {"vocab": index, "merges": self._merges(index, set(whole))}
        try:
            tokenizer = Tokenizer.from_str(json.dumps(outline))
        except Exception as error:
            raise BadInput("model_tokenizer", name=self.name, reason=str(error)[:80]) from error
        opening = kept.index(self.opening) if self.opening in kept else -1
        return Pruned(tokenizer, np.array(kept), opening)

    def _is_kept(self, i: int, scripts: frozenset[str]) -> bool:
        if i == self.opening or i in self.byte_ids:
            return True
        if i in self.special:
            return False
        text = text_of(self.pieces[i], self.byte_level)
        if i in self.whole:
            return not text.strip()  # spaces and line breaks, not tags
        return text is not None and scripts_of(text) <= scripts

    def _merges(self, index: Mapping[str, int], whole: set[int]) -> list[list[str]]:
        if self.merges is not None:
            return [[a, b] for a, b in self.merges if a in index and b in index and a + b in index]
        return scored_merges(index, self.pieces, self.scores, whole | self.byte_ids)


def scored_merges(
    index: Mapping[str, int],
    pieces: Sequence[str],
    scores: np.ndarray | None,
    outside: Iterable[int],
) -> list[list[str]]:
    """SentencePiece's order: the merge whose result has the best score comes first."""
    assert scores is not None
    never = {pieces[i] for i in outside}
    inside = {p for p in index if p not in never}
    order = sorted(
        (i for i, p in enumerate(pieces) if p in inside and len(p) > 1),
        key=lambda i: (-float(scores[i]), i),
    )
    merges = []
    for i in order:
        piece = pieces[i]
        merges += [
            [piece[:at], piece[at:]]
            for at in range(1, len(piece))
            if piece[:at] in inside and piece[at:] in inside
        ]
    return merges


def _added(new: int, piece: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    return {"id": new, "content": piece, **flags}


# ---- what a piece says -------------------------------------------------------------------------


def text_of(piece: str, byte_level: bool) -> str:
    """As it stands in a text; "" for bytes that are no whole characters."""
    if not byte_level:
        return piece.replace("▁", " ")
    try:
        return bytes(BYTE_OF[letter] for letter in piece).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return ""


def scripts_of(text: str) -> frozenset[str]:
    """Of its letters and the marks on them, by the first word of their Unicode names."""
    return frozenset(filter(None, map(_script, text)))


@lru_cache(maxsize=65_536)
def _script(character: str) -> str:
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    if unicodedata.category(character)[0] not in "LM" or "\u0300" <= character <= "\u036f":
        return ""
    first = unicodedata.name(character, "OTHER").partition(" ")[0]
    return {"CJK": "HAN", "MODIFIER": ""}.get(first, first)


# ---- where vocabularies come from --------------------------------------------------------------


def vocabulary_of_gguf(about: Mapping[str, Any], name: str) -> Vocabulary:
    """From the key-value pairs of a GGUF header. Raises BadInput."""
    kind = about.get("tokenizer.ggml.model")
    pieces = about["tokenizer.ggml.tokens"]
    types = np.asarray(about.get("tokenizer.ggml.token_type", np.ones(len(pieces))))
    if len(types) != len(pieces):
        raise BadInput("model_tokenizer", name=name, reason="its lists differ in length")
    special = frozenset(np.flatnonzero(np.isin(types, (_UNKNOWN, _CONTROL, _UNUSED))).tolist())
    whole = frozenset(np.flatnonzero(types == _USER).tolist())
    byte_ids = frozenset(np.flatnonzero(types == _BYTE).tolist())
    opening = int(about.get("tokenizer.ggml.bos_token_id", -1))
    if not about.get("tokenizer.ggml.add_bos_token", kind == "llama"):
        opening = int(about.get("tokenizer.ggml.eos_token_id", opening))
    if kind == "llama":
        spaced = bool(about.get("tokenizer.ggml.add_space_prefix", True))
        scores = np.asarray(about["tokenizer.ggml.scores"])
        outline = sentencepiece_outline(spaced)
        return Vocabulary(
            name, pieces, special, whole, outline, opening, False, None, scores, byte_ids
        )
    split = SPLITS.get(str(about.get("tokenizer.ggml.pre", "default")))
    if kind != "gpt2" or split is None:
        reason = f"{kind}, {about.get('tokenizer.ggml.pre', '')}"
        raise BadInput("model_tokenizer", name=name, reason=reason)
    merges = [_pair(line) for line in about["tokenizer.ggml.merges"]]
    single_digits = about.get("tokenizer.ggml.pre") == "smollm"
    outline = byte_level_outline(split, single_digits)
    return Vocabulary(name, pieces, special, whole, outline, opening, True, merges)


def vocabulary_of_folder(folder: Path) -> Vocabulary:
    """From tokenizer.json and the configuration files beside it. Raises BadInput."""
    path = folder / "tokenizer.json"
    try:
        if path.stat().st_size > MOST_TOKENIZER_BYTES:
            raise BadInput(
                "model_tokenizer", name=folder.name, reason="tokenizer.json is too large"
            )
        outline = json.loads(path.read_text(encoding="utf-8"))
        model = outline.pop("model")
        if model.get("type") != "BPE":
            raise BadInput("model_tokenizer", name=folder.name, reason=str(model.get("type")))
        vocabulary: dict[str, int] = model.pop("vocab")
        merges = [_pair(merge) for merge in model.pop("merges")]
        added = outline.pop("added_tokens", [])
        vocabulary |= {each["content"]: each["id"] for each in added}
        size = max(vocabulary.values()) + 1
        pieces = [""] * size
        for piece, i in vocabulary.items():
            pieces[i] = piece
    except FileNotFoundError as error:
        raise BadInput("model_tokenizer", name=folder.name, reason="no tokenizer.json") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "tokenizer.json cannot be read"
        raise BadInput("model_tokenizer", name=folder.name, reason=reason) from error
    outline |= {"model": model, "post_processor": None, "truncation": None, "padding": None}
    special = frozenset(each["id"] for each in added if each.get("special"))
    whole = frozenset(each["id"] for each in added) - special
    byte_level = "ByteLevel" in json.dumps(outline.get("decoder"))
    byte_ids = frozenset(
        i for p, i in vocabulary.items() if not byte_level and len(p) == 6 and p[:3] == "<0x"
    )
    opening = _opening(folder, vocabulary)
    gaps = frozenset(i for i, piece in enumerate(pieces) if not piece)
    return Vocabulary(
        folder.name,
        pieces,
        special | gaps,
        whole,
        outline,
        opening,
        byte_level,
        merges,
        byte_ids=byte_ids,
    )


def _pair(merge: str | Sequence[str]) -> tuple[str, str]:
    """Older files write a merge as one text, newer ones as two. Raises ValueError."""
    first, second = merge.split(" ", 1) if isinstance(merge, str) else merge
    return first, second


def _opening(folder: Path, vocabulary: Mapping[str, int]) -> int:
    """The token that a text begins with: <bos>, or else the end of the text before."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return -1
    for key in ("bos_token_id", "eos_token_id"):
        found = config.get(key)
        if isinstance(found, int) and found in vocabulary.values():
            return found
    return -1


def sentencepiece_outline(space_before: bool) -> dict[str, Any]:
    """tokenizer.json of a SentencePiece model with bytes for what it has no piece for."""
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    before = [{"type": "Prepend", "prepend": "▁"}] if space_before else []
    back: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
    ]
    if space_before:
        back.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [*before, replace]},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": back},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": True,
            "ignore_merges": False,
        },
    }


def byte_level_outline(split: str, single_digits: bool) -> dict[str, Any]:
    """tokenizer.json of byte-level BPE whose words are found by `split`."""
    isolated = {"type": "Split", "behavior": "Isolated", "invert": False}
    parts: list[dict[str, Any]] = []
    if single_digits:
        parts.append({"type": "Digits", "individual_digits": True})
    parts.append({**isolated, "pattern": {"Regex": split}})
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
    parts.append({**level, "use_regex": False})
    outline = sentencepiece_outline(False)
    outline["normalizer"] = None
    outline["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": parts}
    outline["decoder"] = {**level, "use_regex": False}
    outline["model"] |= {"byte_fallback": False}
    return outline
