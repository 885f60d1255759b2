"""What is fuzzed: every function that turns bytes from outside into something of ours.

A target takes the bytes and a name, and either returns or refuses with one of `REFUSALS`. Anything
else that it raises is a finding.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.core.errors import BadInput
from engine.core.sidecars import read_sidecar
from engine.core.style import load_style
from engine.media.audio.codec import scores, sound
from engine.media.image.codec import pixels
from engine.media.text.codec import plain
from engine.protocol import ProtocolError, brief_from_json, decode

CASES = Path(__file__).parents[1] / "cases" / "files"
FORMATS = Path(__file__).parents[1] / "formats"
FINDINGS = Path(__file__).parent / "findings"  # each input that once was one
REFUSALS = (BadInput, ProtocolError)

Read = Callable[[bytes, str], object]


@dataclass(frozen=True, slots=True)
class Target:
    """suffixes: of the files among the cases that it begins from."""

    read: Read
    suffixes: tuple[str, ...] = ()
    seeds: tuple[bytes, ...] = ()

    def corpus(self, name: str) -> list[tuple[str, bytes]]:
        """(name, bytes) to begin from: cases, what the target brings, and what was once found."""
        files = [path for path in sorted(CASES.iterdir()) if path.suffix in self.suffixes]
        files += sorted(FINDINGS.glob(f"{name}-*"))
        made = [(f"seed-{number}", data) for number, data in enumerate(self.seeds)]
        return [(path.name, path.read_bytes()) for path in files] + made


def _from_file(read: Callable[[Path], object], name: str) -> Read:
    """Of what reads a path: through a temporary file."""

    def from_bytes(data: bytes, _name: str) -> object:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            return read(path)

    return from_bytes


def _brief(data: bytes, _name: str) -> object:
    try:
        return brief_from_json(json.loads(data))
    except (ValueError, RecursionError, msgspec.ValidationError):  # as its callers do
        return None


def _style() -> bytes:
    import torch

    from engine.core.style import Ancestor, Stamp, Style

    tensors = {"a": torch.arange(24.0).reshape(4, 6), "liked/kind": torch.zeros(3).byte()}
    return Style(
        "image",
        tensors,
        (Ancestor("0" * 64, "wave.png", 1.0),),
        generator=Stamp("painter", 1),
        neutral=({"embedding": torch.zeros(8).half()},),
    ).to_bytes()


_LINES = (
    b'{"type": "Progress", "job_id": "a", "done": 1.0, "total": 3.0}',
    b'{"type": "CancelRequest", "job_id": "a"}',
    b'{"type": "GenerateRequest", "job_id": "a", "style": "s", "out_dir": "o",'
    b' "brief": {"medium": "text", "count": 2}}',
    b'{"type": "AdaptRequest", "job_id": "a", "references": [{"path": "p"}], "out": "o"}',
)
_SIDECARS = tuple(
    (FORMATS / f"sidecar-1-{medium}.json").read_bytes() for medium in ("image", "text", "audio")
)
TARGETS: dict[str, Target] = {
    "picture": Target(pixels.read, (".png", ".jpg", ".tif", ".webp")),
    "mask": Target(lambda data, name: pixels.read(data, name, smooth=False), (".png", ".webp")),
    "text": Target(
        plain.decode, (".txt", ".md", ".html", ".srt", ".lrc", ".docx", ".epub", ".pdf")
    ),
    "score": Target(scores.decode_all, (".abc", ".mid", ".musicxml", ".mxl")),
    "sound": Target(sound.decode, (".wav", ".mp3", ".aac", ".ogg", ".spx")),
    "style": Target(_from_file(load_style, "a.style"), seeds=(_style(),)),
    "sidecar": Target(_from_file(read_sidecar, "a.json"), seeds=_SIDECARS),
    "protocol": Target(lambda data, _name: decode(data), seeds=_LINES),
    "brief": Target(_brief, seeds=((FORMATS / "briefs-flat.json").read_bytes(), _LINES[2])),
}
