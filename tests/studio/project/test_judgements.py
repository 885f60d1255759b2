"""The log of what is said: the newest counts, nothing is lost, learning can start over."""

import os

import pytest
from hypothesis import given, settings, strategies as st

from engine.protocol import Medium, Named
from studio.project.deltas import apply_delta, make_delta
from studio.project.judgements import Kind, Place, like, mark, pair
from studio.project.project import Project
from studio.state.feedback import TasteOverride, feedback_of, pack, subject_of
from studio.state.history import History

IMAGE, TEXT = Medium.IMAGE, Medium.TEXT
WARM = TasteOverride(
    code="warmth",
    feature_space="image",
    name=Named(english="warmth", chinese="冷暖"),
    direction=Named(english="warmer", chinese="更暖"),
    strength=0.5,
    certainty=0.9,
)


@pytest.fixture
def works(project: Project) -> list[int]:
    style = project.styles.add(b"style", {}, {})
    return [project.works.add(b"%d" % n, {}, style_id=style.id, seed=n).id for n in range(4)]


def test_the_newest_entry_of_a_subject_counts(project, works) -> None:
    one, two, three, _ = works
    project.judgements.add(like(IMAGE, one), True)
    project.judgements.add(like(IMAGE, one), False)
    project.judgements.add(pair(IMAGE, two, three), two)
    project.judgements.add(pair(IMAGE, three, two), three)
    place = Place(box=(0.1, 0.2, 0.3, 0.4))
    project.judgements.add(mark(IMAGE, two, place), True)
    now = feedback_of(project, IMAGE)
    assert now.likes == {one: False}
    assert now.pairs == ((three, two),)
    assert [(mark.work_id, mark.place, mark.liked) for mark in now.marks] == [(two, place, True)]
    assert now.works() == (one, three, two)
    assert len(project.judgements.log()) == 5
    assert feedback_of(project, TEXT).count == 0


def test_everything_said_can_be_undone_and_redone(qapp, project, works) -> None:
    one, two, *_ = works
    history = History(project)
    before = feedback_of(project, IMAGE)
    history.rate(one, 4)
    history.judge((like(IMAGE, one), True))
    history.judge((pair(IMAGE, one, two), two))
    history.judge((mark(IMAGE, one, Place(start=1, end=2)), False))
    history.judge((subject_of(IMAGE, Kind.FORGET, WARM), pack(WARM)))
    whole = feedback_of(project, IMAGE)
    assert (whole.count, whole.forgotten) == (4, (WARM,))
    history.reset(IMAGE)
    assert feedback_of(project, IMAGE) == before
    assert project.works.get(one).rating == 4, "the stars stay to be seen"
    history.undo()
    assert feedback_of(project, IMAGE) == whole
    for _ in range(5):
        history.undo()
    assert feedback_of(project, IMAGE) == before
    for _ in range(5):
        history.redo()
    assert feedback_of(project, IMAGE) == whole
    assert feedback_of(project, IMAGE).key("a") == whole.key("a") != whole.key("b")


def test_after_starting_over_new_judgements_count(qapp, project, works) -> None:
    one, two, *_ = works
    history = History(project)
    history.rate(one, 2)
    history.judge((like(IMAGE, one), True))
    history.reset(IMAGE)
    history.rate(two, 5)
    history.judge((like(IMAGE, one), False))
    now = feedback_of(project, IMAGE)
    assert (now.stars, now.likes) == ({two: 5}, {one: False})
    history.rate(one, 2)  # the same stars again say nothing new
    assert feedback_of(project, IMAGE).stars == {two: 5}


def test_a_rating_of_nothing_is_no_rating(project, works) -> None:
    project.works.rate(works[0], 3)
    project.works.rate(works[0], 0)
    assert feedback_of(project, IMAGE).stars == {}


def test_three_judgements_are_followed_and_one_with_a_taste_brought_along(project, works) -> None:
    for work, stars in zip(works[:2], (1, 5), strict=True):
        project.works.rate(work, stars)
    assert not feedback_of(project, IMAGE).is_enough()
    project.judgements.add(subject_of(IMAGE, Kind.PIN, WARM), pack(WARM))
    assert feedback_of(project, IMAGE).is_enough()
    project.judgements.add(subject_of(IMAGE, Kind.PIN, WARM), None)
    project.works.rate(works[2], 3)
    assert feedback_of(project, IMAGE).is_enough()


def test_five_thousand_ratings_are_read_quickly(project) -> None:
    style = project.styles.add(b"style", {}, {})
    with project.document.write() as write:
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
    stars = feedback_of(project, IMAGE).stars
    assert len(stars) == sum(n % 6 > 0 for n in range(4000, 5000))


# ---- taught styles -----------------------------------------------------------------------------


def test_a_taught_style_stands_behind_its_parent(project) -> None:
    parent = project.styles.add(os.urandom(200_000), {}, {})
    whole = project.blob(parent.digest)
    data = whole[:50_000] + b"taste" * 300 + whole[50_000:]
    child = project.styles.add(data, {"taught": "k"}, {}, parent_id=parent.id)
    assert project.blob(child.digest) == data
    (kept,) = project.document.one("SELECT length(data) FROM blobs WHERE digest = ?", child.digest)
    assert kept < 5000, "only what differs is kept"
    assert project.styles.latest() == parent
    assert project.styles.all(IMAGE) == (parent,)
    assert project.styles.children(parent.id) == (child,)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 20_000))
def test_a_delta_gives_the_bytes_back(start: bytes, middle: bytes, cut: int) -> None:
    base = b"".join(n.to_bytes(4, "big") for n in range(5000))
    data = start + base[:cut] + middle + base[cut:]
    made = make_delta(base, data)
    assert made is not None
    assert apply_delta(base, made) == data


def test_what_shares_nothing_has_no_delta() -> None:
    assert make_delta(b"\1" * 100, os.urandom(10_000)) is None
