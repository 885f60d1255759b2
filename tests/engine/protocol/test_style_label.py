"""The label of a shared style: it comes off without a trace, and harms nobody."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, strategies as st

from engine.core.style import Style, load_style
from engine.protocol import Medium
from engine.protocol.style_label import StyleLabel, label_of, labelled, unlabelled

STYLE = Style(Medium.IMAGE, {"table": torch.arange(6.0)}, ())
LABEL = StyleLabel('Waves 浪 "1" {}', 3, 2, bytes(range(18)))


def test_a_labelled_style_is_the_same_style(tmp_path: Path) -> None:
    plain, path = STYLE.to_bytes(), tmp_path / "shared.style"
    path.write_bytes(labelled(plain, LABEL))
    assert label_of(path.read_bytes()) == LABEL
    assert unlabelled(path.read_bytes()) == plain
    assert unlabelled(plain) == plain
    assert label_of(plain) is None
    digest = STYLE.save(tmp_path / "plain.style")
    assert load_style(path).digest == digest


def test_a_second_label_takes_the_place_of_the_first() -> None:
    twice = labelled(labelled(STYLE.to_bytes(), LABEL), StyleLabel("Hills"))
    assert twice == labelled(STYLE.to_bytes(), StyleLabel("Hills"))


@pytest.mark.parametrize("data", [b"", b"no style", bytes(8), STYLE.to_bytes()[:20]])
def test_what_is_no_style_stays_what_it_is(data: bytes) -> None:
    assert unlabelled(data) == data
    assert label_of(data) is None


def test_a_picture_larger_than_it_says_is_not_unpacked() -> None:
    bomb = StyleLabel("bomb", 3, 2, bytes(10_000_000))
    assert label_of(labelled(STYLE.to_bytes(), bomb)) is None
    assert label_of(labelled(STYLE.to_bytes(), StyleLabel("wide", 9999, 1, bytes(29997)))) is None


def test_a_label_without_an_end_of_brackets_is_none() -> None:
    header = b'{"__metadata__":{"maquette_label":' + b"[" * 100_000
    data = len(header).to_bytes(8, "little") + header
    assert unlabelled(data) == data
    assert label_of(data) is None


@given(place=st.integers(0, 600), change=st.integers(1, 255))
def test_a_damaged_label_is_no_other_label(place: int, change: int) -> None:
    data = bytearray(labelled(STYLE.to_bytes(), LABEL))
    data[place % len(data)] ^= change
    assert label_of(bytes(data)) in (LABEL, None)
    unlabelled(bytes(data))
