"""`python -m engine models list|inspect|add|remove|terms`: the models that artists bring."""

import argparse
import json
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from engine.cli import console
from engine.core.errors import BadInput
from engine.core.pretrained.added import CAPTION, CONTROL, IMAGE_PROMPT, LOW_RANK, MODEL, added
from engine.core.progress import Advance
from engine.protocol import Event, ModelAction, ModelInfo, ModelsRequest, Progress

Result = TypeVar("Result")
REMARKS = {
    "instruct": "trained to answer; base models write better",
    "small": "small: simple texts only",
    "large": "large: slow without a graphics card",
    "cpu": "without a graphics card the painter is the better way: it takes seconds",
    "cpu_audio": "without a graphics card the score model is the better way: it takes seconds",
    "widened": "this processor computes it in more bits than it is stored in, in more memory",
    "misnamed": "its name speaks of another family than its weights do",
    "borrows": "it borrows what it lacks, as its tokenizer, from an added folder of its family",
    "denoiser_only": "the denoiser alone: other parts, and memory for them, are an added folder's",
    "guide_edges": "restyling and sketches keep the content's edges by it",
    "guide_soft": "restyling and sketches keep the content's contours by it",
    "guide_tile": "restyling and sketches keep what the content shows by it",
    "control_guessed": "its name does not say what it reads: edges are given to it",
    "reads_references": "it reads references in one pass, where no time is given for more",
    "describes": "works without words of their own show what the references show",
    "no_libraries": "its libraries are not installed: python run.py setup diffusion",
    "no_libraries_frozen": "this application lacks its libraries: set up Maquette from its source",
    "derived": "adapters come with Maquette for it; its licence holds for them and for styles too",
    "folder_only": "parts of it are not read from one file: described only, add its whole folder",
}

KINDS: dict[str, str] = {  # what comes before the family
    LOW_RANK: "LoRA file for ",
    CONTROL: "ControlNet for ",
    IMAGE_PROMPT: "IP-Adapter for ",
    CAPTION: "describes pictures, ",
}


def run(options: argparse.Namespace) -> int:
    """Raises BadInput."""
    from engine.media.text.generators.causal_lm import models

    folder = options.folder or models.models_folder()
    if options.what == "list":
        return _list(models.installed(folder), folder, options.json)
    if options.what == "terms":
        return _terms(options.named, models.installed(folder), options.json)
    if _is_used_where_it_lies(options, folder):
        return _other(options, folder)
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
    console.say(json.dumps(asdict(row)) if options.json else f"{row.id} was added{_derived(row)}")
    return console.DONE


def _derived(row) -> str:
    """What holds for adapters over a model whose licence is theirs too."""
    from engine.media.text.generators.causal_lm.terms import terms_of, title_of

    licence = title_of(row.licence)
    if not licence:
        return ""
    words = f"\nstyles over it, and adapters for it, are derived from it: {licence}"
    return words + (f" (engine models terms {row.id})" if terms_of(row.licence) else "")


def _terms(name: str, rows: list, as_json: bool) -> int:
    """The whole terms of a model that was added. Raises BadInput."""
    from engine.media.text.generators.causal_lm.terms import terms_of, title_of

    row = next((each for each in rows if each.id == name), None)
    if row is None:
        raise BadInput("model_unknown_id", id=name)
    terms = terms_of(row.licence)
    text = terms.text() if terms else ""
    if as_json:
        console.say(json.dumps({"id": name, "licence": title_of(row.licence), "terms": text}))
    else:
        console.say(text or f"{title_of(row.licence) or 'it names none'}")
    return console.DONE


def _is_used_where_it_lies(options: argparse.Namespace, folder: Path) -> bool:
    """A model of pictures or sound, or a LoRA file: not of texts, which are converted."""
    from engine.added_models import is_listed, kind_of

    if options.what == "remove":
        return is_listed(options.named, folder)
    return kind_of(Path(options.named)) is not None


def _other(options: argparse.Namespace, folder: Path) -> int:
    """What the page of models asks, for one of these."""
    from engine.added_models import run as asked

    job = ModelsRequest(
        job_id="models",
        action=ModelAction(options.what),
        path=options.named,
        model=options.named,
        anyway=options.anyway,
    )
    found = _watched_events(asked(job, folder)).found
    if found is None:
        console.say(json.dumps({"id": options.named}) if options.json else "it was removed")
    elif options.json:
        facts = asdict(found) | {"remarks": _remarks(found)}
        console.say(json.dumps(facts))
    elif options.what == "add":
        console.say(f"{found.id} was added")
    else:
        _tell(found)
    return console.DONE


def _watched_events(events: Generator[Event, None, Result]) -> Result:
    with tqdm(total=1.0, leave=False, bar_format=console.BAR, disable=None) as bar:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return end.value
            if isinstance(event, Progress):
                bar.n = event.done / event.total
                bar.refresh()


def _tell(found: ModelInfo) -> None:
    is_whole = found.kind == MODEL
    what = KINDS.get(found.kind, "") + found.family
    console.say(f"{found.name}: {what}")
    console.say(f"licence: {found.licence or 'it names none'}")
    console.say(f"parameters: {found.parameters}, {found.bytes / 1e6:.1f} MB")
    if is_whole:
        need = found.memory_bytes / 2**30
        each = "a picture or ten seconds of sound"
        console.say(f"here: about {need:.1f} GB of memory, {_time(found.seconds)} for {each}")
    for words in _remarks(found):
        console.say(f"note: {words}")


def _remarks(found: ModelInfo) -> list[str]:
    own = [f"{code}_{found.medium}" for code in found.remarks]
    pairs = zip(own, found.remarks, strict=True)
    return [REMARKS.get(one) or REMARKS[code] for one, code in pairs]


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


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
    from engine.media.text.generators.causal_lm.terms import title_of

    others = added(folder)
    if as_json:
        console.say(json.dumps([asdict(row) for row in [*rows, *others]]))
        return console.DONE
    for row in rows:
        there = "" if row.is_there(folder) else "  (gone)"
        console.say(
            f"{row.id}  {row.family}, {row.parameters / 1e6:.0f} M parameters, "
            f"{title_of(row.licence) or '?'}, {row.source}{there}"
        )
    for row in others:
        there = "" if row.is_there() else "  (gone)"
        kind = KINDS.get(row.kind, "")
        console.say(
            f"{row.id}  {row.medium}, {kind}{row.family}, {row.parameters / 1e6:.0f} M parameters, "
            f"{row.licence or '?'}, {row.source}{there}"
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
