"""Ratings as a file holds them, `ratings.json` of the command line."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.protocol import Mark

SECTIONS = ("ratings", "likes", "pairs", "marks")
FORMAT = """\
ratings.json names works as they are called in DIR:
  {"a.png": 5, "b.png": 2}                        stars, 1 to 5; and it may hold, instead or beside:
  "ratings": {"a.png": 5}                         the same
  "likes": {"c.png": true, "d.png": false}        liked, disliked
  "pairs": [["a.png", "b.png"]]                   the first rather than the second
  "marks": [{"path": "e.txt", "liked": true,      a part, liked more (or less) than its whole:
             "start": 0, "end": 2},               lines of a text from 0, without the end,
            {"path": "f.flac", "liked": false,
             "start": 3.5, "end": 8},             seconds of music, or
            {"path": "a.png", "liked": true,      a box of a picture: left, top, right, bottom,
             "box": [0, 0, 0.5, 1]}]              0 to 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsFile:
    """What a LearnRequest wants, by paths."""

    ratings: dict[str, int] = field(default_factory=dict)
    likes: dict[str, bool] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()


def read_ratings(file: Path, works: Path) -> RatingsFile:
    """With the works' names as paths in the folder `works`.

    Raises BadInput for a file of something else."""
    try:
        found = json.loads(read_bytes(file))
        sections = {name: found.pop(name) for name in SECTIONS if name in found}
        flat = msgspec.convert(found, dict[str, int])
        read = msgspec.convert(sections, RatingsFile)
    except (ValueError, AttributeError, RecursionError) as error:
        raise BadInput("bad_ratings", name=file.name) from error

    def placed(name: str) -> str:
        return str(works / name)

    return RatingsFile(
        ratings={placed(name): stars for name, stars in (flat | read.ratings).items()},
        likes={placed(name): liked for name, liked in read.likes.items()},
        pairs=tuple((placed(better), placed(worse)) for better, worse in read.pairs),
        marks=tuple(replace(mark, path=placed(mark.path)) for mark in read.marks),
    )
