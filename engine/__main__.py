"""The command line: a thin face of the service. Exit 0 done, 2 bad input, 1 our fault."""

import argparse
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import __version__, console
from engine.errors import BadInput
from engine.media.guard import expand
from engine.messages import (
    PICTURE_SUFFIXES,
    TEXT_SUFFIXES,
    AdaptRequest,
    BlendRequest,
    Brief,
    GenerateRequest,
    Job,
    Medium,
    Reference,
    Script,
    WeightedStyle,
)

BENCHES = ("image", "text", "meta")
SUFFIXES = {Medium.IMAGE: PICTURE_SUFFIXES, Medium.TEXT: TEXT_SUFFIXES}


class Parser(argparse.ArgumentParser):
    """argparse, with a bad call told like any other bad input: one line."""

    def error(self, message: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        sys.exit(console.fail(message, f"see {self.prog} --help", bad_input=True))


def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    try:
        return options.run(options)
    except BadInput as error:
        return console.fail(str(error), error.remedy, bad_input=True)
    except KeyboardInterrupt:
        return console.fail("stopped", "what was finished is kept", bad_input=False)


def build_parser() -> Parser:
    parser = Parser(prog="python -m engine", description="adapt, generate, blend, measure")
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser)
    _add_adapt(verbs)
    _add_generate(verbs)
    _add_blend(verbs)
    _add_bench(verbs)
    _add_train(verbs)
    _add_corpus(verbs)
    return parser


def _add_adapt(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("adapt", help="references → style")
    verb.add_argument("--medium", choices=[m.value for m in Medium], required=True)
    verb.add_argument("--references", nargs="+", type=Path, required=True, metavar="PATH")
    verb.add_argument(
        "--weights", nargs="+", type=float, metavar="W", help="one for each reference"
    )
    verb.add_argument("--out", type=Path, required=True, metavar="S.style")
    verb.add_argument(
        "--seconds", type=float, metavar="S", help="at most; all media need fewer by themselves"
    )
    verb.add_argument("--seed", type=int, default=0)
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=adapt)


def _add_generate(verbs: argparse._SubParsersAction) -> None:
    defaults = Brief()
    verb = verbs.add_parser("generate", help="style and brief → works")
    verb.add_argument("--style", type=Path, required=True, metavar="S.style")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR")
    verb.add_argument("--count", type=int, default=defaults.count)
    verb.add_argument("--seed", type=int, default=defaults.seed)
    verb.add_argument(
        "--size", type=size, default=(defaults.width_px, defaults.height_px), metavar="WxH"
    )
    verb.add_argument("--invention", type=float, default=defaults.invention, metavar="0..1")
    verb.add_argument("--boldness", type=float, default=defaults.boldness, metavar="0..1")
    verb.add_argument("--detail", type=float, default=defaults.detail, metavar="0..1")
    verb.add_argument("--tile", action="store_true", help="repeats seamlessly")
    verb.add_argument("--strength", type=float, default=defaults.strength, metavar="0..2")
    _add_text_options(verb, defaults)
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=generate)


def _add_text_options(verb: argparse.ArgumentParser, defaults: Brief) -> None:
    texts = verb.add_argument_group("texts")
    texts.add_argument("--form", default="", help="五绝, 浣溪沙, sonnet …; the references' own")
    texts.add_argument("--length", type=int, default=0, help="characters (zh) or words (en)")
    texts.add_argument("--prompt", default="", help="the text begins with it")
    texts.add_argument("--keywords", nargs="+", default=(), metavar="WORD")
    texts.add_argument("--acrostic", default="", help="how the lines begin")
    texts.add_argument("--tones", action="store_true", help="keep the tonal pattern")
    texts.add_argument("--script", choices=[s.value for s in Script], default=defaults.script)
    texts.add_argument("--temperature", type=float, default=defaults.temperature)
    texts.add_argument("--top-p", type=float, default=defaults.top_p)
    texts.add_argument("--copy-limit", type=int, default=0, help="longest run shared; 0: 12 or 8")


def _add_blend(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("blend", help="styles → the style between them")
    verb.add_argument(
        "--style", type=weighted_style, action="append", required=True, metavar="A.style:0.6"
    )
    verb.add_argument("--out", type=Path, required=True, metavar="C.style")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=blend)


def _add_bench(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("bench", help="measure what the README quotes")
    verb.add_argument("what", choices=(*BENCHES, "all"))
    verb.add_argument("--out", type=Path, metavar="F.json")
    verb.add_argument("--quick", action="store_true", help="fewer styles, a few minutes")
    verb.set_defaults(run=bench)


def _add_train(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("train", help="train what learns; any number of processes by torchrun")
    verb.add_argument("target", metavar="text|text-steps|image|sinusoid|glyphs|glyphs/NAME")
    verb.add_argument("--hours", type=float, help="one for media; else each recipe's own steps")
    verb.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    verb.add_argument("--seed", type=int, default=0)
    verb.set_defaults(run=train)


def _add_corpus(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("corpus", help="the training data: what it is, get it, prepare it")
    verb.add_argument("verb", choices=("list", "fetch", "build", "learned"))
    verb.add_argument("--medium", choices=("text", "image"), default="text")
    verb.add_argument("--folder", type=Path, default=Path("corpus"))
    verb.add_argument("--paintings", type=Path, help="image: a folder of more, public domain")
    verb.set_defaults(run=corpus)


def adapt(options: argparse.Namespace) -> int:
    medium = Medium(options.medium)
    paths = expand(options.references, SUFFIXES[medium])
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
    )
    return _run(job, options)


def generate(options: argparse.Namespace) -> int:
    width_px, height_px = options.size
    brief = Brief(
        medium=medium_of(options.style),
        count=options.count,
        seed=options.seed,
        strength=options.strength,
        width_px=width_px,
        height_px=height_px,
        invention=options.invention,
        boldness=options.boldness,
        detail=options.detail,
        tile=options.tile,
        form=options.form,
        length=options.length,
        temperature=options.temperature,
        top_p=options.top_p,
        prompt=options.prompt,
        keywords=tuple(options.keywords),
        acrostic=options.acrostic,
        tones=options.tones,
        script=Script(options.script),
        copy_limit=options.copy_limit,
    )
    style, out = str(options.style), str(options.out)
    return _run(GenerateRequest(job_id="cli", style=style, out_dir=out, brief=brief), options)


def medium_of(style: Path) -> Medium:
    """What a style makes. Raises BadInput as `load_style` does."""
    from engine.style import load_style

    return Medium(load_style(style)[0].medium)


def blend(options: argparse.Namespace) -> int:
    job = BlendRequest(job_id="cli", styles=tuple(options.style), out=str(options.out))
    return _run(job, options)


def bench(options: argparse.Namespace) -> int:
    from engine.bench.report import Report

    report = Report()
    for name in BENCHES if options.what == "all" else (options.what,):
        module = importlib.import_module(f"engine.bench.{name}")
        part = module.run(quick=options.quick)
        report.extend(part.rows)
        console.say(module.describe(part) if hasattr(module, "describe") else part.table())
    if options.out:
        report.write(options.out)
    return console.DONE


def train(options: argparse.Namespace) -> int:
    from engine.training import cli, image, text, text_low_rank

    hours, resume, seed = options.hours, options.resume, options.seed
    with _mendable():
        by_hours = {"text": text.run, "text-steps": text_low_rank.run, "image": image.run}
        if options.target in by_hours:
            by_hours[options.target](1.0 if hours is None else hours, resume, seed=seed)
        else:
            cli.run(options.target, hours, resume, seed=seed)
    return console.DONE


def corpus(options: argparse.Namespace) -> int:
    from engine.training import corpus as sources

    with _mendable():
        sources.run(options.verb, options.medium, options.folder, options.paintings)
    return console.DONE


@contextmanager
def _mendable() -> Iterator[None]:
    """What training raises about its input is told like any other bad input."""
    from engine.meta.errors import MetaError

    try:
        yield
    except (MetaError, FileNotFoundError) as error:
        sys.exit(console.fail(str(error), "", bad_input=True))


def _run(job: Job, options: argparse.Namespace) -> int:
    from engine.service import Service

    return console.show(Service().run(job), options.json)


def size(text: str) -> tuple[int, int]:
    """ "256x176" → (256, 176)."""
    try:
        width, height = text.lower().replace("×", "x").split("x")
        return int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 512x352") from None


def weighted_style(text: str) -> WeightedStyle:
    """ "A.style:0.6" → path and weight; without a weight it is 1."""
    path, separator, weight = text.rpartition(":")
    try:
        return (
            WeightedStyle(path=path, weight=float(weight))
            if separator
            else WeightedStyle(path=text)
        )
    except ValueError:
        return WeightedStyle(path=text)


if __name__ == "__main__":
    sys.exit(main())
