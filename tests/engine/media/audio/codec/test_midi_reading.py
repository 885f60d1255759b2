"""What the events of a MIDI file make heard, and files that are not quite as they should be."""

import pytest

from engine.core.errors import BadInput
from engine.media.audio.codec.midi import read_midi_all, write_midi
from engine.media.audio.codec.midi_events import (
    CONTROL,
    INSTRUMENT_NAME,
    KEY_SIGNATURE,
    META,
    NOTE_OFF,
    NOTE_ON,
    PORT,
    PROGRAM,
    SET_TEMPO,
    TEXT,
    TIME_SIGNATURE,
    TRACK_NAME,
    Event,
    read_tracks,
    write_tracks,
)
from engine.media.audio.codec.score import TICKS, ReadScores, Score
from engine.media.audio.codec.scores import decode_all

SUSTAIN, SOSTENUTO, BANK = 64, 66, 0


def note(start: float, length: float, pitch: int = 60, channel: int = 0) -> list[Event]:
    """In quarters."""
    return [
        Event(round(start * TICKS), NOTE_ON, channel, pitch, 80),
        Event(round((start + length) * TICKS), NOTE_OFF, channel, pitch, 0),
    ]


def control(at: float, number: int, value: int, channel: int = 0) -> Event:
    return Event(round(at * TICKS), CONTROL, channel, number, value)


def meta(at: float, kind: int, data: bytes) -> Event:
    return Event(round(at * TICKS), META, 0, kind, 0, data)


def tempo(at: float, quarters: float) -> Event:
    return meta(at, SET_TEMPO, round(60e6 / quarters).to_bytes(3, "big"))


def file_of(*tracks: list[Event], form: int = 1) -> bytes:
    data = write_tracks(TICKS, [sorted(track, key=lambda event: event.tick) for track in tracks])
    return data[:9] + bytes([form]) + data[10:]


def read(*tracks: list[Event], form: int = 1) -> ReadScores:
    return read_midi_all(file_of(*tracks, form=form), "a.mid")


def rows(score: Score) -> list[tuple[float, float, int]]:
    notes = score.notes
    return [(n["onset"] / TICKS, n["duration"] / TICKS, int(n["pitch"])) for n in notes]


MELODY = [event for i in range(8) for event in note(i, 1, 60 + i)]


# ---- pedals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "heard"),
    [
        # the pedal holds a note that its key has let go, until it is lifted
        ([control(0, SUSTAIN, 127), *note(0, 1), control(3, SUSTAIN, 0)], [(0, 3, 60)]),
        # a key that is held longer than the pedal counts
        ([control(0, SUSTAIN, 127), *note(0, 3), control(1, SUSTAIN, 0)], [(0, 3, 60)]),
        # half a pedal is one, less is none
        ([control(0, SUSTAIN, 64), *note(0, 1), control(2, SUSTAIN, 63)], [(0, 2, 60)]),
        ([control(0, SUSTAIN, 63), *note(0, 1), control(2, SUSTAIN, 0)], [(0, 1, 60)]),
        # pressed after the key was let go: too late
        ([*note(0, 1), control(2, SUSTAIN, 127), control(3, SUSTAIN, 0)], [(0, 1, 60)]),
        # the same key again ends what rang
        (
            [control(0, SUSTAIN, 127), *note(0, 1), *note(2, 1), control(4, SUSTAIN, 0)],
            [(0, 2, 60), (2, 2, 60)],
        ),
        # another channel's pedal
        ([control(0, SUSTAIN, 127, channel=1), *note(0, 1), *note(0, 1, 48, 1)], None),
        # sostenuto holds what is down when it is pressed, not what comes later
        (
            [
                *note(0, 2, 48),
                control(1, SOSTENUTO, 127),
                *note(1.5, 0.5, 72),
                control(4, SOSTENUTO, 0),
            ],
            [(0, 4, 48), (1.5, 0.5, 72)],
        ),
        # both pedals: the last to let go
        (
            [
                *note(0, 2, 48),
                control(1, SOSTENUTO, 127),
                control(1, SUSTAIN, 127),
                control(4, SOSTENUTO, 0),
                control(5, SUSTAIN, 0),
            ],
            [(0, 5, 48)],
        ),
        # all controllers back, all notes off, all sound off
        ([control(0, SUSTAIN, 127), *note(0, 1), control(2, 121, 0)], [(0, 2, 60)]),
        ([*note(0, 4), control(2, 123, 0)], [(0, 2, 60)]),
        ([control(0, SUSTAIN, 127), *note(0, 1), control(2, 120, 0)], [(0, 2, 60)]),
        # a pedal that nobody lifts: as long as anything happens
        ([control(0, SUSTAIN, 127), *note(0, 1), *note(2, 1, 72)], [(0, 3, 60), (2, 1, 72)]),
    ],
)
def test_pedals(events: list[Event], heard: list[tuple[float, float, int]] | None) -> None:
    found = rows(read(events).scores[0])
    if heard is None:
        assert sorted(found) == [(0, 1, 48), (0, 1, 60)]
    else:
        assert found == heard


def test_a_pedal_in_one_hand_holds_the_other_hand_of_the_same_channel() -> None:
    right = note(0, 1, 72)
    left = [control(0, SUSTAIN, 127), *note(0, 1, 48), control(4, SUSTAIN, 0)]
    assert rows(read(right, left).scores[0]) == [(0, 4, 72), (0, 4, 48)]
    elsewhere = [meta(0, PORT, b"\x01"), *left]
    assert rows(read(right, elsewhere).scores[0]) == [(0, 1, 72), (0, 4, 48)]


# ---- one line of tempo, metre and key ----------------------------------------------------------


def test_of_two_tracks_that_speak_of_one_moment_the_first_holds() -> None:
    first = [tempo(0, 90), meta(0, TIME_SIGNATURE, bytes([3, 2, 24, 8])), *MELODY]
    second = [
        tempo(0, 150),
        meta(0, TIME_SIGNATURE, bytes([4, 2, 24, 8])),
        meta(0, KEY_SIGNATURE, bytes([2, 0])),
        tempo(3, 60),
        *note(0, 4, 40, 1),
    ]
    score = read(first, second).scores[0]
    assert [(t.tick, round(t.quarters)) for t in score.tempos] == [(0, 90), (3 * TICKS, 60)]
    assert [(m.beats, m.unit) for m in score.metres] == [(3, 4)]
    assert [key.fifths for key in score.keys] == [2]


def test_of_one_track_the_last_word_holds() -> None:
    score = read([tempo(0, 150), tempo(0, 90), *MELODY]).scores[0]
    assert [round(t.quarters) for t in score.tempos] == [90]


def test_the_tempo_of_most_notes_is_the_pieces() -> None:
    score = read([tempo(0, 40), tempo(1, 140), tempo(7, 60), *MELODY]).scores[0]
    said = score.usual(score.tempos)
    assert said is not None
    assert round(said.quarters) == 140


# ---- who plays ---------------------------------------------------------------------------------


def test_a_program_of_another_track_counts_where_the_own_says_none() -> None:
    setup = [Event(0, PROGRAM, 0, 40, 0), Event(0, PROGRAM, 1, 73, 0)]
    own = [Event(0, PROGRAM, 1, 11, 0), *note(0, 4, 48, 1)]
    assert [part.program for part in read(setup, MELODY, own).scores[0].parts] == [40, 11]


def test_the_program_is_that_of_the_first_note() -> None:
    track = [Event(0, PROGRAM, 0, 0, 0), Event(0, PROGRAM, 0, 40, 0), *MELODY]
    late = Event(4 * TICKS, PROGRAM, 0, 9, 0)
    assert read([*track, late]).scores[0].parts[0].program == 40


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ([meta(0, TRACK_NAME, b"Violin")], "Violin"),
        ([meta(0, INSTRUMENT_NAME, b"Violin")], "Violin"),
        ([meta(0, TRACK_NAME, b""), meta(0, INSTRUMENT_NAME, b"Violin")], "Violin"),
        ([meta(0, INSTRUMENT_NAME, b"Synth"), meta(0, TRACK_NAME, b"Violin")], "Violin"),
    ],
)
def test_parts_have_the_name_of_the_track_or_of_the_instrument(
    texts: list[Event], name: str
) -> None:
    assert read([], [*texts, *MELODY]).scores[0].parts[0].name == name


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("二胡 独奏", "gbk"),
        ("鋼琴 二胡", "big5"),
        ("三味線 ソロ", "shift_jis"),
        ("ピアノ", "euc_jp"),
        ("피아노 독주", "cp949"),
        ("ピアノ", "shift_jis"),
        ("旋律", "shift_jis"),
        ("钢琴", "gbk"),
        ("二胡", "gbk"),
        ("古筝", "gbk"),
        ("기타 솔로", "cp949"),
        ("Пианино соло", "cp1251"),
        ("Violin 小提琴", "gbk"),
        ("Größe", "cp1252"),
        ("Flöte – “solo”", "cp1252"),
        ("Violín", "latin-1"),
        ("Größe 二胡", "utf-8"),
        ("plain", "ascii"),
    ],
)
def test_names_in_any_encoding(name: str, encoding: str) -> None:
    track = [meta(0, TRACK_NAME, name.encode(encoding)), *MELODY]
    assert read([], track).scores[0].parts[0].name == name


def test_names_of_one_file_are_read_together() -> None:
    short = [meta(0, TRACK_NAME, "月光".encode("shift_jis"))]
    score = read(short, [meta(0, TRACK_NAME, "三味線 ソロ".encode("shift_jis")), *MELODY]).scores[0]
    assert (score.title, score.parts[0].name) == ("月光", "三味線 ソロ")


def test_karaoke_says_its_title_in_a_text() -> None:
    words = [meta(0, TRACK_NAME, b"Words"), meta(0, TEXT, b"@KMIDI"), meta(0, TEXT, b"@TA Song")]
    assert read(words, MELODY).scores[0].title == "A Song"


def test_the_name_of_a_single_track_is_the_pieces_not_every_channels() -> None:
    score = read([meta(0, TRACK_NAME, b"A Duet"), *MELODY, *note(0, 4, 48, 1)]).scores[0]
    assert score.title == "A Duet"
    assert [part.name for part in score.parts] == ["", ""]


# ---- percussion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drums",
    [
        note(0, 1, 36, channel=9),
        [control(0, BANK, 127, 2), *note(0, 1, 36, channel=2)],  # XG
        [control(0, BANK, 120, 2), *note(0, 1, 36, channel=2)],  # General MIDI 2
    ],
)
def test_drums_are_kept_apart_and_alone_are_refused(drums: list[Event]) -> None:
    found = read(MELODY, drums)
    assert found.remarks == ()
    assert len(found.scores[0]) == len(MELODY) // 2
    assert found.scores[0].hits["key"].tolist() == [36]
    with pytest.raises(BadInput) as caught:
        decode_all(file_of(drums * 8), "drums.mid")
    assert caught.value.code == "only_drums"


# ---- files -------------------------------------------------------------------------------------


def test_type_2_is_as_many_pieces_as_play() -> None:
    title = [meta(0, TRACK_NAME, b"Patterns")]
    found = read(title, MELODY, [tempo(0, 60), *note(0, 1), *note(1, 1)], form=2)
    assert [len(score) for score in found.scores] == [8, 2]
    assert [len(score.tempos) for score in found.scores] == [0, 1]


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda data: bytes(2) + data,
        lambda data: bytes(128) + data + bytes(60),
        lambda data: b"RIFF" + bytes(4) + b"RMIDdata" + bytes(4) + data,
        lambda data: data + b"\0" * 100,
        lambda data: data[:8] + data[8:10] + b"\x00\x09" + data[12:],  # more tracks are promised
        lambda data: data.replace(b"MTrk", b"XFIH\0\0\0\2abMTrk", 1),  # another chunk
    ],
)
def test_what_is_around_a_file_does_no_harm(wrapped) -> None:
    found = decode_all(wrapped(file_of(MELODY)), "a.mid")
    assert rows(found.scores[0]) == [(i, 1, 60 + i) for i in range(8)]


@pytest.mark.parametrize("stray", [b"\xf8", b"\xfe", b"\xf3\x01", b"\xf2\x01\x02", b"\xf6"])
def test_messages_of_a_cable_are_passed_over(stray: bytes) -> None:
    track = (
        b"\x00"
        + stray
        + b"".join(bytes([0, 0x90, pitch, 80, 0x60, 0x80, pitch, 0]) for pitch in range(60, 68))
    )
    data = b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk" + len(track).to_bytes(4, "big") + track
    assert [pitch for *_, pitch in rows(decode_all(data, "a.mid").scores[0])] == [*range(60, 68)]


def test_of_a_file_that_breaks_off_the_beginning_is_read() -> None:
    data = file_of(MELODY, [event for i in range(8) for event in note(i, 1, 40 + i, 1)])
    found = decode_all(data[:-30], "a.mid")
    assert found.remarks == ("truncated",)
    assert 8 < len(found.scores[0]) < 16
    with pytest.raises(BadInput) as caught:
        decode_all(data[:40], "a.mid")
    assert caught.value.code == "damaged_notes"


@pytest.mark.parametrize("length", [0, 10, 2**32 - 1])
def test_a_track_length_that_lies_loses_no_other_track(length: int) -> None:
    data = bytearray(file_of(MELODY, note(0, 4, 40, 1)))
    at = data.find(b"MTrk")
    data[at + 4 : at + 8] = length.to_bytes(4, "big")
    found = read_midi_all(bytes(data), "a.mid")
    assert 40 in found.scores[0].notes["pitch"]


def test_what_is_written_is_what_an_outside_reader_would_take() -> None:
    score = read([meta(0, TRACK_NAME, "月光".encode())], MELODY).scores[0]
    file = read_tracks(write_midi(score))
    assert (file.form, file.division, file.whole) == (1, TICKS, True)
    assert read_midi_all(write_midi(score), "a.mid").scores[0].title == "月光"
