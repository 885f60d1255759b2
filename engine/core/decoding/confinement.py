"""What the decoding child gives up before it looks at a foreign file.

On Linux and macOS: memory beyond MEMORY_BYTES, open files beyond OPEN_FILES, writing to any file,
and processor time beyond what one file may take. On every system, Windows included: sockets, other
programs, unpickling, and changes to files, refused by an audit hook (PEP 578). The hook holds for
Python alone; of the libraries in C that decode here none opens a socket. Windows has no such limits
of a process: there the engine watches the child's memory and time, and ends it, as it does on the
other systems too.
"""

import os
import sys
import time
from contextlib import suppress

MEMORY_BYTES = 3 * 2**30
OPEN_FILES = 64
_EXTRA_CPU_S = 5.0  # the engine's own clock comes first
_REFUSED = (
    *("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork"),
    *("os.startfile", "pty.", "webbrowser.", "urllib.", "ftplib.", "http.", "smtplib.", "sqlite3."),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.kill", "shutil.", "tempfile."),
    *("pickle.find_class", "signal.pthread_kill", "winreg."),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine() -> None:
    """For the rest of this process."""
    sys.dont_write_bytecode = True
    if sys.platform != "win32":
        _limit_resources()
    sys.addaudithook(_on_event)


def allow_cpu(seconds: float) -> None:
    """For what comes next; the system ends the process that needs more."""
    if sys.platform != "win32":
        import resource

        most = int(time.process_time() + seconds + _EXTRA_CPU_S) + 1
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _limit_resources() -> None:
    import resource

    limits = {
        resource.RLIMIT_DATA: MEMORY_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        with suppress(ValueError, OSError):  # a system that does not know it, or allows less
            resource.setrlimit(limit, (most, most))


def _on_event(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(f"a decoder may not use {event}")
    if event == "open" and _writes(arguments):
        raise PermissionError("a decoder may not write")


def _writes(arguments: tuple[object, ...]) -> bool:
    """Of the event "open": path, mode, flags."""
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & _WRITING)
