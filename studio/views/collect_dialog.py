"""The collections of a medium, and which of them the chosen works are in."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.project.work_groups import MAX_NAME, Collection, tidy
from studio.views.dialogs import PlainDialog
from studio.widgets.base import label, row
from studio.widgets.buttons import TextButton

_ID = Qt.ItemDataRole.UserRole
_WIDTH_PX, _TALL_PX = 440, 220
_CHECKS = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked}


class CollectDialog(PlainDialog):
    """After `exec`, `collections` are those that there are to be."""

    def __init__(
        self,
        works: Sequence[int],
        collections: Sequence[Collection],
        medium: Medium,
        parent: QWidget | None = None,
    ) -> None:
        """works: those that are put into collections; none where collections are only looked at.
        collections: of this medium."""
        super().__init__(t("collection.title", n=len(works)), _WIDTH_PX, parent)
        self._works, self._medium = tuple(works), medium
        self._by_id = {one.id: one for one in collections}
        hint = label("small", wrap=True)
        hint.setText(t("collection.hint"))
        self.list, self.new = QListWidget(), QLineEdit()
        self.list.setObjectName("Plain")
        self.list.setMinimumHeight(_TALL_PX)
        self.list.setAccessibleName(t("collection.list"))
        self.list.setToolTip(t("collection.list_hint"))
        self.new.setMaxLength(MAX_NAME)
        self.new.setAccessibleName(t("collection.new"))
        self.new.setPlaceholderText(t("collection.new"))
        self.new.setToolTip(t("collection.new_hint"))
        for one in collections:
            self._show(one)
        self.remove, self.no, self.yes = TextButton("link"), TextButton(), TextButton("primary")
        self.remove.set_words(t("collection.remove"), t("collection.remove_hint"))
        self.no.set_words(t("dialog.cancel"), t("collection.cancel_hint"))
        self.yes.set_words(t("collection.done"), t("collection.done_hint"))
        self.yes.setDefault(True)
        self.remove.setAutoDefault(False)
        self.remove.setEnabled(False)
        self.remove.clicked.connect(self._on_remove)
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.put(self.list, row(self.remove, None), self.new, hint)
        self.put_buttons(self.no, self.yes)
        self._on_selected()
        self.new.setFocus()

    def _show(self, one: Collection) -> None:
        words = t("collection.smart", name=one.name) if one.is_smart else one.name
        item = QListWidgetItem(words)
        flags = item.flags() | Qt.ItemFlag.ItemIsEditable
        item.setData(_ID, one.id)
        item.setToolTip(t("collection.words", words=one.words) if one.is_smart else one.name)
        if one.is_smart or not self._works:
            item.setFlags(flags & ~Qt.ItemFlag.ItemIsUserCheckable)
        else:
            inside = [work in one.works for work in self._works]
            some = any(inside) and not all(inside)
            item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.PartiallyChecked if some else _CHECKS[all(inside)])
        self.list.addItem(item)

    @property
    def collections(self) -> tuple[Collection, ...]:
        """What is half checked stays as it is: only some of the works are in it."""
        items = (self.list.item(place) for place in range(self.list.count()))
        found = [self._changed(item) for item in items]
        if name := tidy(self.new.text()):
            new = Collection(id=uuid4().hex[:12], medium=self._medium, name=name)
            found.append(new.with_works(self._works))
        return tuple(found)

    def _changed(self, item: QListWidgetItem) -> Collection:
        one = self._by_id[item.data(_ID)]
        shown = t("collection.smart", name=one.name) if one.is_smart else one.name
        if item.text() != shown:  # it was typed over
            one = replace(one, name=tidy(item.text()) or one.name)
        if not item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            return one
        if item.checkState() is Qt.CheckState.Checked:
            return one.with_works(self._works)
        gone = self._works if item.checkState() is Qt.CheckState.Unchecked else ()
        return one.with_works((), gone)

    def _on_selected(self) -> None:
        self.remove.setEnabled(bool(self.list.selectedItems()))

    def _on_remove(self) -> None:
        """Of the collection alone: undo brings it back, and its works are not touched."""
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
