"""The figures of `bench meta` as Markdown: what is printed, and what the README holds."""

import json
from collections.abc import Callable

from engine.lab.bench import meta_glyphs, meta_sinusoid, meta_speed
from engine.lab.bench.report import Report, Row
from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.weights import weights_path


def machine(report: Report) -> str:
    return f"{report.machine}. All rows as JSON: [measured.json](measured.json)."


def sinusoid(report: Report) -> str:
    """Error after so many steps, a learner a line; then joint training's error over MAML's."""
    rows = [row for row in report.rows if row.bench == meta_sinusoid.BENCH]
    errors = [row for row in rows if row.metric.startswith("MSE")]
    lines = _table("", errors, lambda row: row.metric.removeprefix("MSE after "), _error)
    (ratio,) = (row for row in rows if row not in errors)
    tuned = ratio.arm.removesuffix(" / MAML")
    return (
        f"{lines}\n\nThe best joint model ({tuned}) has after ten steps {ratio.value:.2f} times "
        f"the error (paired bootstrap {ratio.low:.2f} to {ratio.high:.2f}) that MAML has after one."
    )


def glyphs(report: Report) -> str:
    """How many episodes, then a learner a line."""
    rows = [row for row in report.rows if row.bench == meta_glyphs.BENCH]
    own = {row.styles for row in rows if not row.metric.endswith(meta_glyphs.START)}
    start = {row.styles for row in rows if row.metric.endswith(meta_glyphs.START)}
    counts = [" or ".join(str(n) for n in sorted(filter(None, found))) for found in (own, start)]
    return (
        f"Over {counts[0]} episodes, before their own training over {counts[1] or 'none'}:\n\n"
        f"{meta_glyphs.comparison(report)}"
    )


def training(_: Report) -> str:
    """Outer steps and minutes of the shipped weights, from their cards."""
    lines = ["| learner | ways | outer steps | minutes | began with |", "| --- " * 5 + "|"]
    for name, recipe in RECIPES.items():
        for ways in (5,) if recipe.any_ways else (5, 20):
            card = json.loads(weights_path(name, ways).with_suffix(".json").read_bytes())
            label = f"any ({card['ways']})" if recipe.any_ways else str(ways)
            minutes, began = float(card["seconds"]) / 60, card.get("started_from", "random")
            lines.append(f"| {name} | {label} | {card['steps']} | {minutes:.1f} | {began} |")
    return "\n".join(lines)


def speed(report: Report) -> str:
    rows = [row for row in report.rows if row.bench == meta_speed.BENCH]
    turned = [(row.metric.partition(", ")[2], row.arm, f"{row.value:.2f}") for row in rows]
    arms = list(dict.fromkeys(arm for _, arm, _ in turned))
    lines = ["| | " + " | ".join(arms) + " |", "| --- " * (len(arms) + 1) + "|"]
    for problem in dict.fromkeys(problem for problem, _, _ in turned):
        found = {arm: value for where, arm, value in turned if where == problem}
        lines.append(f"| {problem} | " + " | ".join(found.get(arm, "–") for arm in arms) + " |")
    return "\n".join(lines)


def _table(
    corner: str, rows: list[Row], head: Callable[[Row], str], cell: Callable[[Row], str]
) -> str:
    """An arm a line, a head a column."""
    heads = list(dict.fromkeys(head(row) for row in rows))
    lines = [f"| {corner} | " + " | ".join(heads) + " |", "| --- " * (len(heads) + 1) + "|"]
    for arm in dict.fromkeys(row.arm for row in rows):
        found = {head(row): cell(row) for row in rows if row.arm == arm}
        lines.append(f"| {arm} | " + " | ".join(found.get(h, "–") for h in heads) + " |")
    return "\n".join(lines)


def _error(row: Row) -> str:
    if row.value is None or row.high is None or row.value > 1000:
        return "diverged"
    return f"{row.value:.3f} ± {row.high - row.value:.3f}"
