"""Exports as the window asks for them: by the studio itself, or by the engine."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.client.job_queue import JobQueue
from studio.state import problems
from studio.state.engine_export import EngineExport
from studio.state.export import export_works
from studio.state.export_format import ExportOptions
from studio.state.settings import SettingsStore
from studio.state.workspace import Workspace


class ExportController(QObject):
    """Facts and verbs of exporting. One export of the engine's at a time."""

    progressed = Signal(int, int)  # works done, of how many
    exported = Signal(object)  # tuple[Path, ...]
    failed = Signal(object)  # Problem
    cancelled = Signal(int)  # works that are whole

    def __init__(
        self,
        workspace: Workspace,
        jobs: JobQueue,
        settings: SettingsStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._settings = workspace, settings
        self._by_engine = EngineExport(jobs, workspace.background, workspace.media, self)
        self._by_engine.progressed.connect(self.progressed)
        self._by_engine.exported.connect(self.exported)
        self._by_engine.failed.connect(self.failed)
        self._by_engine.cancelled.connect(self.cancelled)

    @property
    def is_busy(self) -> bool:
        """Whether there is something to cancel."""
        return self._by_engine.is_busy

    def start(self, work_ids: Sequence[int], target: Path, options: ExportOptions) -> None:
        """Into the folder `target`, or, when it ends in .zip, into one archive."""
        project, media = self._workspace.project, self._workspace.media
        if options.is_by_engine:
            self._by_engine.start(project, work_ids, target, options)
        else:
            vertical = self._settings.settings.vertical
            options = replace(options, vertical=vertical)
            self.write(lambda: export_works(project, media, work_ids, target, options))

    def write(self, export: Callable[[], tuple[Path, ...]]) -> None:
        """Let `export` write its files on another thread; it raises what `failed` then tells."""
        self._workspace.background.run(
            export,
            self.exported.emit,
            lambda error: self.failed.emit(problems.of_error(error)),
        )

    def cancel(self) -> None:
        self._by_engine.cancel()
