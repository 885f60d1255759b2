"""Recordings in and out: every format, everything bad that may come, and that hours cost little."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.media.audio.codec import sound
from engine.media.audio.codec.sound import RATE, Sound, decode, read
from engine.media.audio.codec.sound_checks import clipped_runs
from engine.media.audio.codec.sound_kinds import kind_of
from engine.media.audio.codec.sound_mixing import fold_down
from engine.media.audio.codec.sound_writing import FORMATS, encode, formats, write_sound

KINDS = [
    *(("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAVEX", "PCM_24"), ("RF64", "PCM_16")),
    *(("W64", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS")),
    *(("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16"), ("AU", "PCM_16"), ("CAF", "PCM_16")),
]


def tone(seconds: float, rate: int = RATE, channels: int = 1, level: float = 0.5) -> np.ndarray:
    """(n, C) a tone of 441 Hz."""
    wave = level * np.sin(2 * np.pi * 441 * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def file_of(
    frames: np.ndarray, rate: int = RATE, kind: str = "WAV", subtype: str = "PCM_16"
) -> bytes:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, frames.shape[1], subtype, format=kind) as file:
        for start in range(0, len(frames), 2**16):
            file.write(frames[start : start + 2**16])
    return buffer.getvalue()


def code_of(data: bytes, name: str = "a.wav") -> str:
    with pytest.raises(BadInput) as caught:
        decode(data, name)
    assert name in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(("kind", "subtype"), KINDS)
def test_every_format_is_read_whatever_its_suffix_says(kind: str, subtype: str) -> None:
    rate = 48_000 if subtype == "OPUS" else RATE
    found = decode(file_of(tone(1, rate, 2), rate, kind, subtype), "wrong.txt")
    assert found.remarks == ()
    assert found.sound.rate == RATE
    assert found.sound.samples.dtype == np.float32
    assert found.sound.samples.shape[0] == 2
    assert found.sound.seconds == pytest.approx(1, abs=0.1)
    middle = found.sound.mono()[RATE // 4 : RATE // 2]
    loudest = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))).argmax()
    assert loudest * RATE / len(middle) == pytest.approx(441, abs=5)


@pytest.mark.parametrize(
    ("rate", "channels"), [(8_000, 1), (192_000, 8), (96_000, 2), (22_050, 12)]
)
def test_other_rates_and_channels_become_ours(rate: int, channels: int) -> None:
    found = decode(file_of(tone(1, rate, channels), rate, subtype="PCM_24"), "a.wav")
    assert found.sound.samples.shape == (min(channels, 2), RATE)
    assert np.abs(found.sound.samples).max() == pytest.approx(0.5, abs=0.02)
    assert found.remarks == (("mixed_down",) if channels > 2 else ())


def test_folding_keeps_the_sides_apart() -> None:
    left = fold_down(np.eye(8, dtype=np.float32)[:1])  # only the left front sounds
    assert left[0, 0] > 0
    assert left[0, 1] == 0
    assert np.allclose(fold_down(np.ones((3, 6), np.float32)), 1)


def with_hole(frames: np.ndarray) -> np.ndarray:
    frames = frames.copy()
    frames[100:200] = np.nan
    frames[300] = np.inf
    return frames


@pytest.mark.parametrize(
    ("frames", "remark"),
    [
        (np.clip(tone(1) * 3, -1, 1), "clipped"),
        (0.4 * np.clip(tone(1) * 3, -1, 1), "clipped"),
        (tone(1) * 0.5 + 0.2, "offset"),
        (with_hole(tone(1)), "mended"),
        (tone(1) * np.float32(1e30), None),
    ],
)
def test_what_is_bad_in_the_samples_is_told_and_mended(frames: np.ndarray, remark: str) -> None:
    found = decode(file_of(frames, subtype="FLOAT"), "a.wav")
    assert not remark or found.remarks == (remark,)
    assert np.isfinite(found.sound.samples).all()
    assert np.abs(found.sound.samples).max() <= 1
    assert abs(float(found.sound.samples.mean())) < 1e-5


def test_a_loud_low_tone_is_not_taken_for_clipping() -> None:
    low = 0.999 * np.sin(2 * np.pi * 30 * np.arange(RATE) / RATE)[:, None]
    assert clipped_runs(np.round(low * 32767) / 32768) == 0


def broken_wav(at: int, value: int) -> bytes:
    data = bytearray(file_of(tone(1)))
    data[at : at + 4] = value.to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"only words " * 100, "not_a_sound"),
        (b"RIFF\x10\0\0\0AVI LIST" + bytes(100), "foreign_sound"),
        (b"RIFF\x10\0\0\0WAVEfmt " + bytes(100), "damaged_sound"),
        (b"fLaC" + bytes(1000), "damaged_sound"),
        (b"OggS" + bytes(1000), "damaged_sound"),
        (b"ID3" + bytes(1000), "damaged_sound"),
        (file_of(np.zeros((RATE, 1), np.float32)), "silent_sound"),
        (file_of(np.full((RATE, 1), 0.3, np.float32)), "silent_sound"),
        (file_of(np.full((RATE, 1), np.nan), subtype="FLOAT"), "silent_sound"),
        (file_of(tone(0.05)), "short_sound"),
        (file_of(np.zeros((0, 1), np.float32)), "damaged_sound"),
        (broken_wav(24, 1), "damaged_sound"),  # one sample a second
        (file_of(tone(1), kind="FLAC")[:200], "damaged_sound"),
        (file_of(tone(1), kind="MP3", subtype="MPEG_LAYER_III")[:100], "damaged_sound"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize("value", [2**31, 2**32 - 2, 100, 0])
@pytest.mark.parametrize("at", [4, 40])
def test_a_header_that_lies_about_its_size_does_no_harm(at: int, value: int) -> None:
    try:
        found = decode(broken_wav(at, value), "a.wav")
    except BadInput as error:
        assert error.code in ("damaged_sound", "short_sound")
    else:
        assert 0 < found.sound.seconds <= 1


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("MP3", "MPEG_LAYER_III"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("WAV", "PCM_16")],
)
def test_of_a_truncated_file_what_is_there_is_used(kind: str, subtype: str) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (6 * RATE, 1)).astype(np.float32)
    data = file_of(noise, RATE, kind, subtype)
    found = decode(data[: len(data) * 6 // 10], "a.mp3")
    assert found.remarks == ("truncated",)
    assert 2 < found.sound.seconds < 4


def test_of_hours_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "KEPT_SECONDS", 3)
    found = decode(file_of(tone(20, 8_000), 8_000), "long.wav")
    assert found.remarks == ("trimmed",)
    assert found.sound.seconds == 3
    assert decode(file_of(tone(3, 8_000), 8_000), "long.wav").remarks == ()


def test_only_what_is_kept_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    whole = soundfile.SoundFile.read

    def counted(file: soundfile.SoundFile, frames: int = -1, **options: object) -> np.ndarray:
        asked.append(frames)
        return whole(file, frames, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sound, "KEPT_SECONDS", 3)
    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    decode(file_of(tone(30, 8_000), 8_000), "long.wav")
    assert sum(asked) == 3 * 8_000


def test_files_are_read_within_their_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(file_of(tone(1)))
    assert read(path).sound.seconds == 1
    monkeypatch.setattr(sound, "LIMIT_MB", 0)
    with pytest.raises(BadInput) as caught:
        read(path)
    assert caught.value.code == "large_file"


@pytest.mark.parametrize("file_format", formats())
def test_what_is_written_is_read_again(file_format: str, tmp_path: Path) -> None:
    stereo = np.stack([tone(2)[:, 0], 0.5 * tone(2)[:, 0]])
    path = tmp_path / f"a.{file_format}"
    write_sound(path, Sound(stereo, RATE), file_format)  # type: ignore[arg-type]
    found = read(path)
    assert found.remarks == ()
    assert found.sound.samples.shape == stereo.shape
    lossless = file_format in ("wav", "flac")
    middle = slice(RATE // 2, 3 * RATE // 2)  # blocks end in it
    error = np.abs(found.sound.samples - stereo)[:, middle].max()
    assert error < (1e-6 if lossless else 0.05)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_formats_that_cannot_be_written_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(formats()) <= set(FORMATS)
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"WAV": "", "OGG": ""})
    with pytest.raises(BadInput) as caught:
        encode(Sound(tone(1).T, RATE), "mp3")
    assert caught.value.code == "no_encoder"
    assert "WAV, OGG" in caught.value.remedy


HEADS = [file_of(tone(0.3), 44_100, kind, subtype) for kind, subtype in KINDS if subtype != "OPUS"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(HEADS), st.data())
def test_nothing_but_bad_input_comes_of_damage(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    _usable_or_refused(bytes(damaged))


@pytest.mark.parametrize("tag", [b"", b"ID3\x04\0\0\0\0\0\0"])
def test_a_tag_that_is_cut_off_names_no_end(tag: bytes) -> None:
    assert kind_of(tag + b"ID3\x04") == ("MP3" if tag else "")


def test_a_header_that_points_before_the_beginning_moves_nothing() -> None:
    data = sound._Data(b"abc")
    assert data.seek(1) == 1
    assert (data.seek(-1), data.read()) == (1, b"bc")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([b"", *(head[:64] for head in HEADS)]), st.binary(max_size=3000))
def test_nothing_but_bad_input_comes_of_noise(head: bytes, noise: bytes) -> None:
    _usable_or_refused(head + noise)


def _usable_or_refused(data: bytes, check: Callable[[bytes], str] = kind_of) -> None:
    try:
        found = decode(data, "a.wav")
    except BadInput:
        return
    assert check(data)
    assert np.isfinite(found.sound.samples).all()
    assert 0 < np.abs(found.sound.samples).max() <= 1
