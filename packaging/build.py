"""Builds what can be handed to an artist, from a fresh clone: `python packaging/build.py`.

    python packaging/build.py [--out DIR] [--no-wheel] [--no-installer]

Writes to dist/: the application in one folder (`maquette/`, on macOS `Maquette.app`), the wheel,
and an installer: a .deb on Debian, else an archive. Prints sizes and seconds. Then try it:
`python packaging/smoke.py dist/maquette`. A tag that names another version is refused.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]
ICON_PX = (16, 24, 32, 48, 64, 128, 256, 512)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the application, the wheel, an installer.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--no-wheel", action="store_true")
    parser.add_argument("--no-installer", action="store_true")
    options = parser.parse_args()
    if (code := in_the_right_environment()) is not None:
        return code
    import contents

    version = contents.version(ROOT)
    refuse_wrong_tag(version)
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    timed("icons", lambda: draw_icons(ROOT / "build" / "icons"))
    folder = timed("application", lambda: freeze(out))
    if not options.no_wheel:
        timed("wheel", lambda: build_wheel(out))
    if not options.no_installer:
        timed("installer", lambda: build_installer(folder, out, version))
    return 0


def in_the_right_environment() -> int | None:
    """None when this Python has all that is needed; else what the one that has it ended with."""
    if all(find_spec(name) for name in ("build", "PyInstaller", "PySide6", "torch")):
        return None
    import run

    run.set_up(("package",))
    return run.python(str(Path(__file__)), *sys.argv[1:])


def refuse_wrong_tag(version: str) -> None:
    """A release is built from the tag of its version. Untagged commits build as well."""
    command = ["git", "describe", "--tags", "--exact-match"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    tag = done.stdout.strip()
    if tag and tag != f"v{version}":
        raise SystemExit(f"the tag is {tag}, but engine/__init__.py says {version}")
    print(f"Maquette {version}, {tag or 'not a release: this commit has no tag'}")


def timed(what: str, make: Callable[[], Path]) -> Path:
    """Says how long it took and how large it became."""
    begun = time.monotonic()
    path = make()
    print(f"{what}: {megabytes(path):.0f} MB in {time.monotonic() - begun:.0f} s  {path}")
    return path


def megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if not f.is_symlink()]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def draw_icons(folder: Path) -> Path:
    """assets/icons/maquette.svg in every size, and together as .ico and .icns."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtCore import QByteArray, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    folder.mkdir(parents=True, exist_ok=True)
    svg = (ROOT / "assets" / "icons" / "maquette.svg").read_bytes()
    renderer = QSvgRenderer(QByteArray(svg))
    for size in ICON_PX:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(folder / f"maquette-{size}.png"))
    with Image.open(folder / f"maquette-{ICON_PX[-1]}.png") as largest:
        largest.save(folder / "maquette.ico", sizes=[(px, px) for px in ICON_PX if px <= 256])
        largest.save(folder / "maquette.icns")
    return folder


def freeze(out: Path) -> Path:
    """The application in one folder, by PyInstaller."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(out), "--workpath", str(ROOT / "build" / "pyinstaller")]
    subprocess.run([*command, str(ROOT / "packaging" / "studio.spec")], cwd=ROOT, check=True)
    folder = out / ("Maquette.app" if sys.platform == "darwin" else "maquette")
    if sys.platform.startswith("linux"):
        strip(folder)
    return folder


def strip(folder: Path) -> None:
    """The largest libraries without their symbol tables, which only debuggers read: 134 MB less.

    Not all of them: those that were relinked for a wheel (numpy.libs) may break."""
    for name in ("libtorch_cpu.so", "libtorch_python.so", "libllvmlite.so", "libpython3*.so*"):
        for library in folder.rglob(name):
            if not library.is_symlink():
                subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def build_wheel(out: Path) -> Path:
    """The wheel, with the setuptools of this environment."""
    stale = ROOT / "build" / "lib"  # setuptools would take files that are gone from here
    shutil.rmtree(stale, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*command, str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    return max(out.glob("maquette-*.whl"), key=lambda path: path.stat().st_mtime)


def build_installer(folder: Path, out: Path, version: str) -> Path:
    if shutil.which("dpkg-deb"):
        import deb

        return deb.build(folder, ROOT / "build" / "icons", out, version)
    form = "gztar" if sys.platform.startswith("linux") else "zip"
    name = out / f"maquette-{version}-{sys.platform}"
    return Path(shutil.make_archive(str(name), form, out, folder.name))


if __name__ == "__main__":
    sys.exit(main())
