"""Works of pictures in the formats that other programs take, on a transparent ground if asked."""

import io
import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from engine import __version__
from engine.core.errors import BadInput
from engine.core.files import sha256, write_atomic
from engine.core.input_files import read_bytes
from engine.core.style import load_style
from engine.media.image import ground
from engine.media.image.codec.raster import decode, to_picture
from engine.protocol import MAX_SIDE_PX, PICTURES, Event, ExportRequest, ExportResult, Progress

QUALITY = 92


@dataclass(frozen=True, slots=True)
class Form:
    name: str  # as Pillow names it
    has_alpha: bool = True


FORMATS = {
    ".png": Form("PNG"),
    ".webp": Form("WEBP"),
    ".tif": Form("TIFF"),
    ".tiff": Form("TIFF"),
    ".jpg": Form("JPEG", has_alpha=False),
}


def export(job: ExportRequest) -> Generator[Event, None, None]:
    """A work in another format. Raises BadInput for a format that does not serve, and where a
    ground shall become transparent and there is none."""
    work, out = Path(job.work), Path(job.out)
    form = FORMATS.get(out.suffix.lower())
    if form is None or (job.clear_ground and not form.has_alpha):
        fitting = [s[1:] for s, each in FORMATS.items() if each.has_alpha or not job.clear_ground]
        raise BadInput("bad_picture_export", suffix=out.suffix, formats=", ".join(fitting))
    picture = to_picture(decode(read_bytes(work, PICTURES.max_bytes), work.name, MAX_SIDE_PX))
    yield Progress(job_id=job.job_id, done=1, total=2, stage="saving")
    about = _told(job.sidecar)
    kind = ""
    if job.clear_ground:
        levels = np.asarray(picture)
        found = _ground(levels, work.name, job.style, about)
        picture, kind = ground.cleared(levels, found), found.kind.value
    data = encoded(picture, form)
    write_atomic(out, data)
    if about:
        more = {"file": out.name, "sha256": sha256(data)} | ({"ground": kind} if kind else {})
        beside = json.dumps(about | more, ensure_ascii=False, indent=1)
        write_atomic(out.with_suffix(".json"), beside.encode("utf-8", "backslashreplace"))
    yield ExportResult(job_id=job.job_id, paths=(str(out),), ground=kind)


def _told(sidecar: str) -> dict[str, Any]:
    return json.loads(read_bytes(Path(sidecar))) if sidecar else {}


def _ground(levels: np.ndarray, name: str, style: str, about: Mapping[str, Any]) -> ground.Ground:
    references = load_style(Path(style)).neutral if style else ()
    return ground.find(levels, name, references, about.get("taken", {}))


def encoded(picture: Image.Image, form: Form) -> bytes:
    """The bytes of a file, which says that it was made with AI."""
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = f"Maquette {__version__}"
    exif[ExifTags.Base.ImageDescription] = "made with AI"
    options: dict[str, Any] = {"exif": exif}
    match form.name:
        case "PNG":
            info = PngInfo()
            info.add_itxt("Software", f"Maquette {__version__}")
            info.add_itxt("Comment", "made with AI")
            options = {"pnginfo": info}
        case "TIFF":
            options |= {"compression": "tiff_lzw"}
        case "WEBP" | "JPEG":
            options |= {"quality": QUALITY}
    buffer = io.BytesIO()
    picture.save(buffer, form.name, **options)
    return buffer.getvalue()
