"""How much of a text is not new, in one calm line."""

from engine.protocol import Copied
from studio.i18n import t
from studio.media.text.words import text_of

_SHOWN = 24  # characters of the shared words


def copied_words(copied: Copied | None) -> str:
    """Nothing when nobody has looked."""
    if copied is None:
        return ""
    learned = _line("learned", copied.learned_run, copied.learned_words, "")
    if copied.run < 2:
        return learned or t("copied.nothing")
    shared = _line("", copied.run, copied.words, copied.source)
    return f"{shared} · {learned}" if learned else shared


def _line(where: str, run: int, words: str, source: str) -> str:
    """How long a run is, its first words, and where it stands; nothing for no run."""
    if not run:
        return ""
    key = "characters" if text_of(words).is_chinese else "words"
    words = words.replace("\n", " ").strip()
    words = f"{words[:_SHOWN]}…" if len(words) > _SHOWN else words
    if where:
        return t(f"copied.{where}_{key}", n=run, words=words)
    if not source:
        return t(f"copied.{key}", n=run, words=words)
    return t(f"copied.{key}_from", n=run, words=words, source=source)
