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


def test_works_of_a_group_read_as_if_they_were_alone_and_may_leave() -> None:
    base = Stand()
    choir = Choir(base, base.model, CONTEXTS[:2], 1.5, each=2, rows=6)
    alone = [Voice(base, base.model, CONTEXTS[lane // 2], [], 1.5) for lane in range(4)]
    written = [[3, 4, 5, 6, 0, 0], [6, 7, 8, 9, 0, 0], [1, 2, 3, 4, 0, 0]]
    together = [choir.begin(), choir.next(written[0])]
    choir.leave(0)
    together += [choir.next(written[1]), choir.again(written[1:])]
    for lane, voice in enumerate(alone):
        steps = [voice.begin(1), *(voice.next([row[lane]]) for row in written[:2])]
        voice.begin(1)
        steps.append(voice.again([[row[lane]] for row in written[1:]]))
        for number, (both, one) in enumerate(zip(together, steps, strict=True)):
            assert (number > 1 and lane < 2) or torch.allclose(both[lane], one[0], atol=1e-5)


def test_a_work_is_the_same_to_the_bit_whatever_is_beside_it() -> None:
    base = Stand()
    alone = Choir(base, base.model, CONTEXTS[1:2], 1.0, each=2, rows=6)
    among = Choir(base, base.model, CONTEXTS, 1.0, each=2, rows=6)
    both = [
        (alone.begin()[:2], among.begin()[2:4]),
        (alone.next([3, 4, 0, 0, 0, 0])[:2], among.next([8, 9, 3, 4, 5, 6])[2:4]),
    ]
    among.leave(2)
    both.append((alone.next([5, 5, 0, 0, 0, 0])[:2], among.next([8, 9, 5, 5, 0, 0])[2:4]))
    for one, other in both:
        assert torch.equal(one, other)
