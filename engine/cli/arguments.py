"""What can be typed after `python -m engine`: verbs, their options, and what the values become."""

import argparse
import sys
from pathlib import Path

from engine import __version__
from engine.cli import console
from engine.cli.ratings_file import FORMAT
from engine.messages import (
    METRES,
    Brief,
    Medium,
    Mode,
    Palette,
    Script,
    Symmetry,
    Use,
    WeightedStyle,
)

BENCHES = ("image", "text", "audio", "meta", "feedback")


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
    _add_blend(verbs)
    _add_learn(verbs)
    _add_judge(verbs)
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
        "--seconds", type=float, metavar="S", help="texts: at most; pictures: for gradient steps"
    )
    verb.add_argument("--seed", type=int, default=0)
    verb.add_argument("--json", action="store_true")


def _add_generate(verbs: argparse._SubParsersAction) -> None:
    defaults = Brief()
    verb = verbs.add_parser("generate", help="style and brief → works")
    verb.add_argument("--style", type=Path, required=True, metavar="S.style")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR")
    verb.add_argument("--count", type=int, default=defaults.count)
    verb.add_argument("--seed", type=int, default=defaults.seed)
    verb.add_argument("--size", type=size, metavar="WxH", help="the content's aspect, or 512x352")
    verb.add_argument("--invention", type=float, default=defaults.invention, metavar="0..1")
    verb.add_argument("--boldness", type=float, default=defaults.boldness, metavar="0..1")
    verb.add_argument("--detail", type=float, default=defaults.detail, metavar="0..1")
    verb.add_argument("--strength", type=float, default=defaults.strength, metavar="0..2")
    verb.add_argument(
        "--follow", type=float, default=defaults.follow, metavar="0..1", help="your ratings"
    )
    verb.add_argument(
        "--candidates",
        type=int,
        default=0,
        metavar="N",
        help="made for each that is shown",
    )
    _add_picture_options(verb, defaults)
    _add_text_options(verb, defaults)
    _add_music_options(verb, defaults)
    verb.add_argument("--json", action="store_true")


def _add_picture_options(verb: argparse.ArgumentParser, defaults: Brief) -> None:
    pictures = verb.add_argument_group("pictures")
    pictures.add_argument("--use", choices=[u.value for u in Use], help="restyle with --content")
    pictures.add_argument("--content", type=Path, metavar="FILE", help="what to start from")
    pictures.add_argument("--mask", type=Path, metavar="FILE", help="fill: white is painted anew")
    pictures.add_argument("--tile", action="store_true", help="repeats seamlessly")
    pictures.add_argument("--brush", type=float, default=defaults.brush, metavar="0.5..2")
    pictures.add_argument("--symmetry", choices=[s.value for s in Symmetry], default="none")
    pictures.add_argument("--palette", choices=[p.value for p in Palette])
    pictures.add_argument("--colours", nargs="+", default=(), metavar="#RRGGBB")
    for name in ("light", "contrast", "warmth", "redness", "vividness"):
        pictures.add_argument(f"--{name}", type=float, default=0.0, metavar="-1..1")
    pictures.add_argument("--variation", type=float, default=defaults.variation, metavar="0..1")
    pictures.add_argument("--root", type=int, default=0, metavar="SEED", help="varied from it")


def _add_text_options(verb: argparse.ArgumentParser, defaults: Brief) -> None:
    texts = verb.add_argument_group("texts")
    texts.add_argument("--form", default="", help="五绝, sonnet, texture …; the references' own")
    texts.add_argument("--length", type=int, default=0, help="characters (zh) or words (en)")
    texts.add_argument("--prompt", default="", help="the text begins with it")
    texts.add_argument("--keywords", nargs="+", default=(), metavar="WORD")
    texts.add_argument("--acrostic", default="", help="how the lines begin")
    texts.add_argument("--tones", action="store_true", help="keep the tonal pattern")
    texts.add_argument("--script", choices=[s.value for s in Script], default=defaults.script)
    texts.add_argument("--temperature", type=float, default=defaults.temperature)
    texts.add_argument("--top-p", type=float, default=defaults.top_p)
    texts.add_argument(
        "--line",
        type=float,
        default=1.0,
        metavar="0.5..2",
        help="how long lines are",
    )
    texts.add_argument("--copy-limit", type=int, default=0, help="longest run shared; 0: 12 or 8")


def _add_music_options(verb: argparse.ArgumentParser, defaults: Brief) -> None:
    music = verb.add_argument_group(
        "music",
        "--form music|texture, --length in bars or seconds, --content a score to go on from",
    )
    music.add_argument("--metre", choices=METRES, default="")
    music.add_argument("--key", default="", help="C, F#, Bb …")
    music.add_argument("--mode", choices=[m.value for m in Mode], default="")
    music.add_argument("--tempo", type=int, default=0, help="quarter notes a minute")
    music.add_argument("--pace", type=float, default=1.0, metavar="0.5..2", help="of the tempo")
    music.add_argument("--lift", type=int, default=0, metavar="SEMITONES")
    music.add_argument("--density", type=float, default=defaults.density, metavar="0.5..2")
    music.add_argument("--voices", type=int, default=0, help="1: melody alone")
    music.add_argument("--loop", action="store_true", help="the end leads back to the beginning")
    music.add_argument("--sound", default="", help="an instrument, a recording or a SoundFont")


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


def _add_bench(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("bench", help="measure what the README quotes")
    verb.add_argument("what", choices=(*BENCHES, "all"))
    verb.add_argument("--out", type=Path, metavar="F.json")
    verb.add_argument("--quick", action="store_true", help="fewer styles, a few minutes")


def _add_train(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("train", help="train what learns; any number of processes by torchrun")
    targets = (
        "text|text-steps|image|image-steps|score|score-steps|timbre|sinusoid|glyphs|glyphs/NAME"
    )
    verb.add_argument("target", metavar=targets)
    verb.add_argument("--hours", type=float, help="one for media; else each recipe's own steps")
    verb.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    verb.add_argument("--seed", type=int, default=0)


def _add_corpus(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("corpus", help="the training data: what it is, get it, prepare it")
    verb.add_argument("what", choices=("list", "fetch", "build", "learned"))
    verb.add_argument("--medium", choices=("text", "image", "audio"), default="text")
    verb.add_argument("--folder", type=Path, default=Path("corpus"))
    verb.add_argument("--paintings", type=Path, help="image: a folder of more, public domain")


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
