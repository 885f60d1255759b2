"""Characters as people mean them: one form of each, nothing unseen, lines that end alike."""

import re
import unicodedata

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufff9-\ufffb]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ODD_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_BLANKS = re.compile(r"\n{3,}")
# Printers' ligatures, and the radicals that fonts of Chinese confuse with the characters.
_LIGATURES = range(0xFB00, 0xFB07)
_KANGXI = range(0x2F00, 0x2FD6)
_SUPPLEMENT = (  # of radicals, by the characters that they look like
    *(
        "⺁厂",
        "⺇几",
        "⺈刀",
        "⺉刂",
        "⺋卩",
        "⺎兀",
        "⺏尢",
        "⺐尢",
        "⺑尢",
        "⺒巳",
        "⺓幺",
        "⺔彑",
    ),
    *(
        "⺕彐",
        "⺖忄",
        "⺗心",
        "⺘扌",
        "⺙攵",
        "⺛旡",
        "⺜日",
        "⺝月",
        "⺞歹",
        "⺟母",
        "⺠民",
        "⺡氵",
    ),
    *(
        "⺢水",
        "⺣灬",
        "⺥爪",
        "⺦丬",
        "⺧牛",
        "⺨犭",
        "⺫罒",
        "⺬示",
        "⺭礻",
        "⺯糸",
        "⺰纟",
        "⺱罒",
    ),
    *(
        "⺲罒",
        "⺳网",
        "⺶羊",
        "⺷羊",
        "⺸羊",
        "⺹老",
        "⺺肀",
        "⺻聿",
        "⺼肉",
        "⺽臼",
        "⺾艹",
        "⺿艹",
    ),
    *(
        "⻀艹",
        "⻁虎",
        "⻂衤",
        "⻃西",
        "⻄西",
        "⻅见",
        "⻆角",
        "⻉贝",
        "⻊足",
        "⻋车",
        "⻌辶",
        "⻍辶",
    ),
    *(
        "⻎辶",
        "⻏阝",
        "⻐钅",
        "⻑長",
        "⻒镸",
        "⻓长",
        "⻔门",
        "⻕阜",
        "⻖阝",
        "⻗雨",
        "⻘青",
        "⻙韦",
    ),
    *(
        "⻚页",
        "⻛风",
        "⻜飞",
        "⻝食",
        "⻟飠",
        "⻠饣",
        "⻢马",
        "⻣骨",
        "⻤鬼",
        "⻥鱼",
        "⻦鸟",
        "⻧卤",
    ),
    *(
        "⻨麦",
        "⻩黄",
        "⻪黾",
        "⻫斉",
        "⻬齐",
        "⻭歯",
        "⻮齿",
        "⻯竜",
        "⻰龙",
        "⻱龜",
        "⻲亀",
        "⻳龟",
    ),
)
_USUAL = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in (*_LIGATURES, *_KANGXI)},
    **{ord(radical): character for radical, character in _SUPPLEMENT},
}


def tidy(text: str) -> str:
    """NFC, line feeds, no control or invisible characters, no trailing spaces, single blank lines;
    ligatures of printers and radicals of fonts become the letters and characters that they show.

    Idempotent. Leading spaces of a line stay where a poet put them, but none before the first.
    """
    text = text.encode("utf-8", "ignore").decode("utf-8")  # no lone halves of surrogate pairs
    text = _LINE_ENDS.sub("\n", text).replace("\xad\n", "-\n")
    text = _ODD_SPACES.sub(" ", _UNSEEN.sub("", text).replace("\ufeff", "").replace("\ufffd", ""))
    text = unicodedata.normalize("NFC", text.translate(_USUAL))
    lines = "\n".join(line.rstrip(" \u3000") for line in text.split("\n"))
    return _BLANKS.sub("\n\n", lines).strip()
