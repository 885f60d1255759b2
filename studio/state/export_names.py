"""The names of files that leave the project, after a pattern of the artist's.

    file_stem("{title} {number}", project, rules, work)   "Wave, Ejiri 0012"

Fields are title, project, number, seed, date and stars; every other brace stays as it is written.
"""

import re
from collections.abc import Callable

from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.export_format import ExportFormat
from studio.state.medium import Media, MediumRules
from studio.state.titles import short_names

FIELDS = ("title", "project", "number", "seed", "date", "stars")
_MOST, _TITLE, _TITLED_BY = 80, 40, 2  # characters, characters, references
_FORBIDDEN = set('<>:"/\\|?*')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # on Windows
_FIELD = re.compile(r"\{(\w+)\}")


def file_stem(pattern: str, project: Project, rules: MediumRules, work: WorkRow) -> str:
    """The name of one work's file without its suffix, fit for every system. Reads a text."""
    found: dict[str, Callable[[], str]] = {
        "title": lambda: title_of(project, rules, work),
        "project": lambda: project.name,
        "number": lambda: f"{work.id:04d}",
        "seed": lambda: str(work.seed),
        "date": lambda: f"{work.created:%Y-%m-%d}",
        "stars": lambda: str(work.rating),
    }
    filled = _FIELD.sub(lambda field: found[field[1]]() if field[1] in found else field[0], pattern)
    return safe_name(filled) or f"{work.id:04d}"


def title_of(project: Project, rules: MediumRules, work: WorkRow) -> str:
    """The first words of a text; else the name of the project, or what its style came from."""
    if title := safe_name(rules.title(project.blob(work.shown_digest))):
        return title[:_TITLE].strip()
    if not project.is_untitled:
        return project.name
    style = project.styles.get(work.style_id)
    names = [project.references.get(key).name for key in style.reference_weights]
    return ", ".join(short_names(names)[:_TITLED_BY])[:_TITLE].strip(" ,") or project.name


def heading_of(project: Project, media: Media, first: WorkRow) -> str:
    """Of several works together: the name of the project, or the title of the first."""
    if not project.is_untitled:
        return project.name
    return title_of(project, media[first.medium], first)


def safe_name(words: str) -> str:
    """The words as every system takes them for a name; "" where nothing is left of them."""
    name = "".join(" " if c in _FORBIDDEN or ord(c) < 32 else c for c in words)
    name = " ".join(name.split())[:_MOST].strip(". ")
    return f"{name} file" if _RESERVED.match(name) else name


def free_stem(stem: str, wanted: ExportFormat, taken: set[str], sidecar: bool = True) -> str:
    """The stem, numbered until neither work nor sidecar meets another file; then taken."""
    free, number = stem, 1
    while _names(free, wanted, sidecar) & taken:
        number += 1
        free = f"{stem} ({number})"
    taken |= _names(free, wanted, sidecar)
    return free


def _names(stem: str, wanted: ExportFormat, sidecar: bool) -> set[str]:
    names = {f"{stem}.{wanted}".casefold()}
    return names | {f"{stem}.json".casefold()} if sidecar else names
