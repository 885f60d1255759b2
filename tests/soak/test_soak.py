"""The soak itself: a few kills, so that it still works when it is wanted. The long run counts."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.report import write_between

ROOT = Path(__file__).parents[2]


@pytest.mark.process
@pytest.mark.slow
def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    report.write_text("before\n<!-- soak -->\nold\n<!-- /soak -->\nafter\n", "utf-8")
    words = ["--kills", "3", "--beside", "1", "--report", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", *words, "--folder", str(tmp_path / "soak")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=3000,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "0 rounds with a loss" in done.stdout
    text = report.read_text("utf-8")
    assert "| fault | times tried |" in text
    assert "old" not in text and text.startswith("before") and text.endswith("after\n")


def test_a_table_stands_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("x\n<!-- one -->\n1\n<!-- /one -->\n<!-- two -->\n2\n<!-- /two -->\n", "utf-8")
    write_between(path, "two", "new")
    assert path.read_text("utf-8") == (
        "x\n<!-- one -->\n1\n<!-- /one -->\n<!-- two -->\nnew\n<!-- /two -->\n"
    )
