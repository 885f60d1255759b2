"""The figures of `bench text` as Markdown: what engine/media/text/README.md holds."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.lab.bench.report import Report, Row
from engine.media.text.generators.maquette_lm.weights import WEIGHTS_FILE

CRITIC_FILE = Path(__file__).resolve().parents[2] / "media" / "text" / "measured_critic.json"
RECURRENT_FILE = CRITIC_FILE.with_name("measured_recurrent.json")
REAL, LOW = "real", 0.2  # as `text_soundness` names them
GAIN, NATS, WORSE = "gain over joint", "nats a character", "authors worse than joint"


def machine(report: Report) -> str:
    return f"{report.machine}. All rows as JSON: [measured.json](measured.json)."


def training(_: Report) -> str:
    """What the shipped weights saw, from their card."""
    card = json.loads(WEIGHTS_FILE.with_suffix(".json").read_bytes())
    return (
        f"{card['parameters'] / 1e6:.1f} M parameters, {card['steps']} steps, "
        f"{card['tokens'] / 1e6:.1f} M tokens, {card['seconds'] / 3600:.1f} hours."
    )


def references(report: Report) -> str:
    """Gain by the number of references, of the two arms that read them."""
    rows = [row for row in report.rows if row.bench == "text" and row.metric == GAIN]
    arms = [a for a in _arms(rows) if len({r.references for r in rows if r.arm == a}) > 1]
    counts = sorted({row.references or 0 for row in rows})
    lines = [_line(["gain, nats a character", *(f"{n} works" for n in counts)]), _rule(counts)]
    for arm in arms:
        found = {row.references: _interval(row) for row in rows if row.arm == arm}
        lines.append(_line([arm, *(found.get(n, "–") for n in counts)]))
    return "\n".join(lines)


def arms(report: Report) -> str:
    """Every arm at five references, at its best point, the seconds it took until there."""
    rows = [row for row in report.rows if row.bench == "text"]
    (base,) = (row for row in rows if row.references == 0)
    head = ["arm", "nats a character", "gain", "seconds", "authors worse"]
    lines = [_line(head), _rule(head[1:]), _line([base.arm, f"{base.value:.3f}", "", "", ""])]
    for arm in _arms(rows):
        mine = [row for row in rows if row.arm == arm and row.references == 5]
        gains = [row for row in mine if row.metric == GAIN]
        if not gains:
            continue
        at = gains.index(best := max(gains, key=lambda row: row.value))
        nats, worse = ([r for r in mine if r.metric == m][at].value for m in (NATS, WORSE))
        cells = [arm, f"{nats:.3f}", _interval(best), f"{best.seconds}", f"{100 * worse:.0f} %"]
        lines.append(_line(cells))
    return f"{base.styles} reserved authors.\n\n" + "\n".join(lines)


def curves(report: Report) -> str:
    """Gain against seconds of the arms that take steps."""
    rows = [row for row in report.rows if row.bench == "text" and row.metric == GAIN]
    lines = []
    for arm in _arms(rows):
        mine = [row for row in rows if row.arm == arm and row.references == 5]
        if len(mine) > 1:
            points = "; ".join(f"{row.seconds} s {row.value:+.3f}" for row in mine)
            lines.append(f"- {arm}: {points}")
    return "\n".join(lines)


def identity(report: Report) -> str:
    rows = [row for row in report.rows if row.bench == "text, author identification"]
    head = ["poems", "given to the right author"]
    lines = [_line(head), _rule(head[1:])]
    for row in rows:
        assert row.low is not None and row.high is not None
        share = f"{100 * row.value:.0f} % ({100 * row.low:.0f} to {100 * row.high:.0f})"
        lines.append(_line([row.arm, share]))
    return f"Among {rows[0].styles} reserved authors.\n\n" + "\n".join(lines)


def soundness(_: Report) -> str:
    """How far the critic is fooled by texts that were spoilt, from its own report."""
    report = Report.read(CRITIC_FILE)
    rows = {(row.arm, row.metric): row for row in report.rows}
    groups = list(dict.fromkeys(arm.partition(":")[0] for arm, _ in rows))
    kinds = list(dict.fromkeys(arm.partition(": ")[2] for arm, _ in rows))
    lines = [_line(["spoilt", *groups]), _rule(groups)]
    for kind in kinds:
        cells = [_fooled(rows, f"{group}: {kind}") for group in groups]
        if any(cells):
            lines.append(_line([kind, *cells]))
    for metric, words in (("quality", "mean quality"), ("cannot be judged", "cannot be judged")):
        cells = [f"{rows[f'{group}: {REAL}', metric].value:.2f}" for group in groups]
        lines.append(_line([f"real works, {words}", *cells]))
    return f"{report.machine}.\n\n" + "\n".join(lines)


def _fooled(rows: Mapping[tuple[str, str], Row], arm: str) -> str:
    found = rows.get((arm, "area under the curve"))
    if found is None:
        return ""
    below = rows[arm, f"below {LOW}"].value
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f}), {100 * below:.0f} %"


def recurrent(_: Report) -> str:
    """A recurrent network beside the Transformer, at an equal budget, from its own report."""
    report = Report.read(RECURRENT_FILE)
    arms = [row.arm for row in report.rows if row.metric == "parameters"]
    by_line: dict[str, list[str]] = {}
    for row in report.rows:
        if shown := _recurrent_cell(row):
            by_line.setdefault(shown[0], []).append(shown[1])
    head = [_line(["", *arms]), _rule(arms)]
    return f"{report.machine}.\n\n" + "\n".join(
        [*head, *(_line([name, *cells]) for name, cells in by_line.items())]
    )


def _recurrent_cell(row: Row) -> tuple[str, str] | None:
    """The line of the table that a row stands in, and its cell."""
    detail = row.arm.partition(", ")[2]
    match row.metric:
        case "parameters":
            return row.metric, f"{row.value / 1e6:.2f} M"
        case "seconds of training":
            return row.metric, f"{row.value:.0f}"
        case "held out":
            return f"validation authors, five works before, {detail}", f"{row.value:.3f}"
        case "nats a character":
            name = f"reserved authors, {detail}, {row.references} works before"
            return name, f"{row.value:.3f}"
        case _:
            name = f"reserved authors, {detail}, gain of {row.references} works"
            return (name, _interval(row)) if row.references else None


def costs(report: Report) -> str:
    wanted = ("text, costs", "text, forms")
    lines = [_line(["what", "measured"]), _rule([""])]
    for row in report.rows:
        if row.bench in wanted:
            name = row.metric if row.bench == "text, costs" else f"{row.metric}, {row.arm}"
            lines.append(_line([name, f"{row.value:.4g}"]))
    return "\n".join(lines)


def _arms(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.arm for row in rows))


def _interval(row: Row) -> str:
    assert row.high is not None
    return f"{row.value:+.3f} ± {row.high - row.value:.3f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(columns: Sequence[object]) -> str:
    return "| --- " * (len(columns) + 1) + "|"
