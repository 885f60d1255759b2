"""Which generator was taken is said, can be changed, and doubts are told before making."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol import AdaptRequest
from studio import i18n
from studio.state.adaptation import StyleState
from studio.views.generator_line import GeneratorLine
from studio.views.main_window import MainWindow
from studio.views.manner_warning import MannerWarning
from tests.studio.fake_generators import LICENCE, MODEL, OWN, PRETRAINED, RECOMBINING
from tests.studio.windows import drop, files

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WAIT_MS = 20_000


@pytest.fixture
def learned(qtbot: QtBot, make_window, texts: list[Path]):
    """`learned("choosing")`: a window that has learned three poems."""

    def learn(behaviour: str) -> MainWindow:
        window = make_window(behaviour)
        drop(window, files(*texts))
        wait(qtbot, window)
        return window

    return learn


def wait(qtbot: QtBot, window: MainWindow) -> None:
    adaptation = window.session.adaptation
    qtbot.waitUntil(lambda: adaptation.state is StyleState.READY, timeout=WAIT_MS)


def line(window: MainWindow) -> GeneratorLine:
    return window.references.style_line.generator


def warning(window: MainWindow) -> MannerWarning:
    return window.brief.make_panel.warning


def asked(window: MainWindow) -> list[str]:
    requests = [job.request for job in window.session.jobs.jobs()]
    return [each.generator for each in requests if isinstance(each, AdaptRequest)]


def test_the_one_that_was_taken_is_said_with_the_reason(learned) -> None:
    window = learned("choosing")
    shown = line(window)
    assert shown.line.text().startswith(f"{MODEL}: it knows this manner better")
    assert "Own" in shown.line.text()
    assert LICENCE in shown.line.text()  # of the model that the style is derived from
    assert shown.terms.isVisible()
    assert warning(window).isHidden()
    assert shown.change.isVisible()
    i18n.set_language("zh")
    assert "自带模型" in shown.line.text()


def test_the_artist_takes_another_and_it_is_remembered(qtbot: QtBot, learned) -> None:
    window = learned("choosing")
    shown = line(window)
    shown.fill_menu()
    actions = [action for action in shown.menu.actions() if not action.isSeparator()]
    assert [action.isChecked() for action in actions] == [True, False, False, False]
    assert actions[1].text() == "Own (does not know this manner)"
    assert actions[3].text() == "Pretrained (knows this manner)"
    actions[1].trigger()
    qtbot.waitUntil(lambda: shown.line.text() == "Own, as you chose", timeout=WAIT_MS)
    assert asked(window) == ["", OWN.id]
    session = window.session
    adaptation = session.adaptation
    adaptation.attach(session.workspace.project, session.workspace.medium)
    assert adaptation.wish == OWN.id  # the project keeps it
    shown.fill_menu()
    shown.menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: MODEL in shown.line.text(), timeout=WAIT_MS)
    assert asked(window)[-1] == ""


def test_where_none_knows_the_manner_that_is_said_before_anything_is_made(learned) -> None:
    window = learned("unknown")
    assert warning(window).isVisible()
    assert "No model here knows this manner" in warning(window).words.text()
    assert window.brief.make_panel.make.isEnabled()  # the artist may try all the same
    assert not window.references.style_line._remarks.isVisible()  # it is said once


def test_the_way_out_without_a_model(qtbot: QtBot, learned) -> None:
    window = learned("unknown")
    shown = line(window)
    warning(window).instead.click()
    qtbot.waitUntil(lambda: "as you chose" in shown.line.text(), timeout=WAIT_MS)
    assert asked(window)[-1] == RECOMBINING.id
    assert warning(window).isHidden()


def test_the_way_out_with_a_model_opens_its_page(qtbot: QtBot, learned) -> None:
    """And when a model has come, the references are learned anew by themselves."""
    window = learned("unknown")
    warning(window).get.click()
    page = window.files.models
    assert page is not None
    qtbot.waitUntil(lambda: page.models.result is not None, timeout=WAIT_MS)
    before = len(asked(window))
    page.models.came.emit()
    qtbot.waitUntil(lambda: len(asked(window)) == before + 1, timeout=WAIT_MS)
    wait(qtbot, window)


def test_a_generator_that_needs_a_model_leads_to_the_page(qtbot: QtBot, learned) -> None:
    window = learned("unknown")
    shown = line(window)
    shown.fill_menu()
    words = {action.text(): action for action in shown.menu.actions()}
    words["Pretrained: get one…"].trigger()
    assert window.files.models is not None
    assert PRETRAINED.id not in asked(window)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_model_that_was_removed_is_named_when_its_style_shall_write(
    qtbot: QtBot, learned, language: str
) -> None:
    window = learned("gone")
    i18n.set_language(language)
    window.actions_["make"].trigger()
    notice = window.brief.make_panel.notice
    qtbot.waitUntil(lambda: bool(notice.text()), timeout=WAIT_MS)
    assert "Gemma 3 270M" in notice.text()
    assert "english" not in notice.text()
    assert window.session.adaptation.style is not None  # nothing of the style is lost


def test_media_with_one_generator_say_nothing(qtbot: QtBot, make_window, pictures) -> None:
    window = make_window("toy")
    drop(window, files(*pictures))
    wait(qtbot, window)
    assert line(window).isHidden()
