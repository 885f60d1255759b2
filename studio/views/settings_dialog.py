"""The artist's preferences: how the window looks, what the machine does, where files stand."""

import shlex
from pathlib import Path

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from studio.i18n import t
from studio.state.session import Session
from studio.views.dialogs import PlainDialog
from studio.views.machine_facts import MachineFacts
from studio.views.top_bar import device_words
from studio.widgets import theme
from studio.widgets.base import Elided, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.inputs import Choice, NumberField

_WIDTH_PX, _HEIGHT_PX, _NAMES_PX = 620, 836, 120
_EDGE_PX = 60  # of the screen, for the frame of the window
_MOST_THREADS = 256
SCALES = (0, 90, 100, 110, 125, 150, 175, 200)  # percent; 0: as the system says
_SECTIONS = {
    "look": ("language", "theme", "scale", "motion"),
    "machine": ("device", "threads", "facts"),
    "files": ("data", "models"),
    "elsewhere": ("engine",),
}


class SettingsDialog(PlainDialog):
    """Stands beside the window; each preference takes effect at once, or says when."""

    models_asked = Signal()
    restart_asked = Signal()  # end Maquette and start it again

    def __init__(self, session: Session, apply, parent: QWidget | None = None) -> None:
        """`apply()` dresses and words the window after every change."""
        super().__init__("", _WIDTH_PX, parent)
        self._session, self._store, self._apply = session, session.settings, apply
        self.language, self.theme, self.scale, self.device = (Choice() for _ in range(4))
        self.motion, self.threads = QCheckBox(), NumberField(0, _MOST_THREADS)
        self.facts = MachineFacts(session)
        self.folder = Elided()
        self.choose, self.show_folder = TextButton(), TextButton()
        self.models, self.restart = TextButton(), TextButton()
        self.engine, self.close_button = QLineEdit(), TextButton()
        self._hints = {name: label("small", wrap=True) for name in ("scale", "threads", "engine")}
        self._names = {name: label("dim") for names in _SECTIONS.values() for name in names}
        self._headings = {name: label("heading") for name in _SECTIONS}
        self._began_at = self._store.settings.scale  # what the window has now
        self._lay_out()
        self._connect()
        self.retranslate()
        self.resize(_WIDTH_PX, min(_HEIGHT_PX, self.screen().availableSize().height() - _EDGE_PX))

    def _lay_out(self) -> None:
        place = row(self.folder, self.choose, self.show_folder)
        place.setStretch(0, 1)
        rooms = {
            **{name: getattr(self, name) for name in ("language", "theme", "motion", "device")},
            "scale": row(self.scale, self.restart, None),
            "threads": self.threads,
            "facts": self.facts,
            "data": place,
            "models": row(self.models, None),
            "engine": self.engine,
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GROUP_PX)
        grid.setVerticalSpacing(theme.GAP_PX - theme.GRID_PX)
        grid.setColumnMinimumWidth(0, _NAMES_PX)
        grid.setColumnStretch(1, 1)
        for section, names in _SECTIONS.items():
            if grid.rowCount() > 1:
                grid.setRowMinimumHeight(grid.rowCount(), theme.GAP_PX)
            grid.addWidget(self._headings[section], grid.rowCount(), 0, 1, 2)
            for name in names:
                self._put_row(grid, name, rooms[name])
        body, scroll = QWidget(), QScrollArea()
        grid.setContentsMargins(0, 0, theme.GAP_PX, 0)
        body.setLayout(grid)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.put(scroll)
        self._lines.setStretchFactor(scroll, 1)
        self.put_buttons(self.close_button)

    def _put_row(self, grid: QGridLayout, name: str, room: QWidget | QLayout) -> None:
        line, top = grid.rowCount(), Qt.AlignmentFlag.AlignTop
        named = self._names[name]
        grid.addWidget(named, line, 0, top if name == "facts" else Qt.AlignmentFlag(0))
        if isinstance(room, QWidget):
            grid.addWidget(room, line, 1)
        else:
            grid.addLayout(room, line, 1)
        if name in self._hints:
            grid.addWidget(self._hints[name], line + 1, 1)

    def _connect(self) -> None:
        for name in ("language", "theme", "scale", "device"):
            box = getattr(self, name)
            box.activated.connect(
                lambda place, name=name, box=box: self._change(name, box.itemData(place))
            )
        self.motion.toggled.connect(lambda on: self._change("reduced_motion", on))
        self.threads.valueChanged.connect(lambda count: self._change("threads", count))
        self.engine.editingFinished.connect(self._on_engine_typed)
        self.choose.clicked.connect(self._on_choose)
        self.show_folder.clicked.connect(self._on_show_folder)
        self.models.clicked.connect(self.models_asked)
        self.restart.clicked.connect(self.restart_asked)
        self.close_button.clicked.connect(self.close)
        self._session.engine_changed.connect(self.retranslate)

    # ---- words ---------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        settings = self._store.settings
        self.set_title(t("settings.title"))
        for name, text in self._names.items():
            text.setText(t(f"settings.{name}"))
        for name, text in self._headings.items():
            text.setText(t(f"settings.section_{name}"))
        languages = [(each, t(f"settings.language_{each}")) for each in ("system", "en", "zh")]
        self._fill(self.language, languages, settings.language)
        themes = [(each, t(f"settings.theme_{each}")) for each in ("dark", "light")]
        self._fill(self.theme, themes, settings.theme)
        scales = [(n, t("settings.percent", n=n) if n else t("settings.by_system")) for n in SCALES]
        self._fill(self.scale, scales, settings.scale)
        self._fill(self.device, self._devices(), settings.device)
        fields = {"motion": self.motion, "threads": self.threads, "engine": self.engine}
        fields |= {name: getattr(self, name) for name in ("language", "theme", "scale", "device")}
        for name, field in fields.items():
            field.setAccessibleName(t(f"settings.{name}"))
            field.setToolTip(t(f"settings.{name}_what"))
        self.motion.setText(t("settings.reduced_motion"))
        self.engine.setPlaceholderText(t("settings.engine_own"))
        self._hints["engine"].setText(t("settings.engine_hint"))
        self._hints["threads"].setText(t("settings.threads_hint"))
        self._word_buttons()
        self._show_values()

    def _word_buttons(self) -> None:
        for button, name in (
            (self.choose, "choose"),
            (self.show_folder, "open_folder"),
            (self.models, "open_models"),
            (self.restart, "restart"),
        ):
            button.set_words(t(f"settings.{name}"), t(f"settings.{name}_what"))
        self.close_button.set_words(t("dialog.close"), t("dialog.close_hint"))

    def _devices(self) -> list[tuple[str, str]]:
        """Those that the engine has found; the best alone while it has not spoken."""
        hello = self._session.client.hello
        known = hello.devices if hello else ()
        now = device_words(hello.device) if hello else ""
        best = t("settings.best_device_now", device=now) if now else t("settings.best_device")
        return [("", best), *((each, t(f"settings.device_{each}")) for each in known)]

    @staticmethod
    def _fill(box: QComboBox, choices: list, now: object) -> None:
        with QSignalBlocker(box):
            box.clear()
            for value, words in choices:
                box.addItem(words, value)
            box.setCurrentIndex(max(0, box.findData(now)))

    def _show_values(self) -> None:
        settings, hello = self._store.settings, self._session.client.hello
        cores = hello.cores if hello else 0
        for field, value in ((self.motion, settings.reduced_motion),):
            with QSignalBlocker(field):
                field.setChecked(value)
        with QSignalBlocker(self.threads):
            self.threads.setMaximum(cores or _MOST_THREADS)
            self.threads.setValue(settings.threads)
            every = t("settings.all_threads_now", n=hello.threads if hello else cores)
            self.threads.setSpecialValueText(every if cores else t("settings.all_threads"))
        if not self.engine.hasFocus():
            self.engine.setText(shlex.join(settings.engine_command))
        self.folder.set_text(str(self._store.projects_folder()))
        waits = settings.scale != self._began_at
        self.restart.setVisible(waits)
        self._hints["scale"].setText(t("settings.scale_waits" if waits else "settings.scale_hint"))

    # ---- changes -------------------------------------------------------------------------------

    def _change(self, name: str, value: object) -> None:
        if not self._session.workspace.attempt(lambda: self._store.update(**{name: value})):
            return
        if name in ("device", "threads"):
            self._session.renew_engine()
        self._apply()
        self._show_values()

    def _on_engine_typed(self) -> None:
        try:
            command = tuple(shlex.split(self.engine.text()))
        except ValueError:
            self._hints["engine"].setText(t("settings.engine_quotes"))
            return
        self._hints["engine"].setText(t("settings.engine_hint"))
        if command != self._store.settings.engine_command:
            self._change("engine_command", command)

    def _on_choose(self) -> None:
        folder = str(self._store.projects_folder())
        name = QFileDialog.getExistingDirectory(self, t("settings.choose_what"), folder)
        if name:
            self._change("projects", str(Path(name)))

    def _on_show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._store.projects_folder())))
