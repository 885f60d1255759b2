"""What this machine does: how fast works were made here, and how much memory is in use."""

from dataclasses import replace

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.amounts import size_words
from studio.views.make_panel import duration
from studio.widgets.base import Panel, column, label

_AGAIN_MS = 2000


class MachineFacts(Panel):
    """Speeds are those of works that were made, none is guessed; memory is read every while."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.speeds, self.memory = label("", wrap=True), label("", wrap=True)
        self.setLayout(column(self.speeds, self.memory, gap=4))
        self._timer = QTimer(self, interval=_AGAIN_MS)
        self._timer.timeout.connect(self.retranslate)
        self._timer.start()
        self.retranslate()

    def retranslate(self) -> None:
        self.speeds.setText("\n".join(self._speeds()))
        self.memory.setText(self._memory())

    def _speeds(self) -> list[str]:
        """One work of each medium as it is usually asked for."""
        lines, generation = [], self._session.generation
        for medium, rules in self._session.workspace.media.items():
            seconds = generation.estimate_s(replace(rules.new_brief(0), count=1))
            name = t(f"medium.{medium.value}")
            known = t("settings.speed", name=name, time=duration(seconds)) if seconds else ""
            lines.append(known or t("settings.speed_unknown", name=name))
        return lines

    def _memory(self) -> str:
        machine = psutil.virtual_memory()
        return t(
            "settings.memory",
            studio=size_words(psutil.Process().memory_info().rss),
            engine=size_words(self._session.client.memory_bytes),
            free=size_words(machine.available),
            total=size_words(machine.total),
        )
