"""Above the wishes: presets with names, and the briefs that works were made from."""

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from studio.i18n import t
from studio.i18n.errors import MaquetteError
from studio.state.past_briefs import PastBrief, past_briefs
from studio.state.presets import MAX_NAME, Preset, taken_up
from studio.state.project_names import day
from studio.state.session import Session
from studio.views.preset_menu import PresetEntry, fill_presets, in_menu
from studio.widgets.buttons import IconButton

_WORDS = 70  # characters of a line in a menu


class BriefMenus(QObject):
    """Two buttons with their menus, which are filled when they open."""

    committed = Signal()  # what is typed has to come into the brief first

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._workspace, self._window = session, session.workspace, parent
        self.presets, self.past = IconButton("bookmark", 16), IconButton("history", 16)
        self.presets_menu, self.past_menu = QMenu(parent), QMenu(parent)
        for button, menu in ((self.presets, self.presets_menu), (self.past, self.past_menu)):
            button.setMenu(menu)
            button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
            menu.setToolTipsVisible(True)
        self.presets_menu.aboutToShow.connect(self.fill_presets)
        self.past_menu.aboutToShow.connect(self.fill_past)
        self.retranslate()

    def retranslate(self) -> None:
        self.presets.set_words(t("presets.button"))
        self.presets.setToolTip(t("presets.hint"))
        self.past.set_words(t("past.button"))
        self.past.setToolTip(t("past.hint"))

    # ---- presets -------------------------------------------------------------------------------

    def fill_presets(self) -> None:
        menu, store, medium = self.presets_menu, self._session.presets, self._workspace.medium
        rules = self._workspace.media[medium]
        store.look()
        self._tell_damage()
        entries = [
            PresetEntry(
                preset.name,
                partial(self._apply, preset),
                partial(self._delete, preset),
                rules.words_of(preset.brief),
            )
            for preset in store.of(medium)
        ]
        fill_presets(menu, entries, t("presets.save"), self.save, self._window.window())

    def _tell_damage(self) -> None:
        if (notice := self._session.presets.notice) is not None:
            self._session.presets.notice = None
            self._workspace.report(notice)

    def _apply(self, preset: Preset) -> None:
        self.committed.emit()
        now, rules = self._workspace.brief, self._workspace.media[preset.brief.medium]
        self._workspace.set_brief(taken_up(preset.brief, now, rules))

    def save(self) -> None:
        from studio.views.preset_dialog import PresetDialog

        self.committed.emit()
        brief = self._workspace.brief
        rules = self._workspace.media[brief.medium]
        name, words = rules.words_of(brief)[:MAX_NAME], t("presets.words")
        dialog = PresetDialog(name, words, self._window.window())
        if dialog.exec():
            store, name = self._session.presets, dialog.name
            self._workspace.attempt(lambda: store.keep(name, brief, rules))
        dialog.deleteLater()

    def _delete(self, preset: Preset) -> None:
        self._workspace.attempt(lambda: self._session.presets.delete(preset))

    # ---- earlier briefs ------------------------------------------------------------------------

    def fill_past(self) -> None:
        menu, workspace = self.past_menu, self._workspace
        menu.clear()
        try:
            found = past_briefs(workspace.project, workspace.medium)
        except MaquetteError as error:
            workspace.report(error)
            found = ()
        rules = workspace.media[workspace.medium]
        for past in found:
            words = rules.words_of(past.brief)
            when = past.made.astimezone()
            made = t("past.works", n=past.brief.count)
            line = t("past.line", time=f"{day(when)}, {when:%H:%M}", works=made, words=words)
            action = menu.addAction(in_menu(line[:_WORDS]))
            action.setToolTip(line)
            action.triggered.connect(partial(self._go_back_to, past))
        if not found:
            menu.addAction(t("past.none")).setEnabled(False)

    def _go_back_to(self, past: PastBrief, _on: bool = False) -> None:
        self.committed.emit()
        self._workspace.set_brief(past.brief)
