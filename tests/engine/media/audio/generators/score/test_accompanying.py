"""Chords for a melody, and the parts that play them."""

from dataclasses import replace

import numpy as np
import pytest

from engine.media.audio.codec.abc import read_book
from engine.media.audio.codec.chords import Chord, parsed
from engine.media.audio.codec.score import TICKS, Score
from engine.media.audio.generators.score.accompany import Manners, accompanied
from engine.media.audio.generators.score.adding import symbol_rows, with_symbols
from engine.media.audio.theory.chord_model import CHORDS, ChordModel, spans_of, with_chords
from engine.media.audio.theory.keys import estimated_key

STAR = "CCGG|AAG2|FFEE|DDC2|GGFF|EED2|GGFF|EED2|CCGG|AAG2|FFEE|DDC2|"
PLAYERS = (24, 32)


def tune(body: str, key: str = "C", metre: str = "4/4", unit: str = "1/4") -> Score:
    head = f"X:1\nM:{metre}\nQ:1/4=120\nL:{unit}\nK:{key}\n"
    return read_book(f"{head}{body}\n".encode(), "a.abc").scores[0]


def names(score: Score) -> list[str]:
    return [chord.symbol() for chord in score.chords]


def test_the_chords_of_a_well_known_tune() -> None:
    found = with_chords(tune(STAR))
    assert (names(found)[:2], names(found)[-2:]) == (["C", "F"], ["G7", "C"])
    assert {chord.root for chord in found.chords} <= {0, 5, 7}
    moved = with_chords(tune(STAR).transposed(3))
    assert moved.chords == tuple(chord.transposed(3) for chord in found.chords)


def test_a_minor_tune_begins_and_ends_at_home() -> None:
    found = with_chords(tune("ABcA|GEG2|ABcd|e2E2|cdcB|A4|", "Am"))
    assert (names(found)[0], names(found)[-1]) == ("Am", "Am")


def test_changes_are_learned_from_the_symbols_of_references() -> None:
    """A style that goes from C to Bb all the time."""
    symbols = "".join(f'"{name}"CCCC|' for name in ("C", "Bb") * 20)
    plain = ChordModel.of((), minor=False)
    theirs = ChordModel.of([tune(symbols)], minor=False)
    home, flat = CHORDS.index((0, "")), CHORDS.index((10, ""))
    assert theirs.changes[home, flat] > 0.4 > 0.05 > plain.changes[home, flat]
    assert theirs.stays_inside > plain.stays_inside
    assert theirs.changes.sum(1) == pytest.approx(1)


def test_paths_that_are_drawn_differ_and_agree_where_it_is_clear() -> None:
    score = tune(STAR)
    model, spans = ChordModel.of((), minor=False), spans_of(score)
    drawn = {tuple(model.drawn(score, spans, np.random.default_rng(seed))) for seed in range(6)}
    assert len(drawn) > 1
    assert {path[0] for path in drawn} == {CHORDS.index((0, ""))}


@pytest.mark.parametrize(
    ("metre", "body", "unit"),
    [
        ("4/4", STAR, "1/4"),
        ("3/4", "c2d|e2f|g2e|c3|" * 3, "1/4"),
        ("6/8", "ceg gec|dfa afd|" * 4, "1/8"),
    ],
)
def test_two_parts_come_below_and_what_was_written_stays(metre: str, body: str, unit: str) -> None:
    given = tune(body, metre=metre, unit=unit).transposed(12)
    made = accompanied(given, [], PLAYERS, seed=2)
    assert [part.program for part in made.parts[-2:]] == [24, 32]
    assert made.notes[made.notes["part"] == 0].tolist() == given.notes.tolist()
    chords, bass = (made.notes[made.notes["part"] == part] for part in (1, 2))
    assert bass["pitch"].max() < chords["pitch"].min() <= chords["pitch"].max() < 74
    for note in np.concatenate([chords, bass]):
        holding = [chord for chord in made.chords if chord.tick <= note["onset"]][-1]
        assert int(note["pitch"]) % 12 in holding.classes
    tops = [max(chords["pitch"][chords["onset"] == at]) for at in np.unique(chords["onset"])]
    assert np.abs(np.diff(np.array(tops, int))).max() <= 7
    assert int((bass["onset"] + bass["duration"]).max()) == made.bars()[-1].tick + (
        made.bars()[-1].bar_ticks
    )


def test_the_symbols_of_a_lead_sheet_are_kept() -> None:
    given = tune('"Am"ceac|"F"fcaf|"C/E"gceg|"G7"g4|')
    made = accompanied(given, [], PLAYERS, seed=1)
    assert names(made) == ["Am", "F", "C/E", "G7"]
    bass = made.notes[made.notes["part"] == 2]
    assert int(bass["pitch"][bass["onset"] == 8 * TICKS][0]) % 12 == 4


def test_the_rhythm_is_that_of_the_references_lower_parts() -> None:
    """Chords on every second quaver, a bass of whole notes."""
    body = "V:1\ncdef|gfed|cdef|c4|\nV:2\n" + "z/[EG]/z/[EG]/z/[EG]/z/[EG]/|" * 4
    body += "\nV:3\n" + "C,4|" * 4
    manner = tune(body)
    model = ChordModel.of((), minor=False)
    assert all(len(bar) == 5 for bar in Manners.of([manner], model).bars[0])
    made = accompanied(tune(STAR).transposed(12), [manner], PLAYERS, seed=1)
    chords = made.notes[(made.notes["part"] == 1) & (made.notes["onset"] < 11 * 4 * TICKS)]
    assert set((chords["onset"] % TICKS).tolist()) == {TICKS // 2}


def test_symbols_of_references_stay_with_the_style() -> None:
    scores = [tune('"D"DFAd|"A7"A4|', "D"), tune("CDEF|"), tune('"C/G"CEG2|')]
    common = [score.transposed(-estimated_key(score).shift) for score in scores]
    bare = [replace(score, chords=()) for score in common]
    found = with_symbols(bare, symbol_rows(scores))
    assert [score.chords for score in found] == [score.chords for score in common]
    assert found[2].chords == (Chord(0, 0, "", 7),)
    assert parsed("C/G", 0) == found[2].chords[0]
