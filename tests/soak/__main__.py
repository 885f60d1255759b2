"""Kills a working studio, or its engine, again and again, and looks what is lost.

    python run.py soak [--kills N] [--minutes N] [--beside N] [--seed N] [--folder DIR]
                       [--report docs/reliability.md]

Ends after so many kills, or so many minutes, whichever comes first. Every round starts a studio on
the same project (a new one now and then), kills it or its engine at random moments, and checks what
`tests.soak.checks` says. With --report the table there is written anew. The last line counts; the
exit code is 1 when anything was lost.
"""

import argparse
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.soak import studio
from tests.soak.report import write_report
from tests.soak.rounds import Lane, Tally


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="run.py soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--beside", type=int, default=3, help="so many studios at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    begun = time.monotonic()
    tally = Tally(folder, options.kills, begun + 60 * options.minutes)
    studio.prepare()
    lanes = [
        threading.Thread(target=Lane(tally, folder / f"lane {n}", options.seed + n).work)
        for n in range(options.beside)
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    minutes = (time.monotonic() - begun) / 60
    if options.report:
        write_report(options.report, tally, minutes)
    sys.stdout.write(f"{tally.words}\n")
    lost = sum(tally.lost.values())
    if not lost and options.folder is None:
        shutil.rmtree(folder)
    return int(lost > 0 or tally.broken > 0)


if __name__ == "__main__":
    sys.exit(main())
