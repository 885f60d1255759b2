"""What comes out of a text's file before it is tidied."""

from dataclasses import dataclass

KEPT_CHARACTERS = 20_000  # of one work; the rest is not read
FLAWED = "text_flawed"  # a remark: a part is missing or damaged


@dataclass(frozen=True, slots=True)
class Draft:
    """Words as they came out of a file; `title` where the format says which it is; remarks: codes
    of `REMARKS`, of what was passed over to read it; wrapped: its lines may be those of an old
    editor or of a page."""

    text: str
    title: str = ""
    remarks: tuple[str, ...] = ()
    wrapped: bool = False
