"""How much of a piece of music is not new, in one calm line."""

from engine.protocol import Copied
from studio.i18n import t
from studio.state.titles import title

_FEW = 5  # notes in a row that any two tunes may share


def copied_words(copied: Copied | None) -> str:
    """Nothing when nobody has looked."""
    if copied is None:
        return ""
    if copied.run < _FEW:
        return t("copied.nothing")
    key = "copied.notes_from" if copied.source else "copied.notes"
    return t(key, n=copied.run, source=title(copied.source))
