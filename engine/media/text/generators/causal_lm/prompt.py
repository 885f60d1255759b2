"""References as a context that a base model goes on from.

A base model continues what it sees. So the references stand one after another, each followed by the
same separator, and the next text is a work; when the separator comes again the work is over. An
empty line separates; where references have empty lines inside, stars between empty lines do.
"""

from collections.abc import Sequence

from engine.media.text.generators.causal_lm.base import Base

SEPARATOR = "\n\n***\n\n"
LEAST = 24  # tokens of a reference that is cut, or it is left out


def tidy(text: str) -> str:
    """Without spaces at the ends of lines, and one empty line at most between two."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept)


def context_of(base: Base, texts: Sequence[str], weights: Sequence[float], room: int) -> list[int]:
    """The references in at most `room` tokens, the weightiest last; weights > 0.

    Where not all fit, the lightest are left out, and the lightest that is left is cut at its end.
    """
    separator = base.tokens.encode(SEPARATOR)
    order = sorted(range(len(texts)), key=lambda i: (-weights[i], i))
    left, rows = room - len(base.opening), []
    for i in order:
        row = [*base.tokens.encode(tidy(texts[i])), *separator]
        if len(row) > left:
            row = row[: left - len(separator)] + separator if left >= LEAST else []
        if row:
            rows.append(row)
            left -= len(row)
    return [*base.opening, *(token for row in reversed(rows) for token in row)]
