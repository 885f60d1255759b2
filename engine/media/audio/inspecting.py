"""What music looks and sounds like, before anybody listens to it."""

from collections.abc import Generator
from pathlib import Path

from engine.core.decoding.decoder import Decoder
from engine.core.progress import Advance
from engine.core.references import remarks_of
from engine.media.audio.codec import outlines
from engine.media.audio.hearing import SOUND_S
from engine.protocol import InspectRequest, InspectResult


def inspecting(
    job: InspectRequest, data: bytes, name: str, decoder: Decoder
) -> Generator[Advance, None, InspectResult]:
    """Raises BadInput."""
    if job.sound:
        wav = yield from decoder.decoding(outlines.played, data, name, seconds=SOUND_S)
        path = Path(job.out_dir) / "sound.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav)
        return InspectResult(job_id=job.job_id, sound=str(path))
    found = yield from decoder.decoding(outlines.outline, data, name, seconds=SOUND_S)
    return InspectResult(
        job_id=job.job_id, sketch=found.sketch, remarks=remarks_of(name, found.remarks)
    )
