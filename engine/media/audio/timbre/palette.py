"""The built-in timbres, in plain words, and which of them plays each General MIDI program."""

from dataclasses import dataclass, replace

from engine.media.audio.timbre.shipped_notes import shipped_notes
from engine.media.audio.timbre.sounds import Timbre
from engine.media.audio.timbre.weights import palette


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """program: General MIDI, 0..127; others: programs that it also stands for; source: the preset
    of the SoundFont whose notes it was learned from."""

    name: str
    program: int
    source: str
    others: tuple[int, ...] = ()


PALETTE = (
    BuiltIn("piano", 0, "Grand Piano", (1, 2, 3)),
    BuiltIn("electric piano", 4, "Tine Electric Piano"),
    BuiltIn("bell piano", 5, "FM Electric Piano"),
    BuiltIn("harpsichord", 6, "Harpsichord", (7,)),
    BuiltIn("celesta", 8, "Celesta"),
    BuiltIn("glockenspiel", 9, "Glockenspiel", (112,)),
    BuiltIn("music box", 10, "Music Box", (98,)),
    BuiltIn("vibraphone", 11, "Vibraphone"),
    BuiltIn("marimba", 12, "Marimba"),
    BuiltIn("xylophone", 13, "Xylophone"),
    BuiltIn("tubular bells", 14, "Tubular Bells"),
    BuiltIn("dulcimer", 15, "Dulcimer"),
    BuiltIn("electric organ", 16, "Drawbar Organ", (17, 18)),
    BuiltIn("church organ", 19, "Church Organ 2"),
    BuiltIn("harmonium", 20, "Reed Organ"),
    BuiltIn("accordion", 21, "Accordion", (23,)),
    BuiltIn("harmonica", 22, "Harmonica"),
    BuiltIn("nylon guitar", 24, "Nylon String Guitar"),
    BuiltIn("steel guitar", 25, "Steel String Guitar"),
    BuiltIn("jazz guitar", 26, "Jazz Guitar", (27, 28, 31)),
    BuiltIn("distorted guitar", 30, "Distortion Guitar", (29, 84)),
    BuiltIn("double bass", 32, "Acoustic Bass"),
    BuiltIn("electric bass", 33, "Fingered Bass", (34, 35, 36, 37)),
    BuiltIn("synthesised bass", 38, "Synth Bass 2", (39, 87)),
    BuiltIn("violin", 40, "Violin", (110,)),
    BuiltIn("viola", 41, "Viola"),
    BuiltIn("cello", 42, "Cello"),
    BuiltIn("contrabass", 43, "Contrabass"),
    BuiltIn("plucked strings", 45, "Strings Pizzicato"),
    BuiltIn("harp", 46, "Harp"),
    BuiltIn("timpani", 47, "Timpani"),
    BuiltIn("strings", 48, "Strings Fast", (44, 49, 50, 51, 55)),
    BuiltIn("choir", 52, "Choir Aahs", (53, 54, 85, 91, 94)),
    BuiltIn("trumpet", 56, "Trumpet"),
    BuiltIn("trombone", 57, "Trombone"),
    BuiltIn("tuba", 58, "Tuba"),
    BuiltIn("muted trumpet", 59, "Harmon Mute Trumpet"),
    BuiltIn("horn", 60, "French Horns"),
    BuiltIn("brass", 61, "Brass Section", (62, 63)),
    BuiltIn("saxophone", 65, "Alto Sax", (64,)),
    BuiltIn("tenor saxophone", 66, "Tenor Sax", (67,)),
    BuiltIn("oboe", 68, "Oboe"),
    BuiltIn("English horn", 69, "English Horn"),
    BuiltIn("bassoon", 70, "Bassoon"),
    BuiltIn("clarinet", 71, "Clarinet"),
    BuiltIn("piccolo", 72, "Piccolo"),
    BuiltIn("flute", 73, "Flute"),
    BuiltIn("recorder", 74, "Recorder"),
    BuiltIn("pan flute", 75, "Pan Flute", (76, 77)),
    BuiltIn("ocarina", 79, "Ocarina", (78,)),
    BuiltIn("square wave", 80, "Square Lead", (82, 83)),
    BuiltIn("sawtooth wave", 81, "Saw Lead", (86, 90)),
    BuiltIn("warm pad", 89, "Warm Pad", (88, 92, 93, 95, 96, 97, 99, 100, 101, 102, 103)),
    BuiltIn("sitar", 104, "Sitar"),
    BuiltIn("banjo", 105, "Banjo"),
    BuiltIn("shamisen", 106, "Shamisen"),
    BuiltIn("koto", 107, "Koto"),
    BuiltIn("kalimba", 108, "Kalimba"),
    BuiltIn("bagpipe", 109, "Bagpipe"),
    BuiltIn("shawm", 111, "Shenai"),
    BuiltIn("steel drums", 114, "Steel Drums", (113,)),
    BuiltIn("wood block", 115, "Woodblock"),
    BuiltIn("drum", 116, "Taiko Drum", (117, 118)),
)
_BY_NAME = {one.name: one for one in PALETTE}
_BY_PROGRAM = {program: one for one in reversed(PALETTE) for program in (one.program, *one.others)}
_BY_PROGRAM |= {one.program: one for one in PALETTE}


class UnknownTimbreError(KeyError):
    """A name that no built-in timbre has."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no built-in sound {name!r}: choose among {', '.join(presets())}"
        )


def presets() -> tuple[str, ...]:
    """The names of the built-in timbres, by General MIDI program."""
    return tuple(one.name for one in PALETTE)


def preset(name: str) -> Timbre:
    """A built-in timbre and its recorded notes.

    Raises `UnknownTimbreError`, `WrongCheckpointError`.
    """
    if name not in _BY_NAME:
        raise UnknownTimbreError(name)
    return replace(palette()[name], recorded=shipped_notes(name))


def program_of(name: str) -> int:
    """The General MIDI program of a built-in timbre, 0..127. Raises `UnknownTimbreError`."""
    if name not in _BY_NAME:
        raise UnknownTimbreError(name)
    return _BY_NAME[name].program


def name_for_program(program: int) -> str:
    """The built-in timbre that plays a General MIDI program; a piano where none is near."""
    found = _BY_PROGRAM.get(program)
    return found.name if found else presets()[0]


def preset_for_program(program: int) -> Timbre:
    """Raises `WrongCheckpointError`."""
    return preset(name_for_program(program))
