"""What an artist may send when something goes wrong: facts of the program, nothing of the works.

Of the logs only what the program itself has written is kept: when, how grave, in which part; the
places in the code, the kinds of errors. Messages are left out, because they name files and may hold
words of texts; so are paths.
"""

import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from engine.protocol import PROTOCOL
from studio import __version__, i18n
from studio.state.session import Session
from studio.state.settings import log_file

MOST_LINES = 400  # of a log, the newest
_RECORD = re.compile(r"^(\d{4}-\d\d-\d\d [\d:,]+) ([A-Z]+) ([\w.]+):", re.ASCII)
_ENGINE = re.compile(r"^([A-Z]+):([\w.]+):", re.ASCII)
_FRAME = re.compile(
    r'^\s+File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>[\w<>.]+)\s*$', re.ASCII
)
_KIND = re.compile(r"^((?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt|Warning))(?::.*)?$", re.ASCII)
_FIXED = ("Traceback (most recent call last):", "During handling of", "The above exception was")
_ROOTS = ("site-packages/", "dist-packages/", "/studio/", "/engine/", "/lib/python")


def gathered(session: Session) -> str:
    """The whole report, as it is shown before it is saved."""
    engine = kept(session.client.stderr_tail)
    parts = {"Facts": facts(session), "Window": kept(_newest(log_file())), "Engine": engine}
    return "\n\n".join(f"== {name} ==\n" + "\n".join(lines) for name, lines in parts.items()) + "\n"


def facts(session: Session) -> list[str]:
    """Versions, the machine, and preferences that are no names."""
    hello, settings = session.client.hello, session.settings.settings
    told: dict[str, object] = {
        "Maquette": __version__,
        "engine": hello.engine_version if hello else session.client.state.value,
        "protocol": f"{PROTOCOL}, {hello.protocol if hello else '?'}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "Qt": f"{qVersion()} ({QGuiApplication.platformName()})",
        "screens": ", ".join(_screens()),
        "device": hello.device if hello else "",
        "devices": ", ".join(hello.devices) if hello else "",
        "threads": f"{hello.threads} of {hello.cores}" if hello else "",
        "memory": f"{psutil.virtual_memory().total >> 20} MiB",
        "generators": ", ".join(each.id for each in hello.generators) if hello else "",
        "language": i18n.language(),
        "theme": settings.theme,
        "scale": settings.scale,
        "medium": session.workspace.medium.value,
    }
    return [f"{name}: {value}" for name, value in told.items()]


def kept(lines: Iterable[str]) -> list[str]:
    """Of a log, what says nothing of files, works and persons; the rest is counted."""
    found: list[str] = []
    left_out = 0
    for line in lines:
        if (words := _of_program(line)) is None:
            left_out += 1
        else:
            found.append(words)
    return [*found, f"({left_out} lines left out)"]


def _of_program(line: str) -> str | None:
    """One line without what may be private; None where nothing is left of it."""
    if record := _RECORD.match(line):
        return " ".join(record.groups())
    if record := _ENGINE.match(line):
        return " ".join(record.groups())
    if frame := _FRAME.match(line):
        place = _place(frame["path"])
        return f"  {place}:{frame['line']} in {frame['name']}" if place else None
    if kind := _KIND.match(line):
        return kind[1]
    return next((words for words in _FIXED if line.startswith(words)), None)


def _place(path: str) -> str:
    """A file of code, from its package on; "" of a file that is no code of ours or a library's."""
    whole = path.replace("\\", "/")
    for root in _ROOTS:
        if root in whole:
            head = root.strip("/") + "/" if root in ("/studio/", "/engine/") else ""
            return head + whole.rpartition(root)[2]
    return whole if whole.startswith("<frozen ") else ""


def _screens() -> Iterable[str]:
    for screen in QGuiApplication.screens():
        size = screen.size()
        yield f"{size.width()} × {size.height()} at {screen.devicePixelRatio():g}"


def _newest(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()[-MOST_LINES:]
    except OSError:
        return []


def as_text(report: str, words: str) -> str:
    """With what the artist has to say of it."""
    note: Mapping[bool, str] = {True: f"== Words ==\n{words.strip()}\n\n", False: ""}
    return note[bool(words.strip())] + report
