"""What is asked for: media, forms, limits, and the brief that decides an output beside the style.

Imports nothing heavy, so that the window can import it (through `engine.messages`).
"""

from dataclasses import dataclass
from enum import StrEnum

MAX_REFERENCES = 10
MAX_COUNT, MAX_CANDIDATES = 16, 8
MIN_SIDE_PX, MAX_SIDE_PX = 32, 2048
PICTURE_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jfif", ".webp", ".avif", ".heic", ".heif"),
    *(".tif", ".tiff", ".psd", ".bmp", ".gif"),
)
TEXT_SUFFIXES = (
    *(".txt", ".md", ".html", ".htm", ".docx", ".odt", ".rtf", ".pdf", ".epub"),
    *(".srt", ".vtt", ".lrc"),
)
RECORDING_SUFFIXES = (
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff"),
    *(".aifc", ".w64", ".rf64", ".caf"),
)
SCORE_SUFFIXES = (".mid", ".midi", ".kar", ".rmi", ".musicxml", ".mxl", ".xml", ".abc")
SOUNDFONT_SUFFIXES = (".sf2", ".sf3")
CHINESE_FORMS = ("五绝", "七绝", "五律", "七律", "古体")  # beside the tunes
CI_TUNES = (
    *("浣溪沙", "菩萨蛮", "水调歌头", "鹧鸪天", "临江仙", "满江红", "西江月", "减字木兰花"),
    *("蝶恋花", "点绛唇", "沁园春", "清平乐", "念奴娇", "贺新郎", "虞美人", "好事近"),
    *("满庭芳", "水龙吟", "渔家傲", "卜算子", "南乡子", "玉楼春", "踏莎行", "如梦令"),
)
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
MAX_VOICES = 8
ENGLISH_FORMS = ("sonnet", "quatrains", "haiku", "free verse", "prose", "dialogue")


class Medium(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"


class Script(StrEnum):
    """How Chinese is written."""

    SIMPLIFIED = "simplified"
    TRADITIONAL = "traditional"


class MusicForm(StrEnum):
    """What is made of sound references; "" in a brief: what they have."""

    MUSIC = "music"  # notes, played
    TEXTURE = "texture"  # a stretch of sound like theirs: rain, a crowd, a drone


class Mode(StrEnum):
    MAJOR = "major"
    MINOR = "minor"


class Use(StrEnum):
    """Where a picture starts from, and so what of it is kept."""

    COMPOSE = "compose"  # from noise
    RESTYLE = "restyle"  # the content's shapes, the style's colours and marks
    VARY = "vary"  # another work like the content
    FILL = "fill"  # the content, its masked region painted anew
    EXTEND = "extend"  # the content in the middle of a larger canvas
    ENLARGE = "enlarge"  # the content at a larger size, with the references' own detail


class Palette(StrEnum):
    """Whose colours a picture has."""

    THEIRS = "theirs"  # the references'
    MINE = "mine"  # the content's
    FIXED = "fixed"  # those named in the brief


class Symmetry(StrEnum):
    NONE = "none"
    MIRROR = "mirror"  # left and right
    BOTH = "both"  # left and right, top and bottom
    TURN = "turn"  # half a turn leaves it as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Everything that decides an output, besides the style; `medium` says which parts of it count.

    Work i of a batch has seed `seed + i`, and is the same when it is made alone. follow: 0 … 1, how
    far what ratings have taught is followed; candidates: so many works are then made for each that
    is shown, 0 is the usual number, 1 is no choice and the brief as it stands.
    Pictures. invention: 0 keeps the references' composition, 1 invents freely. collage: 0 … 1, how
    much of the references may be recognised, from small marks to large pieces. boldness: 0 is
    their grain alone, 1 strokes and contours first. detail: 0 … 1, how fine strokes become.
    tile: the picture repeats seamlessly in both directions. brush: 0.5 … 2, the size of the marks
    against the references'. symmetry, palette: see there; colours "#rrggbb" of a fixed palette.
    use: see `Use`; all but composing need content, the path of a picture, and filling a mask, one
    whose light parts are painted anew. strength: of restyling and varying, 0 keeps the content, 1
    is the style in the content's shapes, 2 only hints at it. light, contrast, warmth, redness,
    vividness: -1 … 1, the last colours of a picture, 0 is as it was painted. variation: 0 … 1, how
    far works stray from the one of seed `root`: at 1, the usual, they have nothing to do with it.
    Texts. form: one of CHINESE_FORMS, CI_TUNES or ENGLISH_FORMS; "" is the references' own.
    length: so many characters (zh) or words (en) where the form is open; 0 is the form's own.
    temperature: 0.1 … 2, how daring the words are. top_p: only the likeliest words of that share.
    strength: 0 is the voice of nobody, 1 as the references, up to 2 their manner exaggerated.
    prompt: words the text begins with. keywords: words that appear. acrostic: the first character
    (zh) or letter (en) of each line. tones: keep the tonal pattern of a regulated Chinese form.
    script: how Chinese is written. copy_limit: the longest run of characters (zh) or words (en)
    that may stand in a reference, or in what the generator learned from where it is more than the
    usual 12 or 8; 0 is the usual. line: 0.5 … 2, how long lines are against the references' where
    the form leaves it open; Chinese without a form has lines of five below 0.85, of seven above
    1.18.
    Music. form: a `MusicForm`; "" is music where the references have notes. length: bars, or
    seconds of a texture; 0 is 16 bars, 20 s. metre: one of METRES; key: "C", "F#", "Bb" …, mode;
    tempo: quarter notes a minute; "" and 0 are the references' own. pace: 0.5 … 2, the tempo
    against theirs where none is named. lift: semitones that a finished work is moved up by, whole
    octaves where a key is named. density: 0.5 … 2, notes against the references'. voices: 1 is
    melody alone, 0 as many as they have. loop: the end leads back to the beginning, without a seam.
    content: a score to go on from. sound: whose it is: "" the references' own, or else an
    instrument that fits; the name of a built-in instrument; the path of a recording or of a
    SoundFont. temperature, top_p, strength: as of texts; at the usual temperature notes are drawn
    as likely as the generator finds them. invention: 0 … 1, how small the pieces of a texture are.
    """

    medium: Medium = Medium.IMAGE
    count: int = 4
    seed: int = 0
    strength: float = 1.0
    follow: float = 1.0
    candidates: int = 0
    width_px: int = 512
    height_px: int = 352
    invention: float = 0.4
    collage: float = 0.5
    boldness: float = 0.5
    detail: float = 0.5
    tile: bool = False
    brush: float = 1.0
    symmetry: Symmetry = Symmetry.NONE
    palette: Palette = Palette.THEIRS
    colours: tuple[str, ...] = ()
    light: float = 0.0
    contrast: float = 0.0
    warmth: float = 0.0
    redness: float = 0.0
    vividness: float = 0.0
    use: Use = Use.COMPOSE
    content: str = ""
    mask: str = ""
    variation: float = 1.0
    root: int = 0
    form: str = ""
    length: int = 0
    temperature: float = 0.9
    top_p: float = 0.95
    prompt: str = ""
    keywords: tuple[str, ...] = ()
    acrostic: str = ""
    tones: bool = False
    script: Script = Script.SIMPLIFIED
    copy_limit: int = 0
    line: float = 1.0
    metre: str = ""
    key: str = ""
    mode: str = ""
    tempo: int = 0
    pace: float = 1.0
    lift: int = 0
    density: float = 1.0
    voices: int = 0
    loop: bool = False
    sound: str = ""
