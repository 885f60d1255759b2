"""How each few-shot learner is made and trained on the glyphs: one table, nothing hidden.

All share the body Conv4 of `engine.meta.networks`; W is the number of ways.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.meta.gradient_based import ANIL, CAVIA, GradientLearner, maml, meta_sgd
from engine.meta.inner_loop import FixedRate
from engine.meta.learned_optimizer import MetaLSTM
from engine.meta.learner import MetaLearner
from engine.meta.memory import MemoryAugmented
from engine.meta.meta_rnn import MetaRNN
from engine.meta.metric import Matching, Prototypical, Relation, Siamese
from engine.meta.networks import ContextConv4, Conv4, conv4_classifier
from engine.meta.reptile import Reptile


@dataclass(frozen=True, slots=True)
class Recipe:
    """`tasks` of 5 ways a step (a quarter of it for 20 ways), `queries` a class, outer `rate`.

    steps: outer steps of the shipped weights, for 5 and for 20 ways.
    any_ways: one model, trained with `train_ways`, serves every number of ways.
    from_body: begins with the shared body (`engine.training.fewshot_start`), else at random.
    gains: the shared body's features begin so many times larger, for 5 and for 20 ways.
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
    from_body: bool = True
    gains: tuple[float, float] = (1.0, 1.0)

    def steps_for(self, ways: int) -> int:
        return self.steps[0 if ways == 5 else 1]

    def gain_for(self, ways: int) -> float:
        return self.gains[0 if ways == 5 else 1]


def inner_rate(ways: int) -> float:
    """α in proportion to W: each class has a share 1/W of the mean support loss."""
    return 0.02 * ways


def cavia(ways: int) -> CAVIA:
    """Twenty context parameters a class: the paper's 100 for five ways, 400 for twenty."""
    context, width = 20 * ways, None if ways <= 5 else 2048
    network = ContextConv4(ways, context=context, width=width)
    return CAVIA(network, context, 50 * inner_rate(ways), steps=2)


RECIPES: dict[str, Recipe] = {
    "MAML": Recipe(lambda w: maml(conv4_classifier(w), inner_rate(w), steps=3), steps=(500, 700)),
    "FOMAML": Recipe(
        lambda w: maml(
            conv4_classifier(w),
            0.1,
            steps=5,
            test_steps=10 if w <= 5 else 5,
            first_order=True,
        ),
        steps=(250, 300),
        rate=3e-4,
        gains=(1.0, 3.0),
    ),
    "ANIL": Recipe(
        lambda w: ANIL(conv4_classifier(w), 2 * inner_rate(w), steps=5),
        steps=(300, 400),
        tasks=16,
    ),
    "Meta-SGD": Recipe(
        lambda w: meta_sgd(conv4_classifier(w), inner_rate(w), steps=1), steps=(1200, 1500)
    ),
    "CAVIA": Recipe(cavia, steps=(700, 600), rate=2e-3),
    "Reptile": Recipe(
        lambda w: Reptile(
            conv4_classifier(w),
            rule=FixedRate(0.1),
            steps=w // 4 + 4,
            test_steps=12 if w <= 5 else 5,
            minibatch=2 * w,
        ),
        steps=(200, 60),
        rate=0.2,
        gains=(1.0, 3.0),
        final_share=0.0,
        optimizer="sgd",
        decay="linear",
        queries=9,
    ),
    "Meta-LSTM": Recipe(
        lambda w: GradientLearner(
            conv4_classifier(w), MetaLSTM(rate=0.1), steps=3 if w <= 5 else 5, first_order=True
        ),
        steps=(80, 80),
        tasks=4,
        gains=(1.0, 3.0),
    ),
    "MANN": Recipe(
        lambda w: MemoryAugmented(Conv4(), 128, w), steps=(700, 800), rate=2e-3, tasks=16
    ),
    "MetaRNN": Recipe(
        lambda w: MetaRNN(Conv4(), 128, w, hidden=256 if w <= 5 else 512),
        steps=(1200, 1200),
        rate=2e-3,
        tasks=16,
    ),
    "Siamese": Recipe(
        lambda w: Siamese(Conv4(), w),
        steps=(965, 965), rate=2e-3, tasks=32, any_ways=True, from_body=False,
    ),
    "Prototypical": Recipe(
        lambda w: Prototypical(Conv4(), w),
        steps=(3200, 3200), rate=2e-3, tasks=32, any_ways=True, from_body=False,
    ),
    "Matching": Recipe(
        lambda w: Matching(Conv4(), w),
        steps=(1088, 1088), rate=2e-3, tasks=32, any_ways=True, from_body=False,
    ),
    "Relation": Recipe(
        lambda w: Relation(Conv4(depth=3), w),
        steps=(600, 600), rate=2e-3, tasks=16, any_ways=True, train_ways=5, from_body=False,
    ),
}  # fmt: skip
