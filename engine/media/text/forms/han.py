"""Chinese characters and marks as units of forms."""

from collections import Counter

from engine.media.text.forms.constraint import Choice, Lexicon

HAN = ("\u3400", "\u9fff")  # most characters; the rarer ones stand beyond the basic plane
RARE = ("\U00020000", "\U0003ffff")
MARKS = Lexicon("，。？！；、：")


class Characters(Lexicon):
    """The Chinese characters that a generator can write."""

    def __init__(self, texts: "tuple[str, ...] | list[str]") -> None:
        super().__init__(texts)
        self.rhyme_counts: dict[tuple[str, str], Counter[str]] = {}  # (book, tone) -> by rhyme


def marks_choice(marks: str) -> Choice:
    """One of these marks."""
    return MARKS.choice(marks, lambda: MARKS.only(marks), uniform=False)


def is_han(text: str) -> bool:
    """Whether it is one Chinese character."""
    return len(text) == 1 and (HAN[0] <= text <= HAN[1] or RARE[0] <= text <= RARE[1])


def han(text: str) -> str:
    """Its Chinese characters only."""
    return "".join(c for c in text if is_han(c))
