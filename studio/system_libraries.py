"""The system's libraries that Qt needs on Linux, and which of them are missing here.

Standard library only: `run.py` reads this before anything is installed.
"""

import ctypes
import sys

# What is loaded → the Debian package that holds it. Without the first group no window opens;
# without the second it is mute.
WINDOW = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
SOUND = {
    "libpulse.so.0": "libpulse0",
    "libXrandr.so.2": "libxrandr2",
}
DEBIAN_PACKAGES = " ".join([*WINDOW.values(), *SOUND.values()])


def missing_packages() -> list[str]:
    """The Debian packages whose library cannot be loaded here; none outside Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return [package for name, package in {**WINDOW, **SOUND}.items() if not _loads(name)]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
