"""Vocabularies unlike the shipped one, made on the spot: what the tests of masks run over."""

from functools import cache

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from engine.media.text.forms.rhymes import rhyme_book
from engine.media.text.forms.sounds import sounded_words
from engine.media.text.forms.tokenizer_bytes import vocabulary_of_tokenizer
from engine.media.text.forms.vocabulary import Vocabulary

CHINESE = (
    "空山不见人，但闻人语响。返景入深林，复照青苔上。春风又绿江南岸，明月何时照我还？"
    "明月松间照，清泉石上流。江南好，风景旧曾谙。春风春雨，江南江北！夜来风雨声；花落知多少。"
)
ENGLISH = (
    "The moon of the night, and the rose of the summer;\nMy love is gone into the winter night.\n\n"
    "It is the time of the rose, and of the light.\nO gentle night, the moon is in the sky!\n"
)


@cache
def byte_level() -> Vocabulary:
    """Byte-level BPE without any splitting first: its tokens hold several words, a mark and the
    line break after it, several characters, parts of characters, and a part beside a whole one."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=["<end>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([CHINESE, ENGLISH] * 3, trainer)
    return vocabulary_of_tokenizer(tokenizer, end=0)


@cache
def byte_fallback() -> Vocabulary:
    """As SentencePiece has it: "▁" for a space, bytes for rare characters; several words, several
    characters, marks with line breaks. No encoding of its own is given."""
    words = [f"▁{word.text}" for word in sounded_words()[::7]]
    capitals = [word[1:].capitalize() for word in words[::3]]
    characters = sorted(rhyme_book().tones)[::5]
    pairs = [a + b for a, b in zip(characters[::9], characters[4::9], strict=False)]
    letters = [chr(c) for c in range(0x21, 0x7F)]
    joined = [*(",\n", ".\n", ".\n\n", "▁of▁the", "▁and▁the▁rose", "▁of", "▁and", "▁the", "▁rose")]
    joined += [*("\n", "\n\n", "▁", "。明", "，明月", "明月。", "月", "明", "春风", "月。")]
    names = dict.fromkeys(["<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))])
    names |= dict.fromkeys([*letters, *joined, *words, *capitals, *characters, *pairs, "，", "。"])
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "<s>"))
    made = vocabulary_of_tokenizer(tokenizer, forbidden=(0, 1), end=1)
    return Vocabulary(made.token_bytes, None, made.end)
