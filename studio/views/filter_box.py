"""Which works the gallery shows: those of a filter, or those of a collection."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.project.work_groups import Collection
from studio.views.gallery_order import Filter
from studio.widgets.inputs import Choice

Chosen = Filter | Collection


class FilterBox(Choice):
    """`picked` comes when the artist chooses."""

    picked = Signal(object)  # Filter or Collection

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quiet")
        self.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self._collections: tuple[Collection, ...] = ()
        self.activated.connect(lambda n: self.picked.emit(self.itemData(n)))
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(t("gallery.filter"))
        self.setToolTip(t("gallery.filter"))
        self._fill(self.currentData() or Filter.ALL)

    def show_collections(self, collections: Sequence[Collection]) -> Chosen:
        """The choices from now on; what was chosen stays chosen, unless it is gone. Returns it."""
        chosen = self.currentData()
        self._collections = tuple(collections)
        if isinstance(chosen, Collection):
            same = (one for one in self._collections if one.id == chosen.id)
            chosen = next(same, Filter.ALL)
        self._fill(chosen or Filter.ALL)
        return self.currentData()

    def show_choice(self, chosen: Chosen) -> None:
        self.setCurrentIndex(self._place(chosen))

    def _place(self, chosen: Chosen) -> int:
        """By our own eyes: Qt does not compare what is ours."""
        places = (n for n in range(self.count()) if self.itemData(n) == chosen)
        return next(places, 0)

    def _fill(self, chosen: Chosen) -> None:
        with QSignalBlocker(self):
            self.clear()
            for each in Filter:
                self.addItem(t(f"filter.{each.value}"), each)
            if self._collections:
                self.insertSeparator(self.count())
            for one in self._collections:
                words = one.name if not one.is_smart else t("collection.smart", name=one.name)
                self.addItem(words, one)
            self.setCurrentIndex(self._place(chosen))
