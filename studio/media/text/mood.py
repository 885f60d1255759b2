"""The mood of texts: words of light and dark, warm and cold, and how often the voice breaks off.

A generator of texts has no dial for it. So more are written than are wanted, and the one whose own
words come nearest to the mood is taken.
"""

import re
from dataclasses import replace

from engine.protocol import TextBrief
from studio.state.mood import Mood, limited

_WORDS = {
    "light": "light bright brightness sun sunny sunlight shine shines shining shone gold golden "
    "dawn morn morning day daylight white clear clearer fair gleam glow glowing star stars silver "
    "joy glad laugh laughing spring summer smile sweet hope",
    "dark": "dark darkness darker night nights midnight shadow shadows shade black gloom dim dusk "
    "evening cloud clouds grave death die dead sorrow grief weep tears mourn blind winter sad pale "
    "despair lonely alone",
    "warm": "warm warmth fire flame flames burn burning sun summer heart love blood red rose roses "
    "hot gold golden ember hearth kiss wine",
    "cold": "cold cool winter snow ice icy frost frozen wind winds blue silver stone moon rain "
    "pale autumn north sea grey chill",
}
_SIGNS = {
    "light": "明光日晴晓朝晨春华金白辉亮照晖曙喜笑欢欣新",
    "dark": "暗夜黑昏暮幽阴晚愁悲泪死孤独哀恨寂冥怨残断",
    "warm": "暖火红热春夏花桃炉酒醉情心朱丹阳炎",
    "cold": "寒冷雪霜冰秋冬风凉清孤月雨碧青水江石泉",
}
_TRADITIONAL = str.maketrans("晓华辉晖欢阴独泪残断红热夏炉阳凉", "曉華輝暉歡陰獨淚殘斷紅熱夏爐陽涼")
_HAN = re.compile(r"[\u3400-\u9fff]")
_BREAKS = re.compile(r"[!?！？—…;；]|--")
_USUAL_BREAKS, _SPREAD = 0.02, 0.03  # of a word or character
_LINES = 0.35  # how much shorter lines become, in octaves


def mood_of(text: str) -> Mood:
    """By the words alone; the same whatever the references are."""
    if _HAN.search(text):
        units = _HAN.findall(text)
        kinds = {
            kind: set(signs) | set(signs.translate(_TRADITIONAL)) for kind, signs in _SIGNS.items()
        }
    else:
        units = re.findall(r"[a-z]+", text.casefold())
        kinds = {kind: set(words.split()) for kind, words in _WORDS.items()}
    count = {kind: sum(unit in words for unit in units) for kind, words in kinds.items()}
    breaks = len(_BREAKS.findall(text)) / max(1, len(units))
    return Mood(
        limited((breaks - _USUAL_BREAKS) / _SPREAD / 2),
        _balance(count["light"], count["dark"]),
        _balance(count["warm"], count["cold"]),
    )


def _balance(more: int, less: int) -> float:
    """-1 … 1; one word alone does not say everything."""
    return limited((more - less) / (more + less + 2))


def in_mood(brief: TextBrief, mood: Mood) -> TextBrief:
    """Shorter lines when agitated, where the form leaves them open."""
    line = brief.line * 2 ** (-_LINES * mood.agitation)
    return replace(brief, line=round(min(2.0, max(0.5, line)), 3))
