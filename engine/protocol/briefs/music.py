"""What can be asked of music and sound, and which files they come in."""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.protocol.briefs.shared import Medium, TokenBrief
from engine.protocol.files import MIB, FileKind

RECORDINGS = FileKind(
    suffixes=(
        *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff"),
        *(".aifc", ".w64", ".rf64", ".caf", ".au"),
    ),
    max_bytes=200 * MIB,
)
SCORES = FileKind(
    suffixes=(".mid", ".midi", ".kar", ".rmi", ".musicxml", ".mxl", ".xml", ".abc"),
    max_bytes=10 * MIB,
)
MUSIC_FILES = (RECORDINGS, SCORES)
RECORDING_SUFFIXES, SCORE_SUFFIXES = RECORDINGS.suffixes, SCORES.suffixes
SOUNDFONT_SUFFIXES = (".sf2", ".sf3")
METRES = ("2/4", "3/4", "4/4", "6/8", "9/8", "12/8", "2/2", "3/2", "3/8", "5/4", "7/8")
INSTRUMENTS = (  # the built-in sounds, by General MIDI program
    *("piano", "electric piano", "bell piano", "harpsichord", "celesta", "glockenspiel"),
    *("music box", "vibraphone", "marimba", "xylophone", "tubular bells", "dulcimer"),
    *("electric organ", "church organ", "harmonium", "accordion", "harmonica", "nylon guitar"),
    *("steel guitar", "jazz guitar", "distorted guitar", "double bass", "electric bass"),
    *("synthesised bass", "violin", "viola", "cello", "contrabass", "plucked strings", "harp"),
    *("timpani", "strings", "choir", "trumpet", "trombone", "tuba", "muted trumpet", "horn"),
    *("brass", "saxophone", "tenor saxophone", "oboe", "English horn", "bassoon", "clarinet"),
    *("piccolo", "flute", "recorder", "pan flute", "ocarina", "square wave", "sawtooth wave"),
    *("warm pad", "sitar", "banjo", "shamisen", "koto", "kalimba", "bagpipe", "shawm"),
    *("steel drums", "wood block", "drum"),
)
MIN_TEMPO, MAX_TEMPO = 30, 300  # quarter notes a minute
MAX_BARS, MAX_TEXTURE_S = 64, 120
MAX_ROOM_M = 60.0
MAX_VOICES = 8


class MusicForm(StrEnum):
    """What is made of sound references; "" in a brief: what they have."""

    MUSIC = "music"  # notes, played
    TEXTURE = "texture"  # a stretch of sound like theirs: rain, a crowd, a drone


class Mode(StrEnum):
    MAJOR = "major"
    MINOR = "minor"


class MusicUse(StrEnum):
    """What is made of the content, a score."""

    EXTEND = "extend"  # goes on from its end
    VARY = "vary"  # another piece like it: its form, harmony and rhythm, other notes
    ACCOMPANY = (
        "accompany"  # it stays, and gets chords and a bass, drums where references have some
    )
    FILL = "fill"  # some of its bars are composed anew, the others stay as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicBrief(TokenBrief):
    """Everything that decides a piece of music or a texture, besides the style.

    form: a `MusicForm`; "" is music where the references have notes. length: bars, or seconds of
    a texture; 0 is as long as a reference, 20 s. metre: one of METRES; key: "C", "F#", "Bb" …,
    mode; tempo: quarter notes a minute; "" and 0 are the references' own. pace: 0.5 … 2, the
    tempo against theirs where none is named. lift: semitones that a finished work is moved up by,
    whole octaves where a key is named. density: 0.5 … 2, notes against the references'. voices: 1
    is melody alone, 0 as many as they have. loop: the end leads back to the beginning, without a
    seam. content: a score; score_use: what is made of it, see `MusicUse`; first_bar, last_bar: of
    those that are filled, from 1, both included. sound: whose it is: "" the references' own, or an
    instrument that fits; the name of a built-in instrument; the path of a recording or of a
    SoundFont. room: metres of the room that it is played in, 0 for none. At the usual
    temperature notes are drawn as likely as the generator finds them. nearness: 0 … 1,
    from new music in their manner to variations on theirs; of a varied score, to variations on it.
    invention: 0 … 1, how small the pieces of a texture are. prompt: what it
    sounds like, in words, for generators that read them.
    """

    medium: Medium = field(default=Medium.AUDIO, init=False)
    form: str = ""
    length: int = 0
    invention: float = 0.4
    nearness: float = 0.5
    metre: str = ""
    key: str = ""
    mode: str = ""
    tempo: int = 0
    pace: float = 1.0
    lift: int = 0
    density: float = 1.0
    voices: int = 0
    loop: bool = False
    content: str = ""
    score_use: MusicUse = MusicUse.EXTEND
    first_bar: int = 0
    last_bar: int = 0
    sound: str = ""
    prompt: str = ""
    room: float = 6.0
