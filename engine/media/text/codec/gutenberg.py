"""Texts of Project Gutenberg: without the licence that stands above and below each."""

from engine.media.text.codec.draft import Draft

LICENCE = "text_licence"  # a remark
_START, _END = "*** START OF TH", "*** END OF TH"
_OLD_END = "End of the Project Gutenberg EBook"
_TITLE = "Title:"


def without_licence(text: str) -> Draft:
    """The text between the two marks, with the title that is named above; the whole of any other
    text. A mark may be missing: then its side is kept."""
    head, found, rest = text.partition(_START)
    if not found or "gutenberg" not in rest[:200].lower():
        return Draft(text)
    body = rest.partition("\n")[2].partition(_END)[0].partition(_OLD_END)[0]
    return Draft(body, _title(head), (LICENCE,))


def _title(head: str) -> str:
    lines = [line.strip("\ufeff \r") for line in head.split("\n")]
    named = next((line[len(_TITLE) :] for line in lines if line.startswith(_TITLE)), "")
    first = next(filter(None, lines), "")
    return named.strip() or first.partition("eBook of ")[2].partition(", by ")[0].strip()
