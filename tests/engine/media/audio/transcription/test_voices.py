"""Melody, bass and chords told apart; a solo is not split."""

import numpy as np
import pytest

from engine.media.audio.codec.sound import RATE, Sound
from engine.media.audio.transcription.scoring import scored
from engine.media.audio.transcription.transcribe import SOUNDING, transcribe
from engine.media.audio.transcription.voices import BASS, CHORDS, MELODY, voices_of

Row = tuple[float, float, int, float, int]  # onset, duration, pitch, velocity, voice


def notes_of(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    rows = sorted(rows)
    notes = np.zeros(len(rows), SOUNDING)
    for place, name in enumerate(("onset_s", "duration_s", "pitch", "velocity")):
        notes[name] = [row[place] for row in rows]
    notes["strength"] = 0.7
    return notes, np.array([row[4] for row in rows])


def three_parts() -> list[Row]:
    rows: list[Row] = []
    tune = (72, 74, 76, 77, 76, 74, 72, 71)
    for bar, (root, third) in enumerate(((48, 4), (45, 3), (41, 4), (43, 4)) * 2):
        at = 2.0 * bar
        rows += [(at, 0.9, root - 12, 0.8, BASS), (at + 1, 0.9, root - 5, 0.7, BASS)]
        for strike in (0.5, 1.5):
            rows += [(at + strike, 0.4, root + 12 + i, 0.5, CHORDS) for i in (0, third, 7)]
        rows += [
            (at + 0.5 * i, 0.45, tune[(bar + 3 * i) % len(tune)], 0.8, MELODY) for i in range(4)
        ]
    return rows


def test_melody_chords_and_bass_are_told_apart() -> None:
    notes, wanted = notes_of(three_parts())
    assert (voices_of(notes) == wanted).mean() > 0.95


def test_a_melody_with_chords_has_no_bass() -> None:
    notes, wanted = notes_of([row for row in three_parts() if row[4] != BASS])
    found = voices_of(notes)
    assert not (found == BASS).any()
    assert (found == wanted).mean() > 0.9


def test_plucked_notes_that_ring_into_each_other_are_one_part() -> None:
    pitches = (67, 71, 74, 79, 74, 71) * 8
    rows = [(0.2 * i, 0.9, p, 0.8, MELODY) for i, p in enumerate(pitches)]
    notes, _ = notes_of(rows)
    assert not voices_of(notes).any()


def test_one_line_is_one_part() -> None:
    notes, _ = notes_of([row for row in three_parts() if row[4] == MELODY])
    assert not voices_of(notes).any()


def test_each_voice_is_a_part_and_lines_play_one_note_at_a_time() -> None:
    notes, wanted = notes_of(three_parts())
    notes["voice"] = wanted
    score = scored(notes)
    assert len(score.parts) == 3
    assert [part.program for part in score.parts] == [0, 0, 32]
    for line in (0, 2):
        mine = score.notes[score.notes["part"] == line]
        ends = mine["onset"] + mine["duration"]
        assert (mine["onset"][1:] >= ends[:-1]).all()
    chords = score.notes[score.notes["part"] == 1]
    assert len(np.unique(chords["onset"])) * 3 == len(chords)


def tones(rows: list[Row]) -> Sound:
    wave = np.zeros(int((max(row[0] + row[1] for row in rows) + 1) * RATE))
    for onset, duration, pitch, level, _ in rows:
        times = np.arange(int((duration + 0.1) * RATE)) / RATE
        fundamental = 440 * 2 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * fundamental * h * times) / h**1.5 for h in range(1, 7))
        shape = np.minimum(times / 0.005, 1) * np.exp(-1.5 * times)
        shape *= np.clip((duration + 0.1 - times) / 0.1, 0, 1)
        first = int(onset * RATE)
        wave[first : first + len(times)] += level * tone * shape
    return Sound((0.5 * wave / np.abs(wave).max()).astype(np.float32)[None], RATE)


@pytest.mark.weights
def test_three_parts_of_a_recording_are_three_parts_of_its_score() -> None:
    found = transcribe(tones(three_parts()))
    assert len(found.score.parts) == 3
    means = [found.score.notes["pitch"][found.score.notes["part"] == p].mean() for p in range(3)]
    assert means[0] > means[1] > means[2]
    assert len(found.hits) == 0
