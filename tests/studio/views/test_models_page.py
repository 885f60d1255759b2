"""The page of models: what is there, what can be had, and consent before anything is loaded."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol import GeneratorInfo, ModelAction, ModelsRequest, Named
from studio import i18n
from studio.client.engine_client import EngineState
from studio.views.consent_card import ConsentCard
from studio.views.main_window import MainWindow
from studio.views.model_cards import FoundCard, ModelCard, OfferCard, OwnCard, shortened
from studio.views.models_dialog import ModelsDialog
from tests.studio.fake_models import TERMS
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WAIT_MS = 20_000
C = TypeVar("C", bound=QWidget)


@pytest.fixture
def open_page(qtbot: QtBot, make_window):
    """`open_page("normal")`: the page, once the engine has said how things stand."""

    def open_one(behaviour: str = "normal", *arguments: str) -> ModelsDialog:
        window: MainWindow = make_window(behaviour, *arguments)
        client = window.session.client
        qtbot.waitUntil(lambda: client.hello is not None, timeout=WAIT_MS)  # it is shown, too
        window.actions_["models"].trigger()
        page = window.files.models
        assert page is not None
        qtbot.waitUntil(lambda: page.models.result is not None, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not page.models.is_busy, timeout=WAIT_MS)
        return page

    return open_one


def words(part: QWidget) -> str:
    return "\n".join(label.text() for label in part.findChildren(QLabel) if not label.isHidden())


def has(page: ModelsDialog, kind: type[QWidget]) -> bool:
    return any(isinstance(each, kind) for each in page.cards)


def card(page: ModelsDialog, kind: type[C]) -> C:
    """The first of its kind."""
    return next(each for each in page.cards if isinstance(each, kind))


def consent_of(page: ModelsDialog) -> ConsentCard:
    assert page.consent is not None
    return page.consent


def settle(qtbot: QtBot, page: ModelsDialog) -> None:
    qtbot.waitUntil(lambda: not page.models.is_busy, timeout=WAIT_MS)


def arrives(qtbot: QtBot, page: ModelsDialog) -> None:
    """A model is on the page, seen, and its buttons can be pressed."""

    def has_arrived() -> bool:
        is_there = has(page, ModelCard) and not page.models.is_busy
        return is_there and card(page, ModelCard).isVisible()  # Qt shows it a moment later

    qtbot.waitUntil(has_arrived, timeout=WAIT_MS)


def choose(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (name, ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: name)


def asked(page: ModelsDialog) -> list[ModelAction]:
    requests = [job.request for job in page.models._jobs.jobs()]
    return [each.action for each in requests if isinstance(each, ModelsRequest)]


def get(qtbot: QtBot, page: ModelsDialog) -> None:
    """Read the terms, accept them, load."""
    card(page, OfferCard).get.click()
    consent = consent_of(page)
    consent.read.click()
    settle(qtbot, page)
    consent = consent_of(page)
    consent.accept.click()
    consent.get.click()


def test_the_page_says_what_can_be_had_and_what_is_there(qtbot: QtBot, open_page) -> None:
    page = open_page()
    offer = card(page, OfferCard)
    assert "238 MB" in offer.get.text()
    assert "Gemma terms of use" in offer.get.text()
    assert "dialogue" in words(offer)
    assert page.models._client is not page._session.client  # works are made meanwhile
    assert asked(page) == [ModelAction.LIST]


def test_places_in_the_artist_s_own_folder_are_written_short() -> None:
    home = Path.home()
    assert shortened(str(home / "Models" / "ink")) == str(Path("~") / "Models" / "ink")
    assert shortened(str(home.parent / "elsewhere")) == str(home.parent / "elsewhere")


def test_generators_that_come_with_maquette_stand_there_too(qtbot: QtBot, open_page) -> None:
    page = open_page()
    client = page._session.client
    qtbot.waitUntil(lambda: client.hello is not None, timeout=WAIT_MS)
    own = GeneratorInfo(
        id="maquette_lm",
        version=1,
        medium="text",
        name=Named(english="Own", chinese="自带"),
        fields=(),
    )
    client._hello = replace(client.hello, generators=(own,))
    page.retranslate()
    assert "classical Chinese verse" in words(card(page, OwnCard))
    i18n.set_language("zh")
    assert "自带" in card(page, OwnCard).findChildren(QLabel)[0].text()


def test_nothing_is_loaded_before_the_terms_are_read_and_accepted(qtbot: QtBot, open_page) -> None:
    page = open_page()
    card(page, OfferCard).get.click()
    consent = consent_of(page)
    assert consent.terms.isHidden()
    assert consent.accept.isHidden()
    assert not consent.get.isEnabled()
    assert asked(page) == [ModelAction.LIST]
    consent.read.click()
    settle(qtbot, page)
    consent = consent_of(page)
    assert consent.terms.toPlainText() == TERMS
    assert not consent.get.isEnabled()
    assert asked(page) == [ModelAction.LIST, ModelAction.TERMS]
    qtbot.keyClick(consent.accept, Qt.Key.Key_Space)
    assert consent.get.isEnabled()
    consent.get.click()
    arrives(qtbot, page)
    assert asked(page)[-1] is ModelAction.FETCH
    assert page.consent is None
    assert not has(page, OfferCard)
    fold = card(page, ModelCard).terms  # they can be read again, for what is derived from it too
    assert fold.words.isHidden()
    fold.link.click()
    assert not fold.words.isHidden()
    assert fold.words.toPlainText() == TERMS


def test_consent_can_be_put_away(qtbot: QtBot, open_page) -> None:
    page = open_page()
    card(page, OfferCard).get.click()
    consent_of(page).no.click()
    assert page.consent is None
    assert has(page, OfferCard)
    assert asked(page) == [ModelAction.LIST]


def test_a_download_shows_how_far_it_is_stops_and_goes_on(qtbot: QtBot, open_page) -> None:
    page = open_page("held")
    get(qtbot, page)
    qtbot.waitUntil(lambda: page.bar.value() == 300, timeout=WAIT_MS)
    assert page.bar.isVisible()
    assert "30 %" in page._stage.text()
    assert "70 s" in page._stage.text()
    assert not page.add_file.isEnabled()
    page.stop.click()
    qtbot.waitUntil(lambda: not page._busy.isVisible(), timeout=WAIT_MS)
    assert "kept" in page.notice.text()
    qtbot.waitUntil(lambda: "80 MB of 238 MB" in card(page, OfferCard).get.text(), timeout=WAIT_MS)
    card(page, OfferCard).get.click()
    assert consent_of(page).terms.toPlainText() == TERMS  # they were read already


def test_a_download_goes_on_while_the_page_is_closed(qtbot: QtBot, open_page) -> None:
    page = open_page("held")
    window, models = page._session, page.models
    get(qtbot, page)
    qtbot.waitUntil(lambda: models.job is not None, timeout=WAIT_MS)
    page.close()
    assert models.is_busy
    assert models._client.state is EngineState.READY
    models.stop()
    qtbot.waitUntil(lambda: not models.is_busy, timeout=WAIT_MS)
    assert models._client.state is EngineState.STOPPED  # nobody looks: its memory is free again
    assert window.client.state is EngineState.READY


def test_a_file_is_looked_at_before_it_is_added(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    choose(monkeypatch, "/models/plain.gguf")
    page.add_file.click()
    settle(qtbot, page)
    found = card(page, FoundCard)
    assert "1.4 GB of memory" in words(found)
    assert "words a second" in words(found)
    assert found.add.text() == "Add it"
    assert not has(page, ModelCard)
    found.no.click()
    assert not has(page, FoundCard)
    page.add_folder.click()
    settle(qtbot, page)
    card(page, FoundCard).add.click()
    arrives(qtbot, page)
    assert not has(page, FoundCard)
    assert asked(page)[-2:] == [ModelAction.INSPECT, ModelAction.ADD]


def test_an_instruct_model_is_told_that_base_models_write_better(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    choose(monkeypatch, "/models/chat.gguf")
    page.add_file.click()
    settle(qtbot, page)
    assert "base models write better" in words(card(page, FoundCard))


def test_too_little_memory_is_said_before_and_may_be_overruled(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    choose(monkeypatch, "/models/huge.gguf")
    page.add_file.click()
    settle(qtbot, page)
    found = card(page, FoundCard)
    assert "8.0 GB" in words(found)
    assert found.add.text() == "Load it anyway"
    found.add.click()
    arrives(qtbot, page)


def test_removing_asks_once_more(qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page()
    choose(monkeypatch, "/models/plain.gguf")
    page.add_file.click()
    settle(qtbot, page)
    card(page, FoundCard).add.click()
    arrives(qtbot, page)
    shown = card(page, ModelCard)
    assert not shown.yes.isVisible()
    shown.remove.click()
    assert shown.yes.isVisible()
    assert "430 MB" in words(shown)
    shown.no.click()
    assert not shown.yes.isVisible()
    shown.remove.click()
    with qtbot.waitSignal(page.models.came, timeout=WAIT_MS):
        shown.yes.click()
    assert not has(page, ModelCard)
    assert asked(page)[-1] is ModelAction.REMOVE


def test_the_second_of_two_can_write_first(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    for name in ("one", "two"):
        choose(monkeypatch, f"/models/{name}.gguf")
        page.add_file.click()
        settle(qtbot, page)
        card(page, FoundCard).add.click()
        settle(qtbot, page)
    first, second = [each for each in page.cards if isinstance(each, ModelCard)]
    assert first.prefer.isHidden()
    second.prefer.click()
    settle(qtbot, page)
    assert card(page, ModelCard).model.id == "two"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "code",
    [
        *("model_cut_off", "model_damaged", "model_tokenizer", "model_family", "model_pickle"),
        *("model_quantisation", "model_disk", "package_unreachable", "package_digest"),
        *("package_consent", "package_no_pip", "model_missing", "model_unknown_id", "bad_folder"),
    ],
)
def test_each_way_to_fail_is_one_sentence_here(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch, code: str, language: str
) -> None:
    i18n.set_language(language)
    page = open_page()
    choose(monkeypatch, f"/models/{code}.gguf")
    page.add_file.click()
    settle(qtbot, page)
    said = page.notice.text()
    assert said
    assert said != "english"  # the window has words of its own for it
    assert ("。" in said) == (language == "zh")
    assert not has(page, FoundCard)
    assert not has(page, ModelCard)


def test_memory_that_was_taken_meanwhile_can_be_overruled(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    choose(monkeypatch, "/models/model_memory.gguf")
    page.add_file.click()
    settle(qtbot, page)
    assert "9000 MB" in page.notice.text()
    assert page.notice._action.text() == "Load it anyway"
    page.notice.act()
    settle(qtbot, page)
    last = list(page.models._jobs.jobs())[-1].request
    assert isinstance(last, ModelsRequest)
    assert last.anyway


def test_an_engine_that_dies_is_told_and_can_be_tried_again(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = open_page("crash-once", str(tmp_path / "marker"))
    choose(monkeypatch, "/models/plain.gguf")
    page.add_file.click()
    settle(qtbot, page)
    card(page, FoundCard).add.click()
    qtbot.waitUntil(lambda: bool(page.notice.text()), timeout=WAIT_MS)
    page.notice.act()
    arrives(qtbot, page)


def test_an_engine_that_does_not_start_is_told(qtbot: QtBot, make_window) -> None:
    window = make_window("stillborn")
    window.actions_["models"].trigger()
    page = window.files.models
    qtbot.waitUntil(lambda: bool(page.notice.text()), timeout=WAIT_MS)
    assert not page.models.is_busy


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_has_a_name_and_says_what_it_does(
    qtbot: QtBot, open_page, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    i18n.set_language(language)
    page = open_page()
    choose(monkeypatch, "/models/plain.gguf")
    page.add_file.click()
    settle(qtbot, page)
    card(page, FoundCard).add.click()
    settle(qtbot, page)
    card(page, OfferCard).get.click()
    consent_of(page).read.click()
    settle(qtbot, page)
    found = list(controls(page))
    assert len(found) > 10
    for control in found:
        assert control.accessibleName().strip(), type(control).__name__
        assert control.toolTip().strip(), control.accessibleName()
