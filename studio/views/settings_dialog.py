"""The artist's preferences. Each takes effect at once."""

import shlex

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from studio.i18n import t
from studio.state.settings import SettingsStore, data_folder
from studio.views.dialogs import PlainDialog
from studio.widgets.base import Elided, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.inputs import Choice


class SettingsDialog(PlainDialog):
    def __init__(self, store: SettingsStore, apply, parent: QWidget | None = None) -> None:
        """`apply()` dresses and words the window after every change."""
        super().__init__(t("settings.title"), 520, parent)
        self._store, self._apply = store, apply
        self.language = self._choice("language", ("system", "en", "zh"), store.settings.language)
        self.theme = self._choice("theme", ("dark", "light"), store.settings.theme)
        self.motion = QCheckBox(t("settings.reduced_motion"))
        self.motion.setAccessibleName(t("settings.reduced_motion"))
        self.motion.setChecked(store.settings.reduced_motion)
        self.motion.toggled.connect(lambda on: self._change(reduced_motion=on))
        self.engine = QLineEdit(shlex.join(store.settings.engine_command))
        self.engine.setPlaceholderText(t("settings.engine_own"))
        self.engine.setAccessibleName(t("settings.engine"))
        self.engine.editingFinished.connect(self._on_engine_typed)
        self._problem = label("small", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        folder = Elided()
        folder.set_text(str(data_folder()))
        show = TextButton()
        show.set_words(t("settings.open_folder"))
        where = QUrl.fromLocalFile(str(data_folder()))
        show.clicked.connect(lambda: QDesktopServices.openUrl(where))
        place = row(folder, show)
        place.setStretch(0, 1)
        for line, (name, field) in enumerate(
            (
                ("language", self.language),
                ("theme", self.theme),
                ("motion", self.motion),
                ("engine", self.engine),
            )
        ):
            text = label("dim")
            text.setText(t(f"settings.{name}"))
            grid.addWidget(text, line, 0)
            grid.addWidget(field, line, 1)
        hint, text = label("small", wrap=True), label("dim")
        hint.setText(t("settings.engine_hint"))
        grid.addWidget(hint, 4, 1)
        text.setText(t("settings.data"))
        grid.addWidget(text, 5, 0)
        grid.addLayout(place, 5, 1)
        close = TextButton()
        close.set_words(t("dialog.close"))
        close.clicked.connect(self.accept)
        self.put(grid, self._problem)
        self._problem.hide()
        self.put_buttons(close)

    def _choice(self, name: str, values: tuple[str, ...], now: str) -> Choice:
        box = Choice()
        box.setAccessibleName(t(f"settings.{name}"))
        for value in values:
            box.addItem(t(f"settings.{name}_{value}"), value)
        box.setCurrentIndex(max(0, values.index(now) if now in values else 0))
        box.activated.connect(lambda index: self._change(**{name: box.itemData(index)}))
        return box

    def _change(self, **changes) -> None:
        self._store.update(**changes)
        self._apply()

    def _on_engine_typed(self) -> None:
        try:
            command = tuple(shlex.split(self.engine.text()))
        except ValueError:
            self._problem.setText(t("settings.engine_quotes"))
            self._problem.show()
            return
        self._problem.hide()
        if command != self._store.settings.engine_command:
            self._change(engine_command=command)
