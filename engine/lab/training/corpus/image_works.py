"""The works of the image corpus: one zip of stored pictures with an index, decoded one by one.

Legend: C = 3 channels of sRGB, H and W at most 512. A work's `sha256` is that of the file it was
made from, so the whole picture and the details cut from it always have the same role.
"""

import io
import json
import mmap
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from engine.lab.training.corpus.works import Part, by_maker, part_of
from engine.media.image.codec.raster import to_tensor
from engine.meta.episodes import is_support

FORMAT_VERSION = 1
WORKS_FILE = "works.zip"
INDEX_NAME = "index.json"
LOCAL_HEADER_BYTES = 30  # of a zip member; its name follows, then a stored member's own bytes


@dataclass(frozen=True, slots=True)
class ImageWork:
    """One picture, or a detail of one. `spellings`: the artist's name as the source writes it.

    kind: painting, photograph or clip art. detail: 0 for the whole picture, else 1 on. title: the
    file's name. offset, size_bytes: where its encoded bytes lie in the corpus file.
    """

    source: str
    style: str
    spellings: tuple[str, ...]
    kind: str
    licence: str
    title: str
    detail: int
    sha256: str
    width: int
    height: int
    offset: int
    size_bytes: int

    @property
    def part(self) -> Part:
        return part_of(self.style, self.spellings)

    @property
    def is_support(self) -> bool:
        return is_support(self.sha256)


class ImageWorks:
    """The corpus file opened for reading; pictures are decoded only when asked for.

    Raises `FileNotFoundError`, and `ValueError` for another format.
    """

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as packed:
            index = json.loads(packed.read(INDEX_NAME))
        if index.get("format") != FORMAT_VERSION:
            raise ValueError(f"{path} has format {index.get('format')}: build it anew")
        self.works = tuple(
            ImageWork(**{**row, "spellings": tuple(row["spellings"])}) for row in index["works"]
        )
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self.works)

    def by_style(self, part: Part | None = None) -> dict[str, list[ImageWork]]:
        """Style -> works, of one part where asked. A reserved spelling reserves the style."""
        return by_style(self.works, part)

    def encoded(self, work: ImageWork) -> bytes:
        return self._bytes[work.offset : work.offset + work.size_bytes]

    def picture(self, work: ImageWork) -> Image.Image:
        with Image.open(io.BytesIO(self.encoded(work)), formats=("WEBP", "JPEG")) as picture:
            return picture.convert("RGB")

    def pixels(self, work: ImageWork) -> np.ndarray:
        """(H, W, 3) uint8."""
        return np.asarray(self.picture(work))

    def decode(self, work: ImageWork) -> torch.Tensor:
        """(3, H, W) float32 in [-1, 1]."""
        return to_tensor(self.picture(work))


def by_style(works: Iterable[ImageWork], part: Part | None = None) -> dict[str, list[ImageWork]]:
    """Style -> works, of one part where asked. A reserved spelling reserves the style."""
    return by_maker(works, lambda work: work.style, part)


class WorksWriter:
    """Writes the corpus file whole or not at all; use it as a context."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._zip = zipfile.ZipFile(self._partial, "w", zipfile.ZIP_STORED)
        self.works: list[ImageWork] = []

    def __enter__(self) -> "WorksWriter":
        return self

    def add(self, work: ImageWork, data: bytes, suffix: str) -> None:
        """`data`: the encoded picture. The work's offset and size are set here."""
        member = zipfile.ZipInfo(f"{len(self.works):06d}.{suffix}")
        self._zip.writestr(member, data)
        offset = member.header_offset + LOCAL_HEADER_BYTES + len(member.filename)
        row = {**asdict(work), "offset": offset, "size_bytes": len(data)}
        self.works.append(ImageWork(**row))

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        if kind is None:
            rows = [asdict(work) for work in self.works]
            index = json.dumps({"format": FORMAT_VERSION, "works": rows}, ensure_ascii=False)
            self._zip.writestr(INDEX_NAME, index, zipfile.ZIP_DEFLATED)
        self._zip.close()
        if kind is None:
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)
