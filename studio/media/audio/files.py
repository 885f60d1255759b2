"""Files of music, known by their first bytes or by their names."""

from pathlib import Path

from engine.protocol import RECORDING_SUFFIXES, SCORE_SUFFIXES, SOUNDFONT_SUFFIXES

_HEADS = (
    *((b"MThd", ".mid"), (b"fLaC", ".flac"), (b"OggS", ".ogg"), (b"ID3", ".mp3")),
    *(
        (b"caff", ".caf"),
        (b".snd", ".au"),
        (b"RF64", ".rf64"),
        (b"riff", ".w64"),
        (b"PK\x03\x04", ".mxl"),
    ),
)
_RIFFS = {b"WAVE": ".wav", b"RMID": ".rmi", b"sfbk": ".sf2"}
_FORMS = {b"AIFF": ".aiff", b"AIFC": ".aifc"}


def suffix_of(data: bytes) -> str:
    """Of a recording, a score or a SoundFont, by its first bytes, as readers expect it; or ""."""
    head = data[:16]
    if head[:4] == b"RIFF":
        return _RIFFS.get(head[8:12], "")
    if head[:4] == b"FORM":
        return _FORMS.get(head[8:12], "")
    for start, suffix in _HEADS:
        if head.startswith(start):
            return suffix
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0 and head[1] != 0xFE:
        return ".mp3"
    text = data[:4096].decode("utf-8", "ignore").lstrip("\ufeff \r\n\t")
    if text.startswith("<"):
        return ".musicxml"
    return ".abc" if is_abc(text) else ""


def is_plain_sound(data: bytes) -> bool:
    """Whether these bytes begin as the sound files that the engine writes, WAV and FLAC, do.

    Nothing else is given to a decoder in the window's process: FFmpeg would take a text for a
    session description (SDP), and open the network ports that it names."""
    if data[:4] == b"RIFF":
        return data[8:16] == b"WAVEfmt "
    return data[:8] == b"fLaC\x00\x00\x00\x22" or data[:8] == b"fLaC\x80\x00\x00\x22"


def is_abc(words: str) -> bool:
    """Whether a text is a tune in ABC notation: it has a number or a title, and a key."""
    heads = {line[:2] for line in words.splitlines()[:40]}
    return "K:" in heads and bool({"X:", "T:"} & heads)


def is_score(name: str) -> bool:
    return Path(name).suffix.lower() in SCORE_SUFFIXES


def is_recording(name: str) -> bool:
    return Path(name).suffix.lower() in RECORDING_SUFFIXES


def is_soundfont(name: str) -> bool:
    return Path(name).suffix.lower() in SOUNDFONT_SUFFIXES


def title_of_tune(tune: str) -> str:
    """The title that a tune in ABC notation bears; "" when it has none."""
    titles = (line[2:] for line in tune.splitlines() if line.startswith("T:"))
    return next(titles, "").strip()
