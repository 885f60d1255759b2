"""What the elements of MusicXML say, and files that are not quite as they should be."""

import io
import zipfile

import pytest

from engine.core.errors import BadInput
from engine.media.audio.codec.score import TICKS, ReadScores, Score
from engine.media.audio.codec.scores import decode_all

HEAD = "<score-partwise version='4.0'><part-list>{parts}</part-list>{body}</score-partwise>"
ONE = "<score-part id='P1'><part-name>Flute</part-name></score-part>"
DIVISIONS = "<attributes><divisions>2</divisions></attributes>"


def note(step: str = "C", duration: int = 2, more: str = "", octave: int = 4) -> str:
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{duration}</duration>{more}</note>"


def document(*measures: str, parts: str = ONE) -> str:
    """One part, of two divisions to a quarter."""
    bars = "".join(f"<measure number='{i}'>{each}</measure>" for i, each in enumerate(measures, 1))
    return HEAD.format(parts=parts, body=f"<part id='P1'>{bars}</part>")


def read(*measures: str, parts: str = ONE) -> ReadScores:
    first, *others = measures
    text = document(DIVISIONS + first, *others, parts=parts)
    return decode_all(text.encode(), "a.musicxml")


def rows(score: Score) -> list[tuple[float, float, int]]:
    notes = score.notes
    return [(n["onset"] / TICKS, n["duration"] / TICKS, int(n["pitch"])) for n in notes]


FOUR = "".join(note(step) for step in "CDEF")
PLAIN = [(i, 1, pitch) for i, pitch in enumerate((60, 62, 64, 65))]


def metronome(inside: str) -> str:
    inside = f"<metronome>{inside}</metronome>"
    return f"<direction><direction-type>{inside}</direction-type></direction>"


def beat(unit: str, dots: int = 0) -> str:
    return f"<beat-unit>{unit}</beat-unit>" + "<beat-unit-dot/>" * dots


@pytest.mark.parametrize(
    ("mark", "quarters"),
    [
        (beat("quarter") + "<per-minute>72</per-minute>", 72),
        (beat("quarter", 1) + "<per-minute>60</per-minute>", 90),
        (beat("half", 2) + "<per-minute>40</per-minute>", 140),
        (beat("eighth") + "<per-minute>c. 120</per-minute>", 60),
        (beat("half") + "<per-minute>60-66</per-minute>", 120),
        (beat("quarter") + "<per-minute>72.5</per-minute>", 72.5),
        (beat("quarter") + beat("quarter", 1), 180),  # as fast as a quarter was at 120
        (beat("quarter") + "<per-minute>fast</per-minute>", None),
        ("<per-minute>90</per-minute>", None),
        (beat("oddity") + "<per-minute>90</per-minute>", None),
    ],
)
def test_a_metronome_mark_is_a_tempo(mark: str, quarters: float | None) -> None:
    said = [t.quarters for t in read(metronome(mark) + FOUR).scores[0].tempos]
    assert said == ([quarters] if quarters else [])


def test_a_sound_says_more_than_the_mark_beside_it() -> None:
    mark = metronome(beat("quarter") + "<per-minute>72</per-minute>")
    mark = mark.replace("</direction>", "<sound tempo='80'/></direction>")
    assert [t.quarters for t in read(mark + FOUR).scores[0].tempos] == [80]
    alone = "<sound tempo='66'/>"
    assert [t.quarters for t in read(alone + FOUR).scores[0].tempos] == [66]


def test_a_bar_takes_its_tempo_from_the_first_part_that_says_one() -> None:
    measures = "<measure>{}</measure>"
    first = measures.format(DIVISIONS + "<sound tempo='100'/><sound tempo='90'/>" + FOUR)
    second = measures.format(DIVISIONS + "<sound tempo='50'/>" + FOUR)
    text = HEAD.format(parts=ONE, body=f"<part id='P1'>{first}</part><part id='P2'>{second}</part>")
    found = decode_all(text.encode(), "a.musicxml").scores[0]
    assert [t.quarters for t in found.tempos] == [90]


def test_divisions_may_change_inside_a_bar() -> None:
    change = "<attributes><divisions>6</divisions></attributes>"
    bar = note("C") + note("D") + change + note("E", 6) + note("F", 6)
    again = "".join(note(step, 6) for step in "CDEF")
    found = read(bar, again).scores[0]
    assert rows(found) == [(i, 1, p) for i, p in enumerate((60, 62, 64, 65) * 2)]
    assert [bar.bar_ticks for bar in found.bars()] == [4 * TICKS] * 2


def test_backup_and_chords_count_in_the_divisions_of_their_place() -> None:
    change = "<attributes><divisions>4</divisions></attributes>"
    back = "<backup><duration>16</duration></backup>"
    chord = note("G", 4).replace("<note>", "<note><chord/>")
    bar = FOUR + change + back + note("C", 4, octave=3) + chord
    assert rows(read(bar).scores[0])[:3] == [(0, 1, 48), (0, 1, 60), (0, 1, 67)]


@pytest.mark.parametrize(
    ("time", "metre"),
    [
        ("<beats>7</beats><beat-type>8</beat-type>", (7, 8)),
        ("<beats>3+2+2</beats><beat-type>8</beat-type>", (7, 8)),
        (
            "<beats>2</beats><beat-type>4</beat-type><beats>3</beats><beat-type>8</beat-type>",
            (7, 8),
        ),
        ("<senza-misura/>", (4, 4)),
    ],
)
def test_metres(time: str, metre: tuple[int, int]) -> None:
    attributes = f"<attributes><time>{time}</time></attributes>"
    bar = "".join(note(s, 1) for s in "CDEFGAB") if metre == (7, 8) else FOUR
    found = read(attributes + bar, bar).scores[0]
    assert (found.metres[0].beats, found.metres[0].unit) == metre


@pytest.mark.parametrize(
    ("transpose", "moved", "fifths"),
    [
        ("<chromatic>-2</chromatic>", -2, 0),  # a clarinet in B flat
        ("<chromatic>-9</chromatic>", -9, -1),  # one in E flat, an octave down
        ("<chromatic>0</chromatic><octave-change>-1</octave-change>", -12, 2),  # a guitar
    ],
)
def test_a_transposing_part_sounds_where_it_sounds(transpose: str, moved: int, fifths: int) -> None:
    attributes = (
        f"<attributes><key><fifths>2</fifths></key><transpose>{transpose}</transpose></attributes>"
    )
    found = read(attributes + FOUR).scores[0]
    assert rows(found) == [(onset, length, pitch + moved) for onset, length, pitch in PLAIN]
    assert [key.fifths for key in found.keys] == [fifths]


def test_each_staff_may_transpose_by_itself() -> None:
    attributes = (
        "<attributes><transpose number='2'><chromatic>-12</chromatic></transpose></attributes>"
    )
    lower = "<backup><duration>8</duration></backup>" + note("C", 8, "<staff>2</staff>")
    upper = "".join(note(step, 2, "<staff>1</staff>") for step in "CDEF")
    found = read(attributes + upper + lower).scores[0]
    assert sorted(rows(found)) == sorted([*PLAIN, (0, 4, 48)])
    assert len(found.parts) == 2


def test_a_tie_that_is_only_drawn_is_one() -> None:
    start = "<notations><tied type='start'/></notations>"
    stop = "<notations><tied type='stop'/></notations>"
    found = read(FOUR[: -len(note("F"))] + note("F", 2, start), note("F", 2, stop) + note("G", 6))
    assert (3, 2, 65) in rows(found.scores[0])


@pytest.mark.parametrize(
    ("endings", "wanted"),
    [
        (("1", "2"), "CDCE"),
        (("1,3", "2"), "CDCECD"),
        (("1 - 2", "3"), None),
        (("1, 2", "3"), "CDCDCE"),
    ],
)
def test_endings(endings: tuple[str, str], wanted: str | None) -> None:
    def ending(number: str, kind: str, repeat: str = "") -> str:
        return f"<barline><ending number='{number}' type='{kind}'/>{repeat}</barline>"

    back = "<repeat direction='backward'/>"
    first = ending(endings[0], "start") + note("D", 8) + ending(endings[0], "stop", back)
    second = ending(endings[1], "start") + note("E", 8) + ending(endings[1], "stop")
    forward = "<barline location='left'><repeat direction='forward'/></barline>"
    found = read(forward + note("C", 8), first, second).scores[0]
    played = "".join({60: "C", 62: "D", 64: "E"}[pitch] for *_, pitch in rows(found))
    assert wanted is None or played == wanted


@pytest.mark.parametrize("count", ["x", "", "99999999999999", "-3"])
def test_an_odd_number_loses_one_thing_and_not_the_score(count: str) -> None:
    odd = f"<direction><sound tempo='{count}' dynamics='{count}'/></direction>"
    repeat = f"<barline><repeat direction='backward' times='{count}'/></barline>"
    assert rows(read(odd + FOUR).scores[0]) == PLAIN
    assert len(read(FOUR + repeat).scores[0]) in (8, 36)


@pytest.mark.parametrize(
    ("instruments", "chosen"),
    [
        ("<midi-instrument id='I1'><midi-channel>10</midi-channel></midi-instrument>", ""),
        (
            "<midi-instrument id='I1'><midi-unpitched>36</midi-unpitched></midi-instrument>",
            "<instrument id='I1'/>",
        ),
    ],
)
def test_drums_alone_are_refused(instruments: str, chosen: str) -> None:
    parts = f"<score-part id='P1'><part-name>Drums</part-name>{instruments}</score-part>"
    bar = "".join(note(step, 2, chosen) for step in "CDEF")
    with pytest.raises(BadInput) as caught:
        read(bar, parts=parts)
    assert caught.value.code == "only_drums"


@pytest.mark.parametrize(
    ("about", "inside", "key"),
    [
        ("<midi-instrument id='I1'><midi-unpitched>39</midi-unpitched></midi-instrument>", "", 38),
        (
            "<score-instrument id='I1'><instrument-name>Hi-Hat</instrument-name></score-instrument>"
            "<midi-instrument id='I1'><midi-channel>10</midi-channel></midi-instrument>",
            "",
            42,
        ),
        ("", "<display-step>F</display-step><display-octave>4</display-octave>", 36),
    ],
)
def test_a_hit_is_known_by_its_instrument_or_its_place(about: str, inside: str, key: int) -> None:
    chosen = "<instrument id='I1'/>" if about else ""
    hit = f"<note><unpitched>{inside}</unpitched><duration>2</duration>{chosen}</note>"
    kit = f"<score-part id='P2'><part-name>Kit</part-name>{about}</score-part>"
    parts = f"<score-part id='P1'><part-name>Tune</part-name></score-part>{kit}"
    second = f"<part id='P2'><measure number='1'>{DIVISIONS}{hit}{hit}</measure></part>"
    whole = document(DIVISIONS + FOUR, parts=parts).replace("</part>", f"</part>{second}")
    found = decode_all(whole.encode(), "a.xml")
    assert found.remarks == ()
    assert found.scores[0].hits["key"].tolist() == [key, key]
    assert found.scores[0].hits["onset"].tolist() == [0, 480]


def test_chord_symbols_are_read_where_they_stand() -> None:
    def harmony(step: str, kind: str, more: str = "") -> str:
        root = f"<root><root-step>{step}</root-step></root>"
        return f"<harmony>{root}<kind>{kind}</kind>{more}</harmony>"

    low = "<bass><bass-step>E</bass-step></bass>"
    late = "<offset>2</offset>"
    text = harmony("C", "major", low) + harmony("G", "dominant-ninth", late) + harmony("D", "none")
    chords = read(text + FOUR).scores[0].chords
    assert [(chord.tick, chord.symbol()) for chord in chords] == [(0, "C/E"), (480, "G7")]


def test_unpitched_notes_keep_their_time_and_are_told() -> None:
    hit = "<note><unpitched/><duration>2</duration></note>"
    found = read(hit + FOUR[: 3 * len(note())], FOUR)
    assert found.remarks == ("drums",)
    assert rows(found.scores[0])[0] == (1, 1, 60)


def test_titles() -> None:
    whole = document(DIVISIONS + FOUR)
    for title in (
        "<work><work-title>A  Song</work-title></work>",
        "<movement-title>A Song</movement-title>",
        "<credit><credit-type>title</credit-type><credit-words>A Song</credit-words></credit>",
    ):
        text = whole.replace("<part-list>", title + "<part-list>")
        assert decode_all(text.encode(), "a.xml").scores[0].title == "A Song"


# ---- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", ["", "UTF-8", "UTF-16", "ISO-8859-1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_encoding_whatever_it_says_of_itself(encoding: str, declared: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    data = (head + document(DIVISIONS + FOUR)).encode(encoding)
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    assert rows(decode_all(data, "a.musicxml").scores[0]) == PLAIN
    assert rows(decode_all(data, "no-suffix").scores[0]) == PLAIN


@pytest.mark.parametrize("name", ["Tom & Jerry", "A && B", "R&B; soul", "&nbsp;"])
def test_lone_ampersands_are_read(name: str) -> None:
    text = document(DIVISIONS + FOUR).replace("Flute", name)
    found = decode_all(text.encode(), "a.musicxml")
    assert rows(found.scores[0]) == PLAIN
    assert found.remarks == ("mended",)


def test_of_a_file_that_breaks_off_the_beginning_is_read() -> None:
    data = document(DIVISIONS + FOUR, FOUR, FOUR).encode()
    found = decode_all(data[: len(data) * 2 // 3], "a.musicxml")
    assert found.remarks == ("truncated",)
    assert rows(found.scores[0])[:4] == PLAIN


@pytest.mark.parametrize("broken", ["durat:on", "voice:", ":", "a\u00df:b"])
def test_a_broken_name_of_an_element_loses_no_other(broken: str) -> None:
    odd = note("G", 2).replace("<duration>", f"<{broken}>", 1)
    found = decode_all(document(DIVISIONS + FOUR + odd).encode(), "a.musicxml")
    assert rows(found.scores[0])[:4] == PLAIN


def test_prefixes_and_namespaces_do_not_matter() -> None:
    text = document(DIVISIONS + FOUR).replace("<", "<m:").replace("<m:/", "</m:")
    text = text.replace("version=", "xmlns:m='urn:x' version=", 1)
    assert rows(decode_all(text.encode(), "a.musicxml").scores[0]) == PLAIN


@pytest.mark.parametrize("identity", ["P'1", 'P"1', "P]1", "", "P 1"])
def test_any_name_of_a_part(identity: str) -> None:
    escaped = identity.replace('"', "&quot;")
    measures = f'<measure><part id="{escaped}">{DIVISIONS}{FOUR}</part></measure>' * 2
    text = f"<score-timewise>{measures}</score-timewise>"
    found = decode_all(text.encode(), "a.musicxml").scores[0]
    assert len(found) == 8


@pytest.mark.parametrize(
    "data",
    [
        b"<?xml version='1.0'?><mei xmlns='x'/>",
        b"<museScore version='3'/>",
        b"<html><body/></html>",
        b"<!DOCTYPE html><p>words",
    ],
)
def test_xml_of_another_kind_is_no_damaged_score(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        decode_all(data, "a.xml")
    assert caught.value.code == "not_notes"


def packed(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def container(*paths: str, kind: str = "") -> str:
    media = f" media-type='{kind}'" if kind else ""
    files = "".join(f"<rootfile full-path='{path}'{media}/>" for path in paths)
    return f"<container><rootfiles>{files}</rootfiles></container>"


SCORE = document(DIVISIONS + FOUR)


@pytest.mark.parametrize(
    "files",
    [
        {"META-INF/container.xml": container("score.xml"), "score.xml": SCORE},
        {"META-INF/container.xml": container("x.pdf", "s.xml"), "x.pdf": "%PDF", "s.xml": SCORE},
        {"META-INF/container.xml": container("a.xml", "s.xml"), "a.xml": "<html/>", "s.xml": SCORE},
        {"META-INF/container.xml": container("gone.xml"), "other.musicxml": SCORE},
        {"META-INF/container.xml": container("./Score.XML"), "score.xml": SCORE},
        {"META-INF/container.xml": container("a\\\\b.xml"), "a/b.xml": SCORE},
        {"meta-inf/Container.xml": container("score.xml"), "score.xml": SCORE},
        {"META-INF/container.xml": "<broken", "score.xml": SCORE},
        {"score.xml": SCORE.replace("Flute", "R&B")},
        {"notes.txt": "words", "deep/in/score.musicxml": SCORE},
    ],
)
def test_the_score_in_a_packed_file_is_found(files: dict[str, str]) -> None:
    assert rows(decode_all(packed(**files), "a.mxl").scores[0]) == PLAIN


def test_a_packed_file_without_a_score_is_no_score() -> None:
    with pytest.raises(BadInput) as caught:
        decode_all(packed(**{"score.mscx": "<museScore/>"}), "a.mxl")
    assert caught.value.code == "not_notes"


def counted(divisions: int, *notes: str) -> list[tuple[float, ...]]:
    said = f"<attributes><divisions>{divisions}</divisions></attributes>"
    (score,) = decode_all(document(said + "".join(notes), FOUR).encode(), "a.musicxml").scores
    first = rows(score)[0][0]  # a short first bar is an upbeat
    return [(at - first, *more) for at, *more in rows(score)]


def test_a_rounded_duration_is_as_long_as_its_note_is_written() -> None:
    sixteenth, half = "<type>16th</type>", "<type>half</type><dot/>"
    four = [note("C", 4, sixteenth) for _ in range(4)]
    assert counted(17, *four)[:4] == [(i / 4, 1 / 4, 60) for i in range(4)]
    assert counted(17, note("C", 50, half))[0] == (0, 3, 60)
    back = "<backup><duration>8</duration></backup>" + note("E", 17)
    assert (0.5, 1, 64) in counted(17, *four, back), "to where the third of them begins"


def test_a_triplet_that_is_not_marked_keeps_its_duration() -> None:
    three = [note("C", 1, "<type>eighth</type>") for _ in range(3)]
    assert [round(at * 3) for at, _, _ in counted(3, *three)[:3]] == [0, 1, 2]
