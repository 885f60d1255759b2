"""What goes into the frozen application, and what of its libraries is left out and why."""

import re
from pathlib import Path, PurePosixPath

ASSETS = ("critic", "fonts", "icons", "licences", "samples", "weights")
LAB_ONLY = ("samples/audio", "samples/glyphs", "weights/meta")  # as in setup.py

# Never imported by the engine or the studio; each pulls in tens of megabytes.
EXCLUDED_MODULES = [
    "engine.lab",
    "tkinter",
    "IPython",
    "matplotlib",
    "pandas",
    "pytest",
    "setuptools",
    "sklearn",
    "tensorboard",
    "torch.utils.tensorboard",
    "torch.utils.benchmark",
    "torch.testing._internal.common_utils",
    "torchvision",
    "triton",
]

# Files that PyInstaller's hooks bring along and that nothing opens at run time: what torch needs to
# build extensions (its shm manager it looks for on import), and Qt's keyboard and screens without a
# desktop. QML and Quick stay: the plugin that decodes sound is linked to them.
_LEFT_OUT = re.compile(
    r"""
    ^torch/(bin/(?!torch_shm_manager$)|include/|share/|test/|_inductor/kernel/flex/templates/)
    | ^torch/lib/lib(torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops)\.
    | ^torch/.*\.(h|hpp|cuh|cmake|a|lib|pyi)$
    | ^PySide6/(Qt/)?translations/
    | ^PySide6/(Qt/)?plugins/(platforminputcontexts/.*virtualkeyboard|imageformats/.*qpdf)
    | ^PySide6/(Qt/)?plugins/egldeviceintegrations/
    | ^PySide6/(Qt/)?plugins/platforms/.*(eglfs|linuxfb|vnc|vkkhr|minimalegl)
    | (^|/)(lib)?Qt6(VirtualKeyboard(Qml)?|Pdf|EglFSDeviceIntegration|EglFsKmsSupport)\b
    | \.dist-info/(RECORD|direct_url\.json|licenses/.*\.txt\.orig)$
    """,
    re.VERBOSE,
)


def version(root: Path) -> str:
    """The one version of the application, from engine/__init__.py."""
    text = (root / "engine" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    if found is None:
        raise SystemExit("engine/__init__.py names no version")
    return found[1]


def is_shipped(module: str) -> bool:
    return module != "engine.lab" and not module.startswith("engine.lab.")


def is_needed(name: str) -> bool:
    """Whether a collected file, by its path in the application, is opened at run time."""
    return not _LEFT_OUT.search(PurePosixPath(name.replace("\\", "/")).as_posix())


def assets(root: Path) -> list[tuple[str, str]]:
    """(file, folder in the application) of everything under assets/ that ships."""
    found = []
    for folder in ASSETS:
        for file in sorted((root / "assets" / folder).rglob("*")):
            place = file.relative_to(root / "assets")
            lab = any(place.as_posix().startswith(prefix + "/") for prefix in LAB_ONLY)
            if file.is_file() and not lab:
                found.append((str(file), str(Path("assets") / place.parent)))
    return found


def icon(folder: Path, platform: str) -> str | None:
    """The icon in the form that the system wants; Linux has it in the desktop file."""
    name = {"win32": "maquette.ico", "darwin": "maquette.icns"}.get(platform)
    return str(folder / name) if name else None
