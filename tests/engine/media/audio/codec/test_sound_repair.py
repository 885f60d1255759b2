"""Recordings whose headers lie, MP3 without a beginning, kinds that are called by their name, and
what is told of a recording that is not so."""

import io

import numpy as np
import pytest
import soundfile

from engine.core.errors import BadInput
from engine.media.audio.codec.mpeg_frames import frames_of, header_at, rewritten, said_frames
from engine.media.audio.codec.sound import RATE, ReadSound, decode
from engine.media.audio.codec.sound_checks import clipped_runs
from engine.media.audio.codec.sound_kinds import foreign_kind, is_playlist, kind_of, names_sound
from engine.media.audio.codec.sound_mixing import opposite

TIME = np.arange(RATE) / RATE
TONE = 0.5 * np.sin(2 * np.pi * 441 * TIME)
MUSIC = sum(a * np.sin(2 * np.pi * f * TIME) for f, a in ((220, 0.4), (441.3, 0.25), (1330, 0.1)))


def file_of(samples: np.ndarray, kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    made = io.BytesIO()
    with soundfile.SoundFile(
        made, "w", RATE, 1 if samples.ndim == 1 else samples.shape[1], subtype, format=kind
    ) as file:
        for start in range(0, len(samples), 2**14):
            file.write(samples[start : start + 2**14])
    return made.getvalue()


def mp3(samples: np.ndarray, bitrate: float | None = None) -> bytes:
    made = io.BytesIO()
    mode = {} if bitrate is None else {"compression_level": bitrate, "bitrate_mode": "CONSTANT"}
    soundfile.write(made, samples, RATE, format="MP3", subtype="MPEG_LAYER_III", **mode)
    return made.getvalue()


def audio_frames(data: bytes) -> bytes:
    """Without the header frame that an encoder puts first."""
    frames = frames_of(data)
    assert frames is not None
    first = 1 if said_frames(data, frames.starts[0]) is not None else 0
    pairs = list(zip(frames.starts, frames.lengths, strict=True))[first:]
    return b"".join(data[a : a + n] for a, n in pairs)


def loudness(found: ReadSound) -> float:
    return float(np.sqrt(np.mean(found.sound.mono() ** 2)))


# ---- MPEG --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "kind", "length"),
    [
        ("fffb9000", (3, 3, 44_100), 417),  # 128 kbit/s
        ("fffb9200", (3, 3, 44_100), 418),  # with padding
        ("fffd9000", (3, 2, 44_100), 522),
        ("ffff9000", (3, 1, 44_100), 312),
        ("fff38000", (2, 3, 22_050), 208),  # MPEG 2
        ("ffe38000", (0, 3, 11_025), 417),  # MPEG 2.5
    ],
)
def test_headers(head: str, kind: tuple[int, int, int], length: int) -> None:
    found = header_at(bytes.fromhex(head), 0)
    assert found is not None
    assert (found.kind, found.length) == (kind, length)


@pytest.mark.parametrize("head", ["fff15040", "fffbf000", "fffb0c00", "ffeb9000", "fffb9002", ""])
def test_what_is_no_header(head: str) -> None:
    assert header_at(bytes.fromhex(head), 0) is None


STEADY = mp3(np.tile(TONE, 3), 0.5)


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda data: bytes(5000) + data,
        lambda data: b"\xff\xfb" * 300 + data,
        lambda data: data[200:],
        lambda data: data[:4000] + bytes(3000) + data[4000:],
        lambda data: data[:6000] + data[6100:],
        lambda data: b"ID3\x04\0\0\0\0\x02\x01" + bytes(257) + bytes(400) + data,
    ],
)
def test_strange_bytes_are_passed_over_and_told(spoiled) -> None:
    found = decode(spoiled(STEADY), "a.mp3")
    assert found.remarks == ("repaired",)
    assert found.sound.seconds == pytest.approx(3, abs=0.1)
    assert loudness(found) > 0.3


@pytest.mark.parametrize(
    "whole",
    [
        lambda data: data,
        audio_frames,
        lambda data: b"ID3\x04\0\0\0\0\x02\x01" + bytes(257) + data,
        lambda data: data + b"TAG" + bytes(125),
        lambda data: bytes(30) + data,
    ],
)
def test_of_a_good_file_nothing_is_told(whole) -> None:
    found = decode(whole(STEADY), "a.mp3")
    assert found.remarks == ()
    assert found.sound.seconds == pytest.approx(3, abs=0.1)


def test_a_file_of_many_bit_rates_that_says_nothing_is_read_to_its_end() -> None:
    quiet, loud = mp3(np.tile(TONE, 2), 0.95), mp3(np.tile(MUSIC, 8), 0.05)
    varied = audio_frames(loud) + audio_frames(quiet)
    found = decode(varied, "a.mp3")
    assert found.remarks == ()
    assert found.sound.seconds == pytest.approx(10, abs=0.2)


def test_two_files_one_after_the_other_are_both_read() -> None:
    found = decode(mp3(np.tile(TONE, 2)) + mp3(np.tile(MUSIC, 3)), "a.mp3")
    assert found.sound.seconds == pytest.approx(5, abs=0.3)


def test_a_header_frame_is_understood_by_libsndfile() -> None:
    plain = audio_frames(STEADY)
    frames = frames_of(plain)
    assert frames is not None
    made = rewritten(plain, frames)
    again = frames_of(made)
    assert again is not None
    assert said_frames(made, again.starts[0]) == len(frames.starts) == len(again.starts) - 1
    with soundfile.SoundFile(io.BytesIO(made)) as file:
        assert file.frames == pytest.approx(len(frames.starts) * 1152, abs=1200)


# ---- other headers -----------------------------------------------------------------------------


def with_size(data: bytes, *sizes: tuple[int, int, int]) -> bytes:
    """(place, bytes, value) little-endian."""
    made = bytearray(data)
    for place, width, value in sizes:
        made[place : place + width] = value.to_bytes(width, "little")
    return bytes(made)


WAV, RF64 = file_of(TONE), file_of(TONE, "RF64")
W64, CAF = file_of(TONE, "W64"), file_of(TONE, "CAF")
AT = {name: data.find(b"data") for name, data in (("rf64", RF64), ("w64", W64), ("caf", CAF))}


@pytest.mark.parametrize(
    ("data", "remarks"),
    [
        (with_size(WAV, (4, 4, 0), (40, 4, 0)), ("repaired",)),
        (with_size(WAV, (4, 4, 36), (40, 4, 0)), ("repaired",)),
        (with_size(WAV, (4, 4, 2**32 - 1), (40, 4, 2**32 - 1)), ()),
        (with_size(WAV, (40, 4, 100)), ("repaired",)),
        (with_size(WAV, (4, 4, 2**31 + 36), (40, 4, 2**31)), ("truncated",)),
        (with_size(RF64, (20, 8, 0), (28, 8, 0), (36, 8, 0)), ("repaired",)),
        (with_size(W64, (16, 8, 2**64 - 1), (AT["w64"] + 16, 8, 2**63 - 1)), ()),
        (with_size(CAF, (AT["caf"] + 4, 8, 2**64 - 1)), ()),
        (WAV + b"LIST\x04\0\0\0INFO", ()),
        (WAV + b"\0" * 1, ()),
    ],
)
def test_of_a_length_that_lies_all_is_read(data: bytes, remarks: tuple[str, ...]) -> None:
    found = decode(data, "a.wav")
    assert found.remarks == remarks
    assert found.sound.seconds == pytest.approx(1, abs=0.001)
    assert loudness(found) == pytest.approx(0.354, abs=0.01)


def test_mp3_in_a_wav_is_read() -> None:
    sound = STEADY
    fmt = (0x55).to_bytes(2, "little") + (1).to_bytes(2, "little") + RATE.to_bytes(4, "little")
    fmt += (16_000).to_bytes(4, "little") + (1).to_bytes(2, "little") + bytes(2)
    chunks = b"WAVEfmt " + len(fmt).to_bytes(4, "little") + fmt
    chunks += b"data" + len(sound).to_bytes(4, "little") + sound
    found = decode(b"RIFF" + len(chunks).to_bytes(4, "little") + chunks, "a.wav")
    assert found.remarks == ()
    assert found.sound.seconds == pytest.approx(3, abs=0.1)


# ---- kinds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xf1\x50\x40\x25\xbf\xfc" + bytes(100), "AAC"),
        (b"\xff\xf9\x50\x40\x25\xbf\xfc" + bytes(100), "AAC"),
        (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xf1\x50\x40\x25\xbf\xfc", "AAC"),
        (b"OggS\0\2" + bytes(22) + b"\x50Speex   1.2", "Speex"),
        (b"OggS\0\2" + bytes(22) + b"\x2a\x80theora", "Theora"),
        (b"OggS\0\2" + bytes(22) + b"\x33\x7fFLAC\1", "Ogg FLAC"),
        (b"\0\0\0\x20ftypM4A " + bytes(40), "M4A/MP4"),
        (b"\0\0\0\x20ftypqt  " + bytes(40), "QuickTime"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
        (b"\x1a\x45\xdf\xa3" + bytes(40), "Matroska/WebM"),
        (b"wvpk" + bytes(40), "WavPack"),
        (b"MAC \x96\x0f" + bytes(40), "Monkey's Audio"),
        (b"#!AMR\n" + bytes(40), "AMR"),
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x61\x01" + bytes(40), "WMA"),
        (
            b"caff\0\1\0\0desc\0\0\0\0\0\0\0\x20\x40\xe5\x88\x80\0\0\0\0alac" + bytes(40),
            "Apple Lossless",
        ),
    ],
)
def test_kinds_that_are_not_read_are_named(data: bytes, kind: str) -> None:
    assert foreign_kind(data) == kind
    with pytest.raises(BadInput) as caught:
        decode(data, "a.wav")
    assert caught.value.code == "foreign_sound"
    assert kind in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"#EXTM3U\nhttp://example.org/a.mp3\n",
        b"\xef\xbb\xbf#EXTM3U\n",
        b"[playlist]\nFile1=a.mp3\n",
        b"<ASX version='3'>",
    ],
)
def test_a_playlist_is_called_one(text: bytes) -> None:
    assert is_playlist(text)
    with pytest.raises(BadInput) as caught:
        decode(text, "a.wav")
    assert caught.value.code == "playlist"


@pytest.mark.parametrize(
    "data",
    [
        "X:1\nK:C\nCDEF|".encode("utf-16"),
        "<score-partwise/>".encode("utf-16"),
        ("X:1\nK:C\n" + "CDEF|" * 500).encode("utf-16"),
        b"MThd\0\0\0\6" + b"\xff\xfb\x90\0" * 500,
        b"PK\3\4" + b"\xff\xfb\x90\0" * 500,
        b"X:1\nT:v=0\nK:C\nCDEF|",
        b"\xff\xfe" + bytes(range(256)) * 4,
    ],
)
def test_scores_are_never_taken_for_recordings(data: bytes) -> None:
    assert not names_sound(data)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "AIFF", "AU", "CAF", "W64"])
def test_what_is_read_is_not_called_foreign(kind: str) -> None:
    data = file_of(TONE, kind, "VORBIS" if kind == "OGG" else "PCM_16")
    assert foreign_kind(data) == ""
    assert kind_of(data) == kind


# ---- what is told ------------------------------------------------------------------------------

CLIPPED = np.clip(3 * MUSIC, -0.99, 0.99)


@pytest.mark.parametrize("level", [0.9, 0.4, 0.1])
@pytest.mark.parametrize("subtype", ["PCM_U8", "ULAW", "ALAW", "IMA_ADPCM", "PCM_16", "FLOAT"])
@pytest.mark.parametrize("sound", [TONE, MUSIC, np.sign(TONE)], ids=["tone", "music", "square"])
def test_few_bits_are_not_clipping(sound: np.ndarray, subtype: str, level: float) -> None:
    assert decode(file_of(level * sound, "WAV", subtype), "a.wav").remarks == ()


def test_few_bits_stay_so_in_a_file_of_many() -> None:
    coarse = np.round(0.4 * MUSIC * 128) / 128
    assert clipped_runs((0.7 * coarse)[:, None]) == 0


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("level", [1.0, 0.5])
def test_clipping_is_told_of_few_bits_too(subtype: str, level: float) -> None:
    assert "clipped" in decode(file_of(level * CLIPPED, "WAV", subtype), "a.wav").remarks


@pytest.mark.parametrize("gain", [-1.0, -0.5])
def test_a_channel_that_is_upside_down_is_turned_and_told(gain: float) -> None:
    found = decode(file_of(np.stack([MUSIC, gain * MUSIC], 1)), "a.wav")
    assert found.remarks == ("inverted",)
    wanted = (1 - gain) / 2 * np.sqrt(np.mean(MUSIC**2))
    assert loudness(found) == pytest.approx(wanted, rel=0.02)


def test_channels_that_differ_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    for left, right in (
        (MUSIC, MUSIC),
        (MUSIC, np.roll(MUSIC, 17)),
        (MUSIC, 0 * MUSIC),
        (rng.normal(0, 0.1, RATE), rng.normal(0, 0.1, RATE)),
        (MUSIC + 0.3 * TONE, MUSIC - 0.3 * TONE),
    ):
        samples = np.stack([left, right]).astype(np.float32)
        assert not opposite(samples)
