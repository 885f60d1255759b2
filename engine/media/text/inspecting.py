"""What a text says, for those who look at it."""

from collections.abc import Generator

from engine.core.decoding.decoder import Decoder
from engine.core.progress import Advance
from engine.core.references import remarks_of
from engine.media.text.codec import plain
from engine.protocol import InspectRequest, InspectResult


def inspecting(
    job: InspectRequest, data: bytes, name: str, decoder: Decoder
) -> Generator[Advance, None, InspectResult]:
    """Raises BadInput."""
    found = yield from decoder.decoding(plain.shown, data, name)
    return InspectResult(
        job_id=job.job_id,
        text=found.words,
        language=found.language,
        script=found.script,
        remarks=remarks_of(name, found.remarks),
    )
