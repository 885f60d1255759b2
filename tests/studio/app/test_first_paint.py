"""What is imported before the window is painted: the time to the first paint is mostly that."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAINT = """
import json, sys
from studio.app import application
qt = application.make_qt([])
app = application.App(qt)
app.window.show()
app.window.grab()
names = sorted(sys.modules)
from PySide6.QtWidgets import QDialog
dialogs = sorted(
    f"{name}.{thing}"
    for name in names if name.startswith("studio.")
    for thing, kind in vars(sys.modules[name]).items()
    if isinstance(kind, type) and issubclass(kind, QDialog) and kind.__module__ == name
)
print(json.dumps({"names": names, "dialogs": dialogs}))
app.window.close()
"""
# Packages beyond Python's own that the window cannot be painted without. A package that only some
# action needs is imported when that is asked for.
PACKAGES = {"PySide6", "engine", "msgspec", "psutil", "shiboken6", "shibokensupport", "studio"}
PACKAGES |= {"signature_bootstrap"}  # of shiboken
NO_MODULE = ("__main__", "sitecustomize", "typing_extensions")  # of the environment, or tiny
OF_ENGINE = ("engine.protocol", "engine.core.assets", "engine.core.files", "engine.core.errors")
OF_ENGINE += ("engine.core.names",)
DIALOGS = {"studio.views.dialogs.PlainDialog", "studio.views.dialogs.Question"}  # what they share
MOST_OF_STUDIO = 245  # modules; what is beyond should wait until it is asked for


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The names of modules and of dialogs when a new artist's window has been painted."""
    home = str(tmp_path_factory.mktemp("home"))
    places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), home)
    own = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PAINT],
        env=os.environ | places | own,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_only_these_packages_come_before_the_first_paint(painted) -> None:
    own = set(sys.stdlib_module_names) | PACKAGES | set(NO_MODULE)
    tops = {name.partition(".")[0] for name in painted["names"]}
    beyond = {name for name in tops - own if not name.startswith(("_", "__editable__"))}
    assert beyond == set()


def test_of_the_engine_only_its_protocol_comes(painted) -> None:
    names = [name for name in painted["names"] if name.startswith("engine.")]
    beyond = [name for name in names if not name.startswith(OF_ENGINE) and name != "engine.core"]
    assert beyond == []


def test_a_dialog_is_imported_when_it_is_opened(painted) -> None:
    assert set(painted["dialogs"]) <= DIALOGS


def test_the_studio_imports_no_more_modules_than_these(painted) -> None:
    names = [name for name in painted["names"] if name.startswith("studio.")]
    later = ("studio.views.portfolio", "studio.views.contact_sheet", "studio.media.text.export")
    assert [name for name in names if name.startswith(later)] == []
    assert len(names) <= MOST_OF_STUDIO, len(names)
