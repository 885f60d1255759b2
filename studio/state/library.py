"""The library of styles as the window uses it: saved from one project, used in another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.protocol import InspectStyleResult
from studio.client.background import Background
from studio.client.job_queue import JobQueue
from studio.project.atomic_write import atomic_write
from studio.project.project import Project
from studio.project.rows import StyleRow, WorkRow
from studio.state import covers, problems
from studio.state.adaptation import Adaptation, name_in_library
from studio.state.glimpses import Glimpse, Glimpses, Served
from studio.state.library_files import LibraryError, LibraryFiles, StyleEntry, renamed, tidy
from studio.state.library_jobs import BLEND, LibraryBlending, StyleImports
from studio.state.make_controller import MakeController
from studio.state.problems import Problem
from studio.state.project_names import subject
from studio.state.titles import title
from studio.state.workspace import Workspace


class Library(QObject):
    """Entries in memory, as the folder held them when it was looked at last. Every verb works in
    the background; what cannot be done is told by `raised`."""

    changed = Signal()
    came = Signal(str)  # id of a new entry
    raised = Signal(object)  # Problem
    used = Signal(str)  # the name of the style that makes works now

    def __init__(
        self,
        folder: Path,
        workspace: Workspace,
        jobs: JobQueue,
        adaptation: Adaptation,
        maker: MakeController,
        served: Served,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._adaptation, self._maker = workspace, adaptation, maker
        self._background: Background = workspace.background
        self._files = LibraryFiles(folder)
        self._by_id: dict[str, StyleEntry] = {}
        self.is_read = False
        self.glimpses = Glimpses(jobs, self._background, workspace.media, served, self)
        self.imports = StyleImports(jobs, self._background, self)
        self.blending = LibraryBlending(jobs, self._background, self._files, self.glimpses, self)
        self.glimpses.shown.connect(self._on_glimpse)
        self.imports.inspected.connect(self._on_inspected)
        self.imports.failed.connect(self.raised)

    # ---- facts ---------------------------------------------------------------------------------

    def entries(self, *, trashed: bool = False) -> tuple[StyleEntry, ...]:
        """The newest first."""
        return tuple(entry for entry in self._by_id.values() if entry.trashed is trashed)

    def find(self, entry_id: str) -> StyleEntry | None:
        return self._by_id.get(entry_id)

    @property
    def can_save(self) -> bool:
        """Whether the project has a style to save."""
        return self._adaptation.style is not None

    # ---- the folder ----------------------------------------------------------------------------

    def look(self) -> None:
        """Read the folder: another studio may have written into it."""
        self._do(self._files.load, self._on_read)

    def _on_read(self, found: tuple[dict[str, StyleEntry], Sequence[LibraryError]]) -> None:
        self._by_id, told = found
        self.is_read = True
        self.changed.emit()
        for error in told:
            self.raised.emit(problems.of_error(error))

    def _do(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """One after the other, as they were asked for."""
        self._background.run(work, then, self._on_failed, in_order=True)

    def _on_failed(self, error: Exception) -> None:
        self.raised.emit(problems.of_error(error))

    # ---- what comes in -------------------------------------------------------------------------

    def save_project_style(self) -> None:
        """The style as it makes works now, ratings and all; the work that is looked at is its
        cover."""
        if self._adaptation.style is None:
            return
        project, source = self._workspace.project, self._maker.followed(self._adaptation.style)
        work = self._cover_work(self._adaptation.style)
        media = self._workspace.media

        known = {entry.digest: entry for entry in self.entries()}

        def save() -> StyleEntry:
            row = source if isinstance(source, StyleRow) else source(project)
            if row.digest in known:
                return known[row.digest]
            cover = covers.of_work(project, media, work) if work is not None else b""
            return self._files.add(project.blob(row.digest), cover=cover, **facts_of(project, row))

        self._do(save, self._on_added)

    def _cover_work(self, style: StyleRow) -> WorkRow | None:
        current = self._workspace.current
        work = self._workspace.project.works.get(current) if current is not None else None
        return work if work is not None and work.medium is style.medium else None

    def save_blend(self) -> None:
        """The blend that is shown, under a name of its parents."""
        blend, result = self.blending.wanted, self.blending.result
        if blend is None or result is None:
            return
        path, cover = Path(result.path), self.blending.picture
        about = {
            "name": tidy(blend.name),
            "medium": blend.medium,
            "generator": result.generator or blend.generator,
            "references": tuple(dict.fromkeys(n for e, _ in blend.shares for n in e.references)),
            "made_of": tuple(entry.name for entry, _share in blend.shares),
            "notes": result.notes,
            "sounds": result.sounds,
            "cover": cover,
        }
        self._do(lambda: self._files.add(path.read_bytes(), **about), self._on_added)

    def import_files(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self.imports.ask(path)

    def _on_inspected(self, path: Path, data: bytes, found: InspectStyleResult) -> None:
        from studio.state.style_sharing import unwrapped

        data, name, cover = unwrapped(data)
        about = {
            "name": tidy(name) or tidy(title(path.name)),
            "medium": found.medium,
            "generator": found.generator,
            "references": found.references,
            "notes": found.notes,
            "sounds": found.sounds,
            "cover": cover,
        }
        known = next((e for e in self.entries() if e.digest == found.digest), None)
        self._do(lambda: known or self._files.add(data, **about), self._on_added)

    def _on_added(self, entry: StyleEntry) -> None:
        """What is there already is kept once, whatever it was called this time."""
        if entry.id in self._by_id:
            self.raised.emit(Problem("library.is_here", {"name": self._by_id[entry.id].name}))
            self.came.emit(entry.id)
            return
        self._by_id = {entry.id: entry} | self._by_id
        self.changed.emit()
        self.came.emit(entry.id)
        if not entry.cover:
            read = lambda: self._files.read(entry)  # noqa: E731 - the glimpse reads it later
            self.glimpses.ask(Glimpse(entry.id, entry.medium, entry.generator, read))

    def _on_glimpse(self, key: str, png: bytes) -> None:
        if key != BLEND and (entry := self._by_id.get(key)) is not None:
            self._write([replace(entry, cover=png)])

    # ---- what is done with entries -------------------------------------------------------------

    def rename(self, entry_id: str, name: str) -> None:
        entry = self._by_id.get(entry_id)
        if entry is not None and renamed(entry, name) != entry:
            self._write([renamed(entry, name)])

    def set_trashed(self, ids: Iterable[str], trashed: bool) -> None:
        found = [self._by_id[one] for one in ids if one in self._by_id]
        self._write([replace(entry, trashed=trashed) for entry in found])

    def _write(self, entries: Sequence[StyleEntry]) -> None:
        """Shown when it is kept."""

        def write() -> None:
            for entry in entries:
                self._files.write(entry)

        def show(_done: object) -> None:
            self._by_id |= {entry.id: entry for entry in entries if entry.id in self._by_id}
            self.changed.emit()

        self._do(write, show)

    def delete(self, ids: Iterable[str]) -> None:
        """For good."""
        gone = {one: self._by_id[one] for one in ids if one in self._by_id}
        rest = [entry for key, entry in self._by_id.items() if key not in gone]

        def show(_done: object) -> None:
            self._by_id = {key: one for key, one in self._by_id.items() if key not in gone}
            self.changed.emit()

        self._do(lambda: self._files.delete(gone.values(), rest), show)

    def export(self, entry_id: str, target: Path, then: Callable[[Path], None]) -> None:
        """A file that another studio can import, with name and cover, whole or not at all."""
        from studio.state.style_sharing import wrapped

        entry = self._by_id[entry_id]

        def write() -> Path:
            data = wrapped(self._files.read(entry), entry)
            try:
                with atomic_write(target) as part:
                    part.write_bytes(data)
            except OSError as error:
                detail, folder = error.strerror or str(error), str(target.parent)
                raise LibraryError("library_unwritable", detail=detail, folder=folder) from error
            return target

        self._do(write, then)

    # ---- in a project --------------------------------------------------------------------------

    def use(self, entry_id: str) -> None:
        """Make works of this project in this style, until its references change."""
        if (entry := self._by_id.get(entry_id)) is not None:
            self._bring(entry, lambda: self._files.read(entry))

    def use_blend(self) -> None:
        blend, result = self.blending.wanted, self.blending.result
        if blend is None or result is None:
            return
        first, path = blend.shares[0][0], Path(result.path)
        self._bring(replace(first, name=tidy(blend.name)), path.read_bytes)

    def _bring(self, entry: StyleEntry, read: Callable[[], bytes]) -> None:
        workspace, adaptation = self._workspace, self._adaptation
        if workspace.project.is_read_only:
            self.raised.emit(problems.read_only(workspace.project))
            return
        workspace.show_medium(entry.medium)
        project, tray = workspace.project, adaptation.weights
        lineage = {
            "library": entry.name,
            "generator": entry.generator,
            "references": list(entry.references),
            "digest": entry.digest,
            "seconds": 0.0,
            "notes": entry.notes,
            "sounds": entry.sounds,
            "tray": {str(key): weight for key, weight in tray.items()},
        }

        def show(style: StyleRow) -> None:
            if project is workspace.project and workspace.medium is entry.medium:
                adaptation.bring(style)
                self.used.emit(entry.name)

        self._do(lambda: project.styles.add(read(), lineage, {}, entry.medium), show)

    def stop(self) -> None:
        self.blending.stop()
        self.glimpses.stop()


def facts_of(project: Project, style: StyleRow) -> dict[str, Any]:
    """What the library keeps of a project's style, by the fields of an entry."""
    parent = style
    while parent.parent_id is not None:  # ratings taught it: the names are those of its parent
        parent = project.styles.get(parent.parent_id)
    lineage = parent.lineage
    names = tuple(project.references.get(key).name for key in parent.reference_weights)
    names = names or tuple(map(str, lineage.get("references", ()))) or (project.path.name,)
    return {
        "name": tidy(name_in_library(parent) or subject(names)),
        "medium": style.medium,
        "generator": str(lineage.get("generator", "")),
        "references": names,
        "notes": int(lineage.get("notes", 0)),
        "sounds": int(lineage.get("sounds", 0)),
    }
