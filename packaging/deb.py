"""A Debian package of the frozen application: /opt/maquette, a command, desktop and MIME entries.

What an artist made lies in the home folder, of which a package knows nothing: removing it, also
with --purge, leaves all projects, styles and settings.
"""

import platform
import shutil
import subprocess
from pathlib import Path

import descriptors

from studio.system_libraries import SOUND, WINDOW

ICON_PX = (16, 24, 32, 48, 64, 128, 256, 512)
REFRESH = """\
#!/bin/sh
set -e
if command -v update-mime-database >/dev/null; then update-mime-database /usr/share/mime; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q; fi
if command -v gtk-update-icon-cache >/dev/null; then
  gtk-update-icon-cache -qtf /usr/share/icons/hicolor || true
fi
"""


def build(folder: Path, icons: Path, out: Path, version: str) -> Path:
    """Packs the frozen application. Returns the .deb's path."""
    root = out / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(folder, root / "opt" / "maquette", symlinks=True)
    write(root / "usr/share/applications/maquette.desktop", descriptors.desktop_entry())
    write(root / "usr/share/mime/packages/maquette.xml", descriptors.mime_package())
    write(root / "usr/share/doc/maquette/copyright", (folder / "_internal/LICENSE").read_text())
    for size in ICON_PX:
        place = root / f"usr/share/icons/hicolor/{size}x{size}/apps/maquette.png"
        place.parent.mkdir(parents=True)
        shutil.copy(icons / f"maquette-{size}.png", place)
    command = root / "usr/bin/maquette"
    command.parent.mkdir(parents=True)
    command.symlink_to("/opt/maquette/maquette")
    write(root / "DEBIAN/control", control(root, version))
    for script in ("postinst", "postrm"):
        write(root / "DEBIAN" / script, REFRESH, mode=0o755)
    path = out / f"maquette_{version}_{architecture()}.deb"
    command_line = [
        "dpkg-deb",
        "--root-owner-group",
        "-Zxz",
        "-z3",
        "--build",
        str(root),
        str(path),
    ]
    subprocess.run(command_line, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return path


def control(root: Path, version: str) -> str:
    size = sum(f.stat().st_size for f in root.rglob("*") if f.is_file() and not f.is_symlink())
    return f"""\
Package: maquette
Version: {version}
Architecture: {architecture()}
Maintainer: Maquette <maquette@localhost>
Installed-Size: {size // 1024}
Depends: libc6 (>= {platform.libc_ver()[1]}), {", ".join(WINDOW.values())}
Recommends: {", ".join(SOUND.values())}
Section: graphics
Priority: optional
Description: {descriptors.COMMENT}
 Drop in one to ten pictures, texts, recordings or scores. Maquette learns their
 manner in seconds, on this machine, and makes new works in it.
"""


def architecture() -> str:
    command = ["dpkg", "--print-architecture"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
