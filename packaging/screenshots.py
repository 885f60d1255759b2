"""Photograph the window: `xvfb-run python packaging/screenshots.py [OUT] [--engine COMMAND]`.

The real window with the real engine, in a temporary data folder, on the shipped samples. Writes
empty, references, generating, gallery, compare, restyle, fill, tile (dark), light and chinese, then
text and text-zh-vertical, music, music-compare and others of music, then learned, report, marks,
rather and project-report of rated works, 1440 × 900. With --only one of the walks is taken, with
--sizes every picture at three sizes of the window: NAME, NAME-small and NAME-large, with --looks
each of these in both languages and themes: NAME-zh-light-small. The walk "pages" shows every other
view of the window, "dialogs" every dialog and menu, "voices" an English and a modern Chinese
project over the language model that was added first (its folder: MAQUETTE_MODELS); they are taken
only when they are named.
"""

import argparse
import os
import shlex
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import walks  # noqa: E402 - both need the line above
from photographer import LOOKS, SIZES, Photographer, wait  # noqa: E402
from walk_pages import dialogs, pages  # noqa: E402

WALKS = {
    "pictures": walks.pictures,
    "texts": walks.texts,
    "voices": walks.voices,
    "music": walks.music,
    "ratings": walks.ratings,
    "pages": pages,
    "dialogs": dialogs,
}
UNSEEN = ("pages", "dialogs", "voices")  # long, or over a model: taken when they are named


def _walk(at: Photographer, only: str) -> None:
    wait(lambda: at.session.client.hello, "the engine")
    for name, walk in WALKS.items():
        if only == name or (not only and name not in UNSEEN):
            at.wear(language="en", theme="dark")
            walk(at)
    at.close()


def _chosen(wanted: list[str] | None, known: list[str]) -> list[str]:
    """Keys of LOOKS or SIZES; without the option the usual one, without names all."""
    if wanted is None:
        return [""]
    return [name for name in known if not wanted or (name.lstrip("-") or "usual") in wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--engine", default="", help="a command that starts another engine")
    parser.add_argument(
        "--only",
        choices=tuple(WALKS),
        default="",
        help="one walk",
    )
    names = {"looks": [look for look in LOOKS if look], "sizes": list(SIZES)}
    for option, known in names.items():
        parser.add_argument(
            f"--{option}",
            nargs="*",
            choices=[name.lstrip("-") or "usual" for name in known],
            help="these; all of them, when none is named",
        )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[name] = home
        looks, sizes = (_chosen(getattr(options, one), names[one]) for one in names)
        engine = tuple(shlex.split(options.engine))
        _walk(Photographer(options.out, engine, sizes, looks), options.only)


if __name__ == "__main__":
    main()
