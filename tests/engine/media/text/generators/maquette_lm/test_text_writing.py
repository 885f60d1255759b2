"""References to works: what is read, what the brief asks, and texts that keep what was promised."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.media.text.forms import violations
from engine.media.text.generators.maquette_lm import write as writing
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.spec import spec_of
from engine.media.text.generators.maquette_lm.weights import Shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece, tune_of
from engine.media.text.tokens import START, TEXT, WORK, Tokens, special
from engine.protocol import TextBrief
from engine.sequence.adapt import StyleTensors, blend, context_of, works_of
from engine.sequence.decoder_session import DecoderSession
from engine.sequence.draw import RepetitionPenalty, draw
from engine.sequence.low_rank import adapted, fit, mixed, plain_start
from engine.sequence.memory import ContinuousCache, Gate
from engine.sequence.model import Transformer, TransformerConfig
from tests.engine.handmade import CPU

pytestmark = pytest.mark.weights

POEMS = (
    "空山不见人，\n但闻人语响。\n返景入深林，\n复照青苔上。",
    "独坐幽篁里，\n弹琴复长啸。\n深林人不知，\n明月来相照。",
    "人闲桂花落，\n夜静春山空。\n月出惊山鸟，\n时鸣春涧中。",
)
TUNE = "昨夜雨疏风骤。\n浓睡不消残酒。\n试问卷帘人，却道海棠依旧。\n知否。\n知否。\n应是绿肥红瘦。"
BRIEF = TextBrief(count=2, seed=3)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens.load()


@pytest.fixture(scope="module")
def model(tokens: Tokens) -> Transformer:
    return tiny(tokens)


@pytest.fixture(autouse=True)
def small(model: Transformer, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        writing, "shipped", lambda device: Shipped(model, tokens, Gate(), plain_start(model))
    )


def styled(tokens: Tokens, *texts: str, language: str = "zh", title: str = "") -> StyleTensors:
    pieces = [WeightedPiece(piece(text, language, title)) for text in texts]
    return finished(adapt(pieces, base_of(tokens)))


def base_of(tokens: Tokens) -> Shipped:
    model = tiny(tokens)
    return Shipped(model, tokens, Gate(), plain_start(model))


def tiny(tokens: Tokens) -> Transformer:
    """Random weights, always the same."""
    torch.manual_seed(0)
    config = TransformerConfig(vocabulary=tokens.size, layers=2, width=32, heads=2, hidden=48)
    return Transformer(config).eval()


@pytest.mark.parametrize(
    ("text", "title", "form", "heading"),
    [
        (POEMS[0], "鹿柴", "五绝", ""),
        (TUNE, "如梦令", "词", "如梦令"),
        (TUNE, "如梦令（春晚）", "词", "如梦令"),
        (TUNE, "", "古诗", ""),
        ("春眠不觉晓，处处闻啼鸟。" * 5, "", "五古", ""),
    ],
)  # fmt: skip
def test_chinese_is_read_by_its_lines(text: str, title: str, form: str, heading: str) -> None:
    found = piece(text, "zh", title)
    assert (found.form, found.heading) == (form, heading)
    assert "\n" not in found.text


def test_long_sentences_are_prose() -> None:
    text = "晋太元中武陵人捕鱼为业缘溪行忘路之远近，忽逢桃花林夹岸数百步中无杂树芳草鲜美落英缤纷。"
    assert piece(text, "zh").form == "文"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("\n".join(["Shall I compare thee to a summer's day"] * 14), "sonnet"),
        ("The sea is calm tonight,\nthe tide is full", "verse"),
        ("HAM.\nTo be, or not to be.\n\nOPH.\nMy lord?\n\nHAM.\nWell.", "drama"),
        ("It is a truth universally acknowledged, that a single man must want a wife.", "prose"),
    ],
)
def test_english_is_read_by_its_lines(text: str, form: str) -> None:
    assert piece(text, "en").form == form


@pytest.mark.parametrize(
    ("title", "tune"),
    [("孤雁儿・御街行", "孤雁儿・御街行"), ("菩萨蛮・别名", "菩萨蛮"), ("", ""), ("A title", "")],
)
def test_a_title_may_name_a_tune(title: str, tune: str) -> None:
    assert tune_of(title) == tune


def test_the_context_is_every_work_with_its_head(tokens: Tokens) -> None:
    style = styled(tokens, *POEMS)
    row = context_of(style, START, 500)
    assert row[0] == START
    assert row.count(WORK) == 3
    assert special("五绝") in row
    assert sum(len(work) for work in works_of(style)) + 1 == len(row)


def test_a_narrow_room_is_shared_by_weight(tokens: Tokens) -> None:
    texts = ["春眠不觉晓，处处闻啼鸟。" * 40, "夜来风雨声，花落知多少。" * 40, POEMS[0]]
    pieces = [WeightedPiece(piece(t, "zh"), w) for t, w in zip(texts, (3.0, 1.0, 1.0), strict=True)]
    style = finished(adapt(pieces, base_of(tokens)))
    row = context_of(style, START, 301)
    assert len(row) <= 301
    counts = Counter(row)
    assert counts[tokens.encode("春")[0]] > 2 * counts[tokens.encode("声")[0]]
    assert works_of(style)[2][:20] == row[1:][: len(works_of(style)[2])][:20] or WORK in row


def test_a_blend_holds_both_and_weighs_them(tokens: Tokens) -> None:
    first, second = styled(tokens, POEMS[0]), styled(tokens, POEMS[1], POEMS[2])
    mixed = blend([first, second], [3, 1])
    assert works_of(mixed) == works_of(first) + works_of(second)
    torch.testing.assert_close(mixed["weights"], torch.tensor([0.75, 0.125, 0.125]))


def test_without_a_form_the_references_decide(tokens: Tokens) -> None:
    assert spec_of(styled(tokens, *POEMS), BRIEF, tokens).brief.form == "五绝"
    tune = spec_of(styled(tokens, TUNE, title="如梦令"), BRIEF, tokens)
    assert (tune.brief.form, tune.piece.form, tune.piece.heading) == ("如梦令", "词", "如梦令")
    prose = spec_of(styled(tokens, "It is so. " * 30, language="en"), BRIEF, tokens)
    assert (prose.language, prose.brief.form) == ("en", "prose")


def test_a_form_may_be_another_language_than_the_references(tokens: Tokens) -> None:
    spec = spec_of(styled(tokens, *POEMS), replace(BRIEF, form="haiku"), tokens)
    assert (spec.language, spec.piece.form) == ("en", "verse")


@pytest.mark.parametrize("form", ["五绝", "七律", "如梦令", "古体", ""])
def test_works_keep_their_form(tokens: Tokens, form: str) -> None:
    style = styled(tokens, *POEMS)
    brief = spec_of(style, replace(BRIEF, form=form), tokens).brief
    works = finished(write(style, ["a", "b", "c"], brief, CPU))
    assert len(works) == 2
    assert len({work.text for work in works}) == 2
    for work in works:
        assert violations(work.text, brief, "zh") == []
        assert 0 <= work.copied.share <= 1


def test_a_work_is_the_same_alone_and_among_others(tokens: Tokens) -> None:
    style = styled(tokens, *POEMS)
    many = finished(write(style, ["a", "b", "c"], replace(BRIEF, count=6), CPU))
    alone = finished(
        write(style, ["a", "b", "c"], replace(BRIEF, count=1, seed=BRIEF.seed + 5), CPU)
    )
    assert many[5] == alone[0]


def test_the_words_are_shown_as_they_come(tokens: Tokens) -> None:
    slices = list(write(styled(tokens, *POEMS), ["a", "b", "c"], BRIEF, CPU))
    shown = [s.texts for s in slices]
    assert all(len(texts) == 2 for texts in shown)
    assert len(shown[0][0]) < len(shown[-1][0])
    assert [s.done for s in slices] == sorted(s.done for s in slices)


def test_no_run_is_longer_than_the_limit(
    tokens: Tokens, model: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that would repeat the reference is kept from it."""
    style = styled(tokens, POEMS[2])
    body = works_of(style)[0]
    body = body[body.index(TEXT) + 1 :]

    class Parrot(DecoderSession):
        at = 0

        def begin(self, count: int) -> torch.Tensor:
            Parrot.at = 0
            return self._said(count)

        def next(self, tokens) -> torch.Tensor:
            Parrot.at += 1
            return self._said(len(tokens))

        def _said(self, count: int) -> torch.Tensor:
            log_probs = torch.zeros(count, model.config.vocabulary)
            log_probs[:, body[Parrot.at % len(body)]] = 30.0
            return log_probs

    monkeypatch.setattr(writing, "DecoderSession", Parrot)
    free = finished(write(style, ["a"], replace(BRIEF, form="五绝", copy_limit=40), CPU))
    assert free[0].copied.run == 20
    kept = finished(write(style, ["a"], replace(BRIEF, form="五绝", copy_limit=6), CPU))
    assert all(work.copied.run <= 6 for work in kept)


def test_an_impossible_form_is_refused_before_anything_is_written(tokens: Tokens) -> None:
    with pytest.raises(BadInput):
        next(write(styled(tokens, *POEMS), ["a"] * 3, replace(BRIEF, form="limerick"), CPU))


def test_strength_moves_from_the_base_to_the_references(tokens: Tokens, model: Transformer) -> None:
    context = context_of(styled(tokens, *POEMS), START, 400)
    head = tokens.heads([piece(POEMS[0], "zh")])[0]
    base = Shipped(model, tokens, Gate(), plain_start(model))
    none, half, full = (
        DecoderSession(base, model, context, head, s).begin(1) for s in (0.0, 0.5, 1.0)
    )
    assert not torch.allclose(none, full, atol=1e-4)
    torch.testing.assert_close(half, torch.log_softmax((none + full) / 2, -1))


def test_drawing_follows_the_shares() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.2]))
    rng = np.random.default_rng(0)
    free = np.zeros(3, np.float32)
    counts = Counter(draw(logits, free, rng, 1.0, 1.0) for _ in range(4000))
    assert abs(counts[0] / 4000 - 0.5) < 0.04
    assert abs(counts[2] / 4000 - 0.2) < 0.03
    assert {draw(logits, free, rng, 1.0, 0.6) for _ in range(200)} == {0, 1}
    assert {draw(logits, np.array([-np.inf, 0, -np.inf]), rng, 1.0, 1.0)} == {1}
    assert {draw(logits, free, rng, 0.01, 1.0) for _ in range(50)} == {0}


def test_said_again_costs() -> None:
    repetition = RepetitionPenalty(3, 0.5, np.array([False, False, True]))
    for token in (0, 0, 2):
        repetition.count(token)
    assert repetition.apply(np.zeros(3)).tolist() == [-1.0, 0.0, 0.0]


def test_the_memory_prefers_what_followed_something_alike() -> None:
    states = torch.eye(3)
    memory = ContinuousCache.of(states, torch.tensor([4, 5, 6]))
    log_p = torch.full((1, 8), 1 / 8).log()
    mixed = memory.mixed(states[1:2], log_p, Gate(sharpness=20.0, closed=0.0, slope=2.0)).exp()
    assert int(mixed.argmax()) == 5
    torch.testing.assert_close(mixed.sum(), torch.tensor(1.0))
    shut = memory.mixed(states[1:2], log_p, Gate(closed=-60.0, slope=0.0))
    torch.testing.assert_close(shut, log_p)


def test_gradient_steps_bring_the_references_nearer(tokens: Tokens) -> None:
    model = tiny(tokens)
    row = [START, *tokens.works([piece(POEMS[0], "zh")])[0]]
    start = plain_start(model, rate=1e-2)
    updates = finished(fit(model, start, row, steps=6))

    @torch.no_grad()
    def nats(model: Transformer) -> float:
        logits = model(torch.tensor([row[:-1]]))[0]
        return float(torch.nn.functional.cross_entropy(logits, torch.tensor(row[1:])))

    assert nats(adapted(model, updates)) < nats(model) - 0.01
    untouched = adapted(model, start.updates)
    assert nats(untouched) == pytest.approx(nats(model))
    both = mixed([updates, plain_start(model, seed=1).updates], [1, 1])
    assert nats(adapted(model, updates)) < nats(adapted(model, both)) < nats(model)
    assert len(list(fit(model, start, row, seconds=0))) <= 1
