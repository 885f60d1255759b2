"""The decoding child: what a decoder does in it harms that one file and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.core.decoding.decoder import ChildDecoder, DecoderFault, InProcessDecoder
from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.media import decoders
from tests.engine.core.decoding import odd_decoders as odd

pytestmark = pytest.mark.process
LONG_S = 600.0  # no test waits for it


@pytest.fixture
def decoder() -> Iterator[ChildDecoder]:
    decoder = ChildDecoder()
    yield decoder
    decoder.close()


def code_of(decoder: ChildDecoder, function, name: str = "a.txt", **given) -> str:
    with pytest.raises(BadInput) as caught:
        finished(decoder.decoding(function, b"abc", name, **given))
    assert name in str(caught.value)
    return caught.value.code


def process_of(decoder: ChildDecoder) -> int:
    return finished(decoder.decoding(odd.good, b"abc", "a.txt")).process


def test_one_child_decodes_file_after_file(decoder: ChildDecoder) -> None:
    found = finished(decoder.decoding(odd.good, b"abc", "a.txt", times=2))
    assert found.words == "a.txt 2"
    assert found.rows.tobytes() == b"abcabc"
    assert found.process != os.getpid()
    assert process_of(decoder) == found.process


def test_a_refusal_is_the_decoders_own_and_keeps_the_child(decoder: ChildDecoder) -> None:
    first = process_of(decoder)
    assert code_of(decoder, odd.refusing) == "no_words"
    with pytest.raises(DecoderFault) as caught:
        finished(decoder.decoding(odd.faulty, b"", "a"))
    assert caught.value.reason == "ZeroDivisionError"
    assert "odd_decoders" in str(caught.value), "for the log: where it was"
    assert process_of(decoder) == first


def test_a_crash_refuses_that_file_and_the_next_is_read(decoder: ChildDecoder) -> None:
    first = process_of(decoder)
    assert code_of(decoder, odd.crashing) == "decoder_crashed"
    assert process_of(decoder) != first


@pytest.mark.parametrize("hang", [odd.sleeping, odd.holding])
def test_a_hang_ends_with_the_deadline_even_inside_a_regular_expression(
    decoder: ChildDecoder, hang
) -> None:
    first = process_of(decoder)
    assert code_of(decoder, hang, seconds=0.3) == "slow_file"
    assert not psutil.pid_exists(first)
    assert process_of(decoder) != first


def test_memory_has_a_limit(decoder: ChildDecoder) -> None:
    assert code_of(decoder, odd.swelling, seconds=LONG_S) == "decoder_memory"
    assert process_of(decoder)


def test_nothing_is_written_sent_started_or_unpickled(
    decoder: ChildDecoder, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    assert finished(decoder.decoding(odd.writing, b"", str(kept))).parts == ()
    assert kept.read_text() == "mine"


def test_what_is_closed_is_ended(decoder: ChildDecoder) -> None:
    first = process_of(decoder)
    slices = decoder.decoding(odd.holding, b"", "a.txt", seconds=LONG_S)
    next(slices)
    slices.close()
    assert not psutil.pid_exists(first)
    assert process_of(decoder) != first


def test_the_child_has_no_networks_and_no_window() -> None:
    decoder = ChildDecoder()
    decoder.start([name for names in decoders.MODULES.values() for name in names])
    try:
        assert finished(decoder.decoding(odd.loaded, b"", "a")).parts == ()
    finally:
        decoder.close()


def test_a_child_that_cannot_start_is_our_fault_and_not_the_files() -> None:
    decoder = ChildDecoder()
    decoder.start(["no.such.module"])
    try:
        with pytest.raises(DecoderFault):
            finished(decoder.decoding(odd.good, b"", "a"))
    finally:
        decoder.close()


def test_the_decoder_of_tests_passes_the_same_data() -> None:
    found = finished(InProcessDecoder().decoding(odd.good, b"abc", "a.txt", times=2))
    assert (found.words, found.process) == ("a.txt 2", os.getpid())
    assert np.array_equal(found.rows, np.frombuffer(b"abcabc", np.uint8))
