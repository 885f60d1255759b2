"""Scores from public bug trackers and from hostile hands, each with its right reading."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.core.errors import BadInput
from engine.media.audio.codec.score import TICKS, Score
from engine.media.audio.codec.scores import decode_all
from engine.media.audio.hearing import decode as decode_any
from tests.no_blowup import no_blowup

FILES = Path(__file__).parent / "files"
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
FOUR = (60, 62, 64, 65)


@dataclass(frozen=True)
class Right:
    """What a file says. quarters: the length of each note, one for all where they are alike."""

    pitches: tuple[int, ...]
    quarters: tuple[float, ...] = (0.5,)
    metre: tuple[int, int] = (4, 4)
    fifths: int | None = 0
    tempo: float | None = None  # of most notes
    title: str = ""
    parts: tuple[str, ...] = ("",)
    remarks: tuple[str, ...] = ()


RIGHT = {
    # ABC
    "acc-tie.abc": Right(  # a tie carries its sign over the bar line, and no further
        (69, 71, 66, 65, 60, 62, 64, 65), (0.5, 0.5, 2, 1, 0.5, 0.5, 0.5, 0.5), (2, 4)
    ),
    "amglobal.abc": Right((69, 71, 72, 74, 76, 77, 80, 81)),  # every g is sharp
    "bang.abc": Right(SCALE, title="Test"),  # "!" ended a line in ABC 1.6
    "end13.abc": Right(  # first and third time, second time
        (60, 62, 64, 65, 60, 62, 67, 69, 60, 62, 64, 65), (1,), (2, 4)
    ),
    "parts.abc": Right((60, 62, 64, 65, 60, 62, 64, 65, 67, 69, 71, 72), metre=(2, 4)),  # P:AAB
    "tabs.abc": Right(tuple(p - 12 for p in SCALE)),  # octave=-1
    "transp.abc": Right(tuple(p - 2 for p in SCALE), fifths=-2),  # sounds in B flat
    "utf16.abc": Right(SCALE, title="Test"),
    "voct.abc": Right(tuple(p - 12 for p in SCALE), parts=("T",)),
    "vtrans.abc": Right(tuple(p - 12 for p in SCALE), parts=("T",)),
    # MIDI
    "daw-two-at-start.mid": Right(SCALE * 2, (1,), tempo=90, fifths=None),
    "lead.mid": Right(SCALE, (1,), fifths=None),  # two bytes before the header
    "macbinary.mid": Right(SCALE, (1,), fifths=None),
    "name-gbk.mid": Right(SCALE, (1,), fifths=None, tempo=100, title="月光", parts=("二胡 独奏",)),
    "name-shift_jis.mid": Right(
        SCALE, (1,), fifths=None, tempo=100, title="月光", parts=("三味線 ソロ",)
    ),
    "pedal.mid": Right(SCALE, (1,), fifths=None),  # short keys, held by the pedal
    "realtime-f8.mid": Right(SCALE, (1,), fifths=None),  # a clock message inside a track
    "slow-intro.mid": Right((60, *SCALE * 6), (1,), fifths=None, tempo=140),
    "two-tracks-differ.mid": Right(  # the first track says tempo and metre
        (60, 48, 62, 64, 48, 65, 67, 48, 69, 71, 48, 72),
        (1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2, 1),
        fifths=None,
        tempo=90,
        parts=("", ""),
    ),
    # MusicXML
    "amp.musicxml": Right(FOUR * 2, (1,), parts=("Tom & Jerry",), remarks=("mended",)),
    "metronome.musicxml": Right(FOUR * 2, (1,), tempo=72, parts=("Fl",)),
    "metronome-dot.musicxml": Right(FOUR * 2, (1,), tempo=90, parts=("Fl",)),
    "two-roots.mxl": Right(FOUR * 2, (1,), parts=("Fl",)),
}


def check(score: Score, right: Right) -> None:
    pitches = tuple(score.notes["pitch"].tolist())
    quarters = tuple((score.notes["duration"] / TICKS).tolist())
    assert pitches == right.pitches
    assert quarters == (right.quarters * len(pitches))[: len(pitches)]
    assert (score.metres[0].beats, score.metres[0].unit) == right.metre
    key, tempo = score.usual(score.keys), score.usual(score.tempos)
    assert (key.fifths if key else None) == right.fifths
    assert (round(tempo.quarters, 2) if tempo else None) == right.tempo
    assert score.title == right.title
    assert tuple(part.name for part in score.parts) == right.parts


@pytest.mark.parametrize("name", RIGHT)
def test_a_score_is_read_as_it_says(name: str) -> None:
    found = decode_all((FILES / name).read_bytes(), name)
    assert len(found.scores) == 1
    assert found.remarks == RIGHT[name].remarks
    check(found.scores[0], RIGHT[name])


def test_the_head_of_a_file_holds_for_every_tune_that_says_nothing_else() -> None:
    first, second = decode_all((FILES / "fileheader.abc").read_bytes(), "fileheader.abc").scores
    check(first, Right((69, 71, 73, 74, 76, 78), (0.25,), (6, 8), 2, title="A"))
    check(second, Right((67, 69, 71, 72) * 2, fifths=1, title="B"))


def test_midi_of_type_2_is_several_pieces() -> None:
    first, second = decode_all((FILES / "type2.mid").read_bytes(), "type2.mid").scores
    check(first, Right(SCALE, (1,), (4, 4), None, 90))
    check(second, Right(tuple(p + 12 for p in SCALE), (1,), (3, 4), None, 150))


def test_a_quotation_mark_in_a_name_does_no_harm() -> None:
    with pytest.raises(BadInput) as caught:
        decode_all((FILES / "quote_id.musicxml").read_bytes(), "quote_id.musicxml")
    assert caught.value.code == "few_notes"


def test_a_line_made_to_stall_the_reader_takes_no_time() -> None:
    with no_blowup():
        score = decode_all((FILES / "redos.abc").read_bytes(), "redos.abc").scores[0]
    check(score, Right(SCALE, title="a"))


def test_of_a_long_book_it_is_told_how_much_is_used() -> None:
    tune = "X:{}\nL:1/8\nK:C\nCDEF GABc|\n\n"
    book = "".join(tune.format(number) for number in range(1, 41)).encode()
    assert len(decode_any(book, "book.abc").tunes) == 30
    assert decode_any(book, "book.abc").remarks == ("notes_book",)
    assert decode_any(tune.format(1).encode(), "one.abc").remarks == ()
