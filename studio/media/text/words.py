"""Words as the artist may want to know of them: how they begin, how long, in which language."""

import re
from dataclasses import dataclass

_MAX_SHOWN = 20_000  # characters; no work is nearly as long
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Text:
    """script: of Chinese, as the engine read it, "simplified" or "traditional"; else ""."""

    words: str
    is_chinese: bool
    length: int  # characters (Chinese) or words
    script: str = ""

    @property
    def opening(self) -> str:
        """The first line that says something."""
        return next((line.strip() for line in self.words.splitlines() if line.strip()), "")


def text_of(words: str, script: str = "") -> Text:
    han = _HAN.findall(words)
    others = _WORD.findall(_HAN.sub(" ", words))
    is_chinese = len(han) > len(others)
    return Text(words, is_chinese, len(han) if is_chinese else len(others), script)


def shown(words: str, script: str = "") -> Text:
    """Words of a reference or a work, without signs that cannot be drawn."""
    words = "".join(sign for sign in words if sign.isprintable() or sign in "\n\t")
    return text_of(words.strip("\n")[:_MAX_SHOWN].rstrip(), script)


def made(data: bytes) -> Text:
    """A work, or an edit of one: they are written in UTF-8."""
    return shown(data.decode("utf-8", "replace"))
