"""What may be asked of texts: limits, files, and options of the command line."""

from engine.core.brief_rules import BriefRules, Option, as_given
from engine.core.limits import check_number, check_sampling, check_shared
from engine.protocol import TEXT_FILES, Script, TextBrief

MAX_COPY_LIMIT = 1000  # characters or words in a row
MIN_LINE, MAX_LINE = 0.5, 2.0

OPTIONS = (
    Option(name="form", help="五绝, sonnet …; the references' own"),
    Option(name="length", parse=int, help="characters (zh) or words (en)"),
    Option(name="prompt", metavar="WORDS", help="the text begins with it"),
    Option(name="keywords", several=True, metavar="WORD"),
    Option(name="acrostic", help="how the lines begin"),
    Option(name="tones", switch=True, help="keep the tonal pattern"),
    Option(name="script", choices=tuple(map(str, Script))),
    Option(name="temperature", parse=float),
    Option(name="top-p", parse=float),
    Option(name="line", parse=float, metavar="0.5..2", help="how long lines are"),
    Option(name="copy-limit", parse=int, help="longest run shared; 0: 12 or 8"),
)


def check(brief: TextBrief) -> None:
    """Raises BadInput for a brief that cannot be met; of the form, the generator says more."""
    check_shared(brief)
    check_sampling(brief.temperature, brief.top_p)
    check_number("copy_limit", brief.copy_limit, 0, MAX_COPY_LIMIT)
    check_number("line", brief.line, MIN_LINE, MAX_LINE)


def sources(_brief: TextBrief) -> dict[str, str]:
    """A text is made from its style alone."""
    return {}


RULES = BriefRules(
    works="texts",
    kind=TextBrief,
    check=check,
    sources=sources,
    files=TEXT_FILES,
    options=OPTIONS,
    from_options=as_given(TextBrief),
)
