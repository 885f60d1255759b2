"""What a brief asks of the model: language, form, tune, and how many tokens that may take."""

from collections import Counter
from dataclasses import dataclass, replace

from engine.media.text.notation import STOP
from engine.media.text.tokens import (
    FORMS,
    LANGUAGES,
    TEXT,
    Piece,
    Tokens,
    special,
)
from engine.protocol import CI_TUNES, TextBrief
from engine.sequence.adapt import StyleTensors, works_of

# A form of the brief → the form that the model was taught with it.
_TAUGHT = {
    **{form: form for form in ("五绝", "七绝", "五律", "七律", "sonnet", "prose")},
    **{"quatrains": "verse", "haiku": "verse", "free verse": "verse"},
    **{"dialogue": "drama"},
}
# The form of a reference → the form of the brief that says the same.
_ASKED = {
    **{form: form for form in ("五绝", "七绝", "五律", "七律", "sonnet", "prose")},
    **{"五古": "古体", "七古": "古体", "verse": "free verse", "drama": "dialogue"},
    **{"speech": "prose", "scripture": "prose"},
}
_LENGTH = {"zh": 60, "en": 120}  # characters or words where neither form nor artist says it
_TOKENS_A_UNIT = {"zh": 1.4, "en": 3.2}
_MARGIN = 90
SHORTER, LONGER = 0.85, 1.18  # of lines: from there on a regulated form is another one
_WINDOW = 600  # tokens of a work that are remembered at most: the rest of the context is references
_USUAL = 0.5  # the share of lines of five and seven from which old-style verse follows them
_FIXED = {
    **{"五绝": 24, "七绝": 32, "五律": 48, "七律": 64, "sonnet": 150, "haiku": 30},
    **dict.fromkeys(CI_TUNES, 130),
}


@dataclass(frozen=True, slots=True)
class GenerationSpec:
    """brief: with its form decided. piece: the head the model is given.

    room: the tokens that the work will likely take, or fewer. window: so many of its last tokens
    the model remembers. width: the usual line of the references, 5 or 7 characters, 0 for none.
    """

    brief: TextBrief
    language: str
    piece: Piece
    room: int
    width: int = 0

    @property
    def window(self) -> int:
        return min(self.room, _WINDOW)


def spec_of(style: StyleTensors, brief: TextBrief, tokens: Tokens) -> GenerationSpec:
    """Of a brief without a form, the form that most of the references' weight has."""
    taught, language, heading = _commonest(style, tokens)
    width = usual_width(style, tokens)
    if brief.form:
        language = _language_of(brief.form) or language
        if brief.form in CI_TUNES:
            taught, heading = "词", brief.form
        elif brief.form == "古体":
            taught, heading = "七古" if width == 7 else "五古", ""
        else:
            taught, heading = _TAUGHT.get(brief.form, taught), ""
    else:
        form = heading if heading in CI_TUNES else _ASKED.get(taught, "")
        lined = _with_lines(form, brief.line)
        taught = taught if lined == form else _TAUGHT[lined]
        brief = replace(brief, form=lined)
    units = _FIXED.get(brief.form) or brief.length or _LENGTH[language]
    room = int(units * _TOKENS_A_UNIT[language]) + _MARGIN
    return GenerationSpec(brief, language, Piece(language, taught, "", heading), room, width)


def usual_width(style: StyleTensors, tokens: Tokens) -> int:
    """Characters of a line, 5 or 7, whichever more of the references' weight has; 0 where most
    lines have neither."""
    shares: Counter[int] = Counter()
    for row, weight in zip(works_of(style), style["weights"].tolist(), strict=True):
        lines = [line for line in STOP.split(tokens.decode(row[row.index(TEXT) :])) if line]
        for line in lines:
            shares[len(line)] += weight / len(lines)
    width = 7 if shares[7] > shares[5] else 5
    return width if shares[5] + shares[7] > _USUAL * shares.total() else 0


def _with_lines(form: str, line: float) -> str:
    """The like of a regulated Chinese form in lines of five or seven, where `line` asks for it."""
    if form in ("五绝", "七绝", "五律", "七律") and not SHORTER < line < LONGER:
        return ("五" if line < 1 else "七") + form[1]
    return form


def _language_of(form: str) -> str:
    return "zh" if form in CI_TUNES or "\u4e00" <= form[0] <= "\u9fff" else "en"


def _commonest(style: StyleTensors, tokens: Tokens) -> tuple[str, str, str]:
    """(form, language, heading) of the references' heads that weigh most together."""
    heads: Counter[tuple[str, str, tuple[int, ...]]] = Counter()
    names = {special(name): name for name in (*LANGUAGES, *FORMS)}
    for row, weight in zip(works_of(style), style["weights"].tolist(), strict=True):
        heading = tuple(row[3 : row.index(TEXT)])
        heads[names[row[2]], names[row[1]], heading] += weight
    form, language, heading = heads.most_common(1)[0][0]
    return form, language, tokens.decode(heading)
