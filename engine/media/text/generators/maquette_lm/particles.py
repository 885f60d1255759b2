"""The particles of a work: drafts that are written in parallel, and which of them go on.

A form takes words away from the model, and so leads it where only unlikely words are left. Drafts
that came there are replaced by copies of better ones: a particle filter over texts, in which the
weight of a particle is the product, token by token, of the probability that the model gives to what
the form allows (sequential Monte Carlo steering: Lew et al. 2023, algorithm 1; systematic
resampling: Kitagawa 1996).
Legend: B rows of the decoder, V vocabulary, D particles of one work.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.media.text.copying import Copying, CopyWatch, limit_of
from engine.media.text.forms import Constraint, constraint_for
from engine.media.text.forms.token_mask import TokenMask
from engine.media.text.forms.vocabulary import Vocabulary
from engine.media.text.generators.maquette_lm.spec import GenerationSpec
from engine.media.text.tokens import PAD
from engine.protocol import CHINESE_FORMS, CI_TUNES
from engine.sequence.decoder_session import DecoderSession
from engine.sequence.draw import RepetitionPenalty, draw

ROWS = 8  # B
TRIES = 24  # tokens that the copy check may refuse at one place
PENALTY = {"zh": 0.7, "en": 0.25}  # nats, each time that a token was written
_PARTICLES = {
    **dict.fromkeys((*CHINESE_FORMS, *CI_TUNES), 4),
    **dict.fromkeys(("sonnet", "quatrains", "haiku"), 8),
}


def particles_of(form: str) -> int:
    """D, a divisor of ROWS: the more the form takes away, the more."""
    return _PARTICLES.get(form, 2)


@dataclass(slots=True)
class DecodingContext:
    """What all works of a job share. repeatable (V,) bool: tokens that are never penalised."""

    spec: GenerationSpec
    vocabulary: Vocabulary
    session: DecoderSession
    copying: Copying
    repeatable: np.ndarray


@dataclass(slots=True)
class Particle:
    """One draft of one work.

    log_weight: log of the probability that the form left, over all tokens since resampling.
    log_likelihood: of the `choices` tokens that were the model's own choice.
    """

    mask: TokenMask[Constraint]
    watch: CopyWatch
    rng: np.random.Generator
    repetition: RepetitionPenalty
    choices: int = 0
    log_likelihood: float = 0.0
    log_weight: float = 0.0

    @property
    def done(self) -> bool:
        return self.mask.done

    @property
    def mean_log_likelihood(self) -> float:
        return self.log_likelihood / max(1, self.choices)

    def push(self, token: int) -> None:
        self.watch.push(self.mask.text_of(token))
        self.mask.push(token)
        self.repetition.count(token)

    def copy(self, rng: np.random.Generator) -> "Particle":
        """The same draft so far, which goes on by random numbers of its own."""
        return replace(
            self,
            mask=self.mask.copy(),
            watch=copy.copy(self.watch),
            rng=rng,
            repetition=self.repetition.copy(),
        )


def begin(context: DecodingContext, seed: int, index: int) -> Particle:
    """The empty particle `index` of the work with this seed."""
    spec = context.spec
    constraint = constraint_for(
        replace(spec.brief, seed=seed),
        spec.language,
        context.vocabulary.characters,
        np.random.default_rng((seed, index)),
        spec.width,
    )
    return Particle(
        TokenMask(constraint, context.vocabulary),
        CopyWatch(context.copying, limit_of(spec.brief.copy_limit, context.copying.language)),
        np.random.default_rng((seed, index, 1)),
        RepetitionPenalty(context.vocabulary.size, PENALTY[spec.language], context.repeatable),
    )


def step(
    context: DecodingContext, particles: Sequence[Particle], log_probs: np.ndarray
) -> list[int]:
    """One more token of every particle, PAD of those that are done; log_probs (B, V)."""
    row = []
    for particle, log_p in zip(particles, log_probs, strict=False):
        if particle.done:
            row.append(PAD)
            continue
        bias = particle.mask.bias()
        token = _drawn(context, particle, log_p, bias)
        allowed = bias > -np.inf
        particle.log_weight += float(np.log(np.exp(log_p[allowed]).sum() + 1e-20))
        if np.count_nonzero(allowed) > 1:
            particle.log_likelihood += float(log_p[token])
            particle.choices += 1
        particle.push(token)
        row.append(token)
    return row


def _drawn(
    context: DecodingContext, particle: Particle, log_p: np.ndarray, bias: np.ndarray
) -> int:
    """A token that the form allows; one that would copy too much only where nothing else may."""
    brief, bias = context.spec.brief, bias.copy()
    scores = particle.repetition.apply(log_p)
    token = draw(scores, bias, particle.rng, brief.temperature, brief.top_p)
    for _ in range(TRIES):
        if particle.watch.allows(particle.mask.text_of(token)):
            return token
        bias[token] = -np.inf
        if not (bias > -np.inf).any():
            break
        token = draw(scores, bias, particle.rng, brief.temperature, brief.top_p)
    return token
