"""Listening in slices, once for each recording, and that a cancel is answered meanwhile."""

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.errors import BadInput
from engine.core.progress import Advance, finished
from engine.media.audio import hearing
from engine.media.audio.codec.sound import RATE, Sound
from engine.media.audio.codec.sound_writing import encode
from engine.media.audio.hearing import Remembered, decode, hear
from engine.media.audio.playing.instruments import instruments_of
from engine.media.audio.transcription.transcribe import Transcription, transcribe
from engine.protocol import (
    AdaptRequest,
    Cancelled,
    CancelRequest,
    Event,
    Failure,
    Hello,
    Medium,
    MusicBrief,
    Progress,
    Reference,
    SketchRequest,
    SketchResult,
)
from engine.service import Service
from tests.engine.test_worker import Worker

CPU = torch.device("cpu")


def melody(seconds: float, seed: int = 0) -> Sound:
    """Plucked notes of a scale, one each 0.3 s."""
    rng = np.random.default_rng(seed)
    wave = np.zeros(round(seconds * RATE), np.float32)
    times = np.arange(round(0.3 * RATE)) / RATE
    for start in range(0, len(wave) - len(times), len(times)):
        pitch = rng.choice([60, 62, 64, 65, 67, 69, 71, 72])
        hz = 440 * 2 ** ((pitch - 69) / 12)
        partials = (np.sin(2 * np.pi * k * hz * times) / k for k in range(1, 6))
        wave[start : start + len(times)] = 0.3 * sum(partials) * np.exp(-times / 0.15)
    return Sound(wave[None], RATE)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sounds") / "long.flac"
    path.write_bytes(encode(melody(40), "flac"))
    return path


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker(sys.executable, "-m", "engine.worker")
    one.until(Hello)
    yield one
    one.stop()


@pytest.mark.weights
def test_a_recording_is_heard_in_slices_and_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Remembered(2)
    read = decode(file.read_bytes(), file.name)
    first = finished(hear(read, CPU, memory))
    assert first.tunes and first.notes
    monkeypatch.setattr(hearing, "transcribing", lambda *_: pytest.fail("listened to twice"))
    again = finished(hear(decode(file.read_bytes(), "other name.flac"), CPU, memory))
    assert again.transcription is first.transcription and again.notes is first.notes
    assert again.recording is not None and again.tunes == first.tunes


@pytest.mark.weights
def test_what_was_heard_long_ago_is_forgotten() -> None:
    memory = Remembered(2)
    found = transcribe(melody(1))
    for digest in ("a", "b"):
        memory.keep(digest, found, ())
    assert memory.get("a") == (found, ())
    memory.keep("c", found, ())
    memory.keep("", found, ())
    assert memory.get("b") is None and memory.get("") is None
    assert memory.get("a") is not None and memory.get("c") is not None


@pytest.mark.weights
def test_a_sketch_and_the_style_listen_once(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_remembered", Remembered(2))
    times: list[int] = []
    listen = hearing.transcribing

    def counted(recording: Sound, device: torch.device) -> Generator[Advance, None, Transcription]:
        times.append(1)
        return (yield from listen(recording, device))

    monkeypatch.setattr(hearing, "transcribing", counted)
    service = Service(CPU)
    drawn = list(service.run(SketchRequest(job_id="s", path=str(file))))
    assert isinstance(drawn[-1], SketchResult) and drawn[-1].sketch.notes
    assert sum(isinstance(event, Progress) for event in drawn) > 5
    job = AdaptRequest(
        job_id="a",
        medium=Medium.AUDIO,
        references=(Reference(path=str(file)),),
        out=str(tmp_path / "a.style"),
        seconds=0.1,
    )
    last = list(service.run(job))[-1]
    assert not isinstance(last, Failure)
    assert len(times) == 1


@pytest.mark.weights
def test_a_sound_of_the_artist_is_heard_in_slices(tmp_path: Path) -> None:
    path = tmp_path / "mine.wav"
    path.write_bytes(encode(melody(3), "wav"))
    slices = instruments_of({}, MusicBrief(sound=str(path)), CPU)
    advances = []
    while True:
        try:
            advances.append(next(slices))
        except StopIteration as end:
            assert len(end.value.own) == 1
            break
    shares = [advance.done / advance.total for advance in advances]
    assert len(shares) > 5 and shares == sorted(shares) and shares[-1] <= 1
    path.write_bytes(encode(Sound(np.full((1, RATE), 0.1, np.float32), RATE), "wav"))
    with pytest.raises(BadInput):
        finished(instruments_of({}, MusicBrief(sound=str(path)), CPU))


@pytest.mark.process
@pytest.mark.parametrize("kind", ["sketch", "adapt"])
def test_a_cancel_is_answered_while_it_listens(
    kind: str, worker: Worker, file: Path, tmp_path: Path
) -> None:
    requests = {
        "sketch": SketchRequest(job_id="long", path=str(file)),
        "adapt": AdaptRequest(
            job_id="long",
            medium=Medium.AUDIO,
            references=(Reference(path=str(file)),),
            out=str(tmp_path / "a.style"),
        ),
    }
    worker.send(requests[kind])
    for _ in range(3):
        worker.until(Progress)
    worker.send(CancelRequest(job_id="long"))
    answer: Event = worker.until(Cancelled, SketchResult, Failure)
    assert answer == Cancelled(job_id="long")
