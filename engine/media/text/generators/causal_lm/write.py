"""Style and brief → texts, several at once, token by token.

Every work is drafted several times, and one draft is delivered (see `choice`). There are always
`PARTICLES` of them, filled or not: a row of a matrix product depends on how many rows there are,
and a work must be the same whether it is written alone or among others.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np

from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.media.text.copying import Copying, Language, Source, limit_of
from engine.media.text.forms import constraint_for, violations
from engine.media.text.forms.token_mask import TokenMask
from engine.media.text.generators.causal_lm.adapters import pairs
from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.choice import Choice
from engine.media.text.generators.causal_lm.drafts import (
    PARTICLES,
    DraftState,
    Rule,
    Setting,
    begin,
    one_token,
)
from engine.media.text.generators.causal_lm.form_rule import FormRule, vocabulary_of
from engine.media.text.generators.causal_lm.manner import Manner
from engine.media.text.generators.causal_lm.open_rule import OpenRule
from engine.media.text.generators.causal_lm.pieces import Pieces
from engine.media.text.generators.causal_lm.preferences import token_gains
from engine.media.text.generators.causal_lm.prompt import tidy
from engine.media.text.generators.causal_lm.repetition import said_once_in, usual_in
from engine.media.text.generators.causal_lm.style import CausalStyle
from engine.media.text.generators.causal_lm.verse import Steering, Verse, verse_of
from engine.media.text.generators.causal_lm.voice import Reader, Voice
from engine.media.text.works import Written
from engine.protocol import TextBrief
from engine.sequence.particles import resample

DRAFTS = 8  # of each work
USUAL_TEMPERATURE = 0.9  # of a brief, which stands for the temperature that reads best:
READS_BEST: dict[Language, float] = {"en": 0.95, "zh": 0.85}
LONG, READS_LONG = 400, 0.85  # characters, from which on a text loses its thread above it
LEAST_SHARE = 0.1  # of the likeliest token's
USUAL_RUN: dict[Language, int] = {"en": 5, "zh": 6}  # words, characters; references are few
SHOW_EVERY = 4  # tokens between two looks at a work in progress
MOST_TOKENS = 2000  # of one work
_CHARACTERS_A_UNIT = {"zh": 1.15, "en": 5.8}  # of a character (zh) or word (en), marks and spaces


def write(
    base: Base, style: CausalStyle, names: Sequence[str], brief: TextBrief
) -> Generator[Advance, None, list[Written]]:
    """The works of a brief; yields how far it is, with the texts as they stand.

    names: of the references, for the copy report. Raises BadInput.
    """
    head = style.head(base)
    verse = None if has_form(brief) or brief.length else verse_of(style.texts)
    setting = _setting(base, style, head, names, brief, verse)
    choice = Choice(base, head, style.texts, setting.copying.language, verse)
    voice = voice_of(base, style, head, brief.strength, brief.follow)
    works: list[Written] = []
    at_once = PARTICLES // setting.drafts
    for first in range(0, brief.count, at_once):
        seeds = range(brief.seed + first, brief.seed + min(first + at_once, brief.count))
        works += yield from _group(setting, voice, choice, seeds, works, brief)
    return works


def voice_of(
    base: Base, style: CausalStyle, head: Head, strength: float, follow: float = 1.0
) -> Voice:
    """With the references, as ratings moved it; where the strength is not 1, against nobody's."""
    context = style.context(base)
    styled = Reader.of(base, head, context, pairs(style.following(follow)))
    if strength == 1:
        return Voice([(styled, 1.0)])
    plain = Reader.of(base, head, base.opening or context[:1])
    return Voice([(styled, strength), (plain, 1.0 - strength)])


def _setting(
    base: Base,
    style: CausalStyle,
    head: Head,
    names: Sequence[str],
    brief: TextBrief,
    verse: Verse | None,
) -> Setting:
    manner = _asked(style.manner, brief)
    pieces = Pieces.of(base.tokens)
    place = np.full(base.tokens.size, -1)
    place[head.ids] = np.arange(len(head.ids))
    language: Language = "zh" if "HAN" in manner.scripts else "en"
    gains = None
    if style.worth is not None and brief.follow:
        gains = token_gains(base, head.ids, style.worth, brief.follow)
    sources = [Source(n, t) for n, t in zip(names, style.texts, strict=True)]
    rows = [base.tokens.encode(tidy(text)) for text in style.texts]
    return Setting(
        head.ids,
        place,
        pieces,
        rules_of(base, pieces, manner, brief, language, verse),
        Copying(sources, language),
        min(limit_of(brief.copy_limit, language), USUAL_RUN[language]),
        manner.refrains,
        usual_in(rows, pieces),
        said_once_in(rows, pieces),
        brief.temperature / USUAL_TEMPERATURE * _reads_best(language, manner) * head.certainty,
        brief.top_p,
        LEAST_SHARE,
        gains,
        DRAFTS,
        has_form(brief),
    )


def _reads_best(language: Language, manner: Manner) -> float:
    """The temperature, which falls with the length of the works."""
    best = READS_BEST[language]
    share = min(1.0, sum(manner.characters) / 2 / LONG)
    return best - share * max(0.0, best - READS_LONG)


def rules_of(
    base: Base,
    pieces: Pieces,
    manner: Manner,
    brief: TextBrief,
    language: Language,
    verse: Verse | None = None,
) -> Callable[[int, int], Rule]:
    """What makes the rule of each draft: of a form where one is asked for, or words that must
    come; else that of the references' manner. Raises BadInput for a form that cannot be met."""
    if not has_form(brief):
        led = Steering(verse, pieces) if verse else None
        return lambda seed, draft: OpenRule(base.tokens, pieces, manner, brief.prompt, led)
    if language == "en" and not brief.form:
        brief = replace(brief, form="free verse" if manner.lines[1] > 1 else "prose")

    vocabulary = vocabulary_of(base.tokens)

    def rule(seed: int, draft: int) -> Rule:
        rng, own = np.random.default_rng((seed, draft)), replace(brief, seed=seed)
        characters = vocabulary.characters
        constraint = constraint_for(own, language, characters, rng, manner.width)
        return FormRule(TokenMask(constraint, vocabulary))

    rule(brief.seed, 0)  # refused at once
    return rule


def has_form(brief: TextBrief) -> bool:
    """Whether a rule of `engine.media.text.forms` writes it."""
    return bool(brief.form or brief.keywords or brief.acrostic or brief.tones)


def _asked(manner: Manner, brief: TextBrief) -> Manner:
    """The references' manner, at the length that the brief asks for."""
    if not brief.length:
        return manner
    unit = _CHARACTERS_A_UNIT["zh" if "HAN" in manner.scripts else "en"]
    length = brief.length * unit
    factor = length / max(1.0, sum(manner.characters) / 2)
    lines = (max(1, round(manner.lines[0] * factor)), max(1, round(manner.lines[1] * factor)))
    return replace(manner, characters=(round(0.85 * length), round(1.15 * length)), lines=lines)


def _group(
    setting: Setting,
    voice: Voice,
    choice: Choice,
    seeds: Sequence[int],
    before: list[Written],
    brief: TextBrief,
) -> Generator[Advance, None, list[Written]]:
    """As many works as the particles hold, each with all its drafts."""
    drafts = setting.drafts
    particles = [begin(setting, seed, draft) for seed in seeds for draft in range(drafts)]
    stay, log_probs = list(range(len(particles))), voice.begin(PARTICLES)
    for step in range(MOST_TOKENS):
        row = one_token(setting, particles, log_probs.numpy())
        order = resample(particles, drafts) if setting.forced else stay
        if step % SHOW_EVERY == 0:
            yield _advance(particles[::drafts], before, brief.count)
        if all(particle.done for particle in particles):
            break
        if order != stay:
            row = [row[i] for i in order]
            voice.take([*order, *range(len(particles), PARTICLES)])
        row += [row[0]] * (PARTICLES - len(row))
        log_probs = voice.next([[token] for token in row])
    scores = choice.scores(particles)
    for i, particle in enumerate(particles):
        if has_form(brief) and violations(particle.rule.text(), brief, setting.copying.language):
            scores[i] = -np.inf
    groups = [slice(i, i + drafts) for i in range(0, len(particles), drafts)]
    return [_best(setting, particles[group], scores[group]) for group in groups]


def _advance(particles: Sequence[DraftState], before: list[Written], count: int) -> Advance:
    """particles: the first draft of each work."""
    rules = [particle.rule for particle in particles]
    shares = [1.0 if particle.done else _share(particle) for particle in particles]
    done = len(before) + len(rules) * sum(shares) / len(shares)
    texts = (*(work.text for work in before), *(rule.text() for rule in rules))
    return Advance(min(done, count - 0.01), count, texts=texts)


def _share(particle: DraftState) -> float:
    rule = particle.rule
    if isinstance(rule, OpenRule):
        return min(0.95, len(rule.body) / rule.manner.characters[1])
    return 0.5


def _best(setting: Setting, particles: Sequence[DraftState], scores: np.ndarray) -> Written:
    """Raises BadInput where no draft came to a proper end."""
    if not np.isfinite(scores).any():
        raise BadInput("no_end")
    text = particles[int(scores.argmax())].rule.text()
    return Written(text, setting.copying.check(text))
