"""What the parts of a work are called."""

from engine.media.audio.codec.score import Key, Metre, Part, Score, notes_of, score_of
from engine.media.audio.playing.instruments import Instruments
from engine.media.audio.playing.part_names import named


def choir(*names: str) -> Score:
    """Four parts of one note each."""
    notes = [(0, 480, pitch, part, 64) for part, pitch in enumerate((74, 65, 55, 45))]
    parts = [Part(name) for name in names or ("",) * 4]
    return score_of(notes_of(notes), [Metre(0, 4, 4)], [Key(0, 0)], [], parts)


def names(parts: tuple[Part, ...]) -> list[str]:
    return [part.name for part in parts]


def test_parts_are_called_as_the_reference_calls_them() -> None:
    violins = [Part("Violin", 40)] * 2 + [Part("Piano")] * 2
    theirs = ["1st Violin", "", "Viola", ""]
    assert names(named(choir(), violins, theirs)) == ["1st Violin", "Violin", "Viola", "Piano"]
    assert names(named(choir(), violins)) == ["Violin 1", "Violin 2", "Piano 1", "Piano 2"]
    assert names(named(choir("Mine", "", "", ""), violins, theirs))[0] == "Mine"


def test_voices_without_a_name_are_called_by_their_register() -> None:
    voices = [Part("Voice")] * 4
    assert names(named(choir(), voices)) == ["Soprano", "Alto", "Tenor", "Bass"]
    alone = choir()
    alone = score_of(alone.notes[:1], alone.metres, alone.keys, [], [Part()])
    assert names(named(alone, voices[:1])) == ["Voice"]
    assert names(Instruments(built_in="violin").parts(2, [0, 0])) == ["Violin", "Violin"]


def test_a_part_of_chords_is_called_so() -> None:
    rows = [(0, 480, 72, 0, 64), *((0, 480, pitch, 1, 64) for pitch in (55, 60, 64))]
    score = score_of(notes_of(rows), [Metre(0, 4, 4)], [Key(0, 0)], [], [Part(), Part()])
    assert names(named(score, [Part("Voice")] * 2)) == ["Soprano", "Chords"]
