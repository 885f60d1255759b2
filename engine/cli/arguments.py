"""What can be typed after `python -m engine`: verbs, their options, and what the values become."""

import argparse
import sys
from pathlib import Path

from engine import __version__
from engine.cli import console
from engine.cli.brief_options import add_brief_options
from engine.cli.ratings_file import FORMAT
from engine.media.briefs import SOURCES
from engine.protocol import Medium, WeightedStyle

BENCHES = ("image", "text", "audio", "meta", "feedback")
PARTS = ("text_soundness", "text_causal", "image_matching")  # of a bench, by themselves


class Parser(argparse.ArgumentParser):
    """argparse, with a bad call told like any other bad input: one line."""

    def error(self, message: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        sys.exit(console.fail(message, f"see {self.prog} --help", bad_input=True))


def build_parser() -> Parser:
    parser = Parser(prog="python -m engine", description="adapt, generate, blend, measure")
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser)
    _add_adapt(verbs)
    _add_generate(verbs)
    _add_again(verbs)
    _add_blend(verbs)
    _add_learn(verbs)
    _add_judge(verbs)
    _add_export(verbs)
    _add_bench(verbs)
    _add_train(verbs)
    _add_corpus(verbs)
    _add_models(verbs)
    return parser


def _add_adapt(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("adapt", help="references → style")
    verb.add_argument("--medium", choices=[m.value for m in Medium], required=True)
    verb.add_argument("--references", nargs="+", type=Path, required=True, metavar="PATH")
    verb.add_argument(
        "--weights", nargs="+", type=float, metavar="W", help="one for each reference"
    )
    verb.add_argument("--out", type=Path, required=True, metavar="S.style")
    verb.add_argument("--generator", default="", metavar="ID", help="the one that suits best")
    verb.add_argument(
        "--seconds", type=float, metavar="S", help="texts: at most; pictures: for gradient steps"
    )
    verb.add_argument("--seed", type=int, default=0)
    verb.add_argument("--json", action="store_true")


def _add_generate(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("generate", help="style and brief → works")
    verb.add_argument("--style", type=Path, required=True, metavar="S.style")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_brief_options(verb)
    verb.add_argument("--json", action="store_true")


def _add_again(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("again", help="a work's sidecar and its style → the same work")
    verb.add_argument("sidecar", type=Path, metavar="SIDECAR.json")
    verb.add_argument("--style", type=Path, required=True, metavar="S.style")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR")
    for name in SOURCES:
        usual = "else looked for beside the sidecar, then where it was"
        verb.add_argument(f"--{name}", type=Path, metavar="FILE", help=usual)
    verb.add_argument("--json", action="store_true")


def _add_blend(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("blend", help="styles → the style between them")
    verb.add_argument(
        "--style", type=weighted_style, action="append", required=True, metavar="A.style:0.6"
    )
    verb.add_argument("--out", type=Path, required=True, metavar="C.style")
    verb.add_argument("--json", action="store_true")


def _add_learn(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser(
        "learn",
        help="style and ratings → a style that knows your taste",
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("--style", type=Path, required=True, metavar="S.style")
    verb.add_argument("--works", type=Path, required=True, metavar="DIR")
    verb.add_argument("--ratings", type=Path, required=True, metavar="F.json", help="see below")
    verb.add_argument("--out", type=Path, required=True, metavar="T.style")
    verb.add_argument("--forget", nargs="+", default=(), metavar="FEATURE")
    verb.add_argument("--json", action="store_true")


def _add_judge(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("judge", help="works and references → how close, good, new and varied")
    verb.add_argument("--references", nargs="+", type=Path, required=True, metavar="PATH")
    verb.add_argument("--works", type=Path, required=True, metavar="DIR")
    verb.add_argument(
        "--medium", choices=[m.value for m in Medium], help="what the first reference is"
    )
    verb.add_argument(
        "--styles",
        nargs="+",
        type=Path,
        default=(),
        metavar="S.style",
        help="say which of them each work is nearest to",
    )
    verb.add_argument("--json", action="store_true")


def _add_export(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("export", help="a work → another format, or a transparent ground")
    verb.add_argument("work", type=Path, metavar="WORK")
    verb.add_argument("--out", type=Path, required=True, metavar="FILE", help="by its suffix")
    ground = "pictures: its ground becomes transparent (png, webp, tif)"
    verb.add_argument("--ground", choices=("kept", "clear"), default="kept", help=ground)
    verb.add_argument("--style", type=Path, metavar="S.style", help="that it was made in")
    verb.add_argument("--stems", action="store_true", help="music: one file a voice into a folder")
    verb.add_argument("--json", action="store_true")


def _add_bench(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("bench", help="measure what the README quotes")
    verb.add_argument("what", choices=(*BENCHES, *PARTS, "all"))
    verb.add_argument("--out", type=Path, metavar="F.json")
    verb.add_argument("--quick", action="store_true", help="fewer styles, a few minutes")


def _add_train(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("train", help="train what learns; any number of processes by torchrun")
    targets = (
        "text|text-steps|causal-adapters|causal-rates|image|image-steps|image-matching|"
        "image-matching-vgg16|score|score-steps|timbre|sinusoid|glyphs|glyphs/NAME"
    )
    verb.add_argument("target", metavar=targets)
    verb.add_argument("--hours", type=float, help="one for media; else each recipe's own steps")
    verb.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    verb.add_argument("--seed", type=int, default=0)


def _add_corpus(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("corpus", help="the training data: what it is, get it, prepare it")
    verb.add_argument("what", choices=("list", "fetch", "build", "learned"))
    verb.add_argument("--medium", choices=("text", "modern", "image", "audio"), default="text")
    verb.add_argument("--folder", type=Path, default=Path("corpus"))
    verb.add_argument("--paintings", type=Path, help="image: a folder of more, public domain")


def _add_models(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("models", help="models of your own, for texts, pictures and sound")
    verb.add_argument("what", choices=("list", "inspect", "add", "remove", "terms"))
    verb.add_argument("named", nargs="?", default="", metavar="PATH|PACKAGE|ID")
    verb.add_argument("--accept-licence", action="store_true", help="of a package: it was read")
    verb.add_argument("--anyway", action="store_true", help="even with less memory than it needs")
    verb.add_argument("--folder", type=Path, help="where models are kept; the user's data folder")
    verb.add_argument("--json", action="store_true")


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
