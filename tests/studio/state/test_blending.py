"""Earlier styles and their shares become one style, used until the tray changes."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol import BlendRequest, PictureBrief
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.views.main_window import MainWindow
from tests.studio.sessions import adapt
from tests.studio.windows import drop, files

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def learn_two(qtbot: QtBot, session: Session, pictures: list[Path]) -> None:
    """One style of the first picture, one of all."""
    adapt(qtbot, session, pictures[:1])
    first = session.adaptation.style
    session.add_sources(pictures[1:])
    ready = StyleState.READY
    qtbot.waitUntil(
        lambda: session.adaptation.style != first and session.adaptation.state is ready,
        timeout=8000,
    )


def test_two_styles_become_one_that_is_used(qtbot, make_session, pictures) -> None:
    session = make_session()
    learn_two(qtbot, session, pictures)
    newer, older = session.blending.choices()
    session.blending.start({newer.id: 75.0, older.id: 25.0})
    assert session.blending.is_busy
    qtbot.waitUntil(lambda: not session.blending.is_busy, timeout=8000)
    blend = session.adaptation.style
    assert blend.lineage["blend"] == {str(newer.id): 75.0, str(older.id): 25.0}
    first, second, _ = session.workspace.references()
    assert blend.reference_weights[first.id] == 1.0
    assert blend.reference_weights[second.id] == 0.75
    request = session.jobs.jobs()[-1].request
    assert isinstance(request, BlendRequest)
    assert [style.weight for style in request.styles] == [75.0, 25.0]
    assert session.blending.choices() == (newer, older), "a blend is no parent of the next"
    session.workspace.set_brief(PictureBrief(count=1, width_px=48, height_px=32))
    session.maker.make()
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 1, timeout=8000)
    assert session.workspace.project.works.all()[0].style_id == blend.id


def test_a_blend_is_there_again_and_leaves_with_the_tray(
    qtbot, make_session, pictures, tmp_path
) -> None:
    session = make_session()
    learn_two(qtbot, session, pictures)
    shares = {style.id: 50.0 for style in session.blending.choices()}
    session.blending.start(shares)
    qtbot.waitUntil(lambda: not session.blending.is_busy, timeout=8000)
    blend, jobs = session.adaptation.style, len(session.jobs.jobs())
    session.save_as(tmp_path / "Copy.maquette")
    qtbot.waitUntil(lambda: session.workspace.project.name == "Copy", timeout=8000)
    assert session.adaptation.style == blend
    assert len(session.jobs.jobs()) == jobs
    session.edits.remove_reference(session.workspace.references()[2].id)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.WAITING, timeout=8000)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    assert session.adaptation.parents == 0


def test_one_style_alone_is_used_as_it_is(qtbot, make_session, pictures) -> None:
    session = make_session()
    learn_two(qtbot, session, pictures)
    newer, older = session.blending.choices()
    session.blending.start({newer.id: 0.0, older.id: 100.0})
    qtbot.waitUntil(lambda: not session.blending.is_busy, timeout=8000)
    assert session.adaptation.style.digest == older.digest
    assert session.adaptation.parents == 0


def test_the_panel_is_there_when_there_is_a_choice(qtbot, make_window, folder) -> None:
    window: MainWindow = make_window()
    panel, session = window.references.blend, window.session
    pictures = sorted(folder.iterdir())
    drop(window, files(pictures[0]))
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    assert not panel.isVisible()
    drop(window, files(*pictures[1:]))
    qtbot.waitUntil(panel.isVisible, timeout=8000)
    panel.fold.head.setChecked(True)
    qtbot.waitUntil(lambda: len(panel.shares()) == 2, timeout=8000)
    qtbot.waitUntil(panel.blend.isEnabled, timeout=8000)
    panel.blend.click()
    words = window.references.style_line.line
    qtbot.waitUntil(lambda: words.text().startswith("Blended from 2 styles"), timeout=8000)
    for slider in panel.shares():
        slider.setValue(0)
    assert not panel.blend.isEnabled()
