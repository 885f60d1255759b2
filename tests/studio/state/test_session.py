"""The main job without a window: references, style, works, ratings, and what goes wrong."""

from dataclasses import replace

import pytest

from engine.core.errors import SENTENCES
from engine.protocol import Medium, PictureBrief, Refusal, Use
from studio.i18n import knows
from studio.media.image.controller import image_controller_of
from studio.state import intake, problems
from studio.state.adaptation import StyleState
from studio.state.orders import brief_of, timing_key
from studio.state.timings import Timings
from tests.studio.sessions import ROOM, RULES, adapt, make


def test_references_become_a_style_by_themselves(qtbot, make_session, pictures) -> None:
    session = make_session()
    previews = []
    session.maker.growing.connect(lambda _job, shown: previews.extend(shown))
    assert session.adaptation.state is StyleState.EMPTY
    adapt(qtbot, session, pictures)
    assert session.adaptation.style is not None
    assert session.workspace.project.styles.latest() == session.adaptation.style
    assert previews, "a first look follows without a click"


def test_several_drops_are_one_adaptation(qtbot, make_session, pictures) -> None:
    session = make_session()
    for picture in pictures:
        session.add_sources([picture])
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    assert len(session.workspace.project.references.all()) == 3
    assert len(session.jobs.jobs()) == 1


def test_a_new_weight_adapts_again_and_undo_finds_the_old_style(
    qtbot, make_session, pictures
) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    first = session.adaptation.style
    session.edits.set_weight(session.workspace.project.references.all()[0].id, 2.0)
    assert session.adaptation.state is StyleState.WAITING
    assert session.adaptation.style == first, "the old style stays in use"
    qtbot.waitUntil(lambda: session.adaptation.style != first, timeout=8000)


def test_works_are_in_the_project_before_they_are_told(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    told = []
    session.maker.works_added.connect(
        lambda rows: told.extend(session.workspace.project.blob(row.digest) for row in rows)
    )
    make(qtbot, session)
    assert len(told) == 2
    assert session.workspace.current == session.workspace.project.works.all()[0].id


def test_making_waits_for_the_style(qtbot, make_session, pictures) -> None:
    session = make_session()
    session.workspace.set_brief(PictureBrief(count=1, width_px=48, height_px=32))
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.adaptation.is_busy, timeout=8000)
    session.maker.make()
    assert session.maker.waits_for_style
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 1, timeout=8000)


def test_a_locked_seed_stays_and_an_open_one_changes(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    session.maker.seed_locked = True
    make(qtbot, session, 1)
    assert session.workspace.brief.seed == session.workspace.project.works.all()[0].seed == 5


def test_vary_makes_more_of_the_same_size(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    make(qtbot, session, 1)
    image_controller_of(session).vary(session.workspace.current)
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 2, timeout=8000)
    assert {(work.width_px, work.height_px) for work in session.workspace.project.works.all()} == {
        (48, 32)
    }


def test_ratings_and_the_brief_can_be_undone(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    make(qtbot, session, 1)
    work = session.workspace.current
    session.edits.rate(work, 4)
    session.edits.toggle_kept(work)
    session.workspace.set_brief(replace(session.workspace.brief, invention=0.9))
    assert (
        session.workspace.project.works.get(work).rating,
        session.workspace.project.works.get(work).kept,
    ) == (4, True)
    session.workspace.history.undo()
    assert session.workspace.brief.invention == PictureBrief().invention
    session.workspace.history.undo()
    session.workspace.history.undo()
    assert (
        session.workspace.project.works.get(work).rating,
        session.workspace.project.works.get(work).kept,
    ) == (0, False)
    session.workspace.history.redo()
    assert session.workspace.project.works.get(work).rating == 4


def test_a_crash_is_one_line_and_retry_works(qtbot, make_session, pictures, tmp_path) -> None:
    session = make_session("crash-once", str(tmp_path / "crashed"))
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.FAILED, timeout=8000)
    assert session.adaptation.problem.retry
    assert "\n" not in session.adaptation.problem.text
    session.adaptation.retry()
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    assert session.adaptation.problem is None


def test_bad_input_is_told_where_it_belongs(qtbot, make_session, pictures) -> None:
    session = make_session("failing")
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.FAILED, timeout=8000)
    assert "no picture" in session.adaptation.problem.text


def test_cancel_keeps_the_last_good_state(qtbot, make_session, pictures) -> None:
    session = make_session("slow")
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.ADAPTING, timeout=8000)
    session.maker.cancel()
    assert not session.adaptation.is_busy
    assert len(session.workspace.project.references.all()) == 3


def test_a_project_opens_where_it_was_left(qtbot, make_session, pictures, tmp_path) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    make(qtbot, session, 1)
    style, jobs = session.adaptation.style, len(session.jobs.jobs())
    session.save_as(tmp_path / "Copy.maquette")
    qtbot.waitUntil(lambda: session.workspace.project.name == "Copy", timeout=8000)
    assert session.adaptation.style == style, "the style is there, nothing is adapted again"
    assert len(session.jobs.jobs()) == jobs
    assert session.workspace.brief.width_px == 48
    session.open(tmp_path / "Study.maquette")
    assert session.workspace.project.name == "Study"
    assert [path.stem for path in session.settings.recent()][:2] == ["Study", "Copy"]


def test_what_cannot_be_opened_is_one_line(qtbot, make_session, tmp_path) -> None:
    session = make_session()
    told = []
    session.workspace.problem_raised.connect(told.append)
    session.open(tmp_path / "gone.maquette")
    assert "gone" in told[0].text
    assert session.workspace.project.name == "Study"


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [("notes.xyz", b"words", "notes.xyz"), ("zero.png", b"", "empty"), ("gone.png", None, "read")],
)
def test_files_that_are_no_works_are_refused(tmp_path, name, data, word) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    taken = intake.collect(RULES, [file], ROOM)
    assert not taken.items
    assert word in taken.problems[0].text


def test_a_folder_gives_its_pictures_up_to_the_limit(tmp_path, png) -> None:
    for number in range(14):
        (tmp_path / f"{number:02}.png").write_bytes(png(8, 8, number))
    taken = intake.collect(RULES, [tmp_path], ROOM)
    assert [item.name for item in taken.items] == [f"{number:02}.png" for number in range(10)]
    assert "10 of 14" in taken.problems[0].text


def test_the_brief_of_a_sidecar() -> None:
    fallback = PictureBrief(seed=9)
    assert brief_of({"brief": {"width_px": 64, "seed": 3}}, fallback) == PictureBrief(
        width_px=64, seed=3
    )
    assert brief_of({}, fallback) == fallback
    assert brief_of({"brief": "?"}, fallback) == fallback


def test_the_engines_sentences_have_our_words() -> None:
    details: dict[str, str | int | float] = {"name": "wave.png"}
    known = Refusal(path="p", message="m", code="damaged_picture", details=details)
    assert "“wave.png” is damaged" in problems.of_engine(known).text
    assert problems.unpack(problems.pack(problems.of_engine(known))).text.startswith("“wave.png”")
    gaps = Refusal(path="p", message="as it came", remedy="do this", code="few_pixels")
    assert problems.of_engine(gaps).text == "as it came do this"
    unknown = Refusal(path="p", message="as it came", code="from the future")
    assert problems.of_engine(unknown).text == "as it came"


def test_every_sentence_of_the_engine_is_known() -> None:
    assert all(knows(f"engine_says.{code}") for code in SENTENCES)


def test_times_are_learned_and_kept(tmp_path) -> None:
    timings = Timings(tmp_path / "timings.json")
    assert timings.estimate_s("CPU", 1.0) is None
    timings.learn("CPU", 1.0, 6.0)
    again = Timings(tmp_path / "timings.json")
    assert again.estimate_s("CPU", 2.0) == pytest.approx(12.0)
    assert again.estimate_s("GPU", 1.0) is None
    (tmp_path / "timings.json").write_text("[1]", "utf-8")
    assert Timings(tmp_path / "timings.json").estimate_s("CPU", 1.0) is None


def test_times_are_kept_by_device_use_and_taste() -> None:
    """And by medium, so that another use of it tells something before this one was tried."""
    rules, brief = RULES[Medium.IMAGE], PictureBrief(count=2, width_px=1000, height_px=500)
    assert timing_key(rules, "CPU", brief, False) == "CPU image: "
    assert timing_key(rules, "CPU", brief, True) == "CPU, taught image: "
    assert (
        timing_key(rules, "CPU", replace(brief, use=Use.VARY), True) == "CPU, taught image: to vary"
    )
    assert rules.effort(brief) == 1.0
