"""Several contexts at once: as if each work were alone."""

import pytest
import torch

from engine.sequence.batched_decoder import BatchedDecoder
from engine.sequence.decoder_session import DecoderSession
from engine.sequence.low_rank import AdapterStart, plain_start
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig


class Stand:
    """A base that knows nothing."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        shape = TransformerConfig(vocabulary=30, layers=2, width=16, heads=2, hidden=16, context=64)
        self.model = Transformer(shape).eval()
        self.gate = Gate(5.0, -1.0, 0.5)
        self.start: AdapterStart = plain_start(self.model)
        self.opening = 0


CONTEXTS = [[0, 5, 6, 7, 5, 6], [0, 9, 8, 9, 8, 9], [0, 5, 6, 7, 5, 6]]


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 1.5])
def test_each_work_reads_as_if_it_were_alone(strength: float) -> None:
    base = Stand()
    decoder = BatchedDecoder(base, base.model, CONTEXTS, strength)
    alone = [DecoderSession(base, base.model, context, [], strength) for context in CONTEXTS]
    written = [[3, 4, 5], [6, 7, 8], [1, 1, 2]]
    together = [decoder.begin(), decoder.next(written[0]), decoder.next(written[1])]
    for work, session in enumerate(alone):
        steps = [
            session.begin(1),
            session.next([written[0][work]]),
            session.next([written[1][work]]),
        ]
        for both, one in zip(together, steps, strict=True):
            assert torch.allclose(both[work], one[0], atol=1e-5)


def test_reading_again_forgets_what_was_written_before() -> None:
    base = Stand()
    decoder = BatchedDecoder(base, base.model, CONTEXTS, 1.0)
    decoder.begin()
    decoder.next([1, 2, 3])
    again = decoder.restart([[4, 4, 4], [7, 8, 9]])
    fresh = BatchedDecoder(base, base.model, CONTEXTS, 1.0)
    fresh.begin()
    fresh.next([4, 4, 4])
    assert torch.allclose(again, fresh.next([7, 8, 9]), atol=1e-5)


def test_works_of_a_group_read_as_if_they_were_alone_and_may_leave() -> None:
    base = Stand()
    decoder = BatchedDecoder(base, base.model, CONTEXTS[:2], 1.5, each=2, rows=6)
    alone = [DecoderSession(base, base.model, CONTEXTS[work // 2], [], 1.5) for work in range(4)]
    written = [[3, 4, 5, 6, 0, 0], [6, 7, 8, 9, 0, 0], [1, 2, 3, 4, 0, 0]]
    together = [decoder.begin(), decoder.next(written[0])]
    decoder.leave(0)
    together += [decoder.next(written[1]), decoder.restart(written[1:])]
    for work, session in enumerate(alone):
        steps = [session.begin(1), *(session.next([row[work]]) for row in written[:2])]
        session.begin(1)
        steps.append(session.restart([[row[work]] for row in written[1:]]))
        for number, (both, one) in enumerate(zip(together, steps, strict=True)):
            assert (number > 1 and work < 2) or torch.allclose(both[work], one[0], atol=1e-5)


def test_a_work_is_the_same_to_the_bit_whatever_is_beside_it() -> None:
    base = Stand()
    alone = BatchedDecoder(base, base.model, CONTEXTS[1:2], 1.0, each=2, rows=6)
    among = BatchedDecoder(base, base.model, CONTEXTS, 1.0, each=2, rows=6)
    both = [
        (alone.begin()[:2], among.begin()[2:4]),
        (alone.next([3, 4, 0, 0, 0, 0])[:2], among.next([8, 9, 3, 4, 5, 6])[2:4]),
    ]
    among.leave(2)
    both.append((alone.next([5, 5, 0, 0, 0, 0])[:2], among.next([8, 9, 5, 5, 0, 0])[2:4]))
    for one, other in both:
        assert torch.equal(one, other)
