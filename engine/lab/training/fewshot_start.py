"""Where the few-shot learners begin: one body for all.

The body Conv4 of the prototypical network, trained on the training alphabets alone, is copied into
each of the others before its own training. So they differ in how they adapt, not in how well each
finds features from nothing.
"""

from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.weights import load_learner
from engine.meta.learner import MetaLearner
from engine.meta.networks import Conv4

BODY_OF = "Prototypical"


def begin(name: str, ways: int) -> MetaLearner:
    """A learner before its own training. Raises `WrongCheckpointError` where no body is shipped."""
    learner = RECIPES[name].make(ways)
    if name != BODY_OF:
        take_body(learner, load_learner(BODY_OF, ways))
    return learner


def take_body(learner: MetaLearner, source: MetaLearner) -> None:
    """Copy the source's Conv4 into the learner's (its first blocks where it is less deep)."""
    (body,) = [m for m in learner.modules() if isinstance(m, Conv4)]
    (trained,) = [m for m in source.modules() if isinstance(m, Conv4)]
    tensors = trained.state_dict()
    body.load_state_dict({name: tensors[name] for name in body.state_dict()})
