"""Under which terms adapters stand: they are derived from their base, so its licence is theirs.

Where a licence wants words of its own to go wherever something derived goes, a style carries them
in its file (`CausalStyle.notice`), and the licence itself ships with Maquette.
"""

from dataclasses import dataclass

from engine.core.assets import asset

LICENCES = "licences"


@dataclass(frozen=True, slots=True)
class Terms:
    """title: as people call them. notice: what must go with everything derived. file: the terms."""

    title: str
    notice: str
    file: str

    def text(self) -> str:
        """The notice, and all of the terms."""
        whole = (asset(LICENCES) / self.file).read_text(encoding="utf-8")
        return f"{self.notice}\n\n{whole}"


GEMMA = Terms(
    "Gemma Terms of Use",
    "Gemma is provided under and subject to the Gemma Terms of Use found at "
    "ai.google.dev/gemma/terms",
    "gemma.txt",
)
KNOWN = {"gemma": GEMMA}  # by the licence that a model's own file names


def terms_of(licence: str) -> Terms | None:
    """Of a licence as a model names it; None where no words of its own are wanted."""
    return KNOWN.get(licence.strip().lower())


def title_of(licence: str) -> str:
    """A licence as people call it: "Gemma Terms of Use", "apache-2.0"; "" where none is named."""
    terms = terms_of(licence)
    return terms.title if terms else licence.strip(" ?")


def notice_of(licence: str) -> str:
    """What a style over such a model says in its file; "" where nothing is wanted."""
    terms = terms_of(licence)
    return terms.notice if terms else ""


def title_in(notice: str) -> str:
    """The terms that a style's notice is of; "" where it has none, or one of nobody here."""
    return next((terms.title for terms in KNOWN.values() if terms.notice == notice), "")
