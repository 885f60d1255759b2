"""Every decoder and codec on all that was ever found, and on a few damaged inputs beside.

The long run, which counts, is `python -m tests.fuzz`.
"""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.fuzz.mutations import mutant
from tests.fuzz.targets import REFUSALS, TARGETS, corpus_of

FEW = 8
HEADS = (b"%PDF-1.4\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"RIFF", b"MThd", b"X:1\n", b"{", b"")


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read_or_refused(name: str) -> None:
    target, corpus = TARGETS[name], corpus_of(name)
    assert corpus
    inputs = corpus + [mutant(name, number, corpus) for number in range(FEW)]
    for file, data in inputs:
        try:
            target.read(data, file)
        except REFUSALS as refusal:
            assert str(refusal)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
@settings(
    max_examples=FEW,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
@given(head=st.sampled_from(HEADS), body=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(name: str, head: bytes, body: bytes) -> None:
    try:
        TARGETS[name].read(head + body, "any")
    except REFUSALS as refusal:
        assert str(refusal)


def test_an_input_is_made_from_its_number_alone() -> None:
    corpus = corpus_of("protocol")
    assert mutant("protocol", 7, corpus) == mutant("protocol", 7, corpus)
    assert len({mutant("protocol", number, corpus)[1] for number in range(20)}) > 15
