"""The bytes of each token of a tokeniser of the `tokenizers` library, as forms need them."""

import re
from collections.abc import Collection, Sequence

from tokenizers import Tokenizer

from engine.media.text.forms.vocabulary import Vocabulary

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def vocabulary_of_tokenizer(
    tokenizer: Tokenizer,
    *,
    forbidden: Collection[int] = (),
    end: int | None = None,
    compound: bool = True,
) -> Vocabulary:
    """The vocabulary of a byte-level BPE (GPT-2, Llama 3, Qwen) or of SentencePiece with byte
    fallback (Llama 2, Gemma, Mistral). forbidden: tokens beside the special ones that must not be
    written. Raises ValueError for another kind, in which some bytes have no token.
    """
    names: list[str | None] = [None] * tokenizer.get_vocab_size()
    for name, token in tokenizer.get_vocab().items():
        names[token] = name
    added = tokenizer.get_added_tokens_decoder()
    never = {token for token, about in added.items() if about.special} | set(forbidden)
    fallback = tokenizer.token_to_id("<0x0A>") is not None
    whole = {_sentencepiece(name) for name in names if name and not _BYTE.fullmatch(name)}
    rows: list[bytes | None] = []
    for token, name in enumerate(names):
        if name is None or token in never:
            rows.append(None)
        elif not fallback:
            rows.append(name.encode() if token in added else _byte_level(name))
        else:
            data = _sentencepiece(name)
            spare = _BYTE.fullmatch(name) and data in whole  # a byte that has a token of its own
            rows.append(None if spare else data)

    def encode(texts: Sequence[str]) -> list[list[int]]:
        found = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [each.ids for each in found]

    return Vocabulary(tuple(rows), encode, end, compound)


def _byte_level(name: str) -> bytes | None:
    try:
        return bytes(BYTE_OF[c] for c in name)
    except KeyError:
        return None


def _sentencepiece(name: str) -> bytes:
    if byte := _BYTE.fullmatch(name):
        return bytes([int(byte[1], 16)])
    return name.replace("\u2581", " ").encode()


def _byte_letters() -> dict[str, int]:
    """The letter by which byte-level BPE writes each byte (Radford et al. 2019): printable bytes
    stand for themselves, the others for letters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(b): b for b in printable} | {chr(0x100 + i): b for i, b in enumerate(others)}


BYTE_OF = _byte_letters()
