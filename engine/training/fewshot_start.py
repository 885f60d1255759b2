"""Where the few-shot learners begin: one body for all that adapt by gradients, memory or state.

The body Conv4 of the prototypical network, trained on the training alphabets alone, is copied into
each of them before its own training; a linear head begins at zero, as it then favours no label.
Where a recipe asks for a gain, the features begin so many times larger: a head that begins at zero
then learns faster beside the body (logits after a step grow with the square of the features).
So they differ in how they adapt. The metric learners, whose work is the body, begin at random.
"""

import torch

from engine.meta.learner import MetaLearner
from engine.meta.networks import BodyAndHead, Conv4
from engine.training.fewshot_recipes import RECIPES
from engine.training.weights import load_learner

BODY_OF = "Prototypical"


def begin(name: str, ways: int) -> MetaLearner:
    """A learner before its own training. Raises `WrongCheckpointError` where no body is shipped."""
    learner = RECIPES[name].make(ways)
    if RECIPES[name].from_body:
        take_body(learner, load_learner(BODY_OF, ways), RECIPES[name].gain_for(ways))
    return learner


def take_body(learner: MetaLearner, source: MetaLearner, gain: float = 1.0) -> None:
    """Copy the source's Conv4 into the learner's (its first blocks where it is less deep).

    gain: multiplies the last block's normalisation, so that the features are so many times larger.
    """
    (body,) = [m for m in learner.modules() if isinstance(m, Conv4)]
    (trained,) = [m for m in source.modules() if isinstance(m, Conv4)]
    tensors = trained.state_dict()
    last = f"blocks.{len(body.blocks) - 1}.norm."
    for name in body.state_dict():
        if name.startswith(last):
            tensors[name] = tensors[name] * gain
    body.load_state_dict({name: tensors[name] for name in body.state_dict()})
    for module in learner.modules():
        if isinstance(module, BodyAndHead):
            torch.nn.init.zeros_(module.head.weight)
            torch.nn.init.zeros_(module.head.bias)
