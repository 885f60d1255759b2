"""The Chinese forms: which templates a brief has, and the constraint that holds one."""

from collections.abc import Iterator

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.constraint import Constraint
from engine.media.text.forms.han import Characters, is_han
from engine.media.text.forms.open_chinese import OpenChineseConstraint
from engine.media.text.forms.requirements import check_characters, fit
from engine.media.text.forms.rhymes import LEVEL, OBLIQUE
from engine.media.text.forms.template import (
    SHAPES,
    STARTS,
    VerseTemplate,
    old_lines,
    old_style,
    regulated,
)
from engine.media.text.forms.template_constraint import TemplateConstraint
from engine.media.text.forms.tunes import tune_template
from engine.protocol import CI_TUNES, TextBrief

OLD_LINES = (8, 10, 12)
LEVEL_SHARE = 0.7  # of old-style verse that rhymes in a level tone


def chinese_constraint(
    brief: TextBrief, characters: Characters, rng: np.random.Generator, width: int = 0
) -> Constraint:
    """width: see `templates`. Raises BadInput for an unknown form, or for a requirement that it
    cannot meet."""
    if not brief.form:
        check_characters(brief)
        return OpenChineseConstraint(brief, characters, rng)
    return TemplateConstraint(fit(templates(brief, rng, width), brief, characters, rng), characters)


def templates(
    brief: TextBrief, rng: np.random.Generator, width: int = 0
) -> Iterator[VerseTemplate]:
    """Every way to lay the form out, in an order of chance; old-style lines of `width` first."""
    if brief.form in SHAPES:
        starts = [STARTS[i] for i in rng.permutation(len(STARTS))] if brief.tones else [""]
        yield from (regulated(brief.form, start) for start in starts)
    elif brief.form in CI_TUNES:
        yield tune_template(brief.form, brief.tones)
    elif brief.form == "古体":
        yield from _old_styles(brief, rng, width)
    else:
        raise BadInput("form_unknown", form=brief.form)


def _old_styles(brief: TextBrief, rng: np.random.Generator, wanted: int) -> Iterator[VerseTemplate]:
    """Of five or seven as wanted, else by chance, as are length and tone; then the others."""
    if len(brief.acrostic) % 2:
        raise BadInput("acrostic_odd", count=len(brief.acrostic))
    lines = len(brief.acrostic) or int(rng.choice(OLD_LINES))
    tones = (LEVEL, OBLIQUE) if rng.random() < LEVEL_SHARE else (OBLIQUE, LEVEL)
    widths = rng.permutation(_widths(brief.prompt)).tolist()
    for width in sorted(widths, key=lambda each: each != wanted):
        if brief.length and not brief.acrostic:
            lines = old_lines(brief.length, width)
        yield from (old_style(lines, width, tone) for tone in tones)


def _widths(prompt: str) -> tuple[int, ...]:
    """Lines of five or seven, as the prompt begins."""
    marks = [i for i, c in enumerate(prompt.strip()) if not is_han(c)]
    return (marks[0],) if marks and marks[0] in (5, 7) else (5, 7)
