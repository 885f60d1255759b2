"""How much of a text is not new, in one calm line."""

from engine.messages import Copied
from studio.i18n import t
from studio.reading import text_of

_SHOWN = 24  # characters of the shared words


def copy_words(copied: Copied | None) -> str:
    """Nothing when nobody has looked."""
    if copied is None:
        return ""
    if copied.run < 2:
        return t("copied.nothing")
    words = copied.words.replace("\n", " ").strip()
    words = f"{words[:_SHOWN]}…" if len(words) > _SHOWN else words
    key = "characters" if text_of(copied.words).is_chinese else "words"
    facts = {"n": copied.run, "words": words, "source": copied.source}
    if not copied.source:
        return t(f"copied.{key}", n=copied.run, words=words)
    return t(f"copied.{key}_from", **facts)
