"""The figures of `bench text_causal` as Markdown: what causal_lm/README.md holds."""

from engine.lab.bench.report import Report, Row
from engine.lab.bench.text_causal import AS_IT_IS, GAIN, IN_CONTEXT, WORSE

NATS = "nats a character"


def machine(report: Report) -> str:
    return f"{report.machine}. All rows as JSON: [measured.json](measured.json)."


def sets(report: Report) -> str:
    """Nats a character of each set, by arm."""
    rows = [row for row in report.rows if row.metric == NATS]
    arms = list(dict.fromkeys(row.arm.rpartition(", ")[0] for row in rows))
    names = list(dict.fromkeys(row.arm.rpartition(", ")[2] for row in rows))
    value = {row.arm: f"{row.value:.3f}" for row in rows}
    lines = [_line(["set", *arms]), _rule(len(arms))]
    lines += [_line([name, *(value[f"{arm}, {name}"] for arm in arms)]) for name in names]
    return "\n".join(lines)


def gains(report: Report) -> str:
    """What each arm gains over the references in context, over the sets of a language."""
    worse = {row.arm: row.value for row in report.rows if row.metric == WORSE}
    lines = [_line(["arm", "sets", "gain over in context", "sets that lose"]), _rule(3)]
    for row in report.rows:
        if row.metric == GAIN and row.arm in worse:
            share = f"{100 * worse[row.arm]:.0f} %"
            lines.append(_line([row.arm, str(row.styles), _interval(row), share]))
    return "\n".join([*lines, "", *_reading(report)])


def _reading(report: Report) -> list[str]:
    """What reading the references gains over the model as it is, by language."""
    nats = {row.arm: row.value for row in report.rows if row.metric == NATS}
    found: dict[str, list[float]] = {"English": [], "Chinese": []}
    for arm, value in nats.items():
        if arm.startswith(f"{AS_IT_IS}, "):
            name = arm.rpartition(", ")[2]
            language = "English" if name.isascii() else "Chinese"
            found[language].append(value - nats[f"{IN_CONTEXT}, {name}"])
    return [
        f"References in context alone gain {sum(each) / len(each):.3f} in {language}."
        for language, each in found.items()
        if each
    ]


def identity(report: Report) -> str:
    rows = [row for row in report.rows if row.metric == "identified"]
    return "\n".join(f"- {row.arm}: {100 * row.value:.0f} %" for row in rows)


def _interval(row: Row) -> str:
    assert row.high is not None
    return f"{row.value:+.3f} ± {row.high - row.value:.3f}"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(columns: int) -> str:
    return "| --- " * (columns + 1) + "|"
