"""Sheets to look at: what the painter makes in every use, beside version 1.

`python -m engine.lab.bench.image_gallery --paintings DIR --out DIR [--only compose|restyle|fill …]`
DIR holds paintings by the names below; line drawing, photograph and clip art are the shipped,
reserved ones. No figure is written: these are for the eye, unselected, seeds 1 on.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import finished
from engine.lab.bench.image_patches import at_short
from engine.lab.bench.image_sheet import Sheet
from engine.lab.bench.image_styles import RESERVED
from engine.media.image.codec.raster import to_picture
from engine.media.image.generators.painter.adapt import adapt
from engine.media.image.generators.painter.draw import draw
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt as adapt_old
from engine.media.image.generators.transport.contents import read_picture
from engine.media.image.generators.transport.draw import draw as draw_old
from engine.media.image.generators.transport.weights import shipped
from engine.protocol import PictureBrief, Use

HOKUSAI = ("*Ejiri*", "*Great-Wave*", "*Kazusa*", "*Sunset*")
STYLES = {
    "Hokusai, four": HOKUSAI,
    "Hokusai, seven": (*HOKUSAI, "*Poppies*", "*Oiran*", "*Woman-holding*"),
    "Dürer": ("Albrecht*",),
    "Bazille": ("Bazille*",),
    "Arcimboldo": ("*Spring*",),
    "line drawing": ("francesco-rollandin-1*",),
    "photograph": ("nasa-2*",),
    "clip art": ("nicu-buculei-*",),
}
RESTYLED = (  # content, whose manner
    ("*Girls-At*", "Hokusai, four"),
    ("Bazille*", "Hokusai, four"),
    ("nasa-2*", "Hokusai, four"),
    ("nasa-4*", "Bazille"),
)
USED = (  # in a style that it is none of: a hole in a reference is filled with what was there
    ("*Poppies*", "Hokusai, four"),
    ("*Girls-At*", "Hokusai, four"),
    ("nasa-4*", "Bazille"),
)
EXTENDED = (  # a dark ground, a dark line along every border, a photograph, a print
    ("*Mona*", "Bazille"),
    ("Bazille*", "Hokusai, four"),
    ("nasa-4*", "Bazille"),
    ("*Poppies*", "Hokusai, four"),
)
ROOMS = {"wider": (1.0, 1.5), "higher": (1.5, 1.0), "on all sides": (1.35, 1.35)}
STRENGTHS = (0.5, 1.0, 1.5)
ALTERNATIVES = 8  # of a region that is swapped
OLD = "version 1, "
TILE_PX = 192
SHORT_PX, CELL_PX = 256, 340
CPU = torch.device("cpu")

Rows = Iterator[tuple[str, Tensor, str, Tensor]]  # row, reference or content, column, work


@dataclass(frozen=True)
class Manner:
    """A style by both generators, adapted on first use."""

    pictures: tuple[Tensor, ...]

    @cached_property
    def new(self) -> dict[str, Tensor]:
        return finished(adapt(self._weighted, 0, CPU, shipped(CPU)))

    @cached_property
    def old(self) -> dict[str, Tensor]:
        return finished(adapt_old(self._weighted, 0, CPU, shipped(CPU)))

    @property
    def _weighted(self) -> list[WeightedPicture]:
        return [WeightedPicture(pixels) for pixels in self.pictures]

    def painted(self, brief: PictureBrief) -> Tensor:
        return finished(draw(self.new, brief, shipped(CPU), CPU)).pictures[0]

    def by_version_1(self, brief: PictureBrief) -> Tensor:
        return finished(draw_old(self.old, brief, shipped(CPU), CPU))[0]


@dataclass
class Gallery:
    """Where pictures come from, and the styles made of them. scratch: for contents and masks."""

    paintings: Path
    scratch: Path
    manners: dict[str, Manner] = field(default_factory=dict)

    def picture(self, pattern: str) -> Tensor:
        """Raises SystemExit where there is none of that name."""
        for folder in (self.paintings, RESERVED):
            if found := sorted(folder.glob(pattern)):
                return read_picture(str(found[0]))
        raise SystemExit(f"{self.paintings} has no {pattern}: name a folder that has it")

    def manner(self, name: str) -> Manner:
        if name not in self.manners:
            pictures: list[Tensor] = []
            for pattern in STYLES[name]:
                shipped_ones = sorted(RESERVED.glob(pattern))
                pictures += [read_picture(str(f)) for f in shipped_ones] or [self.picture(pattern)]
            self.manners[name] = Manner(tuple(pictures))
        return self.manners[name]

    def saved(self, pixels: Tensor, name: str) -> str:
        path = self.scratch / f"{name}.png"
        to_picture(pixels).save(path)
        return str(path)


def compositions(gallery: Gallery) -> Rows:
    for name in STYLES:
        manner = gallery.manner(name)
        reference = manner.pictures[0]
        brief = _sized(PictureBrief(count=1, seed=1), reference)
        yield name, reference, "version 1, seed 1", manner.by_version_1(brief)
        for seed in (1, 2):
            work = manner.painted(replace(brief, seed=seed))
            yield name, reference, f"painter, seed {seed}", work


def restyles(gallery: Gallery) -> Rows:
    """At three strengths."""
    for pattern, name in RESTYLED:
        content, manner = at_short(gallery.picture(pattern), SHORT_PX), gallery.manner(name)
        brief = PictureBrief(count=1, seed=1, use=Use.RESTYLE)
        brief = _sized(replace(brief, content=gallery.saved(content, "content")), content)
        row = f"{pattern.strip('*')} as {name}"
        yield row, content, "version 1, half strength", manner.by_version_1(brief)
        for strength in STRENGTHS:
            work = manner.painted(replace(brief, strength=strength))
            yield row, content, f"painter, strength {strength:g} of 2", work


def fills(gallery: Gallery) -> Rows:
    """A hole in the middle, calmly filled, and swapped for something else."""
    for used in _used(gallery):
        hole = _hole(used.content)
        brief = replace(used.brief, use=Use.FILL, mask=gallery.saved(hole, "mask"))
        shown = torch.where(hole > 0, hole, used.content)
        yield used.row, shown, OLD, used.manner.by_version_1(brief)
        for seed in (1, 2):
            work = used.manner.painted(replace(brief, seed=seed))
            yield used.row, shown, f"fill, seed {seed}", work
        for seed in range(1, ALTERNATIVES + 1):
            work = used.manner.painted(replace(brief, seed=seed, invention=1.0))
            yield used.row, shown, f"swap, seed {seed}", work


def extensions(gallery: Gallery) -> Rows:
    """In every direction."""
    for used in _used(gallery, EXTENDED):
        old = used.brief
        for room, (down, right) in ROOMS.items():
            height, width = round(down * old.height_px), round(right * old.width_px)
            brief = replace(old, use=Use.EXTEND, height_px=height, width_px=width)
            if room == "wider":
                yield used.row, used.content, OLD, used.manner.by_version_1(brief)
            yield used.row, used.content, f"painter, {room}", used.manner.painted(brief)


def variations(gallery: Gallery) -> Rows:
    for used in _used(gallery):
        brief = replace(used.brief, use=Use.VARY)
        yield used.row, used.content, OLD, used.manner.by_version_1(brief)
        for strength in STRENGTHS:
            for seed in (1, 2):
                one = replace(brief, seed=seed, strength=strength)
                column = f"strength {strength:g} of 2, seed {seed}"
                yield used.row, used.content, column, used.manner.painted(one)


def tiles(gallery: Gallery) -> Rows:
    """Of nothing, and of a picture that is restyled so that it repeats."""
    for used in _used(gallery):
        side = {"tile": True, "width_px": TILE_PX, "height_px": TILE_PX}
        brief = PictureBrief(count=1, seed=1, **side)
        old = used.manner.by_version_1(brief)
        yield used.row, used.content, OLD, old.repeat(1, 3, 3)
        for seed in (1, 2):
            work = used.manner.painted(replace(brief, seed=seed))
            yield used.row, used.content, f"composed, seed {seed}", work.repeat(1, 3, 3)
        work = used.manner.painted(replace(used.brief, use=Use.RESTYLE, **side))
        yield used.row, used.content, "restyled, seed 1", work.repeat(1, 3, 3)


def enlargements(gallery: Gallery) -> Rows:
    """Four times; cut out of the middle, beside plain interpolation."""
    for used in _used(gallery):
        small = at_short(used.content, SHORT_PX // 4)
        brief = replace(used.brief, use=Use.ENLARGE, content=gallery.saved(small, "small"))
        size = brief.height_px, brief.width_px
        plain = F.interpolate(small[None], size, mode="bicubic").clamp(-1, 1)[0]
        for column, work in (
            ("interpolated, ", plain),
            (OLD, used.manner.by_version_1(brief)),
            *((f"painter, seed {seed}", used.manner.painted(replace(brief, seed=seed)))
              for seed in (1, 2)),
        ):  # fmt: skip
            yield used.row, used.content, column, work


@dataclass(frozen=True)
class Used:
    """A picture from outside a style, to be used in it. brief: at its size, of one work."""

    row: str
    content: Tensor
    manner: Manner
    brief: PictureBrief


def _used(gallery: Gallery, contents: Sequence[tuple[str, str]] = USED) -> Iterator[Used]:
    for pattern, name in contents:
        content = at_short(gallery.picture(pattern), SHORT_PX)
        brief = PictureBrief(count=1, seed=1, content=gallery.saved(content, "start"))
        row = f"{pattern.strip('*')} as {name}"
        yield Used(row, content, gallery.manner(name), _sized(brief, content))


def _hole(content: Tensor) -> Tensor:
    """(3, H, W) in {-1, 1}: 1 in the middle."""
    height, width = content.shape[1:]
    hole = torch.zeros(3, height, width) - 1
    hole[:, height // 3 : 3 * height // 4, width // 3 : 2 * width // 3] = 1
    return hole


SHEETS = {
    "compose": compositions,
    "restyle": restyles,
    "fill": fills,
    "extend": extensions,
    "vary": variations,
    "tile": tiles,
    "enlarge": enlargements,
}


def _sized(brief: PictureBrief, like: Tensor) -> PictureBrief:
    height, width = like.shape[1:]
    ratio = SHORT_PX / min(height, width)
    return replace(brief, height_px=round(height * ratio), width_px=round(width * ratio))


def main(words: Sequence[str] | None = None) -> int:
    """Writes the sheets anew after every work, so that they may be looked at while they grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paintings", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=tuple(SHEETS), default=tuple(SHEETS))
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        gallery = Gallery(given.paintings, Path(folder))
        for name in given.only:
            sheet = Sheet(cell_px=CELL_PX)
            for row, reference, column, work in SHEETS[name](gallery):
                sheet.add(row, reference, column, work)
                (given.out / f"{name}.png").write_bytes(sheet.png())
                sys.stderr.write(f"{name} · {row} · {column}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
