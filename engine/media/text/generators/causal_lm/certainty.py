"""How far the probabilities of a model are to be believed behind a few references.

Behind a page of text a model is surer of what comes than it should be, by how much depends on the
texts: of dialogues of few words it is rightly sure. So logits are multiplied by one number, the one
that would have expected the references best, each behind those before it (temperature scaling: Guo
et al. 2017; prequential choice: Dawid 1984). Five short texts tell little, so that the number which
was best over many voices counts too.
Legend: N tokens of the references, Vh tokens that may be written.
"""

import math
from collections.abc import Sequence

import torch

from engine.media.text.generators.causal_lm.adapters import pairs
from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.prompt import SEPARATOR
from engine.meta.inner_loop import Parameters

CERTAINTIES = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05)
USUAL = 0.92  # over the development sets of `lab.training.modern_sets` and voices held out
WORTH = 200.0  # nats that a number loses for each squared unit of log(number / USUAL)
UNHEARD = 1 / 3  # of the tokens, which have too little before them to tell


@torch.inference_mode()
def certainty_of(base: Base, head: Head, context: Sequence[int], updates: Parameters) -> float:
    """The best of CERTAINTIES for the references in `context` (N,); head: of certainty 1."""
    row = torch.tensor(list(context), device=base.decoder.device)
    first = max(1, round(UNHEARD * len(row)))
    marks = torch.tensor(base.tokens.encode(SEPARATOR), device=row.device)
    targets = head.places(row[first:])
    told = (targets >= 0) & ~torch.isin(row[first:], marks)
    states = base.decoder.states(row[None], adapters=pairs(updates))[0, first - 1 : -1]
    log_p, asked = head.log_p(states[told]), targets[told][:, None]

    def expected(certainty: float) -> float:
        said = certainty * log_p.gather(1, asked)[:, 0] - torch.logsumexp(certainty * log_p, 1)
        return float(said.sum()) - WORTH * math.log(certainty / USUAL) ** 2

    return max(CERTAINTIES, key=expected)
