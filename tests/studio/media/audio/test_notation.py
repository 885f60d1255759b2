"""Notation: what is read of the engine's MusicXML, where it stands, and that it is drawn."""

import itertools
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from engine.media.audio.codec.musicxml_write import write_xml
from engine.media.audio.codec.score import Key, Metre, Part, hits_of, notes_of, score_of
from studio.i18n import set_language
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.notation import scores as written_scores
from studio.media.audio.notation.chords import _groups, _triplets
from studio.media.audio.notation.engrave import CLEFS, Engraver, spoken
from studio.media.audio.notation.layout import LINES, NUMBER_ABOVE, Page, page_of
from studio.media.audio.notation.pen import EM, family
from studio.media.audio.notation.voices import (
    HEAD_WIDE,
    moved_aside,
    shown_rests,
    sign_columns,
)
from studio.media.audio.notation.written import Event, Head, WrittenScore, read_written
from studio.views.main_window import MainWindow
from tests.studio import fake_music
from tests.studio.media.audio.test_music_window import made, tunes, window  # noqa: F401
from tests.studio.windows import music_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(scope="module")
def tune() -> WrittenScore:
    return read_written(fake_music.written_tune())


def signs(score: WrittenScore, bar: int) -> list[int | None]:
    events = score.staves[0].bars[bar].voices[0]
    return [head.sign for event in events for head in event.heads]


def image_of(page: Page, space: float) -> QImage:
    image = QImage(int(page.wide * space), int(page.tall * space), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    Engraver(page, space, QColor("black"), QColor("grey")).draw(painter, QRectF(image.rect()))
    painter.end()
    return image


def test_only_signs_that_are_needed_are_written(tune: WrittenScore) -> None:
    assert signs(tune, 1) == [None] * 6, "F sharp stands in the signature"
    assert signs(tune, 2) == [0, None, 1], "a natural, and the sharp that takes it back"
    assert signs(tune, 3)[0] is None, "a tie keeps its sign over the bar line"


def test_an_upbeat_is_a_short_bar(tune: WrittenScore) -> None:
    first = tune.staves[0].bars[0]
    assert (first.ticks, len(first.voices[0])) == (tune.divisions, 1)
    assert tune.upbeat == 3 * tune.divisions
    assert page_of(tune, 150).starts[:2] == (tune.upbeat, 4 * tune.divisions)


def test_beams_triplets_and_ties_are_found(tune: WrittenScore) -> None:
    voice = tune.staves[0].bars[1].voices[0]
    assert [len(group) for group in _groups(voice)] == [1, 1, 3, 1]
    assert [len(group) for group in _triplets(voice)] == [3]
    last = tune.staves[0].bars[2].voices[0][-1].heads[0]
    assert last.tied and tune.staves[0].bars[3].voices[0][0].heads[0].from_tie


@pytest.mark.parametrize("wide", [40.0, 90.0, 200.0])
def test_every_bar_stands_once_inside_its_page(tune: WrittenScore, wide: float) -> None:
    page = page_of(tune, wide)
    bars = [bar for system in page.systems for bar in system.bars]
    assert [bar.number for bar in bars] == list(range(tune.bars))
    for system in page.systems:
        assert system.bottom < page.tall
        if len(system.bars) > 1:
            assert system.bars[-1].x + system.bars[-1].wide <= wide
        for bar in system.bars:
            places = [x for _, x in bar.columns]
            assert places == sorted(places)
            assert bar.x < places[0] and places[-1] < bar.x + bar.wide


def test_a_place_on_the_page_is_a_moment_and_back(tune: WrittenScore) -> None:
    page = page_of(tune, 70)
    for number, start in enumerate(page.starts):
        for event in tune.staves[0].bars[number].voices[0]:
            found = page.place_of(start + event.onset)
            assert found is not None
            system, x = found
            assert page.tick_at(x, system.tops[0] + LINES / 2) == start + event.onset
    assert page.place_of(10**9) is None


def test_staves_of_several_parts_do_not_touch(qapp) -> None:
    notes = [
        (480 * i, 480, pitch, part, 80) for part, pitch in enumerate((96, 40, 30)) for i in range(4)
    ]
    parts = [Part("Flute", 73), Part("Cello", 42), Part("Bass", 43)]
    score = score_of(notes_of(notes), [Metre(0, 4, 4)], [Key(0, -3, False)], [], parts)
    page = page_of(read_written(write_xml(score)), 90)
    tops = page.systems[0].tops
    assert page.score.staves[1].clef == "F"
    assert all(below - above > LINES + 4 for above, below in itertools.pairwise(tops))
    assert image_of(page, 6).height() > 0


def chord(onset: int, ticks: int, value: str, *steps: int) -> Event:
    return Event(onset, ticks, value, heads=tuple(Head(step) for step in steps))


def rest(onset: int, ticks: int, value: str) -> Event:
    return Event(onset, ticks, value)


def test_numbers_of_bars_stand_clear_of_the_clefs(qapp, tune: WrittenScore) -> None:
    code, line = CLEFS["G"]
    font = QFont(family())
    font.setPixelSize(100 * round(EM))
    rises = line + QFontMetricsF(font).tightBoundingRect(chr(code)).top() / 100
    assert -NUMBER_ABOVE <= rises < 0
    for before, after in itertools.pairwise(page_of(tune, 40.0).systems):
        digits_top = after.tops[0] - NUMBER_ABOVE - 1.0
        assert digits_top > before.bottom


def test_voices_are_in_order_from_the_highest_down() -> None:
    long_and_low = [(0, 1920, 48, 0, 80)]
    tune = [(480 * beat, 480, 60 + beat, 0, 80) for beat in range(4)]
    score = score_of(notes_of(long_and_low + tune), [Metre(0, 4, 4)])
    voices = read_written(write_xml(score)).staves[0].bars[0].voices
    assert [len(voice) for voice in voices] == [4, 1], "the tune's stems point up"


@pytest.mark.parametrize(
    ("lower", "aside"),
    [
        (chord(0, 480, "quarter", 33), HEAD_WIDE),  # a degree below
        (chord(0, 480, "quarter", 34), 0.0),  # one head for both
        (chord(0, 960, "half", 34), HEAD_WIDE),  # the same place, another head
        (chord(0, 480, "quarter", 32), 0.0),
        (chord(480, 480, "quarter", 33), 0.0),  # at another moment
    ],
)
def test_heads_of_two_voices_do_not_touch(lower: Event, aside: float) -> None:
    upper = [chord(0, 480, "quarter", 34, 36)]
    assert moved_aside([upper, [lower]]) == ({(1, lower.onset): aside} if aside else {})


def test_a_voice_that_joins_in_for_a_chord_brings_no_rests() -> None:
    tune = [chord(0, 960, "half", 36), chord(960, 480, "quarter", 37), rest(1440, 480, "quarter")]
    other = [rest(0, 960, "half"), chord(960, 480, "quarter", 30), rest(1440, 480, "quarter")]
    assert list(shown_rests([tune, other])) == [(tune[2], -2.0)]
    assert list(shown_rests([tune])) == [(tune[2], 0.0)], "in the middle where it is alone"


def test_a_moment_in_which_nothing_sounds_has_a_rest() -> None:
    tune = [chord(0, 1440, "half", 36)]
    other = [rest(0, 960, "half"), chord(960, 240, "eighth", 30), rest(1440, 480, "quarter")]
    assert [event for event, _ in shown_rests([tune, other])] == [other[2]]


def test_signs_that_would_touch_stand_in_columns() -> None:
    heads = [Head(step, 1) for step in (28, 30, 32, 35)] + [Head(29)]
    columns = sign_columns(heads)
    assert {head.step: column for head, column in columns.items()} == {35: 0, 32: 1, 30: 2, 28: 0}


def test_stems_of_hands_point_up_and_those_of_feet_down() -> None:
    hits = [(480 * beat, 42, 80) for beat in range(4)] + [(0, 36, 90), (960, 36, 90)]
    score = score_of(notes_of([(0, 1920, 60, 0, 80)]), [Metre(0, 4, 4)])
    written = read_written(write_xml(replace(score, hits=hits_of(hits))))
    hands, feet = written.staves[-1].bars[0].voices
    assert [event.onset for event in hands] == [0, 480, 960, 1440]
    assert [event.onset for event in feet if event.heads] == [0, 960]
    assert not list(shown_rests([hands, feet]))


def test_a_page_is_drawn_between_its_edges(qapp, tune: WrittenScore) -> None:
    image = image_of(page_of(tune, 60), 6.0)
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(-1, grey.bytesPerLine())
    ink = rows[:, : grey.width()] < 128
    assert 0.01 < ink.mean() < 0.2
    assert not ink[0].any() and not ink[-1].any()


def test_the_wall_shows_a_work_in_notation(qtbot, made: MainWindow) -> None:  # noqa: F811
    wall = music_wall(made)
    button = wall.transport.notation
    assert not button.isHidden() and not wall.tracks.isHidden()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(wall.tracks.isHidden, timeout=20_000)
    assert wall._view is not None and not wall.parts.is_ready(), "spans are marked in the roll"
    sheet = wall._view.sheet
    assert sheet.accessibleName() == "The music in notation"
    qtbot.waitUntil(lambda: sheet._engraver is not None, timeout=8000)
    engraver = sheet._engraver
    assert engraver is not None
    found = engraver.page.place_of(4 * 480)
    assert found is not None
    (system, x), space = found, engraver.space
    where = QPoint(round((x + 0.65) * space) + 32, round((system.tops[0] + 2) * space) + 32)
    qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=where)
    assert audio_controller_of(made.session).player.position_s == pytest.approx(2.0, abs=0.01)
    wall.grab()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not wall.tracks.isHidden()


def test_what_cannot_be_written_stays_a_roll_and_is_told(qtbot, made: MainWindow) -> None:  # noqa: F811
    wall = music_wall(made)
    with patch.object(written_scores, "read_written", side_effect=OSError("gone")):
        qtbot.mouseClick(wall.transport.notation, Qt.MouseButton.LeftButton)
        note = "The notation could not be drawn"
        qtbot.waitUntil(lambda: wall.transport.note.whole == note, timeout=20_000)
    assert not wall.tracks.isHidden()


def test_parts_are_called_in_the_language_of_the_window() -> None:
    ours = ("Soprano", "Voice", "Violin 2", "Viola da gamba", "1st Violin")
    try:
        set_language("zh")
        assert [spoken(name) for name in ours] == [
            *("女高音", "声部", "小提琴 2", "Viola da gamba", "1st Violin")
        ]
    finally:
        set_language("en")
    assert [spoken(name) for name in ours] == list(ours)
