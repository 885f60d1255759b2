"""Sources to one compact file of works, with what it was made of beside it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from engine.lab.training.corpus.chinese import read_chinese
from engine.lab.training.corpus.english import (
    read_austen,
    read_king_james,
    read_shakespeare,
    read_sotu,
)
from engine.lab.training.corpus.overlap import without_echoes
from engine.lab.training.corpus.sample import write_sample
from engine.lab.training.corpus.script import Script
from engine.lab.training.corpus.sources import SOURCES, provenance, root
from engine.lab.training.corpus.works import (
    WORKS_FILE,
    Work,
    by_author,
    without_duplicates,
    write_works,
)

PROVENANCE_FILE = "provenance.json"
SCRIPT_FILE = "script.json"


def read_all(folder: Path, script: Script) -> Iterator[Work]:
    """Every work of every fetched source, as it comes."""
    at = {source.name: root(source, folder) for source in SOURCES}
    yield from read_chinese(at["chinese-poetry"], script)
    yield from read_shakespeare(at["shakespeare"])
    yield from read_austen(at["austen"])
    yield from read_sotu(at["sotu"])
    yield from read_king_james(at["king-james"])


def build(folder: Path) -> None:
    """Write folder/works.jsonl.gz, its provenance and script table, and the sample of the bench.

    Raises `SourceMissingError`.
    """
    recorded = {source.name: provenance(source, folder) for source in SOURCES}
    script = Script()
    gathered = list(without_duplicates(tqdm(read_all(folder, script), unit=" works")))
    works = without_echoes(gathered)
    write_works(folder / WORKS_FILE, works)
    write_sample(works)
    script.save(folder / SCRIPT_FILE)
    echoes = len(gathered) - len(works)
    document = {"sources": recorded, "echoes_of_reserved_works_left_out": echoes, **summary(works)}
    for name, count in Counter(work.source for work in works).items():
        document["sources"][name]["works"] = count
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / PROVENANCE_FILE).write_text(text + "\n", encoding="utf-8")


def summary(works: list[Work]) -> dict[str, dict[str, object]]:
    """Works and characters by form and by part, authors by part."""
    parts: dict[str, object] = {}
    for part in ("training", "validation", "reserved"):
        groups = by_author(works, part)
        parts[part] = {
            "authors": len(groups),
            "authors_of_6_works": sum(len(g) >= 6 for g in groups.values()),
            "works": sum(map(len, groups.values())),
            "characters": sum(len(w.text) for g in groups.values() for w in g),
        }
    forms = Counter(f"{work.language} {work.form}" for work in works)
    return {"parts": parts, "forms": dict(forms.most_common())}
