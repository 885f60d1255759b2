"""Music as a scripted engine makes it: plain tunes, their sound as WAV bytes, their sidecars."""

import io
import json
import math
import random
import wave
from array import array
from dataclasses import asdict
from pathlib import Path

from engine.protocol import (
    SCORE_SUFFIXES,
    ExportRequest,
    ExportResult,
    GenerateRequest,
    MusicBrief,
    MusicForm,
    NoteSketch,
    Sketch,
    SketchRequest,
    SketchResult,
    WorkFile,
)

RATE = 8000
SCALE = (0, 2, 4, 5, 7, 9, 11)
PEAKS = 400


def tune(seed: int, bars: int = 8, voices: int = 2) -> tuple[NoteSketch, ...]:
    """A melody that wanders about a scale, with slower voices below."""
    chance = random.Random(seed)
    notes: list[NoteSketch] = []
    for voice in range(voices):
        step = (0.25, 0.5, 1.0, 1.0)[voice % 4]
        degree, onset = 7 - 5 * voice, 0.0
        while onset < bars * 1.6:
            lasts = step * chance.choice((1, 1, 1, 2))
            lasts = min(lasts, bars * 1.6 - onset)
            degree += chance.choice((-2, -1, -1, 0, 1, 1, 2))
            degree = max(-10, min(14, degree))
            pitch = 60 + 12 * (degree // 7) + SCALE[degree % 7]
            if chance.random() > 0.08:
                notes.append((round(onset, 3), round(lasts * 0.95, 3), pitch, voice))
            onset += lasts
    return tuple(sorted(notes))


def envelope(seed: int, notes: tuple[NoteSketch, ...], seconds: float) -> tuple[float, ...]:
    """Peaks that rise with every note and fall again."""
    chance, peaks = random.Random(seed), [0.02] * PEAKS
    for onset, lasts, _pitch, voice in notes:
        first, last = (int(PEAKS * at / seconds) for at in (onset, onset + lasts))
        for place in range(max(0, first), min(PEAKS, last + 1)):
            level = (0.5 - 0.1 * voice) * math.exp(-2 * (place - first) / max(1, last - first))
            peaks[place] = min(1.0, peaks[place] + level * chance.uniform(0.7, 1.0))
    return tuple(round(peak, 3) for peak in peaks)


def sketch_of(seed: int, bars: int = 8, voices: int = 2, peaks: bool = True) -> Sketch:
    notes, seconds = tune(seed, bars, voices), bars * 1.6
    heard = envelope(seed, notes, seconds) if peaks else ()
    return Sketch(seconds=seconds, peaks=heard, notes=notes)


def rain(seed: int, seconds: float) -> Sketch:
    """A texture: no notes."""
    chance = random.Random(seed)
    level, peaks = 0.5, []
    for _ in range(PEAKS):
        level = min(0.9, max(0.25, level + chance.uniform(-0.06, 0.06)))
        peaks.append(round(level * chance.uniform(0.75, 1.0), 3))
    return Sketch(seconds=seconds, peaks=tuple(peaks))


def wav(seconds: float, frequency: float = 220.0, level: float = 0.3) -> bytes:
    """One plain tone of so many whole waves a second."""
    step, frames = 2 * math.pi * round(frequency) / RATE, int(seconds * RATE)
    second = array("h", (int(32767 * level * math.sin(step * n)) for n in range(RATE)))
    tones = (second * math.ceil(seconds))[:frames]
    room = io.BytesIO()
    with wave.open(room, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tones.tobytes())
    return room.getvalue()


def answer_sketch(request: SketchRequest) -> SketchResult:
    path = Path(request.path)
    seed = len(path.read_bytes()) % 97
    if path.suffix in SCORE_SUFFIXES:
        sketch = sketch_of(seed, peaks=False)
    elif "rain" in path.name:
        sketch = rain(seed, 14.0)
    else:
        sketch = sketch_of(seed, voices=1)
    return SketchResult(job_id=request.job_id, path=request.path, sketch=sketch)


TUNE = b"""X:1
T:An upbeat, a triplet, a tie
M:4/4
L:1/8
Q:1/4=120
K:D
A2|d2 f2 (3efe d2|=c2 B2 ^c4-|c4 A2 F2|D6|]
"""


def answer_export(request: ExportRequest) -> ExportResult:
    """Says what it was given, so that tests can see it; of a picture, one corner becomes clear."""
    if request.clear_ground:
        from PIL import Image  # not with every start of the fake engine

        picture = Image.open(request.work).convert("RGBA")
        picture.paste((0, 0, 0, 0), (0, 0, 8, 8))
        picture.save(request.out)
        return ExportResult(job_id=request.job_id, paths=(request.out,), ground="edge")
    if request.out.endswith(".musicxml") and not request.style:  # to be seen in notation
        Path(request.out).write_bytes(written_tune())
        return ExportResult(job_id=request.job_id, paths=(request.out,))
    told = json.loads(Path(request.sidecar).read_text("utf-8"))
    about = json.dumps({"score": told["score"], "style": len(Path(request.style).read_bytes())})
    out = Path(request.out)
    paths = [out / "voice-1.wav", out / "voice-2.wav"] if request.stems else [out]
    for path in paths:
        path.write_text(about, "utf-8")
    return ExportResult(job_id=request.job_id, paths=tuple(map(str, paths)))


def written_tune(abc: bytes = TUNE) -> bytes:
    """MusicXML as the engine writes it."""
    from engine.media.audio.codec.abc import read_book
    from engine.media.audio.codec.musicxml_write import write_xml

    return write_xml(read_book(abc, "tune.abc").scores[0])


def made(brief: MusicBrief, index: int) -> Sketch:
    seed = brief.seed + index
    if brief.form == MusicForm.TEXTURE:
        return rain(seed, brief.length or 20)
    return sketch_of(seed, brief.length or 8, brief.voices or 3)


def so_far(sketch: Sketch, share: float) -> Sketch:
    notes = tuple(note for note in sketch.notes if note[0] <= share * sketch.seconds)
    return Sketch(seconds=sketch.seconds, notes=notes)


def play(job: GenerateRequest, index: int) -> WorkFile:
    """A work that sounds as long as its drawing says, so that no test hears its end by chance."""
    seed, sketch = job.brief.seed + index, made(job.brief, index)
    path = Path(job.out_dir) / f"work-{seed}.flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav(sketch.seconds, 220 + seed % 97))
    sidecar = path.with_suffix(".json")
    about = {
        "seed": seed,
        "made_with_ai": True,
        "brief": asdict(job.brief),
        "sketch": asdict(sketch),
        "score": "TVRoZA==" if sketch.notes else "",
        "copied": {"run": 7, "words": "", "source": "tune", "share": 0.0},
        "loudness_lufs": -16.0 - 3.0 * index,
        "true_peak_db": -1.2,
        "seconds": sketch.seconds,
    }
    sidecar.write_text(json.dumps(about), encoding="utf-8")
    return WorkFile(path=str(path), sidecar=str(sidecar), seed=seed, sketch=sketch)
