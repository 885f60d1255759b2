"""Several contexts at once: as if each work were alone."""

import pytest
import torch

from engine.sequence.choir import Choir
from engine.sequence.low_rank import Start, plain_start
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig
from engine.sequence.voice import Voice


class Stand:
    """A base that knows nothing."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        shape = TransformerConfig(vocabulary=30, layers=2, width=16, heads=2, hidden=16, context=64)
        self.model = Transformer(shape).eval()
        self.gate = Gate(5.0, -1.0, 0.5)
        self.start: Start = plain_start(self.model)
        self.opening = 0


CONTEXTS = [[0, 5, 6, 7, 5, 6], [0, 9, 8, 9, 8, 9], [0, 5, 6, 7, 5, 6]]


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 1.5])
def test_each_work_reads_as_if_it_were_alone(strength: float) -> None:
    base = Stand()
    choir = Choir(base, base.model, CONTEXTS, strength)
    alone = [Voice(base, base.model, context, [], strength) for context in CONTEXTS]
    written = [[3, 4, 5], [6, 7, 8], [1, 1, 2]]
    together = [choir.begin(), choir.next(written[0]), choir.next(written[1])]
    for lane, voice in enumerate(alone):
        steps = [voice.begin(1), voice.next([written[0][lane]]), voice.next([written[1][lane]])]
        for both, one in zip(together, steps, strict=True):
            assert torch.allclose(both[lane], one[0], atol=1e-5)


def test_reading_again_forgets_what_was_written_before() -> None:
    base = Stand()
    choir = Choir(base, base.model, CONTEXTS, 1.0)
    choir.begin()
    choir.next([1, 2, 3])
    again = choir.again([[4, 4, 4], [7, 8, 9]])
    fresh = Choir(base, base.model, CONTEXTS, 1.0)
    fresh.begin()
    fresh.next([4, 4, 4])
    assert torch.allclose(again, fresh.next([7, 8, 9]), atol=1e-5)
