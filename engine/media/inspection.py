"""What a file holds, to be shown: the one reader of foreign files, for those who only look."""

from collections.abc import Generator
from importlib import import_module
from pathlib import Path

from engine.core.decoding.decoder import Decoder
from engine.core.input_files import read_bytes
from engine.core.job_events import with_progress
from engine.core.names import readable
from engine.core.progress import Pace
from engine.media.briefs import RULES
from engine.protocol import Event, InspectRequest


def inspect(job: InspectRequest, decoder: Decoder) -> Generator[Event, None, None]:
    """Raises BadInput for what cannot be read."""
    path = Path(job.path)
    data = read_bytes(path, RULES[job.medium].max_bytes(path.name))
    medium = import_module(f"engine.media.{job.medium}.inspecting")
    slices = medium.inspecting(job, data, readable(path.name), decoder)
    yield (yield from with_progress(slices, job.job_id, "reading", Pace()))
