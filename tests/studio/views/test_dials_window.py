"""The dials that ratings turn, turned by the artist: where they stand, what they ask for, when."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, MusicBrief, MusicForm, Use
from engine.registry import installed
from studio import i18n
from studio.i18n import t
from studio.media.audio import music
from studio.media.image import colour_dials
from studio.media.image.controller import image_controller_of
from studio.media.image.fields import BY_HAND_ALONE
from studio.media.text import forms
from studio.views.brief_panel import BriefPanel
from studio.views.fields import RATIO_STEPS, place_of, ratio_at
from studio.views.main_window import MainWindow
from studio.widgets.slider import QuietSlider
from tests.studio.windows import music_fields, picture_fields, text_fields

MEDIA = [installed().medium(each) for each in Medium]
DIALS = {domain: medium.dials(domain) for medium in MEDIA for domain in medium.domains}

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def window(make_window) -> MainWindow:
    return make_window()


def dials(panel: BriefPanel) -> dict[str, dict[str, QuietSlider]]:
    """The sliders of each kind of work, by the field of the brief that they turn."""
    pictures, words, notes = picture_fields(panel), text_fields(panel), music_fields(panel)
    more = pictures.rest
    of_words = {"temperature": words.daring, "strength": words.strength, "line": words.line}
    of_notes = {"temperature": notes.daring, "strength": notes.strength}
    of_notes |= {"pace": notes.pace, "density": notes.density, "lift": notes.lift}
    turned = {n: dial for n, dial in pictures.sliders.items() if n not in BY_HAND_ALONE}
    of_pictures = {"brush": more.brush, "detail": more.detail} | turned
    labelled = {"image": of_pictures, "zh": of_words, "en": of_words, "audio": of_notes}
    found = {
        kind: {name: dial.slider for name, dial in named.items()}
        for kind, named in labelled.items()
    }
    found["image"] |= more.colours.sliders
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_that_ratings_turn_can_be_turned_by_hand(window: MainWindow, language: str) -> None:
    i18n.set_language(language)
    found = dials(window.brief)
    for kind, turned in DIALS.items():
        assert {dial.name for dial in turned} - {"mode"} == set(found[kind])
        for name, slider in found[kind].items():
            assert t("dial.yours") in slider.toolTip(), name
            assert slider.accessibleName().strip(), name
            assert slider.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_dial_at_rest_is_left_to_the_ratings(window: MainWindow) -> None:
    """What a slider says in its usual place is what the engine takes for untouched."""
    panel = window.brief
    for medium, kind in ((Medium.IMAGE, "image"), (Medium.TEXT, "en"), (Medium.AUDIO, "audio")):
        window.session.workspace.show_medium(medium)
        for slider in dials(panel)[kind].values():
            slider.settled.emit(slider.value())
        assert all(dial.is_free(window.session.workspace.brief) for dial in DIALS[kind])


@pytest.mark.parametrize("name", colour_dials.DIALS)
def test_colours_are_dialled_by_key_kept_and_undone(qtbot: QtBot, window, name: str) -> None:
    session, colours = window.session, picture_fields(window).rest.colours
    window.brief._folds[Medium.IMAGE].head.click()
    slider = colours.sliders[name]
    qtbot.waitUntil(slider.isVisible)
    assert colours.reset.isHidden()
    slider.setFocus()
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: getattr(session.workspace.brief, name) == 0.1, timeout=4000)
    others = replace(session.workspace.brief, **{name: 0.0})
    assert all(getattr(others, other) == 0 for other in colour_dials.DIALS)
    assert session.workspace.project.working_state.brief(Medium.IMAGE) == session.workspace.brief
    assert colours.reset.isVisible()
    session.workspace.history.undo()
    assert (getattr(session.workspace.brief, name), slider.value()) == (0.0, 0)


def test_the_way_back_is_one_step(window: MainWindow) -> None:
    session, colours = window.session, picture_fields(window).rest.colours
    session.workspace.set_brief(
        replace(session.workspace.brief, light=0.4, warmth=-1.0, vividness=1.0)
    )
    assert [colours.sliders[name].value() for name in colour_dials.DIALS] == [20, 0, -50, 0, 50]
    colours.reset.click()
    assert not any(getattr(session.workspace.brief, name) for name in colour_dials.DIALS)
    assert [slider.value() for slider in colours.sliders.values()] == [0] * 5
    session.workspace.history.undo()
    assert (session.workspace.brief.light, session.workspace.brief.warmth) == (0.4, -1.0)


def test_a_double_click_gives_a_dial_back(qtbot: QtBot, window: MainWindow) -> None:
    session, slider = window.session, picture_fields(window).rest.colours.sliders["warmth"]
    window.brief._folds[Medium.IMAGE].head.click()
    qtbot.waitUntil(slider.isVisible)
    session.workspace.set_brief(replace(session.workspace.brief, warmth=0.6))
    at = QPoint(slider.width() - 8, slider.height() // 2)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: session.workspace.brief.warmth == 0, timeout=4000)


def test_colours_are_dialled_whatever_a_picture_starts_from(qtbot: QtBot, made) -> None:
    made.brief._folds[Medium.IMAGE].head.click()
    image_controller_of(made.session).start.use_work(made.session.workspace.current)
    qtbot.waitUntil(lambda: made.session.workspace.brief.use is Use.RESTYLE, timeout=4000)
    qtbot.waitUntil(picture_fields(made).rest.colours.isVisible)


def test_dials_come_back_with_the_brief_of_a_work(qtbot: QtBot, made) -> None:
    session = made.session
    session.workspace.set_brief(replace(session.workspace.brief, count=1, light=0.4, redness=-0.2))
    session.maker.make()
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 4, timeout=8000)
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)
    session.workspace.set_brief(replace(session.workspace.brief, light=-1.0, redness=0.0))
    session.maker.again(4)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 5, timeout=8000)
    asked = session.workspace.project.works.sidecar(5)["brief"]
    assert (asked["light"], asked["redness"]) == (0.4, -0.2)


# ---- texts -------------------------------------------------------------------------------------


def test_lines_are_asked_for_where_the_form_has_none_of_its_own(qtbot, window) -> None:
    session, fields = window.session, text_fields(window)
    session.workspace.show_medium(Medium.TEXT)
    window.brief._folds[Medium.TEXT].head.click()
    qtbot.waitUntil(fields.line.isVisible)
    fields.line.settled.emit(-RATIO_STEPS)
    assert session.workspace.brief.line == 0.5
    for form in ("sonnet", "haiku", "quatrains", "prose", "dialogue", "五绝", "古体", "浣溪沙"):
        fields.form.chosen.emit(form)
        assert not fields.line.isVisible(), form
        assert forms.trimmed(session.workspace.brief).line == 1.0, form
    fields.form.chosen.emit("free verse")
    assert fields.line.isVisible()
    assert forms.trimmed(session.workspace.brief).line == 0.5


def test_regulated_lines_are_of_five_or_seven(window: MainWindow) -> None:
    session, fields = window.session, text_fields(window)
    session.workspace.show_medium(Medium.TEXT)
    low, high = fields.line._low, fields.line._high
    assert (low.text(), high.text()) == ("Shorter", "Longer")
    fields.show_language(chinese=True)
    assert (low.text(), high.text()) == ("Of five", "Of seven")
    for place, line in ((40, 2.0), (-26, 0.5), (20, 1.0)):
        fields.line.settled.emit(place)
        assert session.workspace.brief.line == line
        assert fields.line.value() == place_of(line)
    assert fields.line.slider.singleStep() == RATIO_STEPS, "one key from stop to stop"
    fields.form.chosen.emit("free verse")
    assert (low.text(), fields.line.slider.singleStep()) == ("Shorter", 1)


# ---- music -------------------------------------------------------------------------------------


def test_pace_gives_way_to_a_tempo(qtbot: QtBot, window: MainWindow) -> None:
    session, fields = window.session, music_fields(window)
    session.workspace.show_medium(Medium.AUDIO)
    window.brief._folds[Medium.AUDIO].head.click()
    qtbot.waitUntil(fields.pace.isVisible)
    fields.pace.settled.emit(RATIO_STEPS)
    assert session.workspace.brief.pace == 2.0
    assert music.trimmed(session.workspace.brief).pace == 2.0
    fields.tempo.setValue(90)
    assert not fields.pace.isVisible()
    assert music.trimmed(session.workspace.brief).pace == 1.0
    fields.tempo.setValue(0)
    assert fields.pace.isVisible()
    assert fields.pace.value() == RATIO_STEPS


def test_pitch_goes_by_octaves_where_a_key_is_named(window: MainWindow) -> None:
    session, fields = window.session, music_fields(window)
    session.workspace.show_medium(Medium.AUDIO)
    fields.lift.settled.emit(-5)
    assert session.workspace.brief.lift == -5
    session.workspace.set_brief(replace(session.workspace.brief, key="Eb", mode="minor"))
    assert fields.lift.value() == 0, "what will be heard"
    assert music.trimmed(session.workspace.brief).lift == 0
    assert fields.lift.slider.singleStep() == 12
    fields.lift.settled.emit(7)
    assert (session.workspace.brief.lift, fields.lift.value()) == (12, 12)
    session.workspace.set_brief(replace(session.workspace.brief, key="", mode="minor", lift=3))
    assert (fields.lift.value(), fields.lift.slider.singleStep()) == (3, 1)


def test_a_texture_has_neither_pace_nor_pitch() -> None:
    wish = MusicBrief(form=MusicForm.TEXTURE, pace=2.0, lift=5)
    assert music.trimmed(wish) == replace(wish, pace=1.0, lift=0)


def test_faster_music_is_shorter() -> None:
    asked = MusicBrief()
    assert music.expected_s(replace(asked, pace=2.0)) == music.expected_s(asked) / 2
    assert music.expected_s(replace(asked, tempo=90, pace=2.0)) == music.expected_s(
        replace(asked, tempo=90)
    )


def test_a_place_of_a_ratio_slider_is_found_again() -> None:
    assert [ratio_at(place) for place in (-RATIO_STEPS, 0, RATIO_STEPS)] == [0.5, 1.0, 2.0]
    assert all(place_of(ratio_at(place)) == place for place in range(-RATIO_STEPS, RATIO_STEPS + 1))
