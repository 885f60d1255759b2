"""Ratings become a style that follows them, by themselves; the next works are made in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.protocol import GenerateRequest, LearnRequest, Named, PictureBrief
from studio.client.job_queue import JobState
from studio.project.judgements import Kind, Place, like, mark, pair
from studio.state.adaptation import StyleState
from studio.state.feedback import TasteOverride
from studio.state.session import Session
from tests.studio import fake_music
from tests.studio.sessions import requests


@pytest.fixture
def made(qtbot, make_session, pictures):
    """`made("normal")`: a session with four works, the newest last."""

    def make(behaviour: str = "normal", *arguments: str) -> Session:
        session = make_session(behaviour, *arguments)
        session.add_sources(pictures)
        qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
        session.workspace.set_brief(PictureBrief(count=4, width_px=48, height_px=32, seed=5))
        make_works(qtbot, session)
        return session

    return make


def make_works(qtbot, session: Session) -> list[int]:
    before = {row.id for row in session.workspace.project.works.all()}
    with qtbot.waitSignal(session.maker.works_added, timeout=8000):
        session.maker.make()
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)
    return sorted({row.id for row in session.workspace.project.works.all()} - before)


def learned(qtbot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.learning.is_busy, timeout=8000)


def asked(session: Session) -> list[LearnRequest]:
    requests = [job.request for job in session.jobs.jobs()]
    return [request for request in requests if isinstance(request, LearnRequest)]


def rate(session: Session, *stars: int) -> None:
    for work, value in enumerate(stars, 1):
        session.edits.rate(work, value)


def used_by(session: Session, work_id: int) -> dict:
    """What the engine was told when the style of this work was taught."""
    style = session.workspace.project.styles.get(
        session.workspace.project.works.get(work_id).style_id
    )
    data = session.workspace.project.blob(style.digest)
    return json.loads(data.split(b" taught ")[1])


def test_the_next_works_follow_the_ratings(qtbot, made) -> None:
    session = made()
    plain = session.adaptation.style
    rate(session, 5, 1, 3)
    learned(qtbot, session)
    assert session.learning.learned.used == 3
    assert session.learning.learned.tastes[0].code == "warmth"
    assert session.workspace.project.styles.children(plain.id) == (), (
        "kept only when it makes something"
    )
    works = make_works(qtbot, session)
    style = session.workspace.project.styles.get(
        session.workspace.project.works.get(works[0]).style_id
    )
    assert style.parent_id == plain.id
    assert style.reference_weights == plain.reference_weights
    assert sorted(used_by(session, works[0])["ratings"].values()) == [1, 3, 5]
    assert session.adaptation.style == plain
    assert session.blending.choices() == (plain,)
    assert session.workspace.project.styles.latest() == plain
    make_works(qtbot, session)
    assert session.workspace.project.styles.children(plain.id) == (style,), "not kept twice"


def test_two_ratings_are_not_followed_yet(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1)
    learned(qtbot, session)
    assert session.learning.learned is None
    assert asked(session) == []
    works = make_works(qtbot, session)
    assert session.workspace.project.works.get(works[0]).style_id == session.adaptation.style.id


def test_making_waits_until_the_ratings_are_learned(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1, 3)
    assert session.learning.is_busy
    works = make_works(qtbot, session)
    assert used_by(session, works[0])["ratings"]


def test_several_stars_in_a_row_are_learned_at_once(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1, 3, 2)
    rate(session, 4)
    learned(qtbot, session)
    assert len(asked(session)) == 1
    assert sorted(asked(session)[0].ratings.values()) == [1, 2, 3, 4]


def test_an_undone_rating_finds_what_was_known_before(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1, 3)
    learned(qtbot, session)
    first = session.learning.learned
    session.edits.rate(4, 2)
    learned(qtbot, session)
    assert session.learning.learned.used == 4
    session.workspace.history.undo()
    learned(qtbot, session)
    assert session.learning.learned == first
    session.workspace.history.redo()
    learned(qtbot, session)
    assert session.learning.learned.used == 4
    assert len(asked(session)) == 2, "nothing is learned twice"


def test_a_rating_of_zero_is_none(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1, 3)
    session.edits.rate(3, 0)
    learned(qtbot, session)
    assert session.learning.learned is None


def hold(session: Session, kind: str, code: str = "warmth") -> None:
    name = Named(english=code, chinese=code)
    held = TasteOverride(code=code, feature_space=kind, name=name, direction=name, strength=0.7)
    session.edits.override(Kind.PIN, held)


def test_a_taste_that_was_brought_along_is_followed_at_once(qtbot, made) -> None:
    session = made()
    hold(session, "image")
    works = make_works(qtbot, session)
    used = used_by(session, works[0])
    assert used["pin"] == {"warmth": 0.7}
    assert used["ratings"] == {}
    names = {row.name for row in session.workspace.references()}
    assert {Path(path).name for path in used["beside"]} == names, "measured beside the references"
    assert session.learning.learned.used == 0
    make_works(qtbot, session)
    learned(qtbot, session)
    assert len(asked(session)) == 1, "what was made since changes nothing"
    session.edits.rate(1, 4)
    learned(qtbot, session)
    assert session.learning.learned.used == 1
    assert asked(session)[-1].beside == ()
    session.workspace.history.undo()
    session.workspace.history.undo()
    learned(qtbot, session)
    assert session.learning.learned is None
    works = make_works(qtbot, session)
    assert session.workspace.project.works.get(works[0]).style_id == session.adaptation.style.id


def test_a_taste_for_other_works_waits_for_ratings(qtbot, made) -> None:
    session = made()
    hold(session, "zh", "line_length")
    learned(qtbot, session)
    session.edits.rate(1, 4)
    learned(qtbot, session)
    assert asked(session) == []
    assert session.learning.learned is None
    assert not session.learning.has_enough


def test_everything_that_was_said_is_sent(qtbot, made) -> None:
    session = made()
    session.edits.rate(1, 5)
    medium = session.workspace.medium
    session.workspace.history.judge((like(medium, 2), False))
    session.workspace.history.judge((pair(medium, 3, 4), 4))
    box = (0.0, 0.25, 0.5, 1.0)
    session.workspace.history.judge((mark(medium, 1, Place(box=box)), True))
    learned(qtbot, session)
    (request,) = asked(session)
    names = {path.rsplit("/", 1)[1] for path in request.ratings}
    assert names == {"1.png"}
    assert list(request.likes.values()) == [False]
    assert [tuple(path.rsplit("/", 1)[1] for path in pair) for pair in request.pairs] == [
        ("4.png", "3.png")
    ]
    assert request.marks[0].box == box
    assert request.marks[0].liked
    assert session.learning.learned.used == 4


def test_off_means_the_plain_style_and_no_waiting(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1, 3)
    session.workspace.set_brief(replace(session.workspace.brief, follow=0.0))
    sent = requests(session)
    works = make_works(qtbot, session)
    assert session.workspace.project.works.get(works[0]).style_id == session.adaptation.style.id
    assert [one.brief.follow for one in sent if isinstance(one, GenerateRequest)] == [0.0]


def test_another_tray_is_learned_for_anew(qtbot, made) -> None:
    session = made()
    rate(session, 5, 1, 3)
    learned(qtbot, session)
    session.edits.remove_reference(session.workspace.references()[0].id)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    learned(qtbot, session)
    assert len(asked(session)) == 2
    session.workspace.history.undo()
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    learned(qtbot, session)


def test_a_failure_is_one_line_and_the_plain_style_is_used(qtbot, made) -> None:
    session = made("untaught")
    rate(session, 5, 1, 3)
    learned(qtbot, session)
    assert "3.png is gone" in session.learning.problem.text
    works = make_works(qtbot, session)
    assert session.workspace.project.works.get(works[0]).style_id == session.adaptation.style.id
    count = len([job for job in session.jobs.jobs() if job.state is JobState.DONE])
    assert count >= 2
    session.edits.rate(4, 2)
    qtbot.waitUntil(lambda: session.learning.is_busy, timeout=8000)
    learned(qtbot, session)
    assert session.learning.problem is not None, "other ratings are tried anew"


def test_a_project_opens_with_what_it_had_learned(qtbot, made, tmp_path) -> None:
    session = made()
    rate(session, 5, 1, 3)
    works = make_works(qtbot, session)
    count = len(asked(session))
    session.save_as(tmp_path / "Copy.maquette")
    qtbot.waitUntil(lambda: session.workspace.project.name == "Copy", timeout=8000)
    learned(qtbot, session)
    assert session.learning.learned.used == 3
    assert [taste.code for taste in session.learning.learned.tastes] == [
        "warmth",
        "edges",
        "lightness",
    ]
    assert len(asked(session)) <= count, "nothing was learned again"
    again = make_works(qtbot, session)
    style_of = {session.workspace.project.works.get(work).style_id for work in (*works, *again)}
    assert len(style_of) == 1


def test_texts_are_sent_as_texts_and_tastes_of_their_language_alone(
    qtbot, make_session, tmp_path
) -> None:
    session = make_session()
    words = "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。"
    (tmp_path / "moon.txt").write_text(words, "utf-8")
    session.add_sources([tmp_path / "moon.txt"])
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.workspace.set_brief(replace(session.workspace.brief, count=3, form="五绝"))
    make_works(qtbot, session)
    for kind, code in (("zh", "line_length"), ("en", "long_words")):
        name = Named(english=code, chinese=code)
        held = TasteOverride(code=code, feature_space=kind, name=name, direction=name, strength=0.4)
        session.edits.override(Kind.PIN, held)
        session.edits.override(Kind.FORGET, replace(held, code=f"no {code}"))
    rate(session, 5, 1, 3)
    learned(qtbot, session)
    assert session.learning.feature_space == "zh"
    request = asked(session)[-1]
    assert all(path.endswith(".txt") for path in request.ratings)
    assert request.pin == {"line_length": 0.4}
    assert request.language == "zh"
    assert request.forget == ("no line_length",)


def test_music_is_sent_with_its_notes(qtbot, make_session, tmp_path) -> None:
    session = make_session()
    (tmp_path / "kalimba.wav").write_bytes(fake_music.wav(0.4))
    session.add_sources([tmp_path / "kalimba.wav"])
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.workspace.set_brief(replace(session.workspace.brief, count=3))
    make_works(qtbot, session)
    rate(session, 5, 1, 3)
    learned(qtbot, session)
    request = asked(session)[-1]
    assert all(Path(path).suffix == ".wav" for path in request.ratings), "by what the bytes are"
    about = json.loads(Path(next(iter(request.ratings))).with_suffix(".json").read_text("utf-8"))
    assert about["score"]
