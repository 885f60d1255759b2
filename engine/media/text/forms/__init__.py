"""Forms as hard constraints on decoding: what may come next, and whether a text keeps its form."""

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.check_chinese import chinese_violations
from engine.media.text.forms.check_english import english_violations
from engine.media.text.forms.chinese import chinese_rule
from engine.media.text.forms.english import english_rule
from engine.media.text.forms.rule import Rule, vocabulary_of
from engine.media.text.generators.maquette_lm.tokens import Tokens
from engine.messages import CHINESE_FORMS, CI_TUNES, ENGLISH_FORMS, TextBrief

__all__ = ["Rule", "rule_for", "violations"]

MAX_LENGTH = 1000  # characters or words


def rule_for(
    brief: TextBrief, language: str, tokens: Tokens, rng: np.random.Generator, width: int = 0
) -> Rule:
    """The rule that writes one work of the brief; `rng` decides what the brief leaves open.

    language: zh or en. width: the line of old-style verse, 5 or 7; 0 is either.
    Raises BadInput for a brief that its form cannot meet.
    """
    check_form(brief, language)
    vocabulary = vocabulary_of(tokens)
    if language == "zh":
        return chinese_rule(brief, vocabulary, rng, width)
    return english_rule(brief, vocabulary, rng)


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
    """What a finished text lacks of its form and wishes, a sentence each; from the text alone."""
    if language == "zh":
        return chinese_violations(text, brief)
    return english_violations(text, brief)
