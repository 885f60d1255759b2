"""Recordings: bytes → samples, with limits.

Read through libsndfile: WAV (also RF64 and W64), FLAC, OGG (Vorbis, Opus), MP3, AIFF, AU, CAF.
Whatever the file holds becomes mono or stereo at RATE: block by block, so that hours of sound need
no more memory than the KEPT_SECONDS that are kept. Nothing in a file is run, fetched or unpickled.

Legend: C = 1 or 2 channels, N samples, values in [-1, 1], arrays (C, N) float32.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr

from engine.core import input_files as guard
from engine.core.errors import BadInput
from engine.media.audio.codec.sound_checks import CLIPPED_RUNS_A_SECOND, clipped_runs
from engine.media.audio.codec.sound_kinds import foreign_kind, is_playlist, kind_of
from engine.media.audio.codec.sound_mixing import fold_down, opposite
from engine.media.audio.codec.sound_repair import Repaired, repaired
from engine.protocol import RECORDINGS

__all__ = ["ReadSound", "Remark", "Sound", "decode", "read"]

RATE = 44_100
LIMIT_MB = RECORDINGS.max_bytes // 2**20
KEPT_SECONDS = 600
LEAST_SECONDS = 0.1
FORMATS = "WAV, FLAC, OGG, MP3, AIFF"
SILENCE = 1e-4  # a peak below it (-80 dB) is none
RATES_HZ = (2_000, 768_000)
_MOST_CHANNELS = 64
_BLOCK_VALUES = 2**16  # read at once, of all channels: what a damaged place may cost
_OFFSET = 5e-3  # a mean beyond it is told, half a step of 8 bits is not; any is removed
_READABLE = ("WAV", "WAVEX", "RF64", "W64", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF")

Remark = Literal[
    "trimmed", "truncated", "repaired", "clipped", "offset", "mended", "mixed_down", "inverted"
]
# trimmed: only the first KEPT_SECONDS are kept. truncated: the file ends early, what is there is
# used. clipped: peaks are cut off. offset: a constant was removed. mended: numbers that are none
# were made zero. mixed_down: more than two channels became two. repaired: the file breaks a rule of
# its format. inverted: one channel was the other upside down, and was turned.


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """samples (C, N) float32 in [-1, 1]; rate in Hz."""

    samples: np.ndarray
    rate: int

    @property
    def seconds(self) -> float:
        return self.samples.shape[1] / self.rate

    def mono(self) -> np.ndarray:
        """(N,) the mean of the channels."""
        return self.samples.mean(0, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class ReadSound:
    """What a file holds, and what the artist should know of how it was read."""

    sound: Sound
    remarks: tuple[Remark, ...] = ()


def read(path: Path) -> ReadSound:
    """The recording in a file. Raises BadInput, naming the file."""
    return decode(guard.read_bytes(path, LIMIT_MB * 2**20), path.name)


def decode(data: bytes, name: str) -> ReadSound:
    """The recording in a file's bytes, whatever its suffix says: 1 or 2 channels at RATE.

    Raises BadInput, naming the file: "empty_file", "large_file", "not_a_sound", "damaged_sound",
    "short_sound", "silent_sound", "playlist", "foreign_sound".
    """
    if not data:
        raise BadInput("empty_file", name=name)
    if len(data) > LIMIT_MB * 2**20:
        raise BadInput("large_file", name=name, size_mb=-(-len(data) // 2**20), limit_mb=LIMIT_MB)
    if is_playlist(data):
        raise BadInput("playlist", name=name)
    if kind := foreign_kind(data):
        raise BadInput("foreign_sound", name=name, kind=kind, formats=FORMATS)
    if not kind_of(data):
        raise BadInput("not_a_sound", name=name, formats=FORMATS)
    return _checked(*_decode(data, name), name)


def _checked(samples: np.ndarray, remarks: list[Remark], name: str) -> ReadSound:
    """(C, N), changed in place: without an offset, within [-1, 1]. Raises BadInput."""
    if samples.shape[1] < LEAST_SECONDS * RATE:
        least_ms = round(LEAST_SECONDS * 1000)
        raise BadInput("short_sound", name=name, least_ms=least_ms)
    means = samples.mean(1, dtype=np.float64).astype(np.float32)
    if np.abs(means).max() > _OFFSET:
        remarks.append("offset")
    samples -= means[:, None]
    if opposite(samples):
        samples[1] *= -1
        remarks.append("inverted")
    peak = float(max(samples.max(), -samples.min()))
    if peak < SILENCE:
        raise BadInput("silent_sound", name=name)
    if peak > 1:
        samples /= peak
    return ReadSound(Sound(samples, RATE), tuple(remarks))


def _decode(data: bytes, name: str) -> tuple[np.ndarray, list[Remark]]:
    """(C, N) at RATE and the remarks. Raises BadInput: "not_a_sound", "damaged_sound"."""
    whole = repaired(data)
    try:
        with _Forward(_Data(whole.data)) as file:
            if file.format not in _READABLE:
                raise BadInput("not_a_sound", name=name, formats=FORMATS)
            sane = RATES_HZ[0] <= file.samplerate <= RATES_HZ[1]
            if not sane or not 1 <= file.channels <= _MOST_CHANNELS:
                raise BadInput("damaged_sound", name=name)
            found = _Found(file, whole)
            samples = found.samples()
    except BadInput:
        raise
    except (soundfile.SoundFileError, RuntimeError, ValueError, OSError) as error:
        raise BadInput("damaged_sound", name=name) from error
    if not found.frames:
        raise BadInput("damaged_sound", name=name)
    return samples, found.remarks()


class _Data(io.BytesIO):
    """Where a damaged header points to before the beginning, it stays where it is: libsndfile asks
    from within its own calls, out of which no exception comes."""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except ValueError:
            return self.tell()


class _Forward(soundfile.SoundFile):
    """Read from beginning to end: soundfile else seeks after every block, to where it is already,
    which breaks the sound of an MP3 there."""

    def seekable(self) -> bool:
        return False


class _Found:
    """What reading an open file brings to light."""

    def __init__(self, file: soundfile.SoundFile, opened: Repaired) -> None:
        self._file = file
        self._truncated, self._repaired = opened.truncated, opened.mended
        self._estimated = file.subtype.startswith("MPEG")  # its length
        self._most = KEPT_SECONDS * file.samplerate
        self._clipped = 0
        self._mended = False
        self.frames = 0

    def samples(self) -> np.ndarray:
        """(C, N) at RATE, at most KEPT_SECONDS of it."""
        channels = min(self._file.channels, 2)
        rate = self._file.samplerate
        blocks: list[np.ndarray] = []
        if rate == RATE:
            blocks.extend(self._blocks())
        else:
            stream = soxr.ResampleStream(rate, RATE, channels, dtype="float32", quality="HQ")
            blocks.extend(stream.resample_chunk(block) for block in self._blocks())
            blocks.append(stream.resample_chunk(np.zeros((0, channels), np.float32), last=True))
        kept = np.empty((channels, sum(map(len, blocks))), np.float32)
        at = 0
        blocks.reverse()
        while blocks:  # each is freed as soon as it is copied
            block = blocks.pop()
            kept[:, at : at + len(block)] = block.T
            at += len(block)
        return kept

    def _blocks(self) -> Iterator[np.ndarray]:
        """(n, C) blocks of finite values: until the file, or what is kept of it, ends."""
        size = max(1, _BLOCK_VALUES // self._file.channels)
        while self.frames < self._most:
            wanted = min(size, self._most - self.frames)
            try:
                block = self._file.read(wanted, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError:  # damaged from here on
                self._truncated = True
                return
            if len(block) == 0:
                said = 0 if self._estimated else self._file.frames
                self._truncated |= self.frames < said < 2**62
                return
            finite = np.isfinite(block)
            if not finite.all():
                self._mended = True
                block = np.where(finite, block, np.float32(0))
            self.frames += len(block)
            self._clipped += clipped_runs(block)
            yield fold_down(np.clip(block, -1e6, 1e6))

    def remarks(self) -> list[Remark]:
        trimmed = self.frames == self._most and self._file.frames > self._most
        often = self._clipped > CLIPPED_RUNS_A_SECOND * self.frames / self._file.samplerate
        told: list[tuple[Remark, bool]] = [
            ("trimmed", trimmed),
            ("truncated", self._truncated and not trimmed),
            ("repaired", self._repaired),
            ("clipped", often),
            ("mended", self._mended),
            ("mixed_down", self._file.channels > 2),
        ]
        return [remark for remark, holds in told if holds]
