"""Frames: plain data passes whole, nothing else passes, and garbage raises."""

import io
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.core.decoding import wire
from engine.core.decoding.messages import Call
from engine.media.audio.codec.score import NOTE


@dataclass(frozen=True, slots=True, eq=False)
class Nest:
    rows: tuple[np.ndarray, ...]
    name: str | None = None


def test_arrays_of_every_kind_pass() -> None:
    notes = np.zeros(3, NOTE)
    notes["pitch"] = 60, 61, 62
    given_rows = (
        notes,
        np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2],
        np.zeros((2, 0), np.float64),
        np.array(7, np.int16),
    )
    found = wire.copied(Nest(given_rows, "床"), Nest)
    assert found.name == "床"
    for got, gave in zip(found.rows, given_rows, strict=True):
        assert got.dtype == gave.dtype
        assert got.shape == gave.shape
        assert np.array_equal(got, gave)


def test_objects_do_not_pass() -> None:
    with pytest.raises(TypeError):
        wire.copied(Nest((np.array([object()]),)), Nest)
    with pytest.raises(NotImplementedError):
        wire.copied(Nest((), name=io.BytesIO()), Nest)  # pyright: ignore[reportArgumentType]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_garbage_raises(data: bytes) -> None:
    with pytest.raises((EOFError, ValueError)):
        wire.read(io.BytesIO(data), Call)


def test_an_array_that_was_not_sent_is_no_frame() -> None:
    stream = io.BytesIO()
    wire.write(stream, Nest((np.zeros(3),)))
    whole = stream.getvalue()
    other = whole.replace(b"\xa6number\x00", b"\xa6number\x07")
    assert other != whole
    with pytest.raises(ValueError, match="no array 7"):
        wire.read(io.BytesIO(other), Nest)
