"""Writes the measured figures into `engine/feedback/README.md`."""

from pathlib import Path

from engine.lab.bench import feedback, feedback_taught as taught, readme
from engine.lab.bench.report import Report, Row

FOLDER = Path(__file__).resolve().parents[2] / "feedback"


def _figures(report: Report) -> str:
    return f"```\n{report.machine}\n\n{feedback.describe(report)}\n```"


def _aims(report: Report) -> str:
    """Everything together, a line a medium."""
    lines = [f"| | {' | '.join(_COLUMNS)} |", "| --- " * (len(_COLUMNS) + 1) + "|"]
    for bench in dict.fromkeys(row.bench for row in report.rows):
        own = {(row.arm, row.metric): row for row in report.rows if row.bench == bench}
        found = [own.get((taught.EVERYTHING + arm, metric)) for arm, metric in _COLUMNS.values()]
        cells = [_cell(row) if row else "" for row in found]
        lines.append(f"| {bench.removeprefix('feedback ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    assert row.high is not None
    if row.metric.startswith(feedback.WIN):
        return f"{row.value:.0%} ± {row.high - row.value:.0%}"
    return f"{row.value:.2f} ± {row.high - row.value:.2f}"


_LATE = "after 40 ratings"
_COLUMNS = {
    "after 10 ratings": ("", f"{feedback.WIN} after 10 ratings"),
    _LATE: ("", f"{feedback.WIN} {_LATE}"),
    f"of these: raters like {feedback.HAS}": (
        f"; raters like {feedback.HAS}",
        f"{feedback.WIN} {_LATE}",
    ),
    feedback.LACKS: (f"; raters like {feedback.LACKS}", f"{feedback.WIN} {_LATE}"),
    "style match, of no choice's": ("", f"{feedback.MATCH} {_LATE}"),
    "diversity, of no choice's": ("", f"{feedback.DIVERSITY} {_LATE}"),
}
BLOCKS = {"feedback": _figures, "feedback_aims": _aims}

if __name__ == "__main__":
    readme.main("feedback_readme", FOLDER, BLOCKS, __doc__)
