"""What may be asked of music and sound: limits, files, and options of the command line."""

from engine.core.brief_rules import BriefRules, Option, as_given
from engine.core.errors import BadInput
from engine.core.limits import check_number, check_sampling, check_shared
from engine.protocol import (
    INSTRUMENTS,
    MAX_BARS,
    MAX_ROOM_M,
    MAX_TEMPO,
    MAX_TEXTURE_S,
    MAX_VOICES,
    METRES,
    MIN_TEMPO,
    MUSIC_FILES,
    Mode,
    MusicBrief,
    MusicForm,
    MusicUse,
)

MIN_DENSITY, MAX_DENSITY = 0.5, 2.0
MIN_PACE, MAX_PACE = 0.5, 2.0
MOST_BAR = 100_000  # of a score that bars are filled in
MAX_LIFT = 24  # semitones, up or down

OPTIONS = (
    Option(name="form", help="music, texture; what the references have"),
    Option(name="length", parse=int, help="bars, or seconds of a texture; 0: theirs"),
    Option(name="content", metavar="FILE", source=True, help="a score to start from"),
    Option(
        name="score-use",
        choices=tuple(map(str, MusicUse)),
        help="extend, vary, fill, accompany",
    ),
    Option(name="first-bar", parse=int, metavar="N", help="of those that are filled"),
    Option(name="last-bar", parse=int, metavar="N", help="of those that are filled"),
    Option(name="invention", parse=float, metavar="0..1", help="how small a texture's pieces are"),
    Option(name="nearness", parse=float, metavar="0..1", help="new … variations on theirs"),
    Option(name="prompt", metavar="WORDS", help="what it sounds like; read by sound models"),
    Option(name="metre", choices=METRES),
    Option(name="key", help="C, F#, Bb …"),
    Option(name="mode", choices=tuple(map(str, Mode))),
    Option(name="tempo", parse=int, help="quarter notes a minute"),
    Option(name="pace", parse=float, metavar="0.5..2", help="of the tempo"),
    Option(name="lift", parse=int, metavar="SEMITONES"),
    Option(name="density", parse=float, metavar="0.5..2"),
    Option(name="voices", parse=int, help="1: melody alone; 0: theirs"),
    Option(name="loop", switch=True, help="ends as it begins, without a seam"),
    Option(name="sound", source=True, help="an instrument, a recording, a SoundFont; theirs"),
    Option(name="room", parse=float, metavar="METRES", help="that it is played in; 0: none"),
    Option(name="temperature", parse=float),
    Option(name="top-p", parse=float),
)


def check(brief: MusicBrief) -> None:
    """Raises BadInput for a brief that cannot be met; what hangs on the style, jobs say."""
    check_shared(brief)
    check_sampling(brief.temperature, brief.top_p)
    check_number("invention", brief.invention, 0, 1)
    check_number("nearness", brief.nearness, 0, 1)
    check_number("density", brief.density, MIN_DENSITY, MAX_DENSITY)
    check_number("room", brief.room, 0, MAX_ROOM_M)
    check_number("pace", brief.pace, MIN_PACE, MAX_PACE)
    check_number("lift", brief.lift, -MAX_LIFT, MAX_LIFT)
    check_number("voices", brief.voices, 0, MAX_VOICES)
    longest = MAX_TEXTURE_S if brief.form == MusicForm.TEXTURE else MAX_BARS
    check_number("length", brief.length, 0, longest)
    if brief.tempo:
        check_number("tempo", brief.tempo, MIN_TEMPO, MAX_TEMPO)
    _check_use(brief)
    if brief.form not in ("", *MusicForm):
        raise BadInput("form_unknown", form=brief.form)
    if brief.mode not in ("", *Mode):
        raise BadInput("bad_mode", mode=brief.mode)
    if brief.metre not in ("", *METRES):
        raise BadInput("bad_metre", metre=brief.metre)


def _check_use(brief: MusicBrief) -> None:
    """Whether the bars are there, the score itself says (see `generators.score.opening`)."""
    if brief.score_use not in tuple(MusicUse):
        raise BadInput("bad_music_use", use=brief.score_use)
    if brief.score_use is not MusicUse.EXTEND and not brief.content:
        raise BadInput("no_score_given", use=brief.score_use)
    for name in ("first_bar", "last_bar"):
        check_number(name, getattr(brief, name), 0, MOST_BAR)


def sources(brief: MusicBrief) -> dict[str, str]:
    """The score that music goes on from, and the file whose sound it has; none of a texture."""
    if brief.form == MusicForm.TEXTURE:
        return {}
    sound = "" if brief.sound in INSTRUMENTS else brief.sound
    named = {"content": brief.content, "sound": sound}
    return {field: path for field, path in named.items() if path}


RULES = BriefRules(
    works="music",
    kind=MusicBrief,
    check=check,
    sources=sources,
    files=MUSIC_FILES,
    options=OPTIONS,
    from_options=as_given(MusicBrief),
)
