"""Lines of texts that an artist marks, cut out."""

from pathlib import Path

from engine.core.input_files import read_bytes
from engine.interfaces import LoadedWork
from engine.media.text.codec.script import to_simplified
from engine.media.text.copying import units_of
from engine.media.text.features import Words
from engine.protocol import Mark

_BOTH = frozenset({"line_length", "rare_words"})
COMPARABLE = {"zh": _BOTH | {"oblique_tones"}, "en": _BOTH | {"long_words"}}


def lines(work: LoadedWork, words: Words, mark: Mark) -> Words | None:
    """Lines as they stand in the file, blank ones counted; None where there are none."""
    rows = read_bytes(Path(work.path)).decode("utf-8-sig", "replace").splitlines()
    start, end = round(mark.start), round(mark.end)
    if not 0 <= start < end <= len(rows):
        return None
    text = "\n".join(rows[start:end])
    language = words.language
    text = to_simplified(text) if language == "zh" else text
    return Words(text, language, words.title) if units_of(text, language) else None
