"""The window learns and judges: what was learned, the report card, the report on all, pairs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, Said
from studio import i18n
from studio.state.adaptation import adapted_styles
from studio.state.feedback import feedback_of
from studio.state.judging import names_of
from studio.state.taste_profiles import TasteProfiles
from studio.views.main_window import MainWindow
from studio.views.report_panel import sentence_of
from tests.studio.windows import controls, drop, files, picture_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
IMAGE = Medium.IMAGE


def learned(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.session.learning.is_busy, timeout=8000)


@pytest.fixture
def rated(qtbot, made) -> MainWindow:
    """Three works with stars, which were learned from; the panel that tells is open."""
    for work, stars in ((1, 5), (2, 1), (3, 4)):
        made.session.edits.rate(work, stars)
    learned(qtbot, made)
    qtbot.keyClick(made, Qt.Key.Key_W)
    return made


def rows(window: MainWindow) -> list[str]:
    return [row.words.text() for row in window.insight.learned.rows]


# ---- what was learned --------------------------------------------------------------------------


def test_before_anything_is_said_the_panel_invites(qtbot, made) -> None:
    panel = made.insight.learned
    assert made.insight.isHidden()
    qtbot.keyClick(made, Qt.Key.Key_W)
    assert panel.isVisible()
    assert "keys 1 to 5" in panel._intro.text()
    made.session.edits.rate(1, 4)
    learned(qtbot, made)
    assert panel._intro.text().endswith("So far there is one.")
    assert made.brief.make_panel.taste.words.text() == "2 more ratings, and I begin to follow"
    made.insight.close_button.click()
    assert made.insight.isHidden()


def test_the_line_under_the_button_opens_what_was_learned(qtbot, rated) -> None:
    qtbot.keyClick(rated, Qt.Key.Key_W)
    assert rated.insight.isHidden()
    line = rated.brief.make_panel.taste
    assert line.link.text() == "Following your ratings (3)"
    line.link.click()
    assert rated.insight.learned.isVisible()
    rated.brief.follow.click()
    assert rated.session.workspace.brief.follow == 0
    assert not line.link.isVisible()
    assert "not followed" in line.words.text()
    rated.session.workspace.history.undo()
    assert line.link.isVisible()


def test_tastes_stand_in_plain_words_the_strongest_first(qtbot, rated) -> None:
    assert rows(rated) == ["Warmer", "With fewer edges", "Lighter"]
    first = rated.insight.learned.rows[0]
    assert first.accessibleName() == "Warmer: almost sure"
    i18n.set_language("zh")
    assert rows(rated)[0] == "更暖"
    rated.insight.grab()


def test_a_taste_is_forgotten_and_brought_back(qtbot, rated) -> None:
    rated.insight.learned.rows[0].forget.click()
    learned(qtbot, rated)
    assert rows(rated) == ["With fewer edges", "Lighter", "Warmer"], "the last one is forgotten"
    assert rated.insight.learned.fold.isVisible()
    assert [one.code for one in feedback_of(rated.session.workspace.project, IMAGE).forgotten] == [
        "warmth"
    ]
    rated.insight.learned.rows[-1].bring_back.click()
    learned(qtbot, rated)
    assert rows(rated)[0] == "Warmer"
    rated.session.workspace.history.undo()
    learned(qtbot, rated)
    assert rows(rated)[0] == "With fewer edges"


def test_a_taste_is_held_as_it_is(qtbot, rated) -> None:
    rated.insight.learned.rows[1].pin.click()
    learned(qtbot, rated)
    (pinned,) = feedback_of(rated.session.workspace.project, IMAGE).pinned
    assert (pinned.code, pinned.strength) == ("edges", -0.5)
    row = rated.insight.learned.rows[1]
    assert row.pin.isChecked()
    assert "held" in row.accessibleName()
    row.forget.click()
    learned(qtbot, rated)
    assert feedback_of(rated.session.workspace.project, IMAGE).pinned == (), (
        "what is forgotten is not held"
    )


def test_learning_starts_over_and_that_can_be_undone(qtbot, rated) -> None:
    rated.insight.learned.start_over.click()
    learned(qtbot, rated)
    assert rows(rated) == []
    assert rated.insight.learned.title.text() == "Nothing clear yet"
    assert rated.session.workspace.project.works.get(1).rating == 5
    qtbot.keyClick(rated, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    learned(qtbot, rated)
    assert rows(rated)[0] == "Warmer"


def test_a_taste_is_kept_and_another_project_starts_from_it(qtbot, rated, tmp_path) -> None:
    panel, session = rated.insight.learned, rated.session
    panel.keep.click()
    kept = TasteProfiles(tmp_path / "tastes.json").of("image")
    assert [one.code for one in kept] == ["warmth", "edges"], "what is only perhaps is left out"
    assert "2 things" in panel._carry_hint.text()
    session.edits.start_over()
    learned(qtbot, rated)
    panel.begin.click()
    learned(qtbot, rated)
    assert {one.code for one in feedback_of(session.workspace.project, IMAGE).pinned} == {
        "warmth",
        "edges",
    }
    assert "started from" in panel._carry_hint.text()
    assert session.learning.learned.used == 0
    assert panel._intro.text().startswith("Held as they are, before any rating")
    line = rated.brief.make_panel.taste
    assert line.link.isVisible()
    assert line.link.text() == "Following your taste"
    rated.brief.follow.click()
    assert line.words.text() == "Your taste is not followed"
    session.workspace.history.undo()
    session.edits.rate(2, 3)
    assert line.words.text() == "Learning from your ratings…"
    learned(qtbot, rated)
    assert line.link.text() == "Following your ratings (1)"
    session.workspace.history.undo()
    session.workspace.history.undo()
    learned(qtbot, rated)
    assert feedback_of(session.workspace.project, IMAGE).pinned == ()
    panel.drop.click()
    assert TasteProfiles(tmp_path / "tastes.json").of("image") == ()


def test_a_damaged_profile_is_no_taste(qapp, tmp_path) -> None:
    (tmp_path / "tastes.json").write_text("{", "utf-8")
    assert TasteProfiles(tmp_path / "tastes.json").of("image") == ()


# ---- the report card ---------------------------------------------------------------------------


def reported(qtbot: QtBot, window: MainWindow) -> None:
    report = window.insight.report
    qtbot.waitUntil(report._body.isVisible, timeout=8000)


def judged(window: MainWindow) -> int:
    """How many reports there are."""
    return len(window.session.judging._known)


def test_the_report_card_follows_the_work(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_J)
    reported(qtbot, made)
    panel = made.insight.report
    assert panel.title.text() == "No. 3"
    report = made.session.judging.report(made.session.workspace.project.works.get(3))
    assert panel.measures["match"].accessibleName() == f"Style match {report.match:.2f}"
    assert panel.said.text() == "Warmer than yours."
    first = panel.gaps.gaps()[0]
    assert (first.name, first.gap, first.detail) == ("Warmth", 2.4, "40 b*, references 30 b*")
    assert "Warmth: 40 b*" in panel.gaps.accessibleDescription()
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: panel.title.text() == "No. 2", timeout=8000)
    reported(qtbot, made)
    assert judged(made) == 2
    qtbot.keyClick(made, Qt.Key.Key_Left)
    assert panel._body.isVisible(), "what is known is not asked again"
    i18n.set_language("zh")
    assert panel.said.text() == "与参考相比更暖。"
    panel.grab()


def test_a_work_is_not_judged_before_somebody_looks(qtbot, made) -> None:
    qtbot.wait(200)
    assert judged(made) == 0


def test_other_references_make_another_report(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_J)
    reported(qtbot, made)
    session = made.session
    session.edits.remove_reference(session.workspace.references()[0].id)
    assert session.judging.report(session.workspace.project.works.get(3)) is None
    made.insight.report.look()
    qtbot.waitUntil(lambda: judged(made) == 2, timeout=8000)


def test_the_card_names_the_nearest_style_where_there_are_two(qtbot, made) -> None:
    """The references of the newer style are two of the older one's three."""
    qtbot.keyClick(made, Qt.Key.Key_J)
    reported(qtbot, made)
    line, session = made.insight.report.style_line, made.session
    assert line.isHidden(), "one style alone is no answer"
    overview = made.stage.overview
    assert overview.styles.isHidden()
    gone = session.workspace.references()[0]
    session.edits.remove_reference(gone.id)
    qtbot.waitUntil(line.isVisible, timeout=8000)
    styles = adapted_styles(session.workspace.project, IMAGE)
    assert [len(style.reference_weights) for style in styles] == [2, 3]
    report = session.judging.report(session.workspace.project.works.get(3))
    assert line.name.whole == names_of(session.workspace.project, styles)[report.style.index]
    assert line.beside.whole == f"70 % · then, with 20 %, {report.style.next}"
    i18n.set_language("zh")
    assert line.beside.whole.startswith("70%；其次（20%）")
    line.grab()
    i18n.set_language("en")
    qtbot.keyClick(made, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(overview.styles.isVisible, timeout=8000)
    assert overview.styles.text().startswith("Nearest of your styles: ")


def test_styles_that_differ_in_weights_alone_are_one(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_J)
    reported(qtbot, made)
    session = made.session
    session.edits.set_weight(session.workspace.references()[0].id, 2.0)
    qtbot.waitUntil(lambda: len(session.workspace.project.styles.all(IMAGE)) == 2, timeout=8000)
    qtbot.waitUntil(lambda: not session.adaptation.is_busy, timeout=8000)
    before = session.judging.report(session.workspace.project.works.get(3))
    made.insight.report.look()
    assert session.judging.report(session.workspace.project.works.get(3)) is before
    assert not session.judging.is_asked([session.workspace.project.works.get(3)]), (
        "nothing is asked anew"
    )
    assert made.insight.report.style_line.isHidden()


def test_the_gallery_says_in_a_line_what_is_known(qtbot, made) -> None:
    model, tip = made.gallery.model, Qt.ItemDataRole.ToolTipRole
    assert "match" not in model.data(model.index(0), tip)
    qtbot.keyClick(made, Qt.Key.Key_J)
    reported(qtbot, made)
    assert "match 0." in model.data(model.index(0), tip)


def test_without_references_the_card_says_what_is_missing(qtbot, make_window) -> None:
    window = make_window()
    qtbot.keyClick(window, Qt.Key.Key_J)
    assert "Choose one" in window.insight.report.state.text()


def test_the_two_panels_take_turns(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_J)
    assert made.insight.report.isVisible()
    qtbot.keyClick(made, Qt.Key.Key_W)
    assert made.insight.learned.isVisible()
    assert not made.actions_["report"].isChecked()
    qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_H)
    assert made.insight.isHidden()


def test_a_small_window_makes_room_and_does_not_grow(qtbot, made) -> None:
    made.resize(1280, 800)
    qtbot.waitUntil(lambda: made.width() == 1280, timeout=4000)
    qtbot.keyClick(made, Qt.Key.Key_J)
    assert made.insight.isVisible()
    assert not made.references.isVisible()
    qtbot.wait(50)
    assert made.width() == 1280
    assert made.stage.width() > 480


def test_sentences_call_references_by_their_short_names() -> None:
    told = Said(code="copied", english="9 % of it stands in b-sea.jpg", chinese="9% 见于b-sea.jpg")
    names = {"b-sea.jpg": "Sea"}
    assert sentence_of(told, names) == "9 % of it stands in Sea."
    i18n.set_language("zh")
    assert sentence_of(told, names) == "9% 见于《Sea》。"
    i18n.set_language("en")


# ---- the report on all works -------------------------------------------------------------------


def test_all_works_are_judged_together(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    overview = made.stage.overview
    qtbot.waitUntil(lambda: len(overview.map.spots()) == 3, timeout=8000)
    assert overview.isVisible()
    assert overview.varied.accessibleName() == "Variety 2.4 / 3"
    known = [
        made.session.judging.report(made.session.workspace.project.works.get(n)) for n in (1, 2, 3)
    ]
    best = max(known, key=lambda r: r.match * r.quality * (1 - r.copied))
    assert overview.best[0].work_id == known.index(best) + 1
    assert "newest 3 works beside 3 references" in overview.state.text()
    overview.grab()
    overview.map.setFocus()
    for _ in range(2):
        qtbot.keyClick(overview.map, Qt.Key.Key_Right)
    qtbot.keyClick(overview.map, Qt.Key.Key_Return)
    assert not overview.is_open
    order = sorted(overview.map.spots(), key=lambda spot: spot.x)
    assert made.session.workspace.current == order[1].work_id


def test_escape_leads_back_to_the_work(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert made.stage.overview.isVisible()
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert picture_wall(made).easel.isVisible()


def test_a_failure_of_the_critic_is_one_line_with_a_way_out(qtbot, make_window, folder) -> None:
    window = make_window("failing")
    drop(window, files(folder))
    qtbot.waitUntil(lambda: window.session.adaptation.problem is not None, timeout=8000)
    project = window.session.workspace.project
    style = project.styles.add(b"s", {}, {})
    work = project.works.add(b"w", {}, style_id=style.id, seed=1, width_px=8, height_px=8)
    window.session.workspace.select(work.id)
    qtbot.keyClick(window, Qt.Key.Key_J)
    notice = window.insight.report.notice
    qtbot.waitUntil(lambda: "no picture" in notice.text(), timeout=8000)
    notice.act()
    qtbot.waitUntil(lambda: "no picture" in notice.text(), timeout=8000)


# ---- likes and pairs ---------------------------------------------------------------------------


def test_like_and_dislike_by_key_and_by_button(qtbot, made) -> None:
    bar, session = made.work_bar, made.session
    qtbot.keyClick(made, Qt.Key.Key_Y)
    assert session.workspace.project.works.get(3).liked is True
    assert (bar.like.isChecked(), bar.dislike.isChecked()) == (True, False)
    qtbot.keyClick(made, Qt.Key.Key_N)
    assert session.workspace.project.works.get(3).liked is False
    assert (bar.like.isChecked(), bar.dislike.isChecked()) == (False, True)
    bar.dislike.click()
    assert session.workspace.project.works.get(3).liked is None
    assert not bar.dislike.isChecked()
    session.workspace.history.undo()
    assert session.workspace.project.works.get(3).liked is False
    assert session.workspace.project.works.get(3).kept is False, "keeping is something else"


def test_this_one_rather_than_that_one(qtbot, made) -> None:
    session, bar = made.session, made.pair_bar
    assert bar.isHidden()
    qtbot.keyClick(made, Qt.Key.Key_BracketLeft)
    assert feedback_of(session.workspace.project, IMAGE).pairs == (), "only where two are compared"
    qtbot.keyClick(made, Qt.Key.Key_C)
    left, right = made.stage.pair
    assert bar.isVisible()
    qtbot.keyClick(made, Qt.Key.Key_BracketLeft)
    assert feedback_of(session.workspace.project, IMAGE).pairs == ((left, right),)
    assert [button.isChecked() for button in bar.sides] == [True, False]
    bar.sides[1].click()
    assert feedback_of(session.workspace.project, IMAGE).pairs == ((right, left),)
    qtbot.keyClick(made, Qt.Key.Key_BracketRight)
    assert feedback_of(session.workspace.project, IMAGE).pairs == (), "said again, it is taken back"
    session.workspace.history.undo()
    session.workspace.history.undo()
    assert feedback_of(session.workspace.project, IMAGE).pairs == ((left, right),)
    qtbot.keyClick(made, Qt.Key.Key_C)
    assert bar.isHidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_of_the_panels_has_a_name(qtbot, rated, language) -> None:
    i18n.set_language(language)
    for key in (Qt.Key.Key_W, Qt.Key.Key_J):
        for room in (rated.insight, rated.stage.overview, rated.pair_bar):
            for control in controls(room):
                assert control.accessibleName().strip(), type(control).__name__
        qtbot.keyClick(rated, key)
    assert QGuiApplication.focusWindow() is not None
