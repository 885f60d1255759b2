"""The log of what is said: the newest counts, nothing is lost, learning can start over."""

import os

import pytest
from hypothesis import given, settings, strategies as st

from engine.messages import Medium, Named
from studio import said
from studio.deltas import delta, undelta
from studio.history import History
from studio.judgements import Kind
from studio.project import Project
from studio.said import Held, Place, said_of

IMAGE, TEXT = Medium.IMAGE, Medium.TEXT
WARM = Held(
    code="warmth",
    kind="image",
    name=Named(english="warmth", chinese="冷暖"),
    direction=Named(english="warmer", chinese="更暖"),
    strength=0.5,
    certainty=0.9,
)


@pytest.fixture
def works(project: Project) -> list[int]:
    style = project.add_style(b"style", {}, {})
    return [project.add_work(b"%d" % n, {}, style_id=style.id, seed=n).id for n in range(4)]


def test_the_newest_entry_of_a_subject_counts(project, works) -> None:
    one, two, three, _ = works
    project.judge(said.like(IMAGE, one), True)
    project.judge(said.like(IMAGE, one), False)
    project.judge(said.pair(IMAGE, two, three), two)
    project.judge(said.pair(IMAGE, three, two), three)
    place = Place(box=(0.1, 0.2, 0.3, 0.4))
    project.judge(said.mark(IMAGE, two, place), True)
    now = said_of(project, IMAGE)
    assert now.likes == {one: False}
    assert now.pairs == ((three, two),)
    assert [(mark.work_id, mark.place, mark.liked) for mark in now.marks] == [(two, place, True)]
    assert now.works() == (one, three, two)
    assert len(project.judgement_log()) == 5
    assert said_of(project, TEXT).count == 0


def test_everything_said_can_be_undone_and_redone(qapp, project, works) -> None:
    one, two, *_ = works
    history = History(project)
    before = said_of(project, IMAGE)
    history.rate(one, 4)
    history.judge((said.like(IMAGE, one), True))
    history.judge((said.pair(IMAGE, one, two), two))
    history.judge((said.mark(IMAGE, one, Place(start=1, end=2)), False))
    history.judge((said.taste(IMAGE, Kind.FORGET, WARM), said.kept(WARM)))
    whole = said_of(project, IMAGE)
    assert (whole.count, whole.forgotten) == (4, (WARM,))
    history.reset(IMAGE)
    assert said_of(project, IMAGE) == before
    assert project.work(one).rating == 4, "the stars stay to be seen"
    history.undo()
    assert said_of(project, IMAGE) == whole
    for _ in range(5):
        history.undo()
    assert said_of(project, IMAGE) == before
    for _ in range(5):
        history.redo()
    assert said_of(project, IMAGE) == whole
    assert said_of(project, IMAGE).key("a") == whole.key("a") != whole.key("b")


def test_after_starting_over_new_judgements_count(qapp, project, works) -> None:
    one, two, *_ = works
    history = History(project)
    history.rate(one, 2)
    history.judge((said.like(IMAGE, one), True))
    history.reset(IMAGE)
    history.rate(two, 5)
    history.judge((said.like(IMAGE, one), False))
    now = said_of(project, IMAGE)
    assert (now.stars, now.likes) == ({two: 5}, {one: False})
    history.rate(one, 2)  # the same stars again say nothing new
    assert said_of(project, IMAGE).stars == {two: 5}


def test_a_rating_of_nothing_is_no_rating(project, works) -> None:
    project.rate(works[0], 3)
    project.rate(works[0], 0)
    assert said_of(project, IMAGE).stars == {}


def test_three_judgements_are_followed_and_one_with_a_taste_brought_along(project, works) -> None:
    for work, stars in zip(works[:2], (1, 5), strict=True):
        project.rate(work, stars)
    assert not said_of(project, IMAGE).teaches()
    project.judge(said.taste(IMAGE, Kind.PIN, WARM), said.kept(WARM))
    assert said_of(project, IMAGE).teaches()
    project.judge(said.taste(IMAGE, Kind.PIN, WARM), None)
    project.rate(works[2], 3)
    assert said_of(project, IMAGE).teaches()


def test_of_five_thousand_ratings_the_last_ones_count(project) -> None:
    style = project.add_style(b"style", {}, {})
    with project._write() as write:
        name = write.execute("SELECT digest FROM blobs").fetchone()[0]
        write.executemany(
            "INSERT INTO works (digest, sidecar, style_id, seed, width_px, height_px, created)"
            " VALUES (?, '{}', ?, ?, 0, 0, '2026-01-01T00:00:00+00:00')",
            [(name, style.id, n) for n in range(1000)],
        )
        write.executemany(
            "INSERT INTO ratings (work_id, value, created) VALUES (?, ?, '2026-01-01')",
            [(n % 1000 + 1, n % 6) for n in range(5000)],
        )
    stars = said_of(project, IMAGE).stars
    assert len(stars) == sum(n % 6 > 0 for n in range(4000, 5000))


# ---- taught styles -----------------------------------------------------------------------------


def test_a_taught_style_stands_behind_its_parent(project) -> None:
    parent = project.add_style(os.urandom(200_000), {}, {})
    whole = project.blob(parent.digest)
    data = whole[:50_000] + b"taste" * 300 + whole[50_000:]
    child = project.add_style(data, {"taught": "k"}, {}, parent_id=parent.id)
    assert project.blob(child.digest) == data
    (kept,) = project._one("SELECT length(data) FROM blobs WHERE digest = ?", child.digest)
    assert kept < 5000, "only what differs is kept"
    assert project.latest_style() == parent
    assert project.styles(IMAGE) == (parent,)
    assert project.taught_styles(parent.id) == (child,)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 20_000))
def test_a_delta_gives_the_bytes_back(start: bytes, middle: bytes, cut: int) -> None:
    base = b"".join(n.to_bytes(4, "big") for n in range(5000))
    data = start + base[:cut] + middle + base[cut:]
    told = delta(base, data)
    assert told is not None
    assert undelta(base, told) == data


def test_what_shares_nothing_has_no_delta() -> None:
    assert delta(b"\1" * 100, os.urandom(10_000)) is None
