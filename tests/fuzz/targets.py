"""What is fuzzed: every function that turns bytes from outside into something of ours, format by
format.

A target takes the bytes and a name, and either returns or refuses with one of `REFUSALS`. Anything
else that it raises is a finding.
"""

import io
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
from safetensors import SafetensorError

from engine.core.decoding import wire
from engine.core.errors import BadInput
from engine.core.sidecars import read_sidecar
from engine.core.style import load_style
from engine.core.weights_file import load_checked
from engine.media.audio.codec import outlines, scores, sound
from engine.media.image.codec import pixels
from engine.media.text.codec import plain
from engine.media.text.generators.causal_lm.gguf import GgufFile
from engine.protocol import ProtocolError, brief_from_json, decode
from studio.i18n.errors import MaquetteError
from studio.project import opening
from studio.project.project import Project
from studio.state.settings import SettingsStore
from tests.fuzz import seeds

CASES = Path(__file__).parents[1] / "cases" / "files"
FINDINGS = Path(__file__).parent / "findings"  # each input that once was one
REFUSALS = (BadInput, ProtocolError, MaquetteError)

Read = Callable[[bytes, str], object]
Seeds = Callable[[], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Target:
    """group: of the table. suffixes: of the files among the cases that it begins from; seeds:
    others, read under the name seed-N with the first suffix. most_bytes: of a case, larger ones
    would take the time. is_store: it may write, rename and remove in its folder."""

    group: str
    read: Read
    suffixes: tuple[str, ...] = ()
    seeds: Seeds = tuple
    most_bytes: int = 100_000
    is_store: bool = False

    def corpus(self, name: str) -> list[tuple[str, bytes]]:
        """(name, bytes) to begin from: cases, what the target brings, and what was once found."""
        files = [path for path in sorted(CASES.iterdir()) if path.suffix in self.suffixes]
        files = [path for path in files if path.stat().st_size <= self.most_bytes]
        files += sorted(FINDINGS.glob(f"{name}-*"))
        suffix = self.suffixes[0] if self.suffixes else ""
        made = [(f"seed-{number}{suffix}", data) for number, data in enumerate(self.seeds())]
        return [(path.name, path.read_bytes()) for path in files] + made


@cache
def corpus_of(name: str) -> list[tuple[str, bytes]]:
    return TARGETS[name].corpus(name)


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


def _frame(data: bytes, _name: str) -> object:
    try:
        return wire.read(io.BytesIO(data), pixels.Pixels)
    except (EOFError, ValueError):  # the child is ended
        return None


def _weights(path: Path) -> object:
    try:
        return load_checked(path)
    except (ValueError, SafetensorError) as error:
        raise BadInput("not_a_style", name=path.name) from error


def _settings(path: Path) -> object:
    """Whatever stands there, there are settings, and they can be saved."""
    store = SettingsStore(path)
    return store.update(theme="light"), store.engine_environment(), store.projects_folder()


def _project(path: Path) -> object:
    """Opened as the window does it, read whole, and rated."""
    project = opening.open_project(path, path.parent)
    try:
        for work in project.works.all(include_hidden=True):
            project.works.sidecar(work.id)
            project.works.rate(work.id, 3)
    finally:
        project.close()
    return Project.open(project.path).close()


def _of_model() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        return [seeds.model(Path(folder))]


def _both_scores(data: bytes, name: str) -> object:
    """For learning, and to be drawn."""
    scores.decode_all(data, name)
    return outlines.outline(data, name)


def _both_texts(data: bytes, name: str) -> object:
    """To be shown, and for learning."""
    plain.shown(data, name)
    return plain.decode(data, name)


def _picture(kind: str, *suffixes: str, made: Seeds | None = None) -> Target:
    return Target("pictures", pixels.read, suffixes, made or partial(seeds.pictures, kind), 20_000)


def _text(*suffixes: str, made: Seeds = tuple) -> Target:
    return Target("texts and documents", _both_texts, suffixes, made, 20_000)


def _score(*suffixes: str) -> Target:
    return Target("scores", _both_scores, suffixes)


def _sound(name: str, *suffixes: str) -> Target:
    made = [each for each in seeds.SOUNDS if each.rpartition(".")[2] == name]
    return Target(
        "recordings", sound.decode, suffixes, lambda: [seeds.sound(each) for each in made], 20_000
    )


def _stored(read: Callable[[Path], object], name: str, made: Seeds, **more: Any) -> Target:
    return Target("what Maquette keeps", _from_file(read, name), (), made, **more)


def _file(name: str) -> bytes:
    return (seeds.FORMATS / name).read_bytes()


TARGETS: dict[str, Target] = {
    "png": _picture("PNG", ".png"),
    "jpeg": _picture("JPEG", ".jpg"),
    "webp": _picture("WEBP", ".webp"),
    "avif": _picture("AVIF", ".avif"),
    "heif": _picture("HEIF", ".heic", made=partial(seeds.kept, ".heic")),
    "jpeg xl": _picture("JXL", ".jxl", made=partial(seeds.kept, ".jxl")),
    "tiff": _picture("TIFF", ".tif"),
    "psd": _picture("PSD", ".psd", made=seeds.photoshop),
    "bmp": _picture("BMP", ".bmp"),
    "gif": _picture("GIF", ".gif"),
    "mask": Target(
        "pictures",
        lambda data, name: pixels.read(data, name, smooth=False),
        (".png",),
        partial(seeds.pictures, "PNG"),
        20_000,
    ),
    "plain text": _text(".txt"),
    "markdown": _text(".md"),
    "html": _text(".html"),
    "subtitles": _text(".srt", made=seeds.captions),
    "lyrics": _text(".lrc"),
    "rtf": _text(".rtf", made=seeds.rich_text),
    "docx": _text(".docx"),
    "odt": _text(".odt", made=seeds.open_document),
    "epub": _text(".epub"),
    "pdf": _text(".pdf"),
    "abc": _score(".abc"),
    "midi": _score(".mid"),
    "musicxml": _score(".musicxml"),
    "mxl": _score(".mxl"),
    "wav": _sound("wav", ".wav"),
    "aiff": _sound("aiff", ".aiff"),
    "au": _sound("au", ".au"),
    "caf": _sound("caf", ".caf"),
    "w64": _sound("w64", ".w64"),
    "rf64": _sound("rf64", ".rf64"),
    "flac": _sound("flac", ".flac"),
    "vorbis": _sound("ogg", ".ogg", ".spx"),
    "opus": _sound("opus", ".opus"),
    "mp3": _sound("mp3", ".mp3", ".aac"),
    "style": _stored(load_style, "a.style", seeds.style),
    "weights": _stored(_weights, "a.safetensors", seeds.style),
    "model": _stored(GgufFile, "a.gguf", _of_model),
    "sidecar": _stored(
        read_sidecar,
        "a.json",
        lambda: [_file(f"sidecar-1-{medium}.json") for medium in ("image", "text", "audio")],
    ),
    "project": _stored(
        _project, "a.maquette", lambda: [_file("project-4.maquette")], is_store=True
    ),
    "old project": _stored(
        _project, "a.maquette", lambda: [_file("project-1.maquette")], is_store=True
    ),
    "settings": _stored(_settings, "s.json", lambda: [seeds.SETTINGS], is_store=True),
    "brief": Target(
        "what Maquette keeps", _brief, seeds=lambda: [_file("briefs-flat.json"), seeds.LINES[2]]
    ),
    "protocol": Target(
        "between its processes", lambda data, _name: decode(data), seeds=lambda: seeds.LINES
    ),
    "frames": Target("between its processes", _frame, seeds=seeds.frames),
}
