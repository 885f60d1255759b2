"""How each few-shot learner is made and trained on the glyphs: one table, nothing hidden.

All share the body Conv4 of `engine.meta.networks`; W is the number of ways.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.meta.context_networks import ContextConv4
from engine.meta.gradient_based import ANIL, CAVIA, GradientLearner, maml, meta_sgd
from engine.meta.inner_loop import FixedRate
from engine.meta.learned_optimizer import MetaLSTM
from engine.meta.learner import MetaLearner
from engine.meta.memory import MemoryAugmented
from engine.meta.meta_rnn import MetaRNN
from engine.meta.metric import Matching, Prototypical, Relation, Siamese
from engine.meta.networks import Conv4, conv4_classifier
from engine.meta.reptile import Reptile


@dataclass(frozen=True, slots=True)
class Recipe:
    """`tasks` of 5 ways a step (a quarter of it for 20 ways), `queries` a class, outer `rate`.

    steps: outer steps of the shipped weights, for 5 and for 20 ways.
    any_ways: one model, trained with `train_ways`, serves every number of ways.
    """

    make: Callable[[int], MetaLearner]
    steps: tuple[int, int] = (1500, 1500)
    rate: float = 1e-3
    final_share: float = 0.01
    optimizer: str = "adamw"
    decay: str = "cosine"
    tasks: int = 8
    queries: int = 2
    any_ways: bool = False
    train_ways: int = 20

    def steps_for(self, ways: int) -> int:
        return self.steps[0 if ways == 5 else 1]


INNER_RATE = 0.03  # α where one step must do: sharpness² α is 27


def inner_rate(ways: int) -> float:
    """α of several steps, in proportion to W, as each class has a share 1/W of the mean loss.

    Four times as much at 5 ways and the steps overshoot wherever there are more works than one.
    """
    return INNER_RATE * ways / 20


def cavia(ways: int) -> CAVIA:
    """Twenty context parameters a class: the paper's 100 for five ways, 400 for twenty."""
    network = ContextConv4(ways, each=20)
    return CAVIA(network, network.context, INNER_RATE, steps=3)


RECIPES: dict[str, Recipe] = {
    "MAML": Recipe(lambda w: maml(conv4_classifier(w), inner_rate(w), steps=3), steps=(300, 400)),
    "FOMAML": Recipe(
        lambda w: maml(conv4_classifier(w), inner_rate(w), steps=5, first_order=True),
        steps=(300, 800),
    ),
    "ANIL": Recipe(
        lambda w: ANIL(conv4_classifier(w), inner_rate(w), steps=5), steps=(300, 400), tasks=16
    ),
    "Meta-SGD": Recipe(
        lambda w: meta_sgd(conv4_classifier(w), INNER_RATE, steps=1), steps=(600, 800)
    ),
    "CAVIA": Recipe(cavia, steps=(700, 800)),
    "Reptile": Recipe(
        lambda w: Reptile(
            conv4_classifier(w), rule=FixedRate(inner_rate(w)), steps=w // 4 + 4, test_steps=5,
            minibatch=2 * w,
        ),
        steps=(200, 150),
        rate=0.2,
        final_share=0.0,
        optimizer="sgd",
        decay="linear",
        queries=9,
    ),
    "Meta-LSTM": Recipe(
        lambda w: GradientLearner(
            conv4_classifier(w), MetaLSTM(rate=inner_rate(w), max_rate=0.3), steps=5,
            first_order=True,
        ),
        steps=(150, 150),
        tasks=4,
    ),
    "MANN": Recipe(
        lambda w: MemoryAugmented(Conv4(), 128, w), steps=(700, 800), rate=2e-3, tasks=16
    ),
    "MetaRNN": Recipe(
        lambda w: MetaRNN(Conv4(), 128, w, each=24),
        steps=(600, 800),
        tasks=16,
    ),
    "Siamese": Recipe(
        lambda w: Siamese(Conv4(), w),
        steps=(400, 400), tasks=32, any_ways=True,
    ),
    "Prototypical": Recipe(
        lambda w: Prototypical(Conv4(), w),
        steps=(3200, 3200), rate=2e-3, tasks=32, any_ways=True,
    ),
    "Matching": Recipe(
        lambda w: Matching(Conv4(), w),
        steps=(400, 400), tasks=32, any_ways=True,
    ),
    "Relation": Recipe(
        lambda w: Relation(Conv4(depth=3), w),
        steps=(1000, 1000), tasks=16, any_ways=True,
    ),
}  # fmt: skip
