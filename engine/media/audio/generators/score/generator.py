"""The generator of music: scores token by token, and textures where there are no notes."""

import base64
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.device import one_thread
from engine.core.errors import BadInput
from engine.core.files import sha256, write_atomic
from engine.core.job_events import with_progress
from engine.core.progress import Advance, Pace
from engine.core.references import ReadReference
from engine.core.sidecars import source_files
from engine.core.style import Style, Tensors
from engine.core.works import Origin, write_work
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts, brief_of_one
from engine.media.audio.brief import sources
from engine.media.audio.codec.midi import write_midi
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound import Sound
from engine.media.audio.codec.sound_writing import encode
from engine.media.audio.events import note_tables
from engine.media.audio.generators.score import INFO, adapt as adapting
from engine.media.audio.generators.score.adapt import TEXTURE, WeightedHeard
from engine.media.audio.generators.score.adding import with_parts
from engine.media.audio.generators.score.compose import Composed, compose
from engine.media.audio.generators.score.opening import Opening
from engine.media.audio.generators.score.weights import WEIGHTS_FILE
from engine.media.audio.hearing import File, hear, read_score, without_notes
from engine.media.audio.playing import play
from engine.media.audio.playing.instruments import Instruments, instruments_of
from engine.media.audio.playing.master import Mastered, master
from engine.media.audio.playing.part_names import named
from engine.media.audio.score_tokens import VOCABULARY, span
from engine.media.audio.sketches import peaks_of, sketch_of
from engine.media.audio.texture import generate as texture
from engine.media.audio.theory.chord_model import with_chords
from engine.media.audio.theory.keys import signed
from engine.media.audio.timbre.in_style import sounds_in, under
from engine.protocol import (
    INSTRUMENTS,
    AdaptRequest,
    Copied,
    Event,
    GenerateRequest,
    MusicBrief,
    MusicForm,
    MusicUse,
    Preview,
    Progress,
    Sketch,
    WorkFile,
)
from engine.sequence.adapt import StyleTensors

log = logging.getLogger(__name__)

PREVIEW_BARS = 4
TEXTURE_S = 20
SOUND_SUFFIX = ".flac"
MAX_NATS = {"audio": 0.5}  # that ratings may move the next token


def open_generator(device: torch.device) -> "ScoreGenerator":
    return ScoreGenerator(device)


class NotePreferences:
    """See `engine.interfaces.SequencePreferences`."""

    max_nats = MAX_NATS

    def learns_from(self, tensors: Mapping[str, Tensor]) -> bool:
        return "tokens" in tensors

    def logit_biases(
        self, worth: np.ndarray, usual: np.ndarray, domain: str, device: torch.device
    ) -> Tensors:
        """What pitches, durations, and steps from a part's last pitch gain, in nats."""
        tables = note_tables()
        cuts = np.cumsum([table.shape[1] for table in tables])[:-1]
        parts = zip(tables, np.split(usual, cuts), np.split(worth, cuts), strict=True)
        of_pitch, of_step, of_duration = ((table - mean) @ part for table, mean, part in parts)
        tokens = np.zeros(VOCABULARY)
        tokens[span("pitch").start : span("pitch").stop] = of_pitch
        tokens[span("duration").start : span("duration").stop] = of_duration
        return {liked.TOKENS: liked.as_bias(tokens), liked.STEPS: liked.as_bias(of_step)}


@dataclass(frozen=True, slots=True, eq=False)
class Unplayed:
    """A composed work, and what it is to be played on. programs: of each part."""

    composed: Composed
    instruments: Instruments
    programs: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A finished work. composed: None of a texture. programs: of each part, as `Unplayed`."""

    mastered: Mastered
    composed: Composed | None = None
    programs: Sequence[int] = ()

    @property
    def sketch(self) -> Sketch:
        samples = self.mastered.samples
        drawn = sketch_of(self.composed.score) if self.composed else Sketch(seconds=0.0)
        seconds = round(samples.shape[1] / play.RATE, 3)
        return replace(drawn, seconds=seconds, peaks=peaks_of(samples))


class ScoreGenerator(DraftedGenerator):
    """See `engine.interfaces.Generator`."""

    info = INFO
    draft_share = 0.8
    preferences = NotePreferences()

    def __init__(self, device: torch.device) -> None:
        self.device = device

    @cached_property
    def base_digest(self) -> str:
        return sha256(WEIGHTS_FILE.read_bytes())

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[File]], pace: Pace
    ) -> Job[Tensors]:
        """The tensors of the style; yields Progress, and a sketch of what is heard first."""
        with one_thread():
            if job.preview_dir is not None:
                sketch = without_notes(references[0].content)
                yield Preview(job_id=job.job_id, index=0, sketch=sketch)
            heard: list[WeightedHeard] = []
            for reference in references:
                one = yield from with_progress(
                    hear(reference.content, self.device), job.job_id, "reading", Pace()
                )
                heard.append(WeightedHeard(one, reference.weight))
            slices = adapting.adapt(heard, seconds=job.seconds, seed=job.seed)
            return (yield from with_progress(slices, job.job_id, "adapting", pace))

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[File]], tensors: Tensors
    ) -> Job[None]:
        """A few bars, or seconds, to listen to."""
        with one_thread():
            if job.preview_dir is None:
                return
            form = _form(tensors, "")
            length = PREVIEW_BARS if form is MusicForm.MUSIC else 5
            brief = MusicBrief(count=1, seed=job.seed, length=length)
            names = [r.name for r in references]
            made = yield from _made(tensors, names, brief, self.device, job.job_id, Pace())
            played = yield from _played(made[0], brief, job.job_id)
            path = Path(job.preview_dir) / f"first-{job.seed}{SOUND_SUFFIX}"
            write_atomic(path, encode(Sound(played.mastered.samples, play.RATE), "flac"))
            yield Preview(job_id=job.job_id, index=0, path=str(path), sketch=played.sketch)

    def draft(
        self, job: GenerateRequest[MusicBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[MusicBrief]]]:
        """The notes, kept as `Unplayed`; of a texture, its sound (`Played`)."""
        with one_thread():
            names = [reference.name for reference in style.references]
            made = yield from _made(style.tensors, names, job.brief, self.device, job.job_id, pace)
            return [
                Draft(brief_of_one(job.brief, i), _notes(each), each) for i, each in enumerate(made)
            ]

    def complete(
        self, drafts: Sequence[Draft[MusicBrief]], job: GenerateRequest[MusicBrief], style: Style
    ) -> Job[list[WorkFile]]:
        """Played and saved one by one: a job that is stopped keeps those that it has saved."""
        works = []
        has_notes = any(isinstance(each.state, Unplayed) for each in drafts)
        named = source_files(sources(job.brief)) if has_notes else {}
        origin = Origin(style=style, device=self.device, sources=named)
        with one_thread():
            for i, each in enumerate(drafts):
                assert isinstance(each.state, Unplayed | Played)
                played = yield from _played(each.state, each.brief, job.job_id)
                works.append(_save(played, each.brief, origin, Path(job.out_dir)))
                yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
        return works

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        """The notes, sounds and grains of all."""
        return adapting.blend(list(styles), list(weights))

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        """How many notes a style has learned from, and of how many references it has the sound."""
        tensors = dict(tensors)
        notes = adapting.note_count(tensors)
        return StyleFacts(notes=notes, sounds=sounds_in(tensors))


def _form(tensors: StyleTensors, asked: str) -> MusicForm:
    """Raises BadInput for what these references cannot give."""
    form = MusicForm(asked or (MusicForm.MUSIC if "tokens" in tensors else MusicForm.TEXTURE))
    if form is MusicForm.MUSIC and "tokens" not in tensors:
        raise BadInput("no_notes_learned")
    if form is MusicForm.TEXTURE and not under(TEXTURE, tensors):
        raise BadInput("no_sound_learned")
    return form


def _made(
    tensors: StyleTensors,
    names: list[str],
    brief: MusicBrief,
    device: torch.device,
    job_id: str,
    pace: Pace,
) -> Generator[Event, None, Sequence[Unplayed | Played]]:
    """Raises BadInput for a brief that cannot be met, before anything is composed."""
    if _form(tensors, brief.form) is MusicForm.TEXTURE:
        return (yield from with_progress(_textures(tensors, brief), job_id, "playing", pace))
    found = instruments_of(tensors, brief, device)
    instruments = yield from with_progress(found, job_id, "reading", Pace())
    content = read_score(brief.content) if brief.content else None
    varied = content if brief.score_use is MusicUse.VARY else None
    tunes = [names[owner] for owner in tensors["owners"].tolist()]
    if content is not None and brief.score_use is MusicUse.ACCOMPANY:
        theirs = adapting.accompanists_of(tensors, tunes)
        slices = with_parts(content, theirs, brief)
        works = yield from with_progress(slices, job_id, "composing", pace, Growing(job_id))
        return _accompanied(works, brief, tunes, content, instruments)
    opening = Opening.of_brief(content, brief) if content and not varied else None
    programs, called = tensors["programs"].tolist(), adapting.part_names_of(tensors)
    drums, dynamics = adapting.drums_of(tensors), adapting.dynamics_of(tensors)
    slices = compose(
        tensors, tunes, brief, device, opening, drums=drums, dynamics=dynamics, varied=varied
    )
    works = yield from with_progress(slices, job_id, "composing", pace, Growing(job_id))
    if varied is not None:
        tunes.append(varied.title or brief.content)
        programs.append(programs[0])
        called.append([part.name for part in varied.parts])
    if content is not None and any(own := adapting.programs_of(content)):
        programs = [own] * len(tunes)  # it sounds as its own file says, where it says so
    owners = tensors["owners"].tolist()
    found = []
    for seed, work in enumerate(works, start=brief.seed):
        played = programs[work.followed]
        own = instruments
        if work.followed < len(owners):
            own = instruments.following(owners[work.followed])
        theirs = [] if brief.sound in INSTRUMENTS else called[work.followed]
        found.append(Unplayed(_inscribed(work, seed, tunes, played, own, theirs), own, played))
    return found


def _accompanied(
    works: Sequence[Composed],
    brief: MusicBrief,
    tunes: Sequence[str],
    content: Score,
    instruments: Instruments,
) -> list[Unplayed]:
    """Called as the artist's score is."""
    title = content.title or Path(brief.content).stem
    found = []
    for i, work in enumerate(works):
        programs = adapting.programs_of(work.score)
        named = replace(work, score=replace(work.score, title=title))
        whole = _inscribed(named, brief.seed + i, tunes, programs, instruments)
        found.append(Unplayed(whole, instruments, programs))
    return found


def _inscribed(
    work: Composed,
    seed: int,
    tunes: Sequence[str],
    programs: Sequence[int],
    instruments: Instruments,
    theirs: Sequence[str] = (),
) -> Composed:
    """With a title and names of its parts (`part_names`), as far as it has none, with chord
    symbols, and with the signature that its notes lie on, where they went away from the planned
    one. theirs: what the followed reference calls its parts."""
    score = with_chords(work.score if len(work.score.keys) > 1 else signed(work.score))
    parts = named(score, instruments.parts(len(score.parts), programs), theirs)
    title = score.title or f"After {Path(tunes[work.followed]).stem}, {seed}"
    return replace(work, score=replace(score, parts=parts, title=title))


def _played(
    made: Unplayed | Played, brief: MusicBrief, job_id: str
) -> Generator[Event, None, Played]:
    """As it sounds."""
    if isinstance(made, Played):
        return made
    score, programs = made.composed.score, made.programs
    voices = play.voices(score, made.instruments, programs, brief.seed, loop=brief.loop)
    stems = yield from with_progress(voices, job_id, "playing", Pace())
    drums = len(score.hits) > 0
    return Played(
        play.mixed(stems, loop=brief.loop, drums=drums, room_m=brief.room), made.composed, programs
    )


def _notes(made: Unplayed | Played) -> Score | None:
    return made.composed.score if made.composed else None


def _textures(tensors: StyleTensors, brief: MusicBrief) -> Generator[Advance, None, list[Played]]:
    memory = texture.TextureMemory.from_tensors(under(TEXTURE, tensors))
    works = []
    for i in range(brief.count):
        yield Advance(i, brief.count)
        seconds = brief.length or TEXTURE_S
        samples = texture.generate(memory, seconds, brief.seed + i, brief.invention)
        works.append(Played(master(_stereo(samples), loop=True)))
    yield Advance(brief.count, brief.count)
    return works


def _stereo(samples: np.ndarray) -> np.ndarray:
    """(1 or 2, N) → (2, N)."""
    return samples if len(samples) == 2 else np.repeat(samples, 2, axis=0)


class Growing:
    """Previews of the works that have changed since they were last shown."""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._last: dict[int, int] = {}

    def __call__(self, advance: Advance) -> Iterator[Preview]:
        for index, sketch in enumerate(advance.sketches):
            if self._last.get(index) != len(sketch.notes):
                self._last[index] = len(sketch.notes)
                yield Preview(job_id=self._job_id, index=index, sketch=sketch)


def _save(played: Played, brief: MusicBrief, origin: Origin, folder: Path) -> WorkFile:
    """The recording, its sidecar, and beside them the notes as a MIDI file."""
    midi = write_midi(played.composed.score) if played.composed else b""
    copied = (
        played.composed.copied if played.composed else Copied(run=0, words="", source="", share=0)
    )
    more = {
        "copied": asdict(copied),
        "sketch": asdict(played.sketch),
        "score": base64.b64encode(midi).decode(),
        "followed": played.composed.followed if played.composed else 0,
        "programs": list(played.programs),
        "bars": len(played.composed.score.bars()) if played.composed else 0,
        "seconds": played.sketch.seconds,
        "loudness_lufs": _finite(played.mastered.loudness_lufs),
        "true_peak_db": _finite(played.mastered.peak_dbtp),
    }
    data = encode(Sound(played.mastered.samples, play.RATE), "flac")
    work = write_work(data, SOUND_SUFFIX, brief, origin, folder, more)
    if midi:
        write_atomic(Path(work.path).with_suffix(".mid"), midi)
    return replace(work, sketch=played.sketch, copied=copied)


def _finite(decibels: float) -> float | None:
    """None of silence: JSON has no infinity."""
    return round(decibels, 2) if np.isfinite(decibels) else None
