"""Which language a text is in: by its letters, and in Latin letters by its commonest words.

The generator knows Chinese and English. Of everything else only a memory-only voice can be made,
which has to know whether words stand apart there.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

CHINESE, ENGLISH = "zh", "en"
HAN, KANA, LATIN = "HAN", "KANA", "LATIN"
UNSPACED = ("KANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")  # words without spaces between
RIGHT_TO_LEFT = {"HEBREW", "ARABIC", "SYRIAC", "THAANA", "NKO", "ADLAM"}
LETTERS_A_HAN = 4  # a Chinese character weighs about as much as four Latin letters
KANA_SHARE = 0.08  # of Han and kana: more than a quoted の
ENOUGH_WORDS = 40  # from here on English must show itself
LEAST_ENGLISH = 0.1  # the share of its commonest words; plain English has 0.3 to 0.5
SAMPLE = 8000  # characters; a language shows long before

# How a language or script calls itself, so that every window can show it.
NAMES = {
    **{KANA: "日本語", "HANGUL": "한국어", "CYRILLIC": "Кириллица", "GREEK": "Ελληνικά"},
    **{"THAI": "ไทย", "DEVANAGARI": "देवनागरी", "HEBREW": "עברית", "ARABIC": "العربية"},
    **{"fr": "français", "de": "Deutsch", "es": "español", "it": "italiano", "pt": "português"},
    **{"nl": "Nederlands", "la": "Latina", LATIN: "?"},
}
COMMON = {
    ENGLISH: "the and of to a in that is was he for it with as his on be at by i this had not are "
    "but from or have an they which one you were her all she there would their we him been has "
    "when who will more no if out so what up its about into than them can only other some could "
    "my me our your thy thou thee upon do did shall where how then now o these am nor yet",
    "fr": "le la les de des et un une du que qui dans je il elle ne pas ce est pour sur au aux en "
    "se plus par mon ma son sa nous vous mais comme avec tout l qu j à où dès",
    "de": "der die das und ist nicht ein eine zu den von mit ich er sie es dem sich auf des im so "
    "wie wir auch war aus bei nach nur noch dass in du dich mich dir mir kein einen allen über "
    "durch wenn daß",
    "es": "el la los las de y que en un una es no se por con para su lo como del al mi te más pero "
    "yo si sin sobre",
    "it": "il lo la gli le di e che un una per non è con si del della mi come ma più io nel al da "
    "sono",
    "pt": "o a os as de e que um uma em não se por com para do da no na mais como mas eu ao",
    "nl": "de het een en van ik te dat die in is niet je zijn op met voor maar er hij zij aan om",
    "la": "et in est non ad cum ut sed qui quae quod per ex ab si nec atque esse sunt mihi te",
}
_COMMON = {language: frozenset(words.split()) for language, words in COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """ "zh", "en", a key of NAMES, the name of another Unicode script, or "" without letters."""
    weights = _weights(text[:SAMPLE])
    if not weights:
        return ""
    kana, han = weights[KANA], weights[HAN]
    if kana > KANA_SHARE * (kana + han):
        weights[KANA], weights[HAN] = kana + han, 0
    script = max(weights, key=lambda name: weights[name])
    if script == HAN:
        return CHINESE
    return _latin_language(text[:SAMPLE]) if script == LATIN else script


def name_of(language: str) -> str:
    """For people, in its own words."""
    return NAMES.get(language, language.capitalize())


def count_units(text: str, language: str) -> int:
    """Characters of Chinese, letters where words do not stand apart, words of anything else."""
    if language == CHINESE:
        return sum(_script(c) == HAN for c in text)
    if language in UNSPACED:
        return sum(map(str.isalpha, text))
    return len(_WORD.findall(text))


def _weights(text: str) -> Counter[str]:
    """How much of the text each script has, in Latin letters."""
    weights: Counter[str] = Counter()
    for character, times in Counter(text).items():
        script = _script(character)
        if script:
            weights[script] += times * (LETTERS_A_HAN if script in (HAN, KANA, "HANGUL") else 1)
    return weights


@lru_cache(maxsize=8192)
def _script(character: str) -> str:
    """HAN, KANA, LATIN, HANGUL, CYRILLIC, …; "" for what is no letter."""
    if not unicodedata.category(character).startswith("L"):
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    return {
        **{"CJK": HAN, "HIRAGANA": KANA, "KATAKANA": KANA, "FULLWIDTH": LATIN},
        **{"HALFWIDTH": KANA, "KATAKANA-HIRAGANA": "", "MODIFIER": "", "": ""},
    }.get(first, first)


def _latin_language(text: str) -> str:
    """English unless it clearly is not: a few words get the benefit of the doubt."""
    words = [word.lower() for word in _WORD.findall(text)]
    hits = {name: sum(word in common for word in words) for name, common in _COMMON.items()}
    english = hits.pop(ENGLISH)
    other = max(hits, key=lambda name: hits[name])
    if hits[other] >= 3 and hits[other] > 1.5 * english:
        return other
    if len(words) >= ENOUGH_WORDS and english < LEAST_ENGLISH * len(words):
        return LATIN
    return ENGLISH
