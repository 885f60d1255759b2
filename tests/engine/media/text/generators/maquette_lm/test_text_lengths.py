"""Long works outgrow the model's memory and go on; old-style lines follow the references."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
import torch

from engine.core.progress import finished
from engine.media.text.forms import violations
from engine.media.text.generators.maquette_lm import spec as specs, write as writing
from engine.media.text.generators.maquette_lm.spec import spec_of, usual_width
from engine.media.text.generators.maquette_lm.weights import Shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece
from engine.media.text.tokens import START, Tokens
from engine.protocol import TextBrief
from engine.sequence.adapt import StyleTensors
from engine.sequence.decoder_session import DecoderSession
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig
from tests.engine.handmade import CPU

FIVE = "空山不见人，但闻人语响。返景入深林，复照青苔上。"
SEVEN = "独在异乡为异客，每逢佳节倍思亲。遥知兄弟登高处，遍插茱萸少一人。"
UNEVEN = "昨夜雨疏风骤。浓睡不消残酒。试问卷帘人，却道海棠依旧。知否。知否。应是绿肥红瘦。"
PROSE = "The rain fell on the road, and nobody came. " * 4
BRIEF = TextBrief(count=1, seed=3)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens.load()


@pytest.fixture(scope="module")
def model(tokens: Tokens) -> Transformer:
    torch.manual_seed(0)
    config = TransformerConfig(vocabulary=tokens.size, layers=2, width=32, heads=2, hidden=48)
    return Transformer(config).eval()


def base_of(model: Transformer, tokens: Tokens) -> Shipped:
    """What writing needs of all that is shipped."""
    return cast(Shipped, SimpleNamespace(model=model, tokens=tokens, gate=Gate(), opening=START))


def style_of(
    tokens: Tokens, *texts: str, language: str = "zh", weights: tuple = ()
) -> StyleTensors:
    rows = tokens.works([piece(text, language) for text in texts])
    starts = [sum(map(len, rows[:i])) for i in range(len(rows) + 1)]
    return {
        "tokens": torch.tensor([t for row in rows for t in row], dtype=torch.int32),
        "starts": torch.tensor(starts, dtype=torch.int32),
        "weights": torch.tensor(weights or [1.0] * len(rows)),
    }


# ---- long works --------------------------------------------------------------------------------


def test_reading_again_is_as_if_only_the_end_had_been_written(
    model: Transformer, tokens: Tokens
) -> None:
    base = base_of(model, tokens)
    head, context = tokens.heads([piece(FIVE, "zh")])[0], [START, *tokens.encode(SEVEN)]
    rows = [[100 + i, 200 + 3 * i] for i in range(12)]
    for strength in (1.0, 0.5):
        went_on, anew = (DecoderSession(base, model, context, head, strength) for _ in range(2))
        for session in (went_on, anew):
            session.begin(2)
        expected = torch.empty(0)
        for row in rows[-4:]:
            expected = went_on.next(row)
        for row in rows[:-4]:
            anew.next(row)
        assert torch.allclose(anew.restart(rows[-4:]), expected, atol=1e-4)
        assert torch.allclose(anew.next([7, 8]), went_on.next([7, 8]), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "language"), [("", "zh"), ("prose", "en"), ("dialogue", "en")])
def test_a_work_longer_than_the_memory_keeps_its_form(
    model: Transformer,
    tokens: Tokens,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    language: str,
) -> None:
    monkeypatch.setattr(writing, "shipped", lambda device: base_of(model, tokens))
    monkeypatch.setattr(specs, "_WINDOW", 32)
    style = style_of(tokens, UNEVEN if language == "zh" else PROSE, language=language)
    brief = replace(BRIEF, form=form, length=110)
    advances = []
    slices = write(style, ["a"], brief, CPU)
    while True:
        try:
            advances.append(next(slices))
        except StopIteration as end:
            works = end.value
            break
    assert violations(works[0].text, spec_of(style, brief, tokens).brief, language) == []
    shares = [advance.done / advance.total for advance in advances]
    assert shares == sorted(shares)
    assert shares[-1] <= 1
    assert [w.text for w in finished(write(style, ["a"], brief, CPU))] == [works[0].text]


def test_long_works_leave_room_for_the_references(tokens: Tokens) -> None:
    style = style_of(tokens, PROSE, language="en")
    long = spec_of(style, replace(BRIEF, form="prose", length=1000), tokens)
    assert long.room > 3000
    assert long.window < 700
    short = spec_of(style, replace(BRIEF, form="haiku"), tokens)
    assert short.window == short.room


# ---- old-style verse ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "weights", "width"),
    [
        ((FIVE,), (), 5),
        ((SEVEN,), (), 7),
        ((FIVE, SEVEN, SEVEN), (), 7),
        ((FIVE, SEVEN, SEVEN), (5.0, 1.0, 1.0), 5),
        ((UNEVEN,), (), 0),
    ],
)
def test_the_usual_line_of_the_references(
    tokens: Tokens, texts: tuple[str, ...], weights: tuple[float, ...], width: int
) -> None:
    assert usual_width(style_of(tokens, *texts, weights=weights), tokens) == width


@pytest.mark.slow
@pytest.mark.parametrize(("text", "width", "head"), [(FIVE, 5, "五古"), (SEVEN, 7, "七古")])
def test_old_style_lines_are_as_long_as_the_references(
    model: Transformer,
    tokens: Tokens,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    width: int,
    head: str,
) -> None:
    monkeypatch.setattr(writing, "shipped", lambda device: base_of(model, tokens))
    style, brief = style_of(tokens, text), replace(BRIEF, form="古体", count=3)
    assert spec_of(style, brief, tokens).piece.form == head
    for work in finished(write(style, ["a"], brief, CPU)):
        assert {len(line) - 1 for line in work.text.split("\n")} == {width}
    other = "欲穷千里目，" if width == 7 else "劝君更尽一杯酒，"
    prompted = finished(write(style, ["a"], replace(brief, count=1, prompt=other), CPU))[0]
    assert {len(line) - 1 for line in prompted.text.split("\n")} == {len(other) - 1}
