"""What kind of file the first bytes name."""

from engine.media.audio.codec.mpeg_frames import after_id3, begins_as_frame, first_frame

_HEADS = {b"riff": "W64", b"fLaC": "FLAC", b"OggS": "OGG", b".snd": "AU", b"caff": "CAF"}
_NO_SOUND = (b"MThd", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"\xd0\xcf")
# What other programs play, by its first bytes: the name that an artist knows it by.
_FOREIGN = (
    (b"\x30\x26\xb2\x75\x8e\x66", "WMA"),
    (b"\x1a\x45\xdf\xa3", "Matroska/WebM"),
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"TTA1", "TTA"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b"#!AMR", "AMR"),
    (b".RMF", "RealAudio"),
    (b".ra\xfd", "RealAudio"),
    (b"FLV\x01", "Flash Video"),
    (b"\x0b\x77", "AC-3"),
    (b"ADIF", "AAC"),
)
_IN_OGG = {
    b"Speex   ": "Speex",
    b"\x80theora": "Theora",
    b"\x7fFLAC": "Ogg FLAC",
}
_IN_WAV = {0x160: "WMA", 0x161: "WMA", 0x162: "WMA", 0x163: "WMA", 0xFF: "AAC", 0x1600: "AAC"}
_IN_WAV |= {0x1602: "AAC", 0x2000: "AC-3", 0x2001: "DTS", 0x270: "ATRAC3"}
_IN_CAF = {b"alac": "Apple Lossless", b"aac ": "AAC", b".mp3": "MP3 in CAF"}
_LISTS = (b"v=0", b"#extm3u", b"[playlist]", b"<asx", b"<?wpl", b"[reference]")
_ADTS = 0xF6  # the bits that tell AAC's frames from those of MPEG audio
_STUB_BYTES = 1500  # of a file that may be cut within its first frame


def kind_of(data: bytes) -> str:
    """The container that the first bytes name; "" for none that holds sound and is read here."""
    if tags := after_id3(data):
        return kind_of(data[tags:]) or ("" if foreign_kind(data) else "MP3")
    head, form = data[:4], data[8:12]
    if head in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return "WAV" if form == b"WAVE" else ""
    if head == b"FORM":
        return "AIFF" if form in (b"AIFF", b"AIFC") else ""
    if head in _HEADS:
        return _HEADS[head]
    short = len(data) < _STUB_BYTES and begins_as_frame(data)
    return "MP3" if _may_be_mpeg(data) and (short or first_frame(data) >= 0) else ""


def _may_be_mpeg(data: bytes) -> bool:
    """Frames are looked for anywhere in what is neither another kind of file nor text."""
    if data.startswith(_NO_SOUND) or foreign_kind(data):
        return False
    sample = data[:2048]
    return not sample.isascii() or sample.count(0) > 0


def foreign_kind(data: bytes) -> str:
    """The name of a kind of sound that is not read here; "" where it is none that is known."""
    if data[:3] == b"ID3":
        data = data[after_id3(data) :]
    if data[4:8] == b"ftyp":
        return "M4A/MP4" if data[8:10] != b"qt" else "QuickTime"
    if data[:1] == b"\xff" and len(data) > 6 and data[1] & _ADTS == 0xF0:
        return "AAC"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "AVI"
    if data[:4] == b"OggS":
        return next((name for sign, name in _IN_OGG.items() if sign in data[:120]), "")
    if data[:4] == b"RIFF" and data[12:16] == b"fmt ":
        return _IN_WAV.get(int.from_bytes(data[20:22], "little"), "")
    if data[:4] == b"caff":
        return next((name for sign, name in _IN_CAF.items() if data[28:32] == sign), "")
    return next((name for sign, name in _FOREIGN if data.startswith(sign)), "")


def names_sound(data: bytes) -> bool:
    """Whether the bytes are a recording, of a kind that is read here or not."""
    return bool(kind_of(data) or foreign_kind(data)) or is_playlist(data)


def is_playlist(data: bytes) -> bool:
    """A text that only says where sounds are (SDP, M3U, PLS, ASX, WPL)."""
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_LISTS)
