"""The English forms: the constraint that holds one."""

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.constraint import Constraint
from engine.media.text.forms.dialogue import DialogueConstraint
from engine.media.text.forms.metre import SCHEMES, metre_of
from engine.media.text.forms.metrical import MetricalConstraint
from engine.media.text.forms.metrical_requirements import place_keywords, tidy
from engine.media.text.forms.open_english import OpenEnglishConstraint
from engine.media.text.forms.sounds import words_in
from engine.protocol import TextBrief

QUATRAIN_WORDS = 26  # in four lines of eight syllables
QUATRAINS, MAX_QUATRAINS = 3, 12


def english_constraint(brief: TextBrief, rng: np.random.Generator) -> Constraint:
    """Raises BadInput for a form that cannot meet the requirements of the brief."""
    check_requirements(brief)
    if brief.form == "dialogue":
        return DialogueConstraint(brief, rng)
    if brief.form in ("prose", "free verse", ""):
        return OpenEnglishConstraint(brief, rng)
    refusal: BadInput | None = None
    schemes = SCHEMES[brief.form]
    for i in rng.permutation(len(schemes)):
        try:
            return _metrical_constraint(brief, schemes[i], rng)
        except BadInput as error:
            refusal = error
    raise refusal or BadInput("form_unmet")


def check_requirements(brief: TextBrief) -> None:
    """Raises BadInput where a requirement is in another language, or an acrostic has no lines."""
    if brief.prompt.strip() and not words_in(brief.prompt):
        raise BadInput("prompt_script")
    if brief.acrostic and not (brief.acrostic.isascii() and brief.acrostic.isalpha()):
        raise BadInput("acrostic_script", acrostic=brief.acrostic)
    if brief.acrostic and brief.form in ("prose", "dialogue"):
        raise BadInput("acrostic_without_lines")
    for word in brief.keywords:
        if " ".join(words_in(word)) != word or not word:
            raise BadInput("keyword_script", word=word)


def _metrical_constraint(
    brief: TextBrief, scheme: str, rng: np.random.Generator
) -> MetricalConstraint:
    metre = metre_of(brief.form, scheme, stanzas(brief) if brief.form == "quatrains" else 1)
    if brief.acrostic and len(brief.acrostic) != metre.lines:
        raise BadInput("acrostic_length", lines=metre.lines, count=len(brief.acrostic))
    prompt = tidy(brief.prompt)
    present = f" {prompt.lower()} ".replace("\n", " ")
    words = tuple(w for w in brief.keywords if f" {w.lower()} " not in present)
    begun = len(prompt.split("\n")) if prompt else 0
    keywords = place_keywords(words, metre, begun, rng)
    constraint = MetricalConstraint(metre, brief.acrostic, keywords)
    if prompt:
        constraint.open_with(prompt)
    return constraint


def stanzas(brief: TextBrief) -> int:
    """How many quatrains. Raises BadInput for an acrostic that is not of whole ones."""
    if brief.acrostic:
        if len(brief.acrostic) % 4:
            raise BadInput("acrostic_fours", count=len(brief.acrostic))
        return len(brief.acrostic) // 4
    if not brief.length:
        return QUATRAINS
    return min(MAX_QUATRAINS, max(1, round(brief.length / QUATRAIN_WORDS)))
