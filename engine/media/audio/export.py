"""Works of music in the formats that other programs take, and as stems."""

import base64
import json
from collections.abc import Generator
from pathlib import Path

import torch

from engine.core.decoding.decoder import decoded
from engine.core.device import one_thread
from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.core.input_files import read_bytes
from engine.core.job_events import with_progress
from engine.core.progress import Pace
from engine.core.style import load_style
from engine.media.audio.codec import sound
from engine.media.audio.codec.midi import read_midi
from engine.media.audio.codec.musicxml_write import write_xml
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound import Sound
from engine.media.audio.codec.sound_writing import FORMATS, encode
from engine.media.audio.hearing import listening, sketch_of_heard
from engine.media.audio.playing import play
from engine.media.audio.playing.instruments import instruments_of
from engine.media.audio.theory.keys import signed
from engine.protocol import (
    RECORDINGS,
    Event,
    ExportRequest,
    ExportResult,
    MusicBrief,
    SketchRequest,
    SketchResult,
    brief_from_json,
)

NOTE_SUFFIXES = (".mid", ".musicxml")


def sketch(job: SketchRequest, device: torch.device) -> Generator[Event, None, None]:
    """What a window draws of a recording or a score."""
    path = Path(job.path)
    with one_thread():
        slices = listening(read_bytes(path, RECORDINGS.max_bytes), path.name, device)
        heard = yield from with_progress(slices, job.job_id, "reading", Pace())
    yield SketchResult(job_id=job.job_id, path=job.path, sketch=sketch_of_heard(heard))


def export(job: ExportRequest, device: torch.device) -> Generator[Event, None, None]:
    """A work in another format, or its voices. Raises BadInput."""
    sidecar = json.loads(read_bytes(Path(job.sidecar))) if job.sidecar else {}
    out = Path(job.out)
    if job.stems:
        if not (job.sidecar and job.style):
            raise BadInput("no_stems")
        paths = yield from _stems(job, sidecar, device)
        yield ExportResult(job_id=job.job_id, paths=tuple(paths))
        return
    write_atomic(out, _converted(job, sidecar, out.suffix.lower()))
    yield ExportResult(job_id=job.job_id, paths=(str(out),))


def _converted(job: ExportRequest, sidecar: dict, suffix: str) -> bytes:
    if suffix in NOTE_SUFFIXES:
        midi = _midi(sidecar)
        return midi if suffix == ".mid" else write_xml(_score(midi))
    name = suffix.removeprefix(".")
    if name not in FORMATS:
        formats = ", ".join([*FORMATS, *(s[1:] for s in NOTE_SUFFIXES)])
        raise BadInput("bad_export", suffix=suffix, formats=formats)
    data = read_bytes(Path(job.work), RECORDINGS.max_bytes)
    return encode(decoded(sound.decode, data, Path(job.work).name).sound, name)


def _midi(sidecar: dict) -> bytes:
    midi = base64.b64decode(sidecar.get("score", ""))
    if not midi:
        raise BadInput("no_score")
    return midi


def _score(midi: bytes) -> Score:
    """With the signature that its notes lie on, where they do not agree with the written one."""
    score = read_midi(midi, "score.mid")
    return score if len(score.keys) > 1 else signed(score)


def _stems(
    job: ExportRequest, sidecar: dict, device: torch.device
) -> Generator[Event, None, list[str]]:
    """One WAV file a voice, as it is in the work: they add up to it."""
    style = load_style(Path(job.style))
    brief = brief_from_json(sidecar["brief"])
    assert isinstance(brief, MusicBrief)
    score = _score(_midi(sidecar))
    programs = sidecar.get("programs")
    if programs is None:  # of works made before they said so
        programs = style.tensors["programs"][int(sidecar.get("followed", 0))].tolist()
    found = instruments_of(style.tensors, brief, device)
    instruments = yield from with_progress(found, job.job_id, "reading", Pace())
    voices = play.voices(score, instruments, programs, brief.seed, loop=brief.loop)
    found = yield from with_progress(voices, job.job_id, "playing", Pace())
    return _written(found, score, brief, Path(job.out))


def _written(found: list, score: Score, brief: MusicBrief, folder: Path) -> list[str]:
    drums = bool(len(score.hits))
    paths = []
    for part, stem in enumerate(
        play.stems_of(found, loop=brief.loop, drums=drums, room_m=brief.room)
    ):
        name = score.parts[part].name if part < len(score.parts) else "Drums"
        path = folder / f"{part + 1}{'-' + name if name else ''}.wav"
        write_atomic(path, encode(Sound(stem, play.RATE), "wav"))
        paths.append(str(path))
    return paths
