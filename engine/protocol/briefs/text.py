"""What can be asked of texts, and which files they come in."""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.protocol.briefs.shared import Medium, TokenBrief
from engine.protocol.files import MIB, FileKind, suffixes_of

PLAIN_TEXTS = FileKind(
    suffixes=(".txt", ".md", ".html", ".htm", ".rtf", ".srt", ".vtt", ".lrc"),
    max_bytes=10 * MIB,
)
DOCUMENTS = FileKind(suffixes=(".docx", ".odt", ".pdf", ".epub"), max_bytes=50 * MIB)
TEXT_FILES = (PLAIN_TEXTS, DOCUMENTS)
TEXT_SUFFIXES = suffixes_of(TEXT_FILES)
CHINESE_FORMS = ("五绝", "七绝", "五律", "七律", "古体")  # beside the tunes
CI_TUNES = (
    *("浣溪沙", "菩萨蛮", "水调歌头", "鹧鸪天", "临江仙", "满江红", "西江月", "减字木兰花"),
    *("蝶恋花", "点绛唇", "沁园春", "清平乐", "念奴娇", "贺新郎", "虞美人", "好事近"),
    *("满庭芳", "水龙吟", "渔家傲", "卜算子", "南乡子", "玉楼春", "踏莎行", "如梦令"),
)
ENGLISH_FORMS = ("sonnet", "quatrains", "haiku", "free verse", "prose", "dialogue")


class Script(StrEnum):
    """How Chinese is written."""

    SIMPLIFIED = "simplified"
    TRADITIONAL = "traditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBrief(TokenBrief):
    """Everything that decides a text, besides the style.

    form: one of CHINESE_FORMS, CI_TUNES or ENGLISH_FORMS; "" is the references' own. length: so
    many characters (zh) or words (en) where the form is open; 0 is the form's own. prompt: words
    the text begins with. keywords: words that appear. acrostic: the first character (zh) or letter
    (en) of each line. tones: keep the tonal pattern of a regulated Chinese form. script: how
    Chinese is written. copy_limit: the longest run of characters (zh) or words (en) that may stand
    in a reference, or in what the generator learned from where it is more than the usual 12 or 8;
    0 is the usual. line: 0.5 … 2, how long lines are against the references' where the form leaves
    it open; Chinese without a form has lines of five below 0.85, of seven above 1.18.
    """

    medium: Medium = field(default=Medium.TEXT, init=False)
    form: str = ""
    length: int = 0
    prompt: str = ""
    keywords: tuple[str, ...] = ()
    acrostic: str = ""
    tones: bool = False
    script: Script = Script.SIMPLIFIED
    copy_limit: int = 0
    line: float = 1.0
