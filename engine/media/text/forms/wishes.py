"""The artist's wishes in a Chinese plan: opening words, acrostic and keywords find their slots.

Every plan that a form has is tried, in the order given; the first that takes all wishes is written.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.plan import FREE, Plan
from engine.media.text.forms.rhymes import rhyme_book
from engine.media.text.forms.rule import Vocabulary, han, is_han
from engine.media.text.forms.slots import rhymes_left
from engine.messages import TextBrief

MAX_TRIES = 2000  # places tried for the keywords of one plan


def fit(
    plans: Iterable[Plan], brief: TextBrief, vocabulary: Vocabulary, rng: np.random.Generator
) -> Plan:
    """The first plan that takes every wish. Raises BadInput, of the last plan that does not."""
    check_characters(brief)
    refusal: BadInput | None = None
    for plan in plans:
        try:
            opened = with_acrostic(with_prompt(plan, brief.prompt), brief.acrostic)
            if not sound(opened, vocabulary):
                raise BadInput("opening_sound")
            return with_keywords(opened, brief.keywords, vocabulary, rng)
        except BadInput as error:
            refusal = error
    raise refusal or BadInput("form_unmet")


def check_characters(brief: TextBrief) -> None:
    """Raises BadInput where a wish has no Chinese characters, or something beside them."""
    if brief.prompt.strip() and not han(brief.prompt):
        raise BadInput("prompt_script")
    if not all(map(is_han, brief.acrostic)):
        raise BadInput("acrostic_script", acrostic=brief.acrostic)
    for word in brief.keywords:
        if not word or not all(map(is_han, word)):
            raise BadInput("keyword_script", word=word)


def with_prompt(plan: Plan, prompt: str) -> Plan:
    """The first slots are the prompt's; its marks and breaks must fall where the plan has some."""
    place = 0
    for character in prompt.strip():
        if not is_han(character):
            if place and place - 1 not in plan.marks:
                raise BadInput("prompt_lines")
            continue
        if place >= len(plan.slots) - 1:
            raise BadInput("prompt_long", most=len(plan.slots) - 1)
        plan = _fixed(plan, place, character, "prompt_lines")
        place += 1
    return plan


def with_acrostic(plan: Plan, acrostic: str) -> Plan:
    if not acrostic:
        return plan
    if len(acrostic) != plan.lines:
        raise BadInput("acrostic_length", lines=plan.lines, count=len(acrostic))
    for place, character in zip(plan.first_slots(), acrostic, strict=True):
        plan = _fixed(plan, place, character, "acrostic_prompt")
    return plan


def _fixed(plan: Plan, place: int, character: str, code: str) -> Plan:
    """With that character in that slot. Raises BadInput where another must stand there."""
    root = plan.slots[place].copy_of
    root = place if root < 0 else root
    slot = plan.slots[root]
    if slot.fixed not in ("", character):
        raise BadInput(code)
    return plan.with_slots({root: replace(slot, fixed=character)})


def sound(plan: Plan, vocabulary: Vocabulary) -> bool:
    """Whether what is fixed keeps the tones, and every rhyme still has words."""
    book = rhyme_book()
    fixed = [s for s in plan.slots if s.fixed]
    if any(s.tone != FREE and not book.can_be(s.fixed, s.tone) for s in fixed):
        return False
    ends = [s.fixed for s in fixed if s.rhyme >= 0]
    groups = {s.rhyme for s in plan.slots if s.rhyme >= 0}
    return len(ends) == len(set(ends)) and all(rhymes_left(plan, g, vocabulary) for g in groups)


def with_keywords(
    plan: Plan, words: tuple[str, ...], vocabulary: Vocabulary, rng: np.random.Generator
) -> Plan:
    """Each word in a run of slots of one line, the longest first. Raises BadInput."""
    tries = 0
    waiting = sorted(set(words), key=lambda w: (-len(w), w))

    def place(plan: Plan, i: int) -> Plan | None:
        nonlocal tries
        if i == len(waiting):
            return plan
        for start in places(plan, waiting[i], rng):
            tries += 1
            if tries > MAX_TRIES:
                return None
            changes = {
                start + k: replace(plan.slots[start + k], fixed=c) for k, c in enumerate(waiting[i])
            }
            placed = plan.with_slots(changes)
            ends = any(slot.rhyme >= 0 for slot in changes.values())
            if (not ends or sound(placed, vocabulary)) and (done := place(placed, i + 1)):
                return done
        return None

    if done := place(plan, 0):
        return done
    worst = next((w for w in waiting if not len(places(plan, w, rng))), waiting[0])
    raise BadInput("keyword_place", word=worst)


def places(plan: Plan, word: str, rng: np.random.Generator) -> list[int]:
    """Where the word can begin, in an order of chance; where it does not rhyme first."""
    book = rhyme_book()
    free, rhyming = [], []
    for start in rng.permutation(max(0, len(plan.slots) - len(word) + 1)):
        run = plan.slots[start : start + len(word)]
        if any(start + k in plan.marks for k in range(len(word) - 1)):
            continue
        if all(
            s.copy_of < 0 and s.fixed in ("", c) and (s.tone == FREE or book.can_be(c, s.tone))
            for s, c in zip(run, word, strict=True)
        ):
            (rhyming if any(s.rhyme >= 0 and not s.fixed for s in run) else free).append(int(start))
    return free + rhyming
