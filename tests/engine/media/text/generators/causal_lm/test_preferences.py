"""Ratings move a style over a base, within a trust region: over a tiny model of random numbers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core import preference_tensors as liked
from engine.core.progress import finished
from engine.feedback.taste import untaught
from engine.interfaces import SteppedPreferences
from engine.media.text.events import DIRECTIONS, token_table
from engine.media.text.generators.causal_lm.adapters import between, pairs, plain_start
from engine.media.text.generators.causal_lm.base import Base, load
from engine.media.text.generators.causal_lm.conversion import convert
from engine.media.text.generators.causal_lm.expect import expected
from engine.media.text.generators.causal_lm.models import add
from engine.media.text.generators.causal_lm.preferences import (
    moved_tensors,
    preference_loss,
    preferred,
    token_gains,
    worth_tensors,
)
from engine.media.text.generators.causal_lm.sources import model_at
from engine.media.text.generators.causal_lm.style import CausalStyle
from engine.media.text.generators.causal_lm.write import write
from engine.media.text.judge import critic_tokens
from engine.protocol import (
    AdaptRequest,
    GenerateRequest,
    LearnRequest,
    Medium,
    Reference,
    StyleResult,
    TextBrief,
    WorksResult,
)
from engine.service import Service
from tests.engine.media.text.generators.causal_lm import tiny_models

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
REFERENCES = (
    "the sea keeps its light.\nthe stone keeps rain.",
    "rain and the door.\nopen, the sea.",
)
SEA = ["the sea and the sea keeps its light.", "the sea, open sea.", "sea and rain, the sea."]
STONE = ["the stone and the stone.", "stone, its door, the stone.", "the door keeps the stone."]
NATS = 0.05


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    place = tmp_path_factory.mktemp("models")
    finished(convert(model_at(tiny_models.gguf(place / "tiny.gguf")), place / "tiny"))
    return load(place / "tiny", CPU, torch.float32)


@pytest.fixture(scope="module")
def style(base: Base) -> CausalStyle:
    return CausalStyle(REFERENCES, (1.0, 1.0), base.about.digest, {})


def likelihood(base: Base, style: CausalStyle, texts: list[str], updates: dict) -> float:
    found = expected(base, style.head(base), style.context(base), texts, pairs(updates))
    return -float(np.mean([each.nats.mean() for each in found]))


def moved(base: Base, style: CausalStyle, nats: float = NATS) -> dict:
    liking = [1.0] * len(SEA) + [-1.0] * len(STONE)
    start = plain_start(base.decoder, rate=3e-2)
    return preferred(base, style, start, [*SEA, *STONE], liking, nats)


def test_what_is_liked_becomes_likelier_beside_what_is_not(base: Base, style: CausalStyle) -> None:
    updates = moved(base, style)
    gains = [
        likelihood(base, style, texts, updates) - likelihood(base, style, texts, {})
        for texts in (SEA, STONE)
    ]
    assert gains[0] > gains[1]


def test_steps_end_inside_the_trust_region(base: Base, style: CausalStyle) -> None:
    """The divergence over a text that was not rated is of the same size."""
    rows = torch.tensor([[*style.context(base), *base.tokens.encode(SEA[0])]])
    head = style.head(base)
    before = head.log_p(base.decoder.states(rows)[0])
    apart = []
    for nats in (0.1, 0.001):
        after = head.log_p(base.decoder.states(rows, adapters=pairs(moved(base, style, nats)))[0])
        apart.append(float((after.exp() * (after - before)).sum(-1).mean()))
    assert apart[1] < apart[0]
    assert apart[1] < 0.01


def test_nothing_moves_without_a_difference(base: Base, style: CausalStyle) -> None:
    start = plain_start(base.decoder)
    assert preferred(base, style, start, SEA, [1.0, 1.0, 1.0], NATS) == {}
    assert preferred(base, style, start, SEA[:1], [1.0], NATS) == {}
    assert preferred(base, style, start, [*SEA, *STONE], [1.0, 0, 0, 0, 0, 0], 0.0) == {}


def test_the_better_of_a_pair_shall_gain_more() -> None:
    utilities = torch.tensor([1.0, -1.0])
    right = preference_loss(torch.tensor([0.1, -0.1]), utilities)
    wrong = preference_loss(torch.tensor([-0.1, 0.1]), utilities)
    assert right < preference_loss(torch.zeros(2), utilities) < wrong


def test_a_share_lies_between_the_style_and_what_it_became() -> None:
    a, b, c, d = (torch.full((1, 1), value) for value in (1.0, 3.0, 0.0, 4.0))
    half = between({"x.a": a, "x.b": c}, {"x.a": b, "x.b": d}, 0.5)
    assert (float(half["x.a"]), float(half["x.b"])) == (2.0, 2.0)
    grown = between({}, {"x.a": b, "x.b": d}, 0.5)
    assert (float(grown["x.a"]), float(grown["x.b"])) == (3.0, 2.0)


def test_words_gain_what_they_are_worth_in_the_critics_eyes(base: Base) -> None:
    usual = np.zeros(DIRECTIONS)
    worth = token_table(CPU)[critic_tokens().encode(" sea")].mean(0) * 0.01
    (tensor,) = worth_tensors(worth, usual).values()
    ids = np.arange(base.tokens.size)
    gains = token_gains(base, ids, tensor, 1.0)
    by_text = {piece: gains[i] for i, piece in enumerate(base.tokens.pieces) if piece}
    assert by_text[" sea"] > 0
    assert by_text[" sea"] > max(by_text[" stone"], by_text[" and"], by_text["山"])
    assert np.allclose(token_gains(base, ids, tensor, 0.5), gains / 2, atol=1e-6)


def test_a_style_keeps_what_ratings_moved_apart_from_its_own(
    base: Base, style: CausalStyle
) -> None:
    updates = moved(base, style)
    worth = worth_tensors(np.ones(DIRECTIONS), np.zeros(DIRECTIONS))
    taught = {**style.tensors(), **moved_tensors(updates), **worth}
    again = CausalStyle.of_tensors(taught)
    assert again.moved.keys() == updates.keys()
    assert again.updates == {}
    assert again.following(0.0) == {}
    assert again.following(1.0).keys() == updates.keys()
    assert untaught(taught).keys() == style.tensors().keys()


def test_what_is_not_followed_changes_no_work(base: Base, style: CausalStyle) -> None:
    worth = worth_tensors(np.linspace(-1, 1, DIRECTIONS), np.zeros(DIRECTIONS))
    tensors = {**style.tensors(), **moved_tensors(moved(base, style, 0.3)), **worth}
    taught = CausalStyle.of_tensors(tensors)

    def works(own: CausalStyle, follow: float) -> list[str]:
        brief = TextBrief(count=3, seed=2, follow=follow)
        return [work.text for work in finished(write(base, own, ["a", "b"], brief))]

    plain = works(style, 1.0)
    assert works(taught, 0.0) == plain
    assert works(taught, 1.0) != plain


# ---- through the service ------------------------------------------------------------------------


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    finished(add(tiny_models.gguf(tmp_path / "tiny.gguf"), tmp_path / "models"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAQUETTE_MODELS", str(tmp_path / "models"))
        patch.setattr("engine.registry.installed", _fresh)
        yield Service(CPU, _fresh())


def _fresh():
    from engine.registry import Registry

    return Registry()


def test_ratings_teach_a_style_over_a_base(service: Service, tmp_path: Path) -> None:
    """Adapt, make, rate, learn, make again: what the style became is kept, and is followed."""
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for path, text in zip(paths, REFERENCES, strict=True):
        path.write_text(text, encoding="utf-8")
    adapted = last(
        service,
        AdaptRequest(
            job_id="a",
            references=tuple(Reference(path=str(path)) for path in paths),
            out=str(tmp_path / "s.style"),
            medium=Medium.TEXT,
            generator="causal_lm",
        ),
    )
    assert isinstance(adapted, StyleResult)
    assert isinstance(service.catalogue.generator("causal_lm", CPU).preferences, SteppedPreferences)
    rated = {}
    for i, text in enumerate([*SEA, *STONE]):
        path = tmp_path / f"work{i}.txt"
        path.write_text(text, encoding="utf-8")
        rated[str(path)] = 5 if text in SEA else 1
    learned = last(
        service,
        LearnRequest(job_id="l", style=adapted.path, ratings=rated, out=str(tmp_path / "t.style")),
    )
    assert isinstance(learned, StyleResult)
    tensors = service.load_style(Path(learned.path)).tensors
    assert liked.WORTH in tensors
    assert liked.BEYOND in tensors
    assert any(name.startswith(liked.ADAPTERS) for name in tensors)
    made = last(
        service,
        GenerateRequest(
            job_id="g",
            style=learned.path,
            brief=TextBrief(count=1, seed=3),
            out_dir=str(tmp_path / "works"),
        ),
    )
    assert isinstance(made, WorksResult)


def last(service: Service, job: object):
    return [*service.run(job)][-1]  # pyright: ignore[reportArgumentType]
