"""The forms of texts: which there are, in which language, and what may be asked of each."""

from dataclasses import replace

from engine.protocol import CHINESE_FORMS, CI_TUNES, ENGLISH_FORMS, GeneratorInfo, TextBrief

AS_REFERENCES = ""
EVERY = "*"  # of a generator's forms
REGULATED = ("五绝", "七绝", "五律", "七律")  # these have a tonal pattern
OPEN = (AS_REFERENCES, "古体", "quatrains", "free verse", "prose", "dialogue")
GROUPS = {"verse": CHINESE_FORMS, "tunes": CI_TUNES, "english": ENGLISH_FORMS}
_LINES = {"五绝": 4, "七绝": 4, "五律": 8, "七律": 8, "sonnet": 14, "haiku": 3}


def is_served(form: str, generator: GeneratorInfo | None) -> bool:
    """Whether the generator writes it; without a generator nothing is ruled out."""
    return generator is None or not form or form in generator.forms or EVERY in generator.forms


def is_chinese(form: str) -> bool:
    return form in CHINESE_FORMS or form in CI_TUNES


def is_open(form: str) -> bool:
    """Whether the artist says how long a text is, not the form."""
    return form in OPEN


def has_tones(form: str) -> bool:
    return form in REGULATED


def has_open_lines(form: str) -> bool:
    """Whether the artist may say how long lines are: the form does not, or is not known yet."""
    return form in (AS_REFERENCES, "free verse")


def lines(form: str) -> int:
    """How many lines a text will have, for a wall that does not jump; 0 when nobody knows."""
    return _LINES.get(form, 0)


def trimmed(brief: TextBrief) -> TextBrief:
    """Without wishes that the form has no place for: the panel does not show them."""
    return replace(
        brief,
        length=brief.length if is_open(brief.form) else 0,
        tones=brief.tones and has_tones(brief.form),
        line=brief.line if has_open_lines(brief.form) else 1.0,
    )
