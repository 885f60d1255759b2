"""The figures of `bench image` as Markdown: what README.md and the generator's README hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engine.lab.bench import (
    image,
    image_costs,
    image_denoising as noise,
    image_drawing as works,
    image_matching,
    image_restyle,
)
from engine.lab.bench.image_patches import coherence_metric, coverage_metric
from engine.lab.bench.report import Report, Row

DRAWN = {
    "5 px": works.patch_metric(5),
    "9 px": works.patch_metric(9),
    "15 px": works.patch_metric(15),
    "Fréchet, random filters": works.RANDOM_FRECHET,
    "Fréchet, encoder": works.LEARNED_FRECHET,
    "nearest 32 px patch": works.NEAREST,
    "copied": works.COPIED,
    "seconds": works.DRAW_S,
}
_BY_DISTANCE = (  # reports from before there was a measure that agrees with looking
    "Distance of the works' patches from the reference's, on filters and patch sizes that the "
    "engine does not use (black to white is 1); artists whom no training saw, one work of each "
    "arm for each of them:"
)
_BY_PATCHES = (
    "Coherence: how far the works' patches of 17 px are from the reference's; coverage: how far "
    "the reference's are from the works' (0: found whole, 1: as far as chance). Over 48 px: the "
    "share of the work in pieces of more than 48 px from one place. Vendi: how many different "
    "works there are among eight seeds; alike: among those of them that are made of the reference, "
    "as noise is not (coherence 0.2, coverage 0.4 at most). Artists whom no training saw, one work "
    "of each arm:"
)
_RESTYLED = (
    "Another artist's picture restyled: how much of its lightness and of its edges is kept (rank "
    "correlations), and how much of the work is made of the reference's patches:"
)


def machine(report: Report) -> str:
    return f"{report.machine}. All rows as JSON: [measured.json](measured.json)."


def machine_alone(report: Report) -> str:
    quick = " --quick" if _of(report, image.BENCH)[0].arm == image.SHIPPED else ""
    return f"From `python run.py engine bench image{quick}`: {report.machine}."


def styles(report: Report) -> str:
    """Who is asked about, and how many works there are."""
    rows = _of(report, image.BENCH)
    figures = ", ".join(f"{row.value:.0f} {row.metric}" for row in rows)
    return f"From the {rows[0].arm}: {figures}."


def denoising(report: Report) -> str:
    """Loss over the joint model's, by seconds, with the most references; then by references."""
    rows = _of(report, noise.BENCH)
    most = max(row.references or 0 for row in rows)
    return f"{_curves(rows, most)}\n\n{_by_references(rows)}"


def longer(report: Report) -> str:
    """The same for longer and fewer styles, and when the headline is reached."""
    parts = []
    for title in (image.LONG, f"{image.LONG} still"):
        if rows := _of(report, title):
            parts.append(_curves(rows, max(row.references or 0 for row in rows)))
            parts.append(_reached(rows))
    return "\n\n".join(parts) or "Not measured in this run."


def drawn(report: Report) -> str:
    """Every way to draw with one reference."""
    rows = [row for row in _of(report, works.BENCH) if row.references == 1]
    found = _by_arm(rows)
    lines = [_line(["one reference", "styles", *DRAWN]), _rule(len(DRAWN) + 2)]
    for arm, mine in found.items():
        cells = [_works_cell(mine.get(metric)) for metric in DRAWN.values()]
        lines.append(_line([arm, str(mine[works.patch_metric(5)].styles), *cells]))
    return "\n".join(lines)


def drawn_briefly(report: Report) -> str:
    """How much of the works is made of the reference's patches, with what that means; works that
    were restyled, where there are any; distances alone, of older reports."""
    rows = [row for row in _of(report, works.BENCH) if row.references == 1]
    diverse = [r for r in _of(report, works.DIVERSITY) if r.metric.startswith("Vendi")]
    rows += [replace(row, metric=row.metric.rpartition(", ")[0]) for row in diverse]
    if any(row.metric == coherence_metric(17) for row in rows):
        wanted = {
            "coherence": coherence_metric(17),
            "coverage": coverage_metric(17),
            "over 48 px": works.TAKEN,
            "Vendi": works.VENDI,
            "Vendi, alike": works.VENDI_ALIKE,
            "seconds": works.DRAW_S,
        }
        first = _arms(rows, "one reference", wanted, works.patch_metric(5))
        return "\n\n".join([_BY_PATCHES, first, *restyled(report)])
    wanted = {head: DRAWN[head] for head in ("5 px", "9 px", "15 px", "seconds")}
    return f"{_BY_DISTANCE}\n\n{_arms(rows, 'one reference', wanted, works.patch_metric(5))}"


def restyled(report: Report) -> list[str]:
    """What was measured of restyled works, with what it means; nothing where nothing was."""
    rows = _of(report, image_restyle.BENCH)
    heads = {
        "lightness": image_restyle.LIGHTNESS,
        "edges": image_restyle.EDGES,
        "coherence": coherence_metric(17),
        "coverage": coverage_metric(17),
        "seconds": image_restyle.DRAW_S,
    }
    return [_RESTYLED, _arms(rows, "restyled", heads, image_restyle.EDGES)] if rows else []


def _arms(rows: Sequence[Row], corner: str, heads: Mapping[str, str], counted: str) -> str:
    """An arm a line; `counted`: the metric that says of how many styles."""
    lines = [_line([corner, "styles", *heads]), _rule(len(heads) + 2)]
    for arm, mine in _by_arm(rows).items():
        if counted in mine:
            cells = [_works_cell(mine.get(metric)) for metric in heads.values()]
            lines.append(_line([arm, str(mine[counted].styles), *cells]))
    return "\n".join(lines)


def descriptors(report: Report) -> str:
    """What patches are compared by: compositions, and held-out works repainted."""
    usual = {
        "coherence": coherence_metric(image_matching.SIDE_PX),
        "coverage": coverage_metric(image_matching.SIDE_PX),
        "over 48 px": image_matching.COPIED,
        "processor s": image_matching.DRAW_S,
    }
    truth = {
        "PSNR": image_matching.PSNR,
        "features": image_matching.FEATURES,
        "detail": image_matching.DETAIL,
        "keys, MB": image_matching.KEYS_MB,
    }
    tables = [f"{report.machine}. All rows as JSON: [descriptors.json](descriptors.json)."]
    for bench, corner, heads in (
        (image_matching.COMPOSED, "composed", usual),
        (image_matching.REPAINTED, "held out", {**usual, **truth}),
    ):
        counted = coherence_metric(image_matching.SIDE_PX)
        tables.append(_arms(_of(report, bench), corner, heads, counted))
    return "\n\n".join(tables)


def paired(report: Report) -> str:
    """Each arm's distance over that of the joint weights on the same styles, by references."""
    rows = [row for row in _of(report, works.BENCH) if row.metric == works.AGAINST_JOINT]
    return _table(rows, "5 px distance / both, joint weights", _count_of, _share)


def diversity(report: Report) -> str:
    return _table(_of(report, works.DIVERSITY), "one reference", lambda row: row.metric, _plain)


def costs(report: Report) -> str:
    lines = [_line(["what", "references", "measured"]), _rule(3)]
    for row in _of(report, image_costs.BENCH):
        name, unit = row.metric.removesuffix(" (s)").removesuffix(" (MB)"), "s"
        if row.metric == image_costs.PEAK_MB:
            value, unit = f"{row.value:.0f}", "MB"
        elif row.metric == image_costs.STYLE_MB:
            value, unit = f"{row.value:.1f}", "MB"
        else:
            value = f"{row.value:.1f}"
            name = name if row.arm == "adapt" else f"draw {name}, {row.arm}"
        lines.append(_line([name, str(row.references), f"{value} {unit}"]))
    return "\n".join(lines)


def _curves(rows: Sequence[Row], references: int) -> str:
    mine = [row for row in rows if row.references == references]
    (base,) = (row for row in mine if row.metric == noise.LOSS and row.arm == noise.JOINT)
    ratios = [row for row in mine if row.metric == noise.RATIO and row.arm != noise.UNTOLD]
    untold = [row for row in mine if row.metric == noise.RATIO and row.arm == noise.UNTOLD]
    corner = f"{references} references, {base.styles} styles"
    table = _table(ratios, corner, lambda row: f"{row.seconds:g} s", _share)
    return (
        f"{table}\n\nThe joint model as it is: {base.value:.4f}; "
        f"told of nobody: {_share(untold[0])} of it."
    )


def _by_references(rows: Sequence[Row]) -> str:
    """At the last look that all numbers of references share."""
    ratios = [row for row in rows if row.metric == noise.RATIO and row.seconds]
    last = max(row.seconds or 0.0 for row in ratios)
    mine = [row for row in ratios if row.seconds == last]
    several = [r for r in mine if len({o.references for o in mine if o.arm == r.arm}) > 1]
    several.sort(key=lambda row: row.references or 0)
    return _table(several, f"after {last:g} s", _count_of, _share)


def _reached(rows: Sequence[Row]) -> str:
    """How many seconds the meta-learned one needs for what fine-tuning has in the end."""
    losses = [row for row in rows if row.metric == noise.LOSS and row.seconds]
    tuned = [row for row in losses if row.arm == noise.FULL]
    learned = [row for row in losses if row.arm == noise.LEARNED]
    if not tuned or not learned:
        return ""
    last = tuned[-1]
    there = [row.seconds or 0.0 for row in learned if row.value <= last.value]
    when = f"after {min(there):g} s" if there else f"not within {learned[-1].seconds:g} s"
    return f"What full fine-tuning has after {last.seconds:g} s, the meta-learned one has {when}."


def _table(
    rows: Sequence[Row], corner: str, head: Callable[[Row], str], cell: Callable[[Row], str]
) -> str:
    """An arm a line, a head a column."""
    heads = list(dict.fromkeys(head(row) for row in rows))
    lines = [_line([corner, *heads]), _rule(len(heads) + 1)]
    for arm in dict.fromkeys(row.arm for row in rows):
        found = {head(row): cell(row) for row in rows if row.arm == arm}
        lines.append(_line([arm, *(found.get(h, "–") for h in heads)]))
    return "\n".join(lines)


def _by_arm(rows: Sequence[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.arm, {})[row.metric] = row
    return found


def _of(report: Report, bench: str) -> list[Row]:
    return [row for row in report.rows if row.bench == bench]


def _count_of(row: Row) -> str:
    many = "reference" if row.references == 1 else "references"
    return f"{row.references} {many}"


def _works_cell(row: Row | None) -> str:
    if row is None:
        return "–"
    if row.metric in (works.COPIED, works.TAKEN, image_matching.COPIED):
        return f"{100 * row.value:.0f} %"
    if row.metric in (works.DRAW_S, image_matching.DRAW_S, image_matching.PSNR):
        return f"{row.value:.1f}"
    return f"{row.value:.4f}" if row.metric.startswith("distance") else f"{row.value:.3g}"


def _share(row: Row) -> str:
    return f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})"


def _plain(row: Row) -> str:
    return f"{row.value:.2f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(columns: int) -> str:
    return "| --- " * columns + "|"
