"""The best way there is to open a project: to work in, to read, or what is whole of it.

Nothing here refuses because of damage, of another studio or of a disk that may not be written on
or is full; what it had to do instead is the project's `notice`.
"""

import itertools
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from engine.core.files import sweep
from studio.i18n.errors import MaquetteError
from studio.project.backups import backups
from studio.project.database import (
    ProjectDamagedError,
    ProjectError,
    ProjectForeignError,
    ProjectFullError,
    ProjectInUseError,
    ProjectTooNewError,
    ProjectUnwritableError,
    backups_folder,
    wal_of,
)
from studio.project.document import SUFFIX, Document
from studio.project.project import Project
from studio.project.salvage import salvage

_log = logging.getLogger(__name__)


def open_project(path: Path, other_folder: Path) -> Project:
    """The project at `path`. other_folder: where what is salvaged goes when it cannot stand beside.

    Raises ProjectMissingError, ProjectTooNewError; ProjectForeignError for what is no project and
    never was; ProjectDamagedError when nothing of it is whole.
    """
    try:
        return Project.open(path)
    except ProjectInUseError:
        return _read(path, in_use=True)
    except (ProjectUnwritableError, ProjectFullError):
        return _read(path, in_use=False)
    except ProjectForeignError:
        if not backups(path):
            raise
        return _salvaged(path, other_folder)  # its first bytes are damaged
    except ProjectDamagedError:
        return _salvaged(path, other_folder)


def _read(path: Path, *, in_use: bool) -> Project:
    project = Project(Document.open_reading(path, in_use=in_use)).checked()
    key = "project_read_in_use" if in_use else "project_read_only"
    project.notice = ProjectError(key, name=path.name)
    return project


def rescue(project: Project, other_folder: Path) -> Project:
    """Of an open project that turned out to be damaged: what is whole, in a new file. The caller
    closes the old one. Raises as `open_project`."""
    with project.document.held():
        return _salvaged(project.path, other_folder)


def _salvaged(path: Path, other_folder: Path) -> Project:
    """What is whole, in a new file beside the damaged one."""
    for folder in (path.parent, other_folder):
        target = _free(folder, f"{path.stem} (rescued)")
        try:
            return _rescued(path, target, path)
        except (ProjectUnwritableError, OSError) as error:
            _log.warning("nothing can be rescued into %s: %s", folder, error)
    raise ProjectUnwritableError("project_unwritable", name=path.name)


def _rescued(path: Path, target: Path, old: Path) -> Project:
    """old: where the damaged file will be found."""
    losses = salvage(path, target)
    project = Project.open(target)
    key = "project_rescued_whole" if losses.nothing else "project_rescued"
    project.notice = ProjectDamagedError(key, name=old.name, new=target.name, **losses.params)
    return project


def untitled(folders: Sequence[Path]) -> Project:
    """The untitled project in the first of `folders` that can be written, made when there is none;
    without a file when there is no such folder. Never raises.

    One that another studio holds is left alone and the next number taken; one that is damaged is
    set aside under another name, and what is whole of it goes on.
    """
    problem: MaquetteError | None = None
    for folder in folders:
        try:
            project = _untitled_in(folder)
        except (ProjectError, OSError) as error:
            _log.warning("no untitled project in %s: %s", folder, error)
            problem = problem or ProjectUnwritableError("untitled_elsewhere", folder=folder)
            continue
        project.notice = problem or project.notice
        return project
    problem = ProjectUnwritableError("untitled_unsaved", folder=folders[0])
    document = Document.in_memory(folders[0] / f"Untitled{SUFFIX}")
    document.mark_untitled()
    return Project(document, problem)


def fresh(folder: Path) -> Project:
    """A new empty untitled project: for the command "New"."""
    return _made(next(path for path in _untitled_paths(folder) if not path.exists()))


def _untitled_paths(folder: Path) -> Iterator[Path]:
    yield folder / f"Untitled{SUFFIX}"
    for number in itertools.count(2):
        yield folder / f"Untitled {number}{SUFFIX}"


def _untitled_in(folder: Path) -> Project:
    notice: MaquetteError | None = None
    for path in _untitled_paths(folder):
        try:
            project = Project.open(path) if path.exists() else _made(path)
        except ProjectInUseError:
            continue
        except ProjectTooNewError as error:
            notice = error
            continue
        except (ProjectDamagedError, ProjectForeignError) as error:
            notice = error
            try:
                project = _untitled_again(path)
            except (ProjectError, OSError) as second:
                _log.warning("nothing of %s can be rescued: %s", path, second)
                continue
        project.notice = project.notice or notice
        return project
    raise AssertionError  # the numbers do not end


def _made(path: Path) -> Project:
    project = Project.create(path)
    project.document.mark_untitled()
    return project


def _untitled_again(path: Path) -> Project:
    """Set the damaged one aside with its backups, and go on with what is whole of it."""
    aside = _free(path.parent, f"{path.stem} (damaged)")
    for place, kept in (
        (wal_of(path), wal_of(aside)),
        (backups_folder(path), backups_folder(aside)),
    ):
        with suppress(FileNotFoundError):
            place.rename(kept)
    path.rename(aside)
    sweep(path.parent)
    try:
        project = _rescued(aside, path, aside)
    except ProjectDamagedError:  # nothing is whole
        project = _made(path)
        project.notice = ProjectDamagedError("untitled_aside", name=path.name, new=aside.name)
        return project
    project.document.mark_untitled()
    return project


def _free(folder: Path, stem: str) -> Path:
    names = itertools.chain([stem], (f"{stem} {number}" for number in itertools.count(2)))
    return next(path for name in names if not (path := folder / f"{name}{SUFFIX}").exists())
