"""Which generator is taken for some references, and what is told before anything is made."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from engine.core.references import ReadReference
from engine.interfaces import Choice, ExpectsReferences, Offer
from engine.media.text.codec.plain import decode
from engine.media.text.generators.maquette_lm.expects import nats_a_character
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.suitability import UNKNOWN, choose
from engine.protocol import AdaptRequest, Failure, FailureKind, Medium, Reference, StyleResult
from engine.registry import installed
from engine.service import Service

CPU = torch.device("cpu")
ENGLISH = "Rain on the roof all night, and the dog asleep in the hall."


class Expecting:
    """As much of a generator as a choice looks at. nats: None for what it cannot read."""

    def __init__(self, nats: float | None) -> None:
        self.nats = nats

    def nats_a_character(self, references: Sequence[ReadReference]) -> float | None:
        return self.nats


def offers(**nats: float | None) -> dict[str, Offer]:
    """Generators in order; one named `recombining` expects nothing."""
    return {
        name: (lambda found=value, n=name: object() if n == "recombining" else Expecting(found))
        for name, value in nats.items()
    }  # pyright: ignore[reportReturnType]


def chosen(learned: bool = True, text: str = ENGLISH, **nats: float | None) -> Choice:
    reference = ReadReference("a.txt", "", 1.0, decode(text.encode(), "a.txt"))
    return choose([reference], offers(**nats), learned)


def test_the_generator_that_expects_the_texts_best_is_taken() -> None:
    found = chosen(own=1.7, recombining=None, base=0.9)
    assert found.generator == "base"
    assert [(s.generator, s.known) for s in found.suitability] == [("base", True), ("own", False)]
    assert found.remarks == ()


def test_the_first_stays_where_another_is_hardly_better() -> None:
    assert chosen(own=1.0, base=0.99).generator == "own"
    assert chosen(own=1.0, base=0.97).generator == "base"


def test_where_none_knows_the_manner_it_is_told() -> None:
    found = chosen(own=1.9, recombining=None, base=1.8)
    assert found.generator == "base"
    assert [remark.code for remark in found.remarks] == [UNKNOWN]


def test_a_language_of_characters_is_measured_by_its_own_bound() -> None:
    assert chosen(text="山水风月，夜雨人家。一片孤城，万里长风。", own=4.8).remarks == ()
    assert chosen(text="山水风月，夜雨人家。一片孤城，万里长风。", own=6.0).remarks != ()


def test_in_a_language_that_was_never_learned_a_base_that_knows_it_is_taken() -> None:
    assert chosen(learned=False, own=None, recombining=None, base=1.1).generator == "base"
    assert chosen(learned=False, own=None, recombining=None, base=2.4).generator == "recombining"
    assert chosen(learned=False, own=None, recombining=None).generator == "recombining"


def test_references_that_nothing_can_read_go_to_the_first() -> None:
    assert chosen(own=None, recombining=None, base=None).generator == "own"


def test_the_one_that_the_artist_named_is_taken_and_told_of() -> None:
    found = chosen(own=1.9)
    assert found.generator == "own"
    assert [remark.code for remark in found.remarks] == [UNKNOWN]
    assert chosen(recombining=None) == Choice("recombining")


def test_texts_that_expect_are_told_from_those_that_do_not() -> None:
    by_id = {g.id: installed().generator(g.id, CPU) for g in installed().generators()}
    found = {name for name, each in by_id.items() if isinstance(each, ExpectsReferences)}
    assert found == {"maquette_lm", "causal_lm"}


@pytest.mark.weights
def test_a_long_reference_is_expected_as_far_as_there_is_room() -> None:
    book = "The sea was calm, and the boats came in before the rain. " * 400
    for texts in ([book], [book, "A short one, of the sea."], [book, book]):
        nats = nats_a_character(texts, shipped(CPU))
        assert nats is not None
        assert 0 < nats < 3


@pytest.mark.weights
def test_a_style_says_how_well_it_was_expected(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("举头望明月，低头思故乡。白日依山尽，黄河入海流。", encoding="utf-8")
    job = AdaptRequest(
        job_id="a",
        references=(Reference(path=str(path)),),
        out=str(tmp_path / "s.style"),
        medium=Medium.TEXT,
        generator="maquette_lm",
    )
    result = [*Service(CPU).run(job)][-1]
    assert isinstance(result, StyleResult)
    (found,) = result.suitability
    assert (found.generator, found.known) == ("maquette_lm", True)
    assert result.remarks == ()


@pytest.mark.parametrize("name", ["painter", "score"])
def test_a_generator_of_another_medium_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "one.txt"
    path.write_text(ENGLISH, encoding="utf-8")
    job = AdaptRequest(
        job_id="a",
        references=(Reference(path=str(path)),),
        out=str(tmp_path / "s.style"),
        medium=Medium.TEXT,
        generator=name,
    )
    failure = [*Service(CPU).run(job)][-1]
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.code) == (FailureKind.BAD_INPUT, "generator_medium")
    assert name in failure.message
    assert not (tmp_path / "s.style").exists()
