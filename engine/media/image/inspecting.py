"""A picture as the engine reads it, for those who look at it or paint on it."""

from collections.abc import Generator
from pathlib import Path

from engine.core.decoding.decoder import Decoder
from engine.core.progress import Advance
from engine.core.references import remarks_of
from engine.media.image.codec import pixels
from engine.media.image.codec.raster import seen
from engine.protocol import InspectRequest, InspectResult

SMALL_PX = 320


def inspecting(
    job: InspectRequest, data: bytes, name: str, decoder: Decoder
) -> Generator[Advance, None, InspectResult]:
    """Raises BadInput."""
    side_px = job.side_px or SMALL_PX
    found = yield from decoder.decoding(pixels.read, data, name, side_px=side_px)
    path = Path(job.out_dir) / "picture.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    seen(found).save(path, "PNG", compress_level=1)
    return InspectResult(
        job_id=job.job_id,
        picture=str(path),
        width_px=found.width,
        height_px=found.height,
        remarks=remarks_of(name, found.remarks),
    )
