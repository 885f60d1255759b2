"""The figures of `bench audio` as Markdown: what engine/media/audio/README.md holds."""

import json
from collections.abc import Sequence

from engine.lab.bench import (
    audio_costs,
    audio_distributions as richness,
    audio_notes as notes,
    audio_sound_judge,
    audio_style as style,
    audio_timbre,
)
from engine.lab.bench.report import Report, Row
from engine.media.audio.generators.score.weights import WEIGHTS_FILE

NOTHING = "Not measured in this run."
KINDS = {
    notes.BENCH: "all reserved styles",
    notes.OTHERS: "without the halved piece",
    notes.NEW: "new composers",
    notes.KNOWN: "new sections of known books",
}


def machine(report: Report) -> str:
    return f"{report.machine}. All rows as JSON: [measured.json](measured.json)."


def training(_: Report) -> str:
    """What the shipped weights saw, from their card."""
    if not WEIGHTS_FILE.exists():
        return "The weights are not shipped yet."
    card = json.loads(WEIGHTS_FILE.with_suffix(".json").read_bytes())
    return (
        f"{card['parameters'] / 1e6:.1f} M parameters, {card['steps']} steps, "
        f"{card['tokens'] / 1e6:.1f} M tokens, {card['seconds'] / 3600:.1f} hours."
    )


def arms(report: Report) -> str:
    """Every arm at MAIN references, at its best point, the seconds it took until there."""
    rows = [row for row in report.rows if row.bench == notes.BENCH]
    if not rows:
        return NOTHING
    (base,) = _of(rows, notes.JOINT, notes.NATS)
    (bits,), (token,) = (_of(rows, notes.JOINT, m) for m in (notes.BITS, notes.NATS_TOKEN))
    head = ["arm", *(f"{m}" for m in (notes.NATS, notes.BITS, notes.NATS_TOKEN))]
    head += ["gain, nats a note", "seconds", "styles worse"]
    first = [base.arm, f"{base.value:.3f}", f"{bits.value:.3f}", f"{token.value:.3f}"]
    lines = [_line(head), _rule(head[1:]), _line([*first, "", "", ""])]
    for arm in _names(rows):
        if gains := _of(rows, arm, notes.GAIN, notes.MAIN):
            at = max(range(len(gains)), key=lambda i: gains[i].value)
            wanted = (notes.NATS, notes.BITS, notes.NATS_TOKEN, notes.WORSE)
            *values, worse = (_of(rows, arm, m, notes.MAIN)[at].value for m in wanted)
            cells = [arm, *(f"{value:.3f}" for value in values), _interval(gains[at])]
            lines.append(_line([*cells, f"{gains[at].seconds:g}", f"{100 * worse:.0f} %"]))
    return f"{base.styles} reserved styles, {notes.MAIN} references.\n\n" + "\n".join(lines)


def kinds(report: Report) -> str:
    """The gain of every arm at its best point, by kind of style."""
    found = {kind: [r for r in report.rows if r.bench == kind] for kind in KINDS}
    present = {kind: rows for kind, rows in found.items() if rows}
    if not present:
        return NOTHING
    head = ["gain, nats a note"]
    bases = [f"*{notes.JOINT}, nats a note*"]
    for kind, rows in present.items():
        (base,) = _of(rows, notes.JOINT, notes.NATS)
        head.append(f"{KINDS[kind]} ({base.styles})")
        bases.append(f"{base.value:.3f}")
    lines = [_line(head), _rule(head[1:]), _line(bases)]
    for arm in _names(present[notes.BENCH]):
        cells = [_of(rows, arm, notes.GAIN, notes.MAIN) for rows in present.values()]
        if all(cells):
            best = [max(gains, key=lambda row: row.value) for gains in cells]
            lines.append(_line([arm, *map(_interval, best)]))
    return "\n".join(lines)


def references(report: Report) -> str:
    """Gain by the number of references, of the arms that were asked so; each at its best point."""
    rows = [r for r in report.rows if r.bench == notes.BENCH and r.metric == notes.GAIN]
    several = [a for a in _names(rows) if len({r.references for r in rows if r.arm == a}) > 1]
    if not several:
        return NOTHING
    counts = sorted({row.references or 0 for row in rows})
    plural = [f"{n} reference{'s' * (n > 1)}" for n in counts]
    lines = [_line(["gain, nats a note", *plural]), _rule(counts)]
    for arm in several:
        cells = [arm]
        for count in counts:
            mine = _of(rows, arm, notes.GAIN, count)
            cells.append(_interval(max(mine, key=lambda r: r.value)) if mine else "–")
        lines.append(_line(cells))
    return "\n".join(lines)


def curves(report: Report) -> str:
    """Gain against seconds of the arms that take steps."""
    rows = [r for r in report.rows if r.bench == notes.BENCH and r.metric == notes.GAIN]
    lines = []
    for arm in _names(rows):
        mine = _of(rows, arm, notes.GAIN, notes.MAIN)
        if len(mine) > 1:
            points = "; ".join(f"{row.seconds:g} s {row.value:+.3f}" for row in mine)
            lines.append(f"- {arm}: {points}")
    return "\n".join(lines) or NOTHING


def headline(report: Report) -> str:
    rows = [row for row in report.rows if row.bench == notes.HEADLINE]
    lines = [_line(["what", "measured"]), _rule([""])]
    for row in rows:
        if row.metric.startswith("seconds"):
            lines.append(_line([f"{row.arm}: {row.metric}", _seconds(row.value)]))
        else:
            lines.append(_line([f"{row.arm}: {row.metric}", _interval(row)]))
    styles = f"{rows[0].styles} styles with other works to ask about.\n\n" if rows else ""
    return styles + "\n".join(lines) if rows else NOTHING


def identity(report: Report) -> str:
    rows = [row for row in report.rows if row.bench == style.BENCH]
    if not rows:
        return NOTHING
    head = ["pieces", style.RIGHT, style.NO_METRE]
    lines = [_line(head), _rule(head[1:])]
    for arm in _names(rows):
        (with_metre,), (without,) = (_of(rows, arm, m) for m in head[1:])
        lines.append(_line([arm, _share(with_metre), _share(without)]))
    return f"Among {rows[0].styles} styles.\n\n" + "\n".join(lines)


def copies(report: Report) -> str:
    rows = [row for row in report.rows if row.bench == style.COPIES]
    if not rows:
        return NOTHING
    head = ["pieces", style.RUN, style.MOST_RUN, style.SHARED]
    lines = [_line(head), _rule(head[1:])]
    for arm in _names(rows):
        (run,), (most,), (share,) = (_of(rows, arm, m) for m in head[1:])
        lines.append(_line([arm, f"{run.value:.1f}", f"{most.value:.0f}", _share(share)]))
    return f"{rows[0].styles} styles.\n\n" + "\n".join(lines)


def distributions(report: Report) -> str:
    """Each measure of the references, of what is composed, and of version 1, set by set."""
    rows = [row for row in report.rows if row.bench.startswith(richness.BENCH)]
    if not rows:
        return NOTHING
    tables = []
    for bench in dict.fromkeys(row.bench for row in rows):
        mine = [row for row in rows if row.bench == bench]
        arms = _names(mine)
        lines = [_line([bench.removeprefix(f"{richness.BENCH}: "), *arms]), _rule(arms)]
        for metric in richness.MEASURES:
            cells = [_range(one) for arm in arms for one in _of(mine, arm, metric)]
            lines.append(_line([metric, *cells]))
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def _range(row: Row) -> str:
    return f"{row.value:.2f} ({row.low:.2f} to {row.high:.2f})"


def costs(report: Report) -> str:
    rows = [row for row in report.rows if row.bench == audio_costs.BENCH]
    lines = [_line(["what", "of", "measured"]), _rule(["", ""])]
    lines += [_line([row.metric, row.arm, f"{row.value:.3g}"]) for row in rows]
    return "\n".join(lines) if rows else NOTHING


def timbre(report: Report) -> str:
    """Each arm's distances by references and seconds, and the speeds."""
    rows = [row for row in report.rows if row.bench == audio_timbre.BENCH]
    if not rows:
        return NOTHING
    metrics = list(audio_timbre.METRICS)
    head = ["arm", "references", "seconds", *metrics]
    lines = [_line(head), _rule(head[1:])]
    for key in dict.fromkeys((r.arm, r.references, r.seconds) for r in rows):
        mine = {r.metric: r for r in rows if (r.arm, r.references, r.seconds) == key}
        arm, count, seconds = key
        at = "–" if seconds is None else f"{seconds:g}"
        lines.append(_line([arm, str(count), at, *(_span(mine[m]) for m in metrics)]))
    speeds = [row for row in report.rows if row.bench == audio_timbre.SPEED_BENCH]
    said = [f"{row.arm}: {row.value:.3g} {row.metric}" for row in speeds]
    return f"{rows[0].styles} reserved presets.\n\n" + "\n".join([*lines, "", "; ".join(said)])


def whose_sound(report: Report) -> str:
    """What the judge of sound gives to its instrument."""
    rows = [row for row in report.rows if row.bench == audio_sound_judge.BENCH]
    if not rows:
        return NOTHING
    head = ["notes", audio_sound_judge.METRIC]
    lines = [_line(head), _rule(head[1:]), *(_line([row.arm, _share(row)]) for row in rows)]
    return f"Among {rows[0].styles} reserved presets.\n\n" + "\n".join(lines)


def _of(rows: Sequence[Row], arm: str, metric: str, count: int | None = None) -> list[Row]:
    """In order; count: of so many references alone."""
    found = [row for row in rows if row.arm == arm and row.metric == metric]
    return found if count is None else [row for row in found if row.references == count]


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.arm for row in rows))


def _seconds(value: float | None) -> str:
    """JSON has no NaN: what was not reached comes back as None."""
    return "not reached" if value is None or value != value else f"{value:.3g} s"


def _interval(row: Row) -> str:
    if row.low is None or row.high is None:
        return f"{row.value:+.3f}"
    return f"{row.value:+.3f} ({row.low:+.3f} to {row.high:+.3f})"


def _span(row: Row) -> str:
    assert row.low is not None and row.high is not None
    return f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})"


def _share(row: Row) -> str:
    assert row.low is not None and row.high is not None
    low, high = max(0.0, row.low), min(1.0, row.high)
    return f"{100 * row.value:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(columns: Sequence[object]) -> str:
    return "| --- " * (len(columns) + 1) + "|"
