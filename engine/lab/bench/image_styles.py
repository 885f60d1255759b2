"""The styles that the picture bench asks about: reserved artists, whom no training ever saw.

Legend: K references, pictures (3, H, W) in [-1, 1]. Whole pictures only, no details cut from them.
Where a style has one picture, its first half is the reference and its other half is asked about.
Where it has fewer references than are wanted, the rest are parts of those that it has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from torch import Tensor

from engine.core.assets import assets_folder
from engine.core.errors import BadInput
from engine.lab.training.corpus.image_works import ImageWork, ImageWorks
from engine.lab.training.corpus.works import Part
from engine.lab.training.image import CORPUS
from engine.media.image.codec.raster import decode, to_picture, to_tensor
from engine.media.image.crops import small
from engine.protocol import PICTURE_SUFFIXES

ASSETS = assets_folder()
SAMPLES, RESERVED = ASSETS / "samples" / "images", ASSETS / "bench" / "images"
MOST_REFERENCES, MOST_QUERIES = 5, 6
_PART = 0.7  # of each side of a picture


@dataclass(frozen=True, slots=True)
class BenchStyle:
    """references: MOST_REFERENCES of them, the first `own` works by themselves, the rest parts.

    halved: references and queries are halves of the same picture.
    """

    name: str
    references: tuple[Tensor, ...]
    queries: tuple[Tensor, ...]
    own: int
    halved: bool = False


def of_corpus(part: Part, path: Path = CORPUS) -> list[BenchStyle]:
    """All styles of a part. A work is a reference or a query by its own digest, as in training.

    Raises FileNotFoundError without a corpus.
    """
    works, styles = ImageWorks(path), []
    for name, group in works.by_style(part).items():
        whole = [work for work in group if work.detail == 0]
        support = [_pixels(works, work) for work in whole if work.is_support]
        query = [_pixels(works, work) for work in whole if not work.is_support]
        styles.append(bench_style(name, support, query))
    return styles


def of_assets(folder: Path = RESERVED) -> list[BenchStyle]:
    """The shipped pictures, "<artist>-<number>": odd ones are references, even ones queries."""
    groups: dict[str, list[Tensor]] = {}
    for name, pixels in pictures_in(folder).items():
        groups.setdefault(name.rpartition("-")[0], []).append(pixels)
    return [bench_style(_titled(name), g[::2], g[1::2]) for name, g in groups.items()]


def pictures_in(folder: Path) -> dict[str, Tensor]:
    """By the file's name."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in PICTURE_SUFFIXES]
    return {path.stem: decode(path.read_bytes(), path.name) for path in paths}


def bench_style(name: str, support: Sequence[Tensor], query: Sequence[Tensor]) -> BenchStyle:
    """Of pictures with their roles; where all have one role, the last takes the other.

    Raises BadInput without a picture.
    """
    references, queries = list(support), list(query)
    if not references and not queries:
        raise BadInput("no_references")
    if len(references) + len(queries) == 1:
        first, other = _halves((references or queries)[0])
        return BenchStyle(name, _filled([first]), (other,), 1, halved=True)
    if not queries:
        queries.append(references.pop())
    if not references:
        references.append(queries.pop())
    references = references[:MOST_REFERENCES]
    return BenchStyle(name, _filled(references), tuple(queries[:MOST_QUERIES]), len(references))


def with_own(styles: Iterable[BenchStyle], count: int) -> int:
    """How many styles have that many references without cutting any."""
    return sum(style.own >= count for style in styles)


def _pixels(works: ImageWorks, work: ImageWork) -> Tensor:
    return to_tensor(works.picture(work))


def _titled(stem: str) -> str:
    return stem.replace("-", " ").title()


def _halves(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Along the longer side."""
    dim = 1 if picture.shape[1] > picture.shape[2] else 2
    middle = picture.shape[dim] // 2
    return picture.narrow(dim, 0, middle), picture.narrow(dim, middle, middle)


def _filled(own: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """With parts of the pictures, another corner each turn, until there are enough."""
    missing = MOST_REFERENCES - len(own)
    return *own, *(_corner(own[i % len(own)], i // len(own)) for i in range(missing))


def _corner(picture: Tensor, which: int) -> Tensor:
    height, width = (round(_PART * side) for side in picture.shape[1:])
    top = (picture.shape[1] - height) * (which % 2)
    left = (picture.shape[2] - width) * (which // 2 % 2)
    return picture[:, top : top + height, left : left + width]


def as_small(pixels: Tensor) -> Image.Image:
    """The picture as adapting looks at it."""
    return small(to_picture(pixels))
