"""Key, tempo and metre of a work, as its notes tell; nothing of what is no MIDI file."""

import pytest

from studio.media.audio.music import music_of
from studio.media.audio.score_facts import ScoreFacts, facts_of
from studio.media.audio.view import score_words
from studio.widgets.theme import ASSETS

HEAD = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00\x40"
TEMPO = b"\x00\xff\x51\x03\x07\xa1\x20"  # half a second
MINOR = b"\x00\xff\x59\x02\xfd\x01"  # three flats
NOTE = b"\x00\x90\x3c\x40"


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("ariel", ScoreFacts(160, "A", "major", "2/4")),
        ("brookside", ScoreFacts(160, "Bb", "major", "2/2")),
    ],
)
def test_of_the_shipped_tunes(name: str, facts: ScoreFacts) -> None:
    (file,) = (ASSETS / "samples" / "music").glob(f"ryan-{name}*.mid")
    assert facts_of(file.read_bytes()) == facts


def test_minor_keys_and_words_of_players() -> None:
    facts = facts_of(HEAD + TEMPO + MINOR + NOTE)
    assert facts == ScoreFacts(120, "C", "minor")
    assert score_words(facts) == ["C minor", "120 bpm"]
    assert score_words(ScoreFacts()) == []


def test_what_stands_behind_the_first_note_is_not_of_the_beginning() -> None:
    assert facts_of(HEAD + NOTE + TEMPO) == ScoreFacts()


@pytest.mark.parametrize("midi", [b"", b"RIFF", HEAD, HEAD + TEMPO[:4], HEAD + b"\xff" * 30])
def test_what_is_no_file_says_nothing(midi: bytes) -> None:
    assert facts_of(midi) == ScoreFacts()


@pytest.mark.parametrize("score", [None, 5, "no base64!", "TVRoZA=="])
def test_sidecars_of_any_kind(score: object) -> None:
    assert music_of({"score": score}).score == ScoreFacts()
