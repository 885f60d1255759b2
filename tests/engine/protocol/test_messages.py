"""The protocol: every message survives its line, and nothing else passes for one."""

import json
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings, strategies as st

from engine import protocol
from engine.protocol import (
    AdaptRequest,
    CancelRequest,
    Event,
    GenerateRequest,
    Medium,
    PictureBrief,
    ProtocolError,
    Reference,
    Request,
    decode,
    encode,
)

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    NoneType: st.none(),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this type can hold."""
    if kind in PLAIN:
        return PLAIN[kind]
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(
            kind,
            **{field.name: values_of(hints[field.name]) for field in fields(kind) if field.init},
        )
    if isinstance(kind, type) and issubclass(kind, protocol.StrEnum):
        return st.sampled_from(list(kind))
    if isinstance(kind, TypeVar):
        return values_of(kind.__bound__)
    if isinstance(kind, UnionType):
        return st.one_of([values_of(part) for part in get_args(kind)])
    if get_origin(kind) is tuple and get_args(kind)[-1] is not Ellipsis:
        return st.tuples(*(values_of(part) for part in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return st.dictionaries(values_of(key), values_of(value), max_size=3)
    raise AssertionError(f"no strategy for {kind}")


KINDS = [get_origin(kind) or kind for kind in (*get_args(Request), *get_args(Event))]


def test_the_list_of_kinds_is_whole() -> None:
    assert {kind.__name__ for kind in KINDS} == {
        *("AdaptRequest", "GenerateRequest", "BlendRequest", "SketchRequest", "ExportRequest"),
        *("JudgeRequest", "LearnRequest", "JudgeResult"),
        *("CancelRequest", "ShutdownRequest", "Hello", "Progress", "Preview", "StyleResult"),
        *("PingRequest", "Pong"),
        *("ModelsRequest", "ModelsResult", "InspectRequest", "InspectResult"),
        *("InspectStyleRequest", "InspectStyleResult"),
        *("WorksResult", "SketchResult", "ExportResult", "Failure", "Cancelled"),
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_round_trip(kind: type, data: st.DataObject) -> None:
    message = data.draw(values_of(kind))
    line = encode(message)
    assert "\n" not in line
    assert decode(line) == message
    assert decode(line.encode()) == message
    assert type(decode(line)) is kind
    assert hasattr(message, "job_id")


def test_types_come_back_as_they_were() -> None:
    brief = PictureBrief(count=1, invention=1.0, tile=True)
    back = decode(encode(GenerateRequest(job_id="g", style="s", out_dir="d", brief=brief)))
    assert isinstance(back, GenerateRequest)
    assert back.brief == brief
    assert type(back.brief.medium) is Medium
    assert type(back.brief.invention) is float


@pytest.mark.parametrize(
    "name", ["🎨 große Welle.png", "two\nlines", 'quo"te', "back\\slash", "\u2028"]
)
def test_names_of_every_kind_stay_on_one_line(name: str) -> None:
    request = AdaptRequest(job_id="a", references=(Reference(path=name),), out="s")
    line = encode(request)
    assert len(line.split("\n")) == 1
    assert decode(line) == request


@pytest.mark.parametrize(
    "line",
    [
        "",
        "garbage",
        "null",
        "[]",
        "7",
        '"text"',
        "{}",
        '{"type": "Nobody", "job_id": "a"}',
        '{"type": ["CancelRequest"], "job_id": "a"}',
        '{"type": "CancelRequest"}',
        '{"type": "CancelRequest", "job_id": 7}',
        '{"type": "CancelRequest", "job_id": null}',
        '{"type": "AdaptRequest", "job_id": "a", "references": "x", "out": "s"}',
        '{"type": "AdaptRequest", "job_id": "a", "references": [{"path": 1}], "out": "s"}',
        '{"type": "AdaptRequest", "job_id": "a", "references": [], "out": "s", "medium": "smell"}',
        '{"type": "AdaptRequest", "job_id": "a", "references": [], "out": "s", "seed": "1"}',
        '{"type": "GenerateRequest", "job_id": "a", "style": "s", "out_dir": "d", "brief": null}',
        '{"type": "Failure", "job_id": "a", "kind": "unheard", "message": ""}',
        b"\xff\xfe{",
    ],
)
def test_anything_else_is_refused(line: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(line)


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60)))
def test_noise_is_refused(line: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(line)


@settings(deadline=None, max_examples=40)
@given(where=st.integers(0, 200), what=st.characters(codec="utf-8"))
def test_a_changed_line_is_a_message_or_refused(where: int, what: str) -> None:
    brief = PictureBrief(count=2, seed=7)
    line = encode(GenerateRequest(job_id="g", style="s", out_dir="d", brief=brief))
    where %= len(line)
    try:
        message = decode(line[:where] + what + line[where + 1 :])
    except ProtocolError:
        return
    assert isinstance(message, GenerateRequest | CancelRequest)


def test_an_error_quotes_a_short_piece_of_the_line() -> None:
    with pytest.raises(ProtocolError) as caught:
        decode("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_fields_of_a_later_version_are_passed_over() -> None:
    line = json.dumps({"type": "CancelRequest", "job_id": "a", "reason": "later"})
    assert decode(line) == CancelRequest(job_id="a")
