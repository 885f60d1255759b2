"""Fuzzing guided by coverage: `python -m tests.fuzz.guided NAME FOLDER [-max_total_time=60 …]`.

For the decoders that are Python: atheris watches which of their lines an input reaches, and goes on
from those that reach new ones. FOLDER takes the corpus, and what is found. atheris is not among the
packages of the tests: install it into an environment of its own beside these.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["engine.media", "engine.core.archive"]):
    from tests.fuzz.targets import REFUSALS, TARGETS, corpus_of


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    target = TARGETS[name]
    place = folder / "corpus"
    place.mkdir(parents=True, exist_ok=True)
    for number, (_, data) in enumerate(corpus_of(name)):
        (place / f"seed-{number}").write_bytes(data)
    file = f"a{(target.suffixes or ('',))[0]}"

    def read(data: bytes) -> None:
        try:
            target.read(data, file)
        except REFUSALS:
            return

    limits = ["-timeout=20", "-rss_limit_mb=3000", "-max_len=20000"]
    atheris.Setup(
        [sys.argv[0], str(place), f"-artifact_prefix={folder}/", *limits, *sys.argv[3:]], read
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
