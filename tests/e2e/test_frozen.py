"""The application that artists get, where it was built: packaging/smoke.py drives its keys."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "dist" / "maquette" / "maquette"


@pytest.mark.slow
@pytest.mark.skipif(not BUILT.exists(), reason="not built: python packaging/build.py")
@pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs xvfb and xdotool"
)
def test_the_frozen_application_does_the_main_job() -> None:
    command = [sys.executable, "packaging/smoke.py", str(BUILT.parent)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all went well" in done.stdout
