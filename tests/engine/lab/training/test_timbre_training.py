"""The corpus of instruments, its tasks and the pre-training of the timbre synthesiser."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.lab.training.corpus import instruments_build, instruments_sources
from engine.lab.training.corpus.instruments import (
    NOTES_FILE,
    RATE,
    InstrumentNote,
    InstrumentNotes,
    write_index,
)
from engine.lab.training.corpus.instruments_sample import QUERIES, SUPPORT, read_sample
from engine.lab.training.corpus.instruments_sources import InstrumentsMissingError, Preset
from engine.lab.training.timbre import TimbreLearner, watched_loss
from engine.lab.training.timbre_change import SAME, SIZE, Change, any_change, changed
from engine.lab.training.timbre_data import LEVEL, Instruments, level_of
from engine.media.audio.timbre.decoder import TimbreConfig
from engine.meta.episodes import is_reserved


@pytest.fixture
def corpus(tmp_path: Path) -> InstrumentNotes:
    """Three instruments of four notes, the last one a drum."""
    rows, sounds, start = [], [], 0
    at = np.arange(RATE // 2) / RATE
    for place, name in enumerate(("Reed", "Bell", "Drum")):
        for pitch in (50, 57, 64, 71):
            hz = 440 * 2 ** ((pitch - 69) / 12)
            sound = np.sin(2 * np.pi * hz * at) * np.exp(-at * 3 * place) * 32767
            sounds.append(sound.astype("<i2"))
            kind = "drum" if name == "Drum" else "melodic"
            peak = 0.1 + 0.1 * place
            rows.append(InstrumentNote(name, kind, 0, "training", pitch, 0.9, start, len(at), peak))
            start += len(at)
    np.save(tmp_path / NOTES_FILE, np.concatenate(sounds))
    write_index(tmp_path, rows, {})
    return InstrumentNotes(tmp_path)


def test_notes_come_back_at_their_own_level_and_then_at_a_common_one(
    corpus: InstrumentNotes,
) -> None:
    bell = corpus.by_preset("training")["Bell"][0]
    assert np.abs(corpus.samples(bell)).max() == pytest.approx(0.2, rel=0.01)
    assert level_of(Instruments(corpus, "training").samples(bell)) == pytest.approx(LEVEL, rel=0.05)
    assert corpus.by_preset("reserved") == {}


def test_another_format_is_refused(corpus: InstrumentNotes, tmp_path: Path) -> None:
    index = tmp_path / "notes.json"
    index.write_text(index.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ValueError, match="99"):
        InstrumentNotes(tmp_path)


def test_seed_step_and_rank_alone_decide_a_batch(corpus: InstrumentNotes) -> None:
    instruments = Instruments(corpus, "training", 0.5)
    first, again = (instruments.batch(0, 3, 0, presets=2) for _ in range(2))
    other = instruments.batch(0, 4, 0, presets=2)
    assert torch.equal(first.heard, again.heard)
    assert torch.equal(first.looks.moments, again.looks.moments)
    assert not torch.equal(first.looks.moments, other.looks.moments)


def test_a_learner_learns_from_a_batch(corpus: InstrumentNotes) -> None:
    torch.manual_seed(0)
    learner = TimbreLearner(TimbreConfig(context=4, width=16, harmonics=8))
    tasks = Instruments(corpus, "training").batch(0, 0, 0, presets=2)
    optimiser = torch.optim.Adam(learner.parameters(), 0.01)
    before = watched_loss(learner, [tasks])
    for _ in range(8):
        optimiser.zero_grad()
        loss = learner.backward(tasks)
        assert torch.isfinite(loss)
        optimiser.step()
    gradients = [p.grad for p in learner.parameters()]
    assert all(g is not None and torch.isfinite(g).all() for g in gradients)
    assert watched_loss(learner, [tasks]) < before


def test_a_changed_note_sounds_higher_by_as_much_as_is_said() -> None:
    at = np.arange(RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    change = Change(SIZE * 3 // 4, (6.0,) * 9)
    made = changed(tone, change)
    assert len(made) == pytest.approx(RATE * 3 / 4, abs=2)
    strongest = np.abs(np.fft.rfft(made[: RATE // 2])).argmax() * 2
    assert strongest == pytest.approx(440 * 2 ** (change.semitones / 12), abs=2)
    assert np.abs(made[2000:20000]).max() == pytest.approx(0.5 * 10 ** (6 / 20), rel=0.02)
    assert changed(tone, SAME) is tone


def test_changes_stay_near() -> None:
    changes = [any_change(np.random.default_rng(seed)) for seed in range(50)]
    assert all(abs(change.semitones) < 5.2 for change in changes)
    assert len({change.size for change in changes}) > 10


def test_presets_that_share_a_recording_with_a_reserved_one_are_left_out() -> None:
    reserved = next(f"Preset {i}" for i in range(200) if is_reserved(f"Preset {i}"))
    plain = next(f"Preset {i}" for i in range(200) if not is_reserved(f"Preset {i}"))
    near = Preset(plain, 0, 1, frozenset({"a", "b"}))
    far = Preset(plain, 0, 2, frozenset({"c"}))
    held = Preset(reserved, 0, 3, frozenset({"b"}))
    found = [near, far, held]
    assert [p for p in found if instruments_build._left_out(p, found)] == [near]
    assert instruments_build.part_of(reserved) == "reserved"
    assert instruments_build.part_of(plain) != "reserved"


def test_the_presets_of_a_soundfont_and_their_recordings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "small.sf2"
    path.write_bytes(handmade_soundfont())
    found = instruments_sources.presets(path)
    assert [(p.name, p.bank, p.program) for p in found] == [("Reed", 0, 7), ("Bell", 8, 3)]
    assert [p.samples for p in found] == [frozenset({"one", "two"}), frozenset({"two"})]


def test_a_missing_soundfont_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InstrumentsMissingError, match="corpus fetch --medium audio"):
        instruments_build.build(tmp_path)
    assert "training" in instruments_build.table(tmp_path)


def test_the_shipped_notes_are_of_reserved_presets_and_other_pitches() -> None:
    presets = read_sample()
    assert len(presets) >= 12
    for preset in presets:
        assert is_reserved(preset.name)
        assert len(preset.support) == SUPPORT
        assert len(preset.query) == QUERIES
        assert not {n.pitch for n in preset.support} & {n.pitch for n in preset.query}
        for note in (*preset.support, *preset.query):
            assert 0.01 < np.abs(note.samples).max() <= 1.1


def handmade_soundfont() -> bytes:
    """Two presets of one instrument each; the first instrument has two recordings."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body

    def head(name: bytes, rest: bytes) -> bytes:
        return name.ljust(20, b"\0") + rest

    presets = [(b"Bell", 3, 8, 0), (b"Reed", 7, 0, 1), (b"EOP", 0, 0, 2)]
    phdr = b"".join(head(n, struct.pack("<HHHIII", p, b, z, 0, 0, 0)) for n, p, b, z in presets)
    pbag = b"".join(struct.pack("<HH", i, 0) for i in range(3))
    pgen = struct.pack("<HHHH", 41, 1, 41, 0) + bytes(4)
    inst = b"".join(head(n, struct.pack("<H", z)) for n, z in ((b"A", 0), (b"B", 2), (b"EOI", 3)))
    ibag = b"".join(struct.pack("<HH", i, 0) for i in range(4))
    igen = b"".join(struct.pack("<HH", 53, s) for s in (0, 1, 1)) + bytes(4)
    shdr = b"".join(head(n, bytes(26)) for n in (b"one", b"two", b"EOS"))
    parts = {b"phdr": phdr, b"pbag": pbag, b"pgen": pgen, b"inst": inst, b"ibag": ibag}
    parts |= {b"igen": igen, b"shdr": shdr}
    listed = b"pdta" + b"".join(chunk(name, body) for name, body in parts.items())
    return chunk(b"RIFF", b"sfbk" + chunk(b"LIST", listed))
