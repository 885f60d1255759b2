"""Converting, adapting and writing, over a tiny model of random numbers."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.media.text.forms import violations
from engine.media.text.generators.causal_lm import (
    base as base_module,
    style as style_module,
    write as write_module,
)
from engine.media.text.generators.causal_lm.adapters import (
    Learned,
    has_turned_back,
    pairs,
    plain_start,
    start_for,
)
from engine.media.text.generators.causal_lm.base import Base, Head, load
from engine.media.text.generators.causal_lm.certainty import CERTAINTIES, certainty_of
from engine.media.text.generators.causal_lm.choice import Choice, in_order
from engine.media.text.generators.causal_lm.conversion import convert, read_about
from engine.media.text.generators.causal_lm.expect import expected
from engine.media.text.generators.causal_lm.manner import Manner
from engine.media.text.generators.causal_lm.open_rule import OpenRule
from engine.media.text.generators.causal_lm.pieces import Pieces, ends_sentence, with_quotes_closed
from engine.media.text.generators.causal_lm.prompt import SEPARATOR, context_of
from engine.media.text.generators.causal_lm.repetition import Repetition, said_once_in
from engine.media.text.generators.causal_lm.sources import model_at
from engine.media.text.generators.causal_lm.style import (
    CausalStyle,
    adapt,
    best_steps,
    blend,
    folds_of,
)
from engine.media.text.generators.causal_lm.voice import Reader, Voice
from engine.media.text.generators.causal_lm.write import write
from engine.protocol import TextBrief
from tests.engine.media.text.generators.causal_lm import tiny_models

CPU = torch.device("cpu")
ENGLISH = ("the sea keeps its light.\nthe stone keeps rain.", "rain and the door.\nopen, the sea.")
CHINESE = ("山水风月，夜雨人家。", "一片孤城，万里风雨。")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    finished(convert(model_at(tiny_models.gguf(place / "tiny.gguf")), place / "tiny"))
    return place / "tiny"


@pytest.fixture(scope="module")
def base(folder: Path) -> Base:
    return load(folder, CPU, torch.float32)


def style(base: Base, texts: tuple[str, ...] = ENGLISH) -> CausalStyle:
    return CausalStyle(texts, (1.0,) * len(texts), base.about.digest, {})


def brief(**fields: object) -> TextBrief:
    return replace(TextBrief(count=2), **fields)  # pyright: ignore[reportArgumentType]


# ---- conversion --------------------------------------------------------------------------------


def test_a_conversion_that_was_stopped_goes_on(tmp_path: Path) -> None:
    model, place = model_at(tiny_models.gguf(tmp_path / "t.gguf")), tmp_path / "out"
    slices = convert(model, place)
    for advance in slices:
        if advance.done >= 4:
            break
    slices.close()
    with pytest.raises(BadInput):
        read_about(place)
    first = place / "layer_000.safetensors"
    made = first.stat().st_mtime_ns
    about = finished(convert(model, place))
    assert first.stat().st_mtime_ns == made
    assert read_about(place) == about
    assert set(about.files) >= {"tokenizer.json", "tables.safetensors", "layer_002.safetensors"}


def test_a_damaged_conversion_says_so(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(folder, place)
    path = place / "layer_001.safetensors"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadInput) as caught:
        load(place, CPU)
    assert caught.value.code == "model_damaged"


def test_half_precision_thinks_nearly_the_same(folder: Path, base: Base) -> None:
    half = load(folder, CPU, torch.bfloat16)
    text = ENGLISH[0]
    found = [
        expected(each, style(each).head(each), each.opening, [text])[0].nats.mean()
        for each in (base, half)
    ]
    assert abs(found[0] - found[1]) < 0.1


# ---- reading -----------------------------------------------------------------------------------


def test_a_context_has_the_weightiest_reference_last(base: Base) -> None:
    context = context_of(base, ["the sea.", "rain."], [2.0, 1.0], 200)
    assert context[0] == base.tokens.opening
    assert base.tokens.decode(context) == f"rain.{SEPARATOR}the sea.{SEPARATOR}"


def test_a_context_that_is_too_long_is_cut(base: Base) -> None:
    context = context_of(base, ["the sea keeps the light. " * 40, "rain. " * 30], [1.0, 2.0], 80)
    assert len(context) <= 80
    assert base.tokens.decode(context).endswith(SEPARATOR)


def test_nats_of_a_text_do_not_depend_on_its_neighbours(base: Base) -> None:
    head = style(base).head(base)
    context = style(base).context(base)
    texts = ["the sea.", "rain and the stone, open."]
    together = expected(base, head, context, texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = expected(base, head, context, [text])
        assert np.allclose(alone.nats, found.nats, atol=1e-4)
        assert found.characters == len(text)


def test_texts_keep_to_the_scripts_of_their_references(base: Base) -> None:
    ids = style(base, CHINESE).head(base).ids
    pieces = [base.tokens.pieces[i] for i in ids]
    assert "山水" in pieces
    assert not any(c.isascii() and c.isalpha() for piece in pieces for c in piece)


def test_a_strength_of_one_is_the_styled_reader_alone(base: Base) -> None:
    own = style(base)
    head = own.head(base)
    styled, plain = Reader.of(base, head, own.context(base)), Reader.of(base, head, base.opening)
    both = Voice([(styled, 1.0), (plain, 0.0)]).begin(2)
    assert torch.allclose(both, styled.begin(2))
    half = Voice([(styled, 0.5), (plain, 0.5)]).begin(1)
    assert half.exp().sum() == pytest.approx(1.0, abs=1e-4)


# ---- adaptation --------------------------------------------------------------------------------


def test_a_base_that_has_only_read_can_still_be_adapted(folder: Path) -> None:
    """What was computed without gradients is not in the way of gradients."""
    fresh = load(folder, CPU, torch.float32)
    expected(fresh, style(fresh).head(fresh), fresh.opening, [ENGLISH[0]])
    assert finished(adapt(ENGLISH, (1.0, 1.0), fresh, plain_start(fresh.decoder, rate=3e-3)))


def test_loras_own_start_changes_nothing(base: Base) -> None:
    start = plain_start(base.decoder)
    row = torch.tensor([style(base).context(base)])
    assert torch.equal(
        base.decoder.states(row), base.decoder.states(row, adapters=pairs(start.updates))
    )
    assert not start.learned


def test_steps_make_the_references_likelier(base: Base) -> None:
    start = plain_start(base.decoder, rate=3e-3)
    adapted = finished(adapt(ENGLISH, (1.0, 1.0), base, start))
    head, context = adapted.head(base), base.opening
    before = expected(base, head, context, ENGLISH)
    after = expected(base, head, context, ENGLISH, pairs(adapted.updates))
    assert sum(e.nats.sum() for e in after) < sum(e.nats.sum() for e in before)


def test_no_number_goes_further_than_its_steps(base: Base) -> None:
    start = plain_start(base.decoder, rate=1e-3)
    adapted = finished(adapt(ENGLISH, (1.0, 1.0), base, start))
    for name, tensor in adapted.updates.items():
        assert (tensor - start.updates[name]).abs().max() <= start.steps * 1.6e-3, name


def test_a_base_without_a_learned_start_has_loras(base: Base, tmp_path: Path) -> None:
    assert not start_for(base, tmp_path).learned


def test_a_style_is_kept_whole(base: Base) -> None:
    adapted = finished(
        adapt((*ENGLISH, "山水。"), (1.0, 2.0, 1.0), base, plain_start(base.decoder))
    )
    again = CausalStyle.of_tensors(adapted.tensors())
    assert (again.texts, again.weights, again.digest) == (
        adapted.texts,
        adapted.weights,
        adapted.digest,
    )
    assert again.updates.keys() == adapted.updates.keys()


def test_a_blend_has_the_references_of_both(base: Base) -> None:
    one = finished(adapt(ENGLISH[:1], (1.0,), base, plain_start(base.decoder)))
    two = finished(adapt(ENGLISH, (1.0, 3.0), base, plain_start(base.decoder)))
    both = blend([one, two], [1.0, 1.0])
    assert both.texts == (*one.texts, *two.texts)
    assert both.weights == pytest.approx((0.5, 0.125, 0.375))
    name = next(key for key in both.updates if key.endswith(".b"))
    a, b = both.updates[name.removesuffix(".b") + ".a"], both.updates[name]
    parts = [s.updates[name] @ s.updates[name.removesuffix(".b") + ".a"] for s in (one, two)]
    mean = torch.stack(parts).mean(0)
    assert torch.allclose(b @ a, mean, atol=1e-6)


def test_styles_of_two_models_do_not_blend(base: Base) -> None:
    other = CausalStyle(ENGLISH, (1.0, 1.0), "0" * 64, {})
    with pytest.raises(BadInput) as caught:
        blend([style(base), other], [1.0, 1.0])
    assert caught.value.code == "model_blend"


# ---- writing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
def test_works_end_properly_and_are_as_long_as_the_references(
    base: Base, texts: tuple[str, ...]
) -> None:
    own = style(base, texts)
    works = finished(write(base, own, ["a", "b"], brief(count=3, seed=4)))
    low, high = own.manner.characters
    for work in works:
        assert low <= len(work.text) <= 1.5 * high + 12
        assert ends_sentence(work.text)
        assert "***" not in work.text
        assert work.text == work.text.strip()


def test_a_work_is_the_same_alone_and_among_others(base: Base) -> None:
    own = style(base)
    several = finished(write(base, own, ["a", "b"], brief(count=3, seed=7)))
    alone = finished(write(base, own, ["a", "b"], brief(count=1, seed=8)))
    assert alone[0].text == several[1].text


def test_works_are_seen_growing(base: Base) -> None:
    shown = [a.texts for a in write(base, style(base), ["a", "b"], brief(count=2)) if a.texts]
    assert any(0 < len(texts[0]) < 20 for texts in shown)
    assert all(len(texts) <= 2 for texts in shown)


def test_a_text_begins_with_the_words_asked_for(base: Base) -> None:
    (work,) = finished(
        write(base, style(base), ["a", "b"], brief(count=1, prompt="the stone", seed=2))
    )
    assert work.text.startswith("the stone")


def test_no_long_run_stands_in_a_reference(base: Base) -> None:
    works = finished(write(base, style(base), ["a", "b"], brief(count=4, copy_limit=2)))
    assert all(work.copied.run <= 2 for work in works)


def test_a_length_is_kept_where_one_is_asked_for(base: Base) -> None:
    (work,) = finished(write(base, style(base), ["a", "b"], brief(count=1, length=30, seed=3)))
    assert 0.8 * 30 * 5.8 <= len(work.text) <= 1.8 * 30 * 5.8


@pytest.mark.parametrize(
    ("texts", "form"), [(CHINESE, "五绝"), (ENGLISH, "haiku"), (ENGLISH, "quatrains")]
)
def test_a_form_is_kept(base: Base, texts: tuple[str, ...], form: str) -> None:
    asked = brief(count=2, form=form, length=26)
    for work in finished(write(base, style(base, texts), ["a", "b"], asked)):
        assert violations(work.text, asked, "zh" if texts is CHINESE else "en") == []


def test_words_that_must_come_come(base: Base) -> None:
    asked = brief(count=1, keywords=("kettle",), length=12)
    (work,) = finished(write(base, style(base), ["a", "b"], asked))
    assert "kettle" in work.text.lower()


def test_a_form_of_another_language_is_refused(base: Base) -> None:
    with pytest.raises(BadInput):
        finished(write(base, style(base, CHINESE), ["a", "b"], brief(count=1, form="sonnet")))


def test_manner_is_read_off_the_references() -> None:
    manner = Manner.of(["One line.\nTwo lines.", "A longer line here.\nAnd one more of it."])
    assert manner.lines == (2, 2)
    assert manner.closed
    assert not manner.stanzas
    assert manner.refrains == 0
    assert manner.scripts == {"LATIN"}
    song = "the sea the sea the sea\nthe sea the sea the sea"
    assert Manner.of([song]).refrains == 1
    few = " ".join(f"w{i}" for i in range(100)) + " w1 w2 w3 w7 w8 w9"
    assert Manner.of([few]).refrains == 0  # a row or two that come again are no refrain
    assert Manner.of(["山水风月夜，雨人家一片。"]).width == 5


def test_an_open_rule_never_leaves_the_model_without_a_word(base: Base) -> None:
    pieces, manner = Pieces.of(base.tokens), style(base).manner
    rng = np.random.default_rng(0)
    for _ in range(20):
        rule = OpenRule(base.tokens, pieces, manner)
        for _ in range(400):
            open_ = np.flatnonzero(rule.allowed() > -np.inf)
            assert len(open_)
            rule.push(int(rng.choice(open_)))
            if rule.done:
                break
        assert rule.done


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("他说：“你别想。", "他说：“你别想。”"),
        ("他说：“好。”我走了。", "他说：“好。”我走了。"),
        ('"Come in," she said. "Sit down.', '"Come in," she said. "Sit down."'),
        ("（“真的？", "（“真的？”）"),
        ("It's the dog's.", "It's the dog's."),
    ],
)
def test_a_quotation_that_is_open_at_the_end_is_closed(text: str, closed: str) -> None:
    assert with_quotes_closed(text) == closed


@pytest.mark.parametrize("before", ["the sea,", "the sea\n"])
def test_no_mark_follows_a_comma_or_begins_a_line(base: Base, before: str) -> None:
    rule = OpenRule(base.tokens, Pieces.of(base.tokens), style(base).manner)
    for token in base.tokens.encode(before):
        rule.push(token)
    open_ = {base.tokens.pieces[i] for i in np.flatnonzero(rule.allowed() > -np.inf)}
    assert not open_ & {".", ",", "!", "?", ";", "。", "，"}
    assert " the" in open_


def test_signs_and_wide_spaces_stand_where_references_have_them() -> None:
    pieces = Pieces.of_texts([" sea", "☺", "(", "  ", "\x04", "é", "海"])
    assert pieces.odd.tolist() == [False, True, True, True, True, False, False]
    assert pieces.accented.tolist() == [False] * 5 + [True, False]
    fond = Manner.of(["a café ☺ (by the sea)."])
    assert fond.signs == frozenset("☺()")
    assert fond.accented
    assert not Manner.of(["a sea."]).accented
    assert pieces.odd_beside(fond.signs).tolist() == [False] * 3 + [True, True, False, False]


def test_no_space_follows_another(base: Base) -> None:
    rule = OpenRule(base.tokens, Pieces.of(base.tokens), style(base).manner)
    rule.body = "the sea, "
    open_ = {base.tokens.pieces[i] for i in np.flatnonzero(rule.allowed() > -np.inf)}
    assert "the" in open_ or "t" in open_
    assert not any(piece.startswith(" ") for piece in open_)


def test_repetition_spares_marks_and_refrains() -> None:
    pieces = Pieces.of_texts([",", "sea", "day"])
    place = np.arange(3)
    log_p = np.log(np.full(3, 1 / 3))
    plain, sung = Repetition(pieces, 0.0), Repetition(pieces, 1.0)
    for each in (plain, sung):
        for token in (0, 1, 0, 1):
            each.said(token)
    lessened = plain.lessened(log_p, place)
    assert lessened[1] < log_p[1]
    assert lessened[2] == log_p[2]
    assert np.array_equal(sung.lessened(log_p, place), log_p)


def test_a_word_counts_however_it_is_written() -> None:
    """Else what may not be said again comes back after a hyphen: "a friend's-friend"."""
    pieces = Pieces.of_texts([" friend", "-friend", "Friend", " foe", "-"])
    text = Repetition(pieces, 0.0)
    text.said(0)
    assert set(np.flatnonzero(text.lessened(np.zeros(5), np.arange(5)) < 0)) == {0, 1, 2}


def test_rows_that_a_reference_has_once_lose_weight() -> None:
    """What the references say twice is a habit and keeps its weight, and marks always do."""
    pieces = Pieces.of_texts([",", "sea", "day", "the"])
    rows = [[1, 2, 3, 2, 2, 1], [2, 2, 1], [1, 3, 0]]
    text = Repetition(pieces, 1.0, theirs=said_once_in(rows, pieces))
    log_p, place = np.zeros(4), np.arange(4)
    for before, lessened in (((1, 2), {3}), ((2, 2), set()), ((1, 3), set())):
        for token in before:
            text.said(token)
        assert set(np.flatnonzero(text.lessened(log_p, place) < 0)) == lessened


def test_drafts_of_open_works_do_not_give_way_to_each_other(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The masks of an open work leave most to what is predictable: loops, and lines learned by
    heart. Copies of the drafts that have most left were copies of these."""
    monkeypatch.setattr(write_module, "resample", lambda *_: pytest.fail("drafts were resampled"))
    assert len(finished(write(base, style(base), ["a", "b"], brief(seed=3)))) == 2


def test_certainty_flattens_what_is_expected(base: Base) -> None:
    ids, states = np.arange(40), torch.randn(3, base.decoder.shape.width)
    sure, unsure = (Head.of(base, ids, c).log_p(states) for c in (1.0, 0.5))
    assert torch.allclose(torch.log_softmax(0.5 * sure, -1), unsure, atol=1e-5)
    kept = CausalStyle.of_tensors(replace(style(base), certainty=0.75).tensors())
    assert kept.head(base).certainty == 0.75


def test_certainty_is_what_would_have_expected_the_references_best(base: Base) -> None:
    """A model of random numbers is believed as little as may be; one that is right, more."""
    own, ids = style(base), np.arange(base.tokens.size)
    context, head = own.context(base), Head.of(base, ids)
    heard = certainty_of(base, head, context, {})
    sure = Head(ids, -20 * head.rows)
    assert certainty_of(base, sure, context, {}) == min(CERTAINTIES) <= heard
    assert finished(adapt(ENGLISH, (1.0, 1.0), base, plain_start(base.decoder))).certainty <= 1.05


def test_a_head_knows_where_its_tokens_are(base: Base) -> None:
    head = Head.of(base, np.array([3, 5, 9]))
    assert head.places(torch.tensor([5, 4, 9, 200])).tolist() == [1, -1, 2, -1]


def test_tokens_that_are_drawn_stand_for_those_left_out(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out of a head for gradients still takes its share."""
    monkeypatch.setattr(base_module, "MOST_FREQUENT", 40)
    monkeypatch.setattr(base_module, "DRAWN", 40)
    ids = np.arange(base.tokens.size)
    whole, few = Head.of(base, ids), Head.sampled(base, ids, [base.tokens.size - 1])
    states = base.decoder.states(torch.tensor([style(base).context(base)]))[0]
    wanted = whole.log_p(states)[:, :40]
    error = (few.log_p(states)[:, few.places(torch.arange(40))] - wanted).mean().abs()
    plain = Head(few.ids, few.rows).log_p(states)[:, few.places(torch.arange(40))]
    assert error < 0.1 < (plain - wanted).mean()
    assert few.places(torch.tensor([base.tokens.size - 1])) >= 0
    monkeypatch.setattr(base_module, "DRAWN", 10_000)
    assert Head.sampled(base, ids).each_for is None


# ---- choosing ----------------------------------------------------------------------------------


def test_what_is_taken_from_the_references_is_owed(base: Base) -> None:
    choice = Choice(base, style(base).head(base), ENGLISH, "en")
    assert choice.owed("the sea keeps its light.") == 1
    assert choice.owed("light keeps the open door, and rain.") == 0
    assert choice.owed("") == 0


def test_a_reference_with_other_words_in_it_is_echoed(base: Base) -> None:
    """No row of three words is the reference's; its frame is."""
    texts = ("the kettle ticks and her coat still hangs", "a gate on the road and rain")
    choice = Choice(base, style(base).head(base), texts, "en")
    assert choice.echoed("the kettle stops, her jacket hangs") == pytest.approx(4 / 6 - 2 / 7)
    assert choice.echoed("hangs still coat her and ticks") == 0
    assert choice.echoed("") == 0
    assert in_order("abcbdab", "bdcaba") == pytest.approx(4 / 7)


def test_what_goes_in_circles_is_told(base: Base) -> None:
    choice = Choice(base, style(base).head(base), ENGLISH, "en")
    assert choice.circling("rain and rain and rain and rain and rain.") > 0.5
    assert choice.circling("light keeps the open door, and rain.") == 0
    sung = Choice(base, style(base).head(base), ("the sea, the sea, the sea, the sea.",), "en")
    assert sung.circling("rain and rain and rain and rain.") < 0.2


def trial(*curve: float, without: float | None = None) -> Learned:
    return Learned({}, curve[0] if without is None else without, curve)


def test_steps_are_the_fewest_that_gain_nearly_all() -> None:
    assert best_steps([trial(20, 18, 17, 16.9, 16.8)]) == 2
    assert best_steps([trial(20, 18, 19)]) == 1
    assert best_steps([trial(20, 20.1, 18), trial(10, 9.8, 9.5)]) == 2
    assert best_steps([trial(20, 19, 18, 17), trial(10, 9.9, 9.9)]) == 3  # one that ended early


def test_no_text_that_was_held_back_may_lose() -> None:
    assert best_steps([trial(20, 19, 18), trial(10, 10.5, 12)]) is None
    assert best_steps([trial(20, 19, 15), trial(10, 9.9, 10.1)]) == 1


def test_where_nothing_gains_there_are_no_adapters_at_all() -> None:
    assert best_steps([trial(20, 21, 22)]) is None
    assert best_steps([trial(20, 19.99)]) is None
    assert best_steps([trial(21, 20.5, without=20)]) is None  # a learned start that harms
    assert best_steps([trial(19, 19.5, without=20)]) == 0


def test_a_learned_start_is_asked_in_the_mean_its_steps_of_each() -> None:
    assert best_steps([trial(19, 20, without=20), trial(10.2, 9, without=10)]) == 0
    assert best_steps([trial(19, 18, without=20), trial(10.2, 10.1, without=10)]) == 1
    assert best_steps([trial(19, 20, without=20), trial(11.5, 9, without=10)]) is None


def test_texts_are_held_back_in_turn_the_lightest_first() -> None:
    assert folds_of([1.0]) == []
    assert folds_of([2.0, 1.0]) == [1, 0]
    assert folds_of([1.0, 3.0, 1.0, 2.0]) == [2, 0, 3]


def test_steps_end_where_a_text_gets_worse_and_worse() -> None:
    assert not has_turned_back([2.0, 1.0])
    assert not has_turned_back([2.0, 1.0, 1.5])
    assert has_turned_back([2.0, 1.0, 1.5, 1.6])


def test_a_style_that_no_step_helps_has_no_updates(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_module, "best_steps", lambda trials: None)
    assert finished(adapt(ENGLISH, (1.0, 1.0), base, plain_start(base.decoder))).updates == {}
