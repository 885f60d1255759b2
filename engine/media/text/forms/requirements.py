"""What the brief requires of Chinese verse: opening words, acrostic and keywords find their slots.

Every template of a form is tried, in the order given; the first that takes all of them is used.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.han import Characters, han, is_han
from engine.media.text.forms.rhymes import rhyme_book
from engine.media.text.forms.template import FREE, VerseTemplate
from engine.media.text.forms.template_constraint import rhymes_left
from engine.protocol import TextBrief

MAX_TRIES = 2000  # places tried for the keywords of one template


def fit(
    templates: Iterable[VerseTemplate],
    brief: TextBrief,
    characters: Characters,
    rng: np.random.Generator,
) -> VerseTemplate:
    """The first template that meets all requirements. Raises BadInput, of the last one, where none
    does."""
    check_characters(brief)
    refusal: BadInput | None = None
    for template in templates:
        try:
            opened = with_acrostic(with_prompt(template, brief.prompt), brief.acrostic)
            if not consistent(opened, characters):
                raise BadInput("opening_sound")
            return with_keywords(opened, brief.keywords, characters, rng)
        except BadInput as error:
            refusal = error
    raise refusal or BadInput("form_unmet")


def check_characters(brief: TextBrief) -> None:
    """Raises BadInput where a requirement has no Chinese characters, or something beside them."""
    if brief.prompt.strip() and not han(brief.prompt):
        raise BadInput("prompt_script")
    if not all(map(is_han, brief.acrostic)):
        raise BadInput("acrostic_script", acrostic=brief.acrostic)
    for word in brief.keywords:
        if not word or not all(map(is_han, word)):
            raise BadInput("keyword_script", word=word)


def with_prompt(template: VerseTemplate, prompt: str) -> VerseTemplate:
    """The first slots are the prompt's; its marks must fall where the template has some."""
    place = 0
    for character in prompt.strip():
        if not is_han(character):
            if place and place - 1 not in template.marks:
                raise BadInput("prompt_lines")
            continue
        if place >= len(template.slots) - 1:
            raise BadInput("prompt_long", most=len(template.slots) - 1)
        template = _fixed(template, place, character, "prompt_lines")
        place += 1
    return template


def with_acrostic(template: VerseTemplate, acrostic: str) -> VerseTemplate:
    if not acrostic:
        return template
    if len(acrostic) != template.lines:
        raise BadInput("acrostic_length", lines=template.lines, count=len(acrostic))
    for place, character in zip(template.first_slots(), acrostic, strict=True):
        template = _fixed(template, place, character, "acrostic_prompt")
    return template


def _fixed(template: VerseTemplate, place: int, character: str, code: str) -> VerseTemplate:
    """With that character in that slot. Raises BadInput where another must stand there."""
    root = template.slots[place].copy_of
    root = place if root < 0 else root
    slot = template.slots[root]
    if slot.fixed not in ("", character):
        raise BadInput(code)
    return template.with_slots({root: replace(slot, fixed=character)})


def consistent(template: VerseTemplate, characters: Characters) -> bool:
    """Whether what is fixed keeps the tones, and every rhyme still has words."""
    book = rhyme_book()
    fixed = [s for s in template.slots if s.fixed]
    if any(s.tone != FREE and not book.can_be(s.fixed, s.tone) for s in fixed):
        return False
    ends = [s.fixed for s in fixed if s.rhyme >= 0]
    groups = {s.rhyme for s in template.slots if s.rhyme >= 0}
    return len(ends) == len(set(ends)) and all(rhymes_left(template, g, characters) for g in groups)


def with_keywords(
    template: VerseTemplate,
    words: tuple[str, ...],
    characters: Characters,
    rng: np.random.Generator,
) -> VerseTemplate:
    """Each word in a run of slots of one line, the longest first. Raises BadInput."""
    tries = 0
    waiting = sorted(set(words), key=lambda w: (-len(w), w))

    def place(template: VerseTemplate, i: int) -> VerseTemplate | None:
        nonlocal tries
        if i == len(waiting):
            return template
        for start in places(template, waiting[i], rng):
            tries += 1
            if tries > MAX_TRIES:
                return None
            changes = {
                start + k: replace(template.slots[start + k], fixed=c)
                for k, c in enumerate(waiting[i])
            }
            placed = template.with_slots(changes)
            ends = any(slot.rhyme >= 0 for slot in changes.values())
            if (not ends or consistent(placed, characters)) and (done := place(placed, i + 1)):
                return done
        return None

    if done := place(template, 0):
        return done
    worst = next((w for w in waiting if not len(places(template, w, rng))), waiting[0])
    raise BadInput("keyword_place", word=worst)


def places(template: VerseTemplate, word: str, rng: np.random.Generator) -> list[int]:
    """Where the word can begin, in an order of chance; where it does not rhyme first."""
    book = rhyme_book()
    free, rhyming = [], []
    for start in rng.permutation(max(0, len(template.slots) - len(word) + 1)):
        run = template.slots[start : start + len(word)]
        if any(start + k in template.marks for k in range(len(word) - 1)):
            continue
        if all(
            s.copy_of < 0 and s.fixed in ("", c) and (s.tone == FREE or book.can_be(c, s.tone))
            for s, c in zip(run, word, strict=True)
        ):
            (rhyming if any(s.rhyme >= 0 and not s.fixed for s in run) else free).append(int(start))
    return free + rhyming
