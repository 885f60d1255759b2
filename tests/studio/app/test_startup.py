"""The window is there at once, knows nothing of torch, and says what is missing in one sentence."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.__main__ import DEBIAN_PACKAGES, main, missing_display, missing_library

ROOT = Path(__file__).parents[3]
FIRST_PAINT_MS = 1500
PATIENCE = 4  # a machine that runs other tests at the same time
TICK_S = 0.02  # the kernel counts the start of a process in hundredths of a second


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.process
def test_the_studio_imports_no_torch() -> None:
    code = "import sys, studio.app; print(sorted({'torch', 'numpy', 'PIL'} & sys.modules.keys()))"
    done = run("-c", code, QT_QPA_PLATFORM="offscreen")
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.process
def test_the_studio_loads_no_sound_before_it_is_needed() -> None:
    code = "import sys, studio.app; print('PySide6.QtMultimedia' in sys.modules)"
    assert run("-c", code, QT_QPA_PLATFORM="offscreen").stdout.strip() == "False"


@pytest.mark.process
def test_the_first_paint_is_quick(tmp_path: Path) -> None:
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = run("-m", "studio", "--measure-startup", QT_QPA_PLATFORM="offscreen", **home)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < FIRST_PAINT_MS * PATIENCE


@pytest.mark.process
def test_a_process_is_no_older_than_the_one_that_started_it_has_waited() -> None:
    """A start that is counted from a whole second of the clock makes it older by up to a second."""
    ages = []
    for _ in range(3):  # apart, so that not all begin at the same place within a second
        before = time.monotonic()
        age_s = float(run("-c", "from studio.app import startup; print(startup.age_s())").stdout)
        ages.append((age_s, time.monotonic() - before))
    assert all(0 < age_s <= waited_s + TICK_S for age_s, waited_s in ages), ages


def test_without_a_display_there_is_one_sentence() -> None:
    words = missing_display({}, "linux")
    assert "DISPLAY" in words
    assert "\n" not in words
    assert missing_display({"DISPLAY": ":0"}, "linux") == ""
    assert missing_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == ""
    assert missing_display({"QT_QPA_PLATFORM": "offscreen"}, "linux") == ""
    assert missing_display({}, "darwin") == missing_display({}, "win32") == ""


@pytest.mark.process
def test_without_a_display_the_program_ends_politely() -> None:
    done = run("-m", "studio", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_missing_library_names_the_packages() -> None:
    words = missing_library(ImportError("libEGL.so.1: cannot open shared object file"))
    assert "libEGL.so.1" in words
    if sys.platform.startswith("linux"):
        assert DEBIAN_PACKAGES in words


def test_help_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert ".maquette" in capsys.readouterr().out


@pytest.mark.process
def test_behind_a_switch_it_is_pip() -> None:
    command = [sys.executable, "-m", "studio", "--pip", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("pip ")
