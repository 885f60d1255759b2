"""Forms as constraints on decoding: what may come next, and whether a text keeps its form.

A form rules on strings (`constraint`); `token_mask` turns that into masks over the tokens of any
vocabulary. No generator is imported here.
"""

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.check_chinese import chinese_violations
from engine.media.text.forms.check_english import english_violations
from engine.media.text.forms.chinese import chinese_constraint
from engine.media.text.forms.constraint import Constraint
from engine.media.text.forms.english import english_constraint
from engine.media.text.forms.han import Characters
from engine.protocol import CHINESE_FORMS, CI_TUNES, ENGLISH_FORMS, TextBrief

__all__ = ["Constraint", "constraint_for", "violations"]

MAX_LENGTH = 1000  # characters or words


def constraint_for(
    brief: TextBrief,
    language: str,
    characters: Characters,
    rng: np.random.Generator,
    width: int = 0,
) -> Constraint:
    """The constraint that holds one work of the brief; `rng` decides what the brief leaves open.

    language: zh or en. characters: those that may be written (`Vocabulary.characters`). width: the
    line of old-style verse, 5 or 7; 0 is either. Raises BadInput for a brief that its form cannot
    meet.
    """
    check_form(brief, language)
    if language == "zh":
        return chinese_constraint(brief, characters, rng, width)
    return english_constraint(brief, rng)


def check_form(brief: TextBrief, language: str) -> None:
    """Raises BadInput for an unknown form, one of another language, an impossible length."""
    forms = {"zh": (*CHINESE_FORMS, *CI_TUNES), "en": ENGLISH_FORMS}
    if brief.form and brief.form not in (*forms["zh"], *forms["en"]):
        raise BadInput("form_unknown", form=brief.form)
    if brief.form and brief.form not in forms[language]:
        raise BadInput("form_language", form=brief.form)
    if not 0 <= brief.length <= MAX_LENGTH:
        raise BadInput("bad_length", length=brief.length, most=MAX_LENGTH)


def violations(text: str, brief: TextBrief, language: str) -> list[str]:
    """What a finished text lacks of its form and of what the brief requires, a sentence each; from
    the text alone."""
    if language == "zh":
        return chinese_violations(text, brief)
    return english_violations(text, brief)
