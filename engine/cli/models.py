"""`python -m engine models list|inspect|add|remove`: the language models under texts."""

import argparse
import json
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from engine.cli import console
from engine.core.progress import Advance

Result = TypeVar("Result")
REMARKS = {
    "instruct": "trained to answer; base models write better",
    "small": "small: simple texts only",
    "large": "large: slow without a graphics card",
}


def run(options: argparse.Namespace) -> int:
    """Raises BadInput."""
    from engine.media.text.generators.causal_lm import models

    folder = options.folder or models.models_folder()
    if options.what == "list":
        return _list(models.installed(folder), folder, options.json)
    if options.what == "inspect":
        return _inspect(models.inspect(Path(options.named)), options.json)
    if options.what == "remove":
        row = models.remove(options.named, folder)
        console.say(json.dumps(asdict(row)) if options.json else f"{row.id} was removed")
        return console.DONE
    path = Path(options.named)
    slices = (
        models.add(path, folder, anyway=options.anyway)
        if path.exists() or not _is_package(options.named)
        else models.add_package(options.named, folder, accepted=options.accept_licence)
    )
    row = _watched(slices)
    console.say(json.dumps(asdict(row)) if options.json else f"{row.id} was added")
    return console.DONE


def _is_package(name: str) -> bool:
    """A bare name, not a path."""
    return not any(mark in name for mark in "/\\") and not name.endswith((".gguf", ".safetensors"))


def _watched(slices: Generator[Advance, None, Result]) -> Result:
    with tqdm(total=1.0, leave=False, bar_format=console.BAR, disable=None) as bar:
        while True:
            try:
                advance = next(slices)
            except StopIteration as end:
                return end.value
            bar.n = advance.done / advance.total
            bar.refresh()


def _list(rows: list, folder: Path, as_json: bool) -> int:
    from engine.media.text.generators.causal_lm.packages import PACKAGES

    if as_json:
        console.say(json.dumps([asdict(row) for row in rows]))
        return console.DONE
    for row in rows:
        there = "" if row.is_there(folder) else "  (gone)"
        console.say(
            f"{row.id}  {row.family}, {row.parameters / 1e6:.0f} M parameters, "
            f"{row.licence}, {row.source}{there}"
        )
    mine = {row.package for row in rows}
    for package in PACKAGES.values():
        if package.id not in mine:
            size = package.download_bytes / 1e6
            console.say(f"{package.id}  can be added: {size:.0f} MB, {package.licence}")
    return console.DONE


def _inspect(found, as_json: bool) -> int:
    about, shape = found.about, found.about.shape
    facts = {
        "name": about.name,
        "family": shape.family,
        "parameters": shape.parameters,
        "layers": shape.layers,
        "context": shape.context,
        "vocabulary": shape.vocabulary,
        "licence": about.licence,
        "bytes": about.bytes,
        "memory_bytes": found.memory_bytes,
        "tokens_a_second": round(found.tokens_a_second, 1),
        "remarks": [REMARKS[code] for code in found.remarks],
    }
    if as_json:
        console.say(json.dumps(facts))
    else:
        for name, value in facts.items():
            text = ", ".join(value) if isinstance(value, list) else value
            console.say(f"{name.replace('_', ' ')}: {text}")
    return console.DONE
