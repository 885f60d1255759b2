"""`python -m engine bench meta`: does learning to learn work here, and how fast?

Three parts: the sinusoid toy of the MAML paper, few-shot glyphs on reserved alphabets with every
learner, and meta-steps per second against independent packages. All from a clean clone: the
weights and the reserved glyphs are shipped. `--quick` takes fewer episodes, about two minutes.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from engine.core.device import one_thread
from engine.lab.bench import meta_glyphs, meta_sinusoid, meta_speed, meta_tables
from engine.lab.bench.report import Report


def run(quick: bool, seed: int = 0) -> Report:
    """Measure everything; nothing is trained."""
    report = Report()
    with one_thread():  # small tensors: it is the fastest, and the fairest
        parts = {
            "sinusoid": meta_sinusoid.rows(200 if quick else 2000, seed),
            "glyphs": meta_glyphs.rows(40 if quick else 600, seed),
            "speed": meta_speed.rows(5 if quick else 30, seed),
        }
        for name, rows in parts.items():
            for row in tqdm(rows, desc=name, unit="row"):
                report.add(row)
    return report


def describe(report: Report) -> str:
    """What is printed: the machine, then a table for each of the three parts."""
    parts = (meta_tables.sinusoid, meta_tables.glyphs, meta_tables.speed)
    return "\n\n".join([report.machine, *(part(report) for part in parts)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the rows as JSON")
    arguments = parser.parse_args()
    report = run(arguments.quick, arguments.seed)
    if arguments.out is not None:
        report.write(arguments.out)
    sys.stdout.write(describe(report) + "\n")


if __name__ == "__main__":
    main()
