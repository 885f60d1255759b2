"""The package to one compact file of scores, with what it was made of beside it."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from engine.lab.training.corpus.notes_near import without_near
from engine.lab.training.corpus.notes_read import read_folder
from engine.lab.training.corpus.notes_sources import LICENCES, SOURCE, place
from engine.lab.training.corpus.notes_works import WORKS_FILE, NotesWork, by_style, write_works
from engine.lab.training.corpus.sources import provenance
from engine.media.audio.codec.score import Score

PROVENANCE_FILE = "provenance.json"


def build(folder: Path) -> None:
    """Write folder/works.npz and its provenance. Raises NotesMissingError.

    Each folder of the package is read once: a build that was stopped goes on.
    """
    corpus = place(folder)
    works: list[NotesWork] = []
    scores: list[Score] = []
    for name in LICENCES:
        found, read = read_folder(corpus, name, folder / "parsed")
        works += found
        scores += read
    reserved = set(by_style(works, "reserved"))
    kept = without_near(scores, [work.style in reserved for work in works])
    works = [replace(works[i], index=place) for place, i in enumerate(kept)]
    write_works(folder / WORKS_FILE, works, [scores[i] for i in kept])
    document = {
        "sources": {SOURCE.name: {**provenance(SOURCE, folder), "works": len(works)}},
        "near_works_left_out": len(scores) - len(works),
        "folders": folders(works),
        **summary(works),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / PROVENANCE_FILE).write_text(text + "\n", encoding="utf-8")


def folders(works: list[NotesWork]) -> dict[str, dict[str, object]]:
    """What each folder of the package gave, and under which licence."""
    return {
        name: {
            "licence": licence,
            "works": sum(work.source == name for work in works),
            "notes": sum(work.notes for work in works if work.source == name),
            "styles": len({work.style for work in works if work.source == name}),
        }
        for name, licence in LICENCES.items()
    }


def summary(works: list[NotesWork]) -> dict[str, dict[str, object]]:
    """Styles, works and notes by part; reserved styles by name."""
    parts: dict[str, object] = {}
    for part in ("training", "validation", "reserved"):
        groups = by_style(works, part)
        parts[part] = {
            "styles": len(groups),
            "styles_of_4_works": sum(len(g) >= 4 for g in groups.values()),
            "works": sum(map(len, groups.values())),
            "notes": sum(work.notes for g in groups.values() for work in g),
            "kinds": dict(Counter(g[0].kind for g in groups.values())),
            "names": {name: len(g) for name, g in sorted(groups.items())},
        }
    return {"parts": parts}


def table(folder: Path) -> str:
    """The folders of the package as aligned columns, with works where the corpus is built."""
    built = folder / PROVENANCE_FILE
    found = json.loads(built.read_text(encoding="utf-8"))["folders"] if built.exists() else {}
    rows = [("folder", "version", "styles", "works", "notes", "licence")]
    for name, licence in LICENCES.items():
        kept = found.get(name, {})
        styles, works, notes = (str(kept.get(key, "-")) for key in ("styles", "works", "notes"))
        package = f"{SOURCE.package}/{name}"
        rows.append((package, SOURCE.version, styles, works, notes, licence))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"
