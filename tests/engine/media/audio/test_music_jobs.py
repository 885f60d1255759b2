"""Music from the drop of files to works on disk, with a model and instruments that know nothing."""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
import torch

from engine.core.progress import Advance
from engine.core.style import load_style
from engine.media.audio.codec.midi import read_midi, write_midi
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.scores import decode_all
from engine.media.audio.generators.score import (
    adapt as adapting,
    compose as composing,
    generator as jobs,
)
from engine.media.audio.generators.score.weights import Shipped
from engine.media.audio.playing import instruments as sounds
from engine.media.audio.playing.master import LOUDNESS_LUFS, loudness_of
from engine.media.audio.playing.perform import perform
from engine.media.audio.playing.play import RATE, pans_of
from engine.media.audio.score_tokens import VOCABULARY
from engine.media.audio.sketches import peaks_of, sketch_of
from engine.protocol import (
    AdaptRequest,
    Event,
    ExportRequest,
    ExportResult,
    Failure,
    GenerateRequest,
    Medium,
    MusicBrief,
    MusicUse,
    Preview,
    Reference,
    SketchRequest,
    SketchResult,
    StyleResult,
    WorksResult,
)
from engine.sequence.low_rank import plain_start
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig
from engine.service import Service

pytestmark = pytest.mark.weights

TUNE = (
    "X:1\nT:A made-up tune\nM:2/4\nL:1/8\nQ:1/4=120\nK:G\nGABc|dBGB|cAFA|G2G2|dBGB|cAFA|GBAF|G4|\n"
)
TWO_VOICES = """X:1
T:Two made-up voices
M:4/4
L:1/4
K:C
V:1
c d e f|g f e d|e d c B|c4|
V:2
C2 E2|G2 C2|C2 G,2|C4|
"""
BRIEF = MusicBrief(count=2, length=2)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    torch.manual_seed(0)
    shape = TransformerConfig(
        vocabulary=VOCABULARY, layers=1, width=16, heads=2, hidden=16, context=1200
    )
    model = Transformer(shape).eval()
    found = Shipped(model, Gate(), plain_start(model))
    monkeypatch.setattr(composing, "shipped", lambda device: found)
    monkeypatch.setattr(sounds, "synthesising", sines)
    monkeypatch.setattr(sounds, "preset_for_program", lambda program: program)
    monkeypatch.setattr(sounds, "preset", lambda name: name)
    monkeypatch.setattr(adapting, "_learned", nothing_learned)
    return Service(torch.device("cpu"))


def sines(rows: np.ndarray, timbre: object, rate: int, *, seed: int):
    """A stand-in for the synthesiser: one sine a note."""
    yield Advance(0, 1)
    total = round(max(onset + duration for onset, duration, _, _ in rows) * rate) + rate // 10
    sound = np.zeros(total, np.float32)
    for onset, duration, pitch, velocity in rows:
        t = np.arange(round(duration * rate)) / rate
        wave = velocity * 0.2 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * t)
        begins = round(onset * rate)
        sound[begins : begins + len(t)] += wave.astype(np.float32)
    return sound


def nothing_learned(references: object, seconds: float, seed: int):
    yield Advance(1, 1)
    return {}


def files(folder: Path, *texts: str) -> tuple[Reference, ...]:
    paths = []
    for i, text in enumerate(texts):
        path = folder / f"tune{i}.abc"
        path.write_text(text, encoding="utf-8")
        paths.append(Reference(path=str(path)))
    return tuple(paths)


def recording(folder: Path) -> Reference:
    """Noise that comes and goes: no notes in it."""
    rng = np.random.default_rng(0)
    wave = rng.normal(0, 0.1, RATE * 3) * (1.2 + np.sin(np.arange(RATE * 3) / 9000))
    path = folder / "wind.wav"
    soundfile.write(path, wave.astype(np.float32), RATE)
    return Reference(path=str(path))


def run(service: Service, job: object) -> list[Event]:
    return list(service.run(job))  # pyright: ignore[reportArgumentType]


def styled(service: Service, folder: Path, references: Sequence[Reference]) -> StyleResult:
    job = AdaptRequest(
        job_id="a",
        medium=Medium.AUDIO,
        references=tuple(references),
        out=str(folder / "a.style"),
        preview_dir=str(folder / "previews"),
    )
    events = run(service, job)
    assert isinstance(events[-1], StyleResult), events[-1]
    assert [e for e in events if isinstance(e, Preview) and e.path]
    return events[-1]


def made(service: Service, folder: Path, brief: MusicBrief) -> WorksResult:
    job = GenerateRequest(
        job_id="g", style=str(folder / "a.style"), out_dir=str(folder / "works"), brief=brief
    )
    result = run(service, job)[-1]
    assert isinstance(result, WorksResult), result
    return result


def refused(service: Service, folder: Path, brief: MusicBrief) -> str:
    job = GenerateRequest(
        job_id="g", style=str(folder / "a.style"), out_dir=str(folder / "works"), brief=brief
    )
    result = run(service, job)[-1]
    assert isinstance(result, Failure)
    return result.code


def test_scores_become_a_style_and_the_style_works(service: Service, tmp_path: Path) -> None:
    result = styled(service, tmp_path, files(tmp_path, TUNE, TWO_VOICES))
    assert (result.notes, result.sounds, result.references_used) == (27 + 13 + 7, 0, 2)
    works = made(service, tmp_path, BRIEF).works
    assert len(works) == 2
    for i, work in enumerate(works):
        samples, rate = soundfile.read(work.path)
        assert rate == RATE and samples.shape[1] == 2
        assert loudness_of(samples.T) == pytest.approx(LOUDNESS_LUFS, abs=0.6)
        assert np.abs(samples).max() < 0.9
        told = json.loads(Path(work.sidecar).read_text("utf-8"))
        assert told["made_with_ai"] and told["brief"]["seed"] == i and told["brief"]["count"] == 1
        midi = base64.b64decode(told["score"])
        assert Path(work.path).with_suffix(".mid").read_bytes() == midi
        assert len(read_midi(midi, "work.mid")) == len(told["sketch"]["notes"])
        assert work.sketch is not None and len(work.sketch.peaks) == 800
        assert told["loudness_lufs"] == pytest.approx(LOUDNESS_LUFS, abs=0.6)
        assert told["true_peak_db"] <= -1


def test_a_work_is_the_same_to_the_byte_made_again_and_alone(
    service: Service, tmp_path: Path
) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    first = [Path(w.path).read_bytes() for w in made(service, tmp_path, BRIEF).works]
    alone = made(service, tmp_path, replace(BRIEF, count=1, seed=1)).works[0]
    assert Path(alone.path).read_bytes() == first[1] != first[0]


def test_a_loop_is_as_long_as_its_bars(service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    brief = replace(BRIEF, count=1, length=4, loop=True, tempo=120, metre="2/4")
    work = made(service, tmp_path, brief).works[0]
    assert work.sketch is not None
    bars = round(work.sketch.seconds)
    assert work.sketch.seconds == pytest.approx(bars, abs=0.01) and 1 <= bars <= 4


def test_a_recording_without_notes_gives_textures_only(service: Service, tmp_path: Path) -> None:
    result = styled(service, tmp_path, [recording(tmp_path)])
    assert result.notes == 0
    work = made(service, tmp_path, replace(BRIEF, count=1, length=2)).works[0]
    samples, _ = soundfile.read(work.path)
    assert len(samples) == 2 * RATE
    told = json.loads(Path(work.sidecar).read_text("utf-8"))
    assert told["score"] == "" and told["sketch"]["notes"] == []
    assert refused(service, tmp_path, replace(BRIEF, form="music")) == "no_notes_learned"


def test_scores_give_no_texture(service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    assert refused(service, tmp_path, replace(BRIEF, form="texture")) == "no_sound_learned"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"metre": "5/7"}, "bad_metre"),
        ({"key": "H"}, "bad_key"),
        ({"mode": "blue"}, "bad_mode"),
        ({"tempo": 9}, "bad_number"),
        ({"length": 65}, "bad_number"),
        ({"density": 3.0}, "bad_number"),
        ({"form": "sonnet"}, "form_unknown"),
        ({"sound": "kazoo"}, "bad_sound"),
        ({"sound": "nowhere.sf2"}, "missing_file"),
        ({"sound": "nowhere.wav"}, "missing_file"),
        ({"content": "nowhere.mid"}, "missing_file"),
    ],
)
def test_what_cannot_be_met_is_one_sentence(
    service: Service, tmp_path: Path, wish: dict, code: str
) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    assert refused(service, tmp_path, replace(BRIEF, **wish)) == code


def test_a_soundfont_that_is_none_is_refused(service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    (tmp_path / "fake.sf2").write_bytes(b"RIFF----not it")
    brief = replace(BRIEF, sound=str(tmp_path / "fake.sf2"))
    assert refused(service, tmp_path, brief) == "bad_soundfont"


def test_works_leave_in_every_format(service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, files(tmp_path, TWO_VOICES))
    work = made(service, tmp_path, replace(BRIEF, count=1, length=4)).works[0]
    style = str(tmp_path / "a.style")
    plain = ExportRequest(job_id="x", work=work.path, sidecar=work.sidecar, style=style, out="")
    for suffix in (".wav", ".flac", ".ogg", ".mp3", ".mid", ".musicxml"):
        out = tmp_path / f"out{suffix}"
        result = run(service, replace(plain, out=str(out)))[-1]
        assert isinstance(result, ExportResult), result
        assert result.paths == (str(out),) and out.stat().st_size > 100
        if suffix in (".mid", ".musicxml"):
            assert len(decode_all(out.read_bytes(), out.name).scores[0]) == len(work.sketch.notes)  # type: ignore[union-attr]
        else:
            assert soundfile.info(out).duration == pytest.approx(work.sketch.seconds, abs=0.1)  # type: ignore[union-attr]
    wrong = run(service, replace(plain, out=str(tmp_path / "out.doc")))[-1]
    assert isinstance(wrong, Failure) and wrong.code == "bad_export"
    stems = run(service, replace(plain, out=str(tmp_path / "stems"), stems=True))[-1]
    assert isinstance(stems, ExportResult)
    assert len(stems.paths) == len(read_midi((tmp_path / "out.mid").read_bytes(), "x").parts)
    whole = np.sum([soundfile.read(path)[0] for path in stems.paths], 0)
    assert whole == pytest.approx(soundfile.read(work.path)[0], abs=1e-4), "they add up to the work"


def test_blends_hold_the_notes_of_both(service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    one = load_style(tmp_path / "a.style")
    styled(service, tmp_path, [*files(tmp_path, TWO_VOICES), recording(tmp_path)])
    two = load_style(tmp_path / "a.style")
    generator = jobs.open_generator(torch.device("cpu"))
    mixed = generator.blend([one.tensors, two.tensors], [1.0, 3.0])
    counts = [generator.facts(t).notes for t in (one.tensors, two.tensors, mixed)]
    assert counts[2] == counts[0] + counts[1]
    assert mixed["programs"].shape == (2, 16)
    assert len(adapting.part_names_of(mixed)) == 2 and len(adapting.part_names_of(mixed)[1]) == 2
    del one.tensors["part_names"]  # a style from before
    older = generator.blend([one.tensors, two.tensors], [1.0, 1.0])
    assert (
        adapting.part_names_of(older)[0] == []
        and adapting.part_names_of(older)[1] == adapting.part_names_of(mixed)[1]
    )
    assert any(name.startswith("texture/") for name in mixed)


def test_sketches_of_scores_and_recordings(service: Service, tmp_path: Path) -> None:
    score = run(service, SketchRequest(job_id="s", path=files(tmp_path, TUNE)[0].path))[-1]
    assert isinstance(score, SketchResult)
    assert len(score.sketch.notes) == 27 and not score.sketch.peaks
    assert score.sketch.seconds == pytest.approx(8, abs=0.01)
    wind = run(service, SketchRequest(job_id="s", path=recording(tmp_path).path))[-1]
    assert isinstance(wind, SketchResult)
    assert len(wind.sketch.peaks) == 800 and max(wind.sketch.peaks) <= 1
    (tmp_path / "no.mid").write_bytes(b"nothing")
    failed = run(service, SketchRequest(job_id="s", path=str(tmp_path / "no.mid")))[-1]
    assert isinstance(failed, Failure)


def tune() -> Score:
    return decode_all(TUNE.encode(), "tune.abc").scores[0]


def test_a_performance_keeps_time_and_stresses_the_beat() -> None:
    played = perform(tune(), seed=3)
    assert np.array_equal(played, perform(tune(), seed=3))
    written = np.array([onset for onset, *_ in sketch_of(tune()).notes])
    assert np.abs(np.sort(played["onset_s"]) - written).max() < 0.02
    assert played["velocity"].min() >= 0.15 and played["velocity"].max() <= 1
    loud = [perform(tune(), seed)["velocity"] for seed in range(20)]
    onsets = tune().notes["onset"] % (2 * 480)
    assert np.mean(loud, 0)[onsets == 0].mean() > np.mean(loud, 0)[onsets == 240].mean() + 0.1


def test_voices_stand_apart() -> None:
    assert pans_of(1) == [0.0]
    places = pans_of(4)
    assert len(set(places)) == 4 and max(map(abs, places)) <= 0.5
    assert abs(places[0]) == min(map(abs, places))


def test_peaks_of_nothing_and_of_little() -> None:
    assert peaks_of(np.zeros((2, 0), np.float32)) == ()
    assert peaks_of(np.array([[0.5, -2.0]], np.float32)) == (0.5, 1.0)


def test_how_a_recording_was_read_is_told(service: Service, tmp_path: Path) -> None:
    wave = np.clip(np.random.default_rng(0).normal(0, 1.5, (RATE * 2, 6)), -1, 1)
    path = tmp_path / "loud.wav"
    soundfile.write(path, wave.astype(np.float32), RATE)
    result = styled(service, tmp_path, [Reference(path=str(path)), *files(tmp_path, TUNE)])
    told = {remark.code: remark.message for remark in result.remarks}
    assert told.keys() == {"sound_clipped", "sound_mixed_down", "sound_without_notes"}
    assert told["sound_clipped"].startswith("loud.wav is clipped")


def band(folder: Path) -> Reference:
    """The tune with a bass drum on every quarter note."""
    tune = mido.MidiFile(
        file=io.BytesIO(write_midi(decode_all(TUNE.encode(), "tune.abc").scores[0]))
    )
    drums = mido.MidiTrack()
    for kind in ("note_on", "note_off") * 16:
        drums.append(mido.Message(kind, channel=9, note=36, velocity=90, time=240))
    tune.tracks.append(drums)
    tune.save(str(folder / "band.mid"))
    return Reference(path=str(folder / "band.mid"))


def test_drums_are_learned_made_and_written(service: Service, tmp_path: Path) -> None:
    result = styled(service, tmp_path, [band(tmp_path)])
    assert result.remarks == ()
    work = made(service, tmp_path, replace(BRIEF, count=1)).works[0]
    hits = read_midi(Path(work.path).with_suffix(".mid").read_bytes(), "work.mid").hits
    assert len(hits) and set(hits["key"].tolist()) == {36}
    assert work.sketch is not None and len(work.sketch.hits) == len(hits)
    out = tmp_path / "stems"
    style = str(tmp_path / "a.style")
    job = ExportRequest(
        job_id="x", work=work.path, sidecar=work.sidecar, style=style, out=str(out), stems=True
    )
    told = run(service, job)[-1]
    assert isinstance(told, ExportResult) and told.paths[-1].endswith("2-Drums.wav")
    alone = made(service, tmp_path, replace(BRIEF, count=1, voices=1)).works[0]
    assert alone.sketch is not None and alone.sketch.hits == ()


def test_a_score_gets_chords_a_bass_and_drums(service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, [band(tmp_path), *files(tmp_path, TWO_VOICES)])
    path = tmp_path / "mine.abc"
    path.write_text(TUNE, encoding="utf-8")
    brief = replace(BRIEF, content=str(path), score_use=MusicUse.ACCOMPANY)
    works = made(service, tmp_path, brief).works
    given = decode_all(TUNE.encode(), "mine.abc").scores[0]
    for work in works:
        score = read_midi(Path(work.path).with_suffix(".mid").read_bytes(), "work.mid")
        assert len(score.parts) == 3 and len(score.hits)
        own = score.notes[score.notes["part"] == 0]
        for name in ("onset", "duration", "pitch"):
            assert own[name].tolist() == given.notes[name].tolist()
        assert score.chords[-1].symbol() in ("G", "Em")
        assert work.sketch is not None and len(work.sketch.chords) == len(score.chords)
    again = made(service, tmp_path, replace(brief, count=1, seed=1)).works[0]
    assert again.sketch == works[1].sketch
