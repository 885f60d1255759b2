"""A menu of presets: each by its name, one more to be saved, and those that can be deleted."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from PySide6.QtWidgets import QMenu, QWidget

from studio.i18n import t
from studio.views.dialogs import Question


class PresetEntry(NamedTuple):
    """What a preset does when it is chosen, and how it is deleted; hint: what it holds."""

    name: str
    apply: Callable[[], object]
    delete: Callable[[], object]
    hint: str = ""


def fill_presets(
    menu: QMenu,
    entries: Iterable[PresetEntry],
    save_words: str,
    save: Callable[[], object],
    window: QWidget,
) -> None:
    """Fills the menu anew, in the order of the names; window: what a question stands over."""
    menu.clear()
    for last_time in menu.findChildren(QMenu):  # `clear` leaves the menu within alive
        last_time.deleteLater()
    ordered = sorted(entries, key=lambda entry: entry.name.casefold())
    for entry in ordered:
        action = menu.addAction(in_menu(entry.name))
        action.setToolTip(entry.hint)
        action.triggered.connect(_called(entry.apply))
    if not ordered:
        menu.addAction(t("presets.none")).setEnabled(False)
    menu.addSeparator()
    menu.addAction(save_words).triggered.connect(_called(save))
    if ordered:
        deleting = menu.addMenu(t("presets.delete"))
        for entry in ordered:
            action = deleting.addAction(in_menu(entry.name))
            action.triggered.connect(partial(_ask_and_delete, entry, window))


def in_menu(words: str) -> str:
    """As a menu shows them whole: Qt reads one & as the mark of an access key."""
    return words.replace("&", "&&")


def _called(do: Callable[[], object]) -> Callable[[bool], object]:
    """Without the state that `triggered` passes along."""
    return lambda _on: do()


def _ask_and_delete(entry: PresetEntry, window: QWidget, _on: bool = False) -> None:
    title = t("presets.question", name=entry.name)
    question = Question(title, t("presets.warning"), t("presets.yes"), window)
    if question.exec():
        entry.delete()
    question.deleteLater()
