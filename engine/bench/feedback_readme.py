"""Writes the measured figures into `engine/feedback/README.md`."""

from pathlib import Path

from engine.bench import feedback, readme
from engine.bench.report import Report

FOLDER = Path(__file__).resolve().parents[1] / "feedback"


def _figures(report: Report) -> str:
    return f"```\n{report.machine}\n\n{feedback.describe(report)}\n```"


BLOCKS = {"feedback": _figures}

if __name__ == "__main__":
    readme.main("feedback_readme", FOLDER, BLOCKS, __doc__)
