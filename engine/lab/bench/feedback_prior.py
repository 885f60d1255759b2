"""Meta-learns where tastes begin: `python -m engine.lab.bench.feedback_prior`, about a minute."""

import json

import numpy as np

from engine.cli import console
from engine.critic.calibration import calibration
from engine.feedback.posterior import posterior
from engine.feedback.prior import FILE, as_row, meta_learned, plain, population, together

KINDS = ("image", "zh", "en", "audio")


def main() -> None:
    rows = {}
    for kind in KINDS:
        fit = calibration(kind)
        size = len(together(fit))
        learned = meta_learned(population(fit, seed=1), size)
        rows[kind] = as_row(learned)
        first = np.sqrt(np.diag(learned.covariance)[:size])
        console.say(f"{kind}: deviations of weights {first.min():.2f} to {first.max():.2f}")
        for few in (5, 10, 20):
            ours, bare = _order(fit, learned, few), _order(fit, plain(size), few)
            console.say(f"  right orders after {few}: {ours:.3f}, plain prior {bare:.3f}")
    FILE.write_text(json.dumps(rows) + "\n", encoding="utf-8")


def _order(fit, start, few: int) -> float:
    """How often later works of new raters are put in the order of their stars."""
    right, total = 0.0, 0.0
    for data in population(fit, seed=2, count=80):
        first = type(data)(data.x[:few], data.y[:few], data.pairs)
        told = data.x[few:] @ posterior(start, first).weights
        apart = np.subtract.outer(data.y[few:], data.y[few:])
        said = np.subtract.outer(told, told)
        right += ((said > 0) & (apart > 0)).sum()
        total += (apart > 0).sum()
    return float(right / total)


if __name__ == "__main__":
    main()
