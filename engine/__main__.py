"""The command line: a thin face of the service. Exit 0 done, 2 bad input, 1 our fault."""

import argparse
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from engine.cli import console
from engine.cli.arguments import BENCHES, build_parser
from engine.cli.brief_options import brief_from
from engine.cli.ratings_file import read_ratings
from engine.core.errors import BadInput
from engine.core.input_files import expand, files_in
from engine.media import decoders
from engine.media.briefs import RULES, SOURCES
from engine.protocol import (
    RECORDING_SUFFIXES,
    SCORE_SUFFIXES,
    AdaptRequest,
    BlendRequest,
    Event,
    ExportRequest,
    GenerateRequest,
    Job,
    JudgeRequest,
    LearnRequest,
    Medium,
    NamedStyle,
    Reference,
)


def main(arguments: list[str] | None = None) -> int:
    console.forgive_odd_signs()
    options = build_parser().parse_args(arguments)
    try:
        return VERBS[options.verb](options)
    except BadInput as error:
        return console.fail(str(error), error.remedy, bad_input=True)
    except KeyboardInterrupt:
        return console.fail("stopped", "what was finished is kept", bad_input=False)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("engine.lab"):
            raise
        sentence = f"{options.verb} belongs to the lab, which only a checkout of Maquette has"
        return console.fail(sentence, "there: python run.py engine …", bad_input=True)


def adapt(options: argparse.Namespace) -> int:
    medium = Medium(options.medium)
    paths = expand(options.references, RULES[medium].suffixes)
    weights = options.weights or [1.0] * len(paths)
    if len(weights) != len(paths):
        raise BadInput("weight_count", weights=len(weights), references=len(paths))
    references = tuple(
        Reference(path=str(path), weight=weight)
        for path, weight in zip(paths, weights, strict=True)
    )
    job = AdaptRequest(
        job_id="cli",
        medium=medium,
        references=references,
        out=str(options.out),
        seed=options.seed,
        seconds=options.seconds,
        generator=options.generator,
    )
    return _run(job, options)


def generate(options: argparse.Namespace) -> int:
    brief = brief_from(options, medium_of(options.style))
    style, out = str(options.style), str(options.out)
    return _run(GenerateRequest(job_id="cli", style=style, out_dir=out, brief=brief), options)


def make_again(options: argparse.Namespace) -> int:
    from engine.cli.again import run

    named = {name: getattr(options, name) for name in SOURCES if getattr(options, name)}
    return run(options.sidecar, options.style, options.out, named, as_json=options.json)


def medium_of(style: Path) -> Medium:
    """What a style makes. Raises BadInput as `load_style` does."""
    from engine.core.style import load_style

    return Medium(load_style(style).medium)


def blend(options: argparse.Namespace) -> int:
    job = BlendRequest(job_id="cli", styles=tuple(options.style), out=str(options.out))
    return _run(job, options)


def learn(options: argparse.Namespace) -> int:
    said = read_ratings(options.ratings, options.works)
    job = LearnRequest(
        job_id="cli",
        style=str(options.style),
        out=str(options.out),
        ratings=said.ratings,
        likes=said.likes,
        pairs=said.pairs,
        marks=said.marks,
        forget=tuple(options.forget),
    )
    return _run(job, options)


def judge(options: argparse.Namespace) -> int:
    medium = Medium(options.medium) if options.medium else _medium_in(options.references)
    references = expand(options.references, RULES[medium].suffixes)
    works = works_in(options.works, medium)
    job = JudgeRequest(
        job_id="cli",
        medium=medium,
        references=tuple(Reference(path=str(path)) for path in references),
        works=tuple(str(path) for path in works),
        styles=tuple(NamedStyle(path=str(path), name=path.stem) for path in options.styles),
    )
    return _run(job, options)


def _medium_in(paths: list[Path]) -> Medium:
    """That of the first file with a suffix that some medium reads; pictures where none has."""
    every = tuple(suffix for rules in RULES.values() for suffix in rules.suffixes)
    files = [f for path in paths for f in (files_in(path, every) if path.is_dir() else [path])]
    for file in files:
        for medium, rules in RULES.items():
            if file.suffix.lower() in rules.suffixes:
                return medium
    return Medium.IMAGE


def works_in(folder: Path, medium: Medium) -> list[Path]:
    """The works of a folder, by name; of music the recording, where its notes lie beside it.

    Raises BadInput."""
    if not folder.is_dir():
        raise BadInput("no_works")
    files = files_in(folder, RULES[medium].suffixes)
    sounding = {p.stem for p in files if p.suffix.lower() in RECORDING_SUFFIXES}
    return [p for p in files if p.suffix.lower() not in SCORE_SUFFIXES or p.stem not in sounding]


def export(options: argparse.Namespace) -> int:
    sidecar = options.work.with_suffix(".json")
    job = ExportRequest(
        job_id="cli",
        work=str(options.work),
        sidecar=str(sidecar) if sidecar.is_file() else "",
        style=str(options.style or ""),
        out=str(options.out),
        stems=options.stems,
        clear_ground=options.ground == "clear",
    )
    return _run(job, options)


def bench(options: argparse.Namespace) -> int:
    from engine.lab.bench.report import Report

    report = Report()
    for name in BENCHES if options.what == "all" else (options.what,):
        module = importlib.import_module(f"engine.lab.bench.{name}")
        part = module.run(quick=options.quick)
        report.extend(part.rows)
        report.sheet = part.sheet or report.sheet
        console.say(module.describe(part) if hasattr(module, "describe") else part.table())
    if options.out:
        report.write(options.out)
    return console.DONE


def train(options: argparse.Namespace) -> int:
    from engine.lab.training import (
        causal_adapters,
        cli,
        image,
        image_matching,
        image_steps,
        score,
        score_low_rank,
        text,
        text_low_rank,
        timbre,
    )

    hours, resume, seed = options.hours, options.resume, options.seed
    with _mendable():
        by_hours = {
            "text": text.run,
            "text-steps": text_low_rank.run,
            "causal-adapters": causal_adapters.run,
            "causal-rates": partial(causal_adapters.run, steps=2),
            "image": image.run,
            "score": score.run,
            "score-steps": score_low_rank.run,
            "image-steps": image_steps.run,
            "image-matching": partial(image_matching.run, start="random"),
            "image-matching-vgg16": partial(image_matching.run, start="vgg16"),
            "timbre": timbre.run,
        }
        if options.target in by_hours:
            by_hours[options.target](1.0 if hours is None else hours, resume, seed=seed)
        else:
            cli.run(options.target, hours, resume, seed=seed)
    return console.DONE


def corpus(options: argparse.Namespace) -> int:
    from engine.lab.training import corpus as sources

    with _mendable():
        sources.run(options.what, options.medium, options.folder, options.paintings)
    return console.DONE


def models(options: argparse.Namespace) -> int:
    from engine.cli.models import run

    return run(options)


@contextmanager
def _mendable() -> Iterator[None]:
    """What training raises about its input is told like any other bad input."""
    from engine.meta.errors import MetaError

    try:
        yield
    except (MetaError, FileNotFoundError) as error:
        sys.exit(console.fail(str(error), "", bad_input=True))


def _run(job: Job, options: argparse.Namespace) -> int:
    if isinstance(job, AdaptRequest | JudgeRequest):
        decoders.start(job.medium)
    return console.show(_events(job), options.json)


def _events(job: Job) -> Iterator[Event]:
    """What becomes of a job. torch is loaded with the first event: the bar is there before."""
    from engine.service import Service

    yield from Service().run(job)


VERBS = {
    "adapt": adapt,
    "generate": generate,
    "again": make_again,
    "blend": blend,
    "learn": learn,
    "judge": judge,
    "export": export,
    "bench": bench,
    "train": train,
    "corpus": corpus,
    "models": models,
}


if __name__ == "__main__":
    sys.exit(main())
