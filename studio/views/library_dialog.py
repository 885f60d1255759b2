"""The page of styles: those of all projects, with their covers."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from studio.i18n import listed, t
from studio.state.library_files import SUFFIX, StyleEntry
from studio.state.problems import Problem
from studio.state.project_names import day
from studio.state.session import Session
from studio.state.titles import file_name, short_names
from studio.views.dialogs import PlainDialog, Question
from studio.views.file_choice import choose_files
from studio.views.library_blend import LibraryBlendPanel
from studio.views.projects_dialog import Covers, icon_of
from studio.widgets.base import Elided, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.inputs import Choice
from studio.widgets.notice import Notice
from studio.widgets.said import Said

_ID = Qt.ItemDataRole.UserRole
_WIDTH_PX, _HEIGHT_PX = 820, 720
_PAUSE_MS = 120  # while somebody types


class LibraryDialog(PlainDialog):
    """Stands beside the window: a style is tried on the works that are seen there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(t("library.title"), _WIDTH_PX, parent)
        self._session, self.library = session, session.library
        self._intro = label("dim", wrap=True)
        self.notice, self.said = Notice(self), Said(self)
        self.words, self.media, self.shelf = QLineEdit(), Choice(), Choice()
        self.list = Covers()
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._nothing, self._why = label("dim", wrap=True), label("dim", wrap=True)
        self.name, self._facts, self._from = QLineEdit(), Elided("small"), Elided("small")
        self.blend = LibraryBlendPanel(self.library, self)
        self.save, self.take_in = TextButton(), TextButton()
        self.share, self.trash = TextButton(), TextButton()
        self.restore, self.delete = TextButton(), TextButton()
        self.use, self.close_button = TextButton("primary"), TextButton()
        self._trashed: tuple[str, ...] = ()  # what can be brought back by one click
        self._wanted = ""  # the entry to choose, once it is there
        self._rest = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.retranslate()
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self.list.setFocus()
        self.library.look()

    def _lay_out(self) -> None:
        find = row(self.words, self.media, self.shelf)
        find.setStretch(0, 1)
        self._about = QWidget()
        self._about.setLayout(column(self.name, self._facts, self._from, gap=4))
        self.put(self._intro, self.notice, find, self.list, self._nothing, self.said)
        self.put(self._about, self._why, self.blend)
        first = self.save, self.take_in, None
        then = self.share, self.trash, self.restore, self.delete, None
        self.put(row(*first, *then, self.close_button, self.use))
        self._lines.setStretchFactor(self.list, 1)
        for button in self.findChildren(TextButton):
            button.setAutoDefault(False)  # Enter in a field is the field's

    def _connect(self) -> None:
        library = self.library
        library.changed.connect(self._show)
        library.came.connect(self._on_came)
        library.raised.connect(self._on_raised)
        library.used.connect(self._on_used)
        self._session.adaptation.changed.connect(self._show_buttons)
        self.words.textChanged.connect(lambda _text: self._rest.start())
        self._rest.timeout.connect(self._show)
        self.media.activated.connect(lambda _n: self._show())
        self.shelf.activated.connect(lambda _n: self._show())
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.list.itemDoubleClicked.connect(lambda _item: self._on_use())
        self.name.editingFinished.connect(self._on_named)
        self.name.returnPressed.connect(self.list.setFocus)
        self.said.acted.connect(self._on_undo)
        self.save.clicked.connect(library.save_project_style)
        self.take_in.clicked.connect(self._on_import)
        self.share.clicked.connect(self._on_export)
        self.trash.clicked.connect(self._on_trash)
        self.restore.clicked.connect(lambda: library.set_trashed(self.chosen_ids(), False))
        self.delete.clicked.connect(self._on_delete)
        self.use.clicked.connect(self._on_use)
        self.close_button.clicked.connect(self.close)
        self.finished.connect(lambda _code: library.blending.stop())
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_key_delete)

    # ---- words ---------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        self.set_title(t("library.title"))
        self._intro.setText(t("library.intro"))
        self.words.setPlaceholderText(t("library.search"))
        self.words.setAccessibleName(t("library.search"))
        self.words.setToolTip(t("library.search_hint"))
        media = {"": t("library.all_media")}
        media |= {one.value: t(f"medium.{one.value}") for one in self._session.workspace.media}
        _fill(self.media, t("library.medium"), media)
        shelves = {name: t(f"library.shelf_{name}") for name in ("styles", "trash")}
        _fill(self.shelf, t("library.shelf"), shelves)
        self.list.setAccessibleName(t("library.list"))
        self.list.setToolTip(t("library.list_hint"))
        self.name.setAccessibleName(t("library.name"))
        self.name.setToolTip(t("library.name_hint"))
        for name in ("save", "import", "export", "trash", "restore", "delete", "use"):
            self._button(name).set_words(t(f"library.{name}"), t(f"library.{name}_hint"))
        self.close_button.set_words(t("dialog.close"), t("dialog.close_hint"))
        self._show()

    def _button(self, name: str) -> TextButton:
        return getattr(self, {"import": "take_in", "export": "share"}.get(name, name))

    def _tell(self, words: str, link: str = "") -> None:
        self.said.show_text(words, link, done=True)

    # ---- what is shown -------------------------------------------------------------------------

    @property
    def in_trash(self) -> bool:
        return self.shelf.currentData() == "trash"

    def chosen(self) -> list[StyleEntry]:
        found = (self.library.find(one) for one in self.chosen_ids())
        return [entry for entry in found if entry is not None]

    def chosen_ids(self) -> list[str]:
        return [item.data(_ID) for item in self.list.selectedItems()]

    def _found(self) -> list[StyleEntry]:
        terms, medium = self.words.text().casefold().split(), self.media.currentData()
        return [
            entry
            for entry in self.library.entries(trashed=self.in_trash)
            if medium in ("", entry.medium.value) and _fits(entry, terms)
        ]

    def _show(self) -> None:
        """What fits, with what was chosen before still chosen."""
        found, chosen = self._found(), set(self.chosen_ids())
        if self._wanted in {entry.id for entry in found}:
            chosen, self._wanted = {self._wanted}, ""
        with QSignalBlocker(self.list):
            self.list.clear()
            for entry in found:
                item = item_of(entry)
                self.list.addItem(item)
                item.setSelected(entry.id in chosen)
                if entry.id in chosen:
                    flags = QItemSelectionModel.SelectionFlag.NoUpdate
                    self.list.setCurrentItem(item, flags)
        self.list.setVisible(bool(found))
        self._nothing.setVisible(not found and self.library.is_read)
        empty = "empty_trash" if self.in_trash else "empty"
        asked = self.words.text().strip() or self.media.currentData()
        self._nothing.setText(t("library.nothing") if asked else t(f"library.{empty}"))
        self._on_selected()

    def _on_selected(self) -> None:
        chosen = self.chosen()
        one = chosen[0] if len(chosen) == 1 else None
        self._about.setVisible(one is not None)
        if one is not None:
            if not self.name.hasFocus() or not self.name.isModified():
                self.name.setText(one.name)
            medium, date = t(f"medium.{one.medium.value}"), day(one.created)
            self._facts.set_text(t("library.facts", medium=medium, date=date))
            key, names = ("between", one.made_of) if one.made_of else ("from", one.references)
            shown = list(names) if one.made_of else short_names(list(names))
            self._from.set_text(t(f"library.{key}", names=listed(shown)) if shown else "")
        self.name.setReadOnly(self.in_trash)
        why = "" if self.in_trash else self.blend.why_not(chosen)
        self._why.setText(why)
        self._why.setVisible(why not in ("", "…"))
        self.blend.show_entries([] if self.in_trash else chosen)
        self._show_buttons()

    def _show_buttons(self) -> None:
        trash, count = self.in_trash, len(self.list.selectedItems())
        for button in (self.share, self.trash, self.use):
            button.setVisible(not trash)
        for button in (self.restore, self.delete):
            button.setVisible(trash)
            button.setEnabled(count > 0)
        self.trash.setEnabled(count > 0)
        for button in (self.share, self.use):
            button.setEnabled(count == 1)
        self.save.setEnabled(self.library.can_save)
        hint = "save_hint" if self.library.can_save else "nothing_to_save"
        self.save.setToolTip(t(f"library.{hint}"))

    def _on_came(self, entry_id: str) -> None:
        """A new one is chosen, and its name can be typed over."""
        self.shelf.setCurrentIndex(0)
        self.words.clear()
        self.media.setCurrentIndex(0)
        self._wanted = entry_id
        self._show()
        self.name.setFocus()
        self.name.selectAll()

    def _on_raised(self, problem: Problem) -> None:
        self.notice.show_text(problem.text)

    def _on_used(self, name: str) -> None:
        self._tell(t("style.brought", name=name))

    # ---- verbs ---------------------------------------------------------------------------------

    def _on_named(self) -> None:
        chosen = self.chosen()
        if len(chosen) == 1 and self.name.isModified():
            self.name.setModified(False)
            self.library.rename(chosen[0].id, self.name.text())

    def _on_use(self) -> None:
        chosen = self.chosen()
        if len(chosen) == 1 and not self.in_trash:
            self.library.use(chosen[0].id)

    def _on_key_delete(self) -> None:
        self._on_delete() if self.in_trash else self._on_trash()

    def _on_trash(self) -> None:
        self._trashed = tuple(self.chosen_ids())
        if self._trashed:
            self.library.set_trashed(self._trashed, True)
            self._tell(t("library.trashed", n=len(self._trashed)), t("library.undo"))

    def _on_undo(self) -> None:
        self.library.set_trashed(self._trashed, False)
        self.said.show_text("")
        self.list.setFocus()

    def _on_delete(self) -> None:
        chosen = self.chosen_ids()
        title, yes = t("library.question", n=len(chosen)), t("library.delete_them")
        question = Question(title, t("library.warning"), yes, self)
        if chosen and question.exec():
            self.library.delete(chosen)
        question.deleteLater()

    def _on_import(self) -> None:
        self.notice.show_text("")
        settings, names = self._session.settings, t("library.files")
        self.library.import_files(choose_files(self, settings, "style", t("library.import"), names))

    def _on_export(self) -> None:
        chosen, settings = self.chosen(), self._session.settings
        if len(chosen) != 1:
            return
        start = settings.folder("style") / f"{file_name(chosen[0].name)}{SUFFIX}"
        title, names = t("library.export"), t("library.files")
        target, _ = QFileDialog.getSaveFileName(self, title, str(start), names)
        if target:
            path = Path(target).with_suffix(SUFFIX)
            settings.remember_folder("style", path.parent)
            done = lambda path: self._tell(t("library.shared", name=path.name))  # noqa: E731
            self.library.export(chosen[0].id, path, done)


def item_of(entry: StyleEntry) -> QListWidgetItem:
    medium = t(f"medium.{entry.medium.value}")
    item = QListWidgetItem(icon_of(entry.cover), f"{entry.name}\n{medium}")
    item.setData(_ID, entry.id)
    item.setToolTip(entry.name)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.name}, {medium}")
    return item


def _fits(entry: StyleEntry, terms: Sequence[str]) -> bool:
    words = " ".join((entry.name, *entry.references, *entry.made_of)).casefold()
    return all(term in words for term in terms)


def _fill(choice: Choice, name: str, words: dict[str, str]) -> None:
    """The same choice again, in another language."""
    chosen = choice.currentData()
    with QSignalBlocker(choice):
        choice.clear()
        for value, text in words.items():
            choice.addItem(text, value)
        choice.setCurrentIndex(max(0, choice.findData(chosen)))
    choice.setAccessibleName(name)
    choice.setToolTip(name)
