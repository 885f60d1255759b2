"""The generator of recordings over a sound model that the artist has added."""

from collections.abc import Generator as Slices, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import soxr
import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.core.job_events import with_progress
from engine.core.pretrained.added import MODEL, AddedModel, added, models_folder, with_digest
from engine.core.pretrained.libraries import check_installed
from engine.core.progress import Advance, Pace, one_of
from engine.core.references import ReadReference
from engine.core.sidecars import brief_in, sidecar_of
from engine.core.style import Style, Tensors
from engine.core.works import Origin, write_work
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts, brief_of_one
from engine.media.audio.codec.sound import Sound, read
from engine.media.audio.codec.sound_writing import encode
from engine.media.audio.generators.sound_model import INFO, acestep_base, musicgen_base
from engine.media.audio.generators.sound_model.acestep import AceStep
from engine.media.audio.generators.sound_model.model_jobs import ACESTEP
from engine.media.audio.generators.sound_model.musicgen import MusicGen
from engine.media.audio.generators.sound_model.parts import ENDS, digest_of
from engine.media.audio.generators.sound_model.wish import RatedSound, SoundModel, Wish
from engine.media.audio.hearing import File
from engine.media.audio.playing.master import RATE, master
from engine.media.audio.sketches import peaks_of
from engine.protocol import (
    AdaptRequest,
    GenerateRequest,
    MusicBrief,
    Preview,
    Progress,
    Sketch,
    WorkFile,
)

PREVIEW_S = 3
SUFFIX = ".flac"


def open_generator(device: torch.device) -> "SoundGenerator":
    return SoundGenerator(device)


class SoundPreferences:
    """See `engine.interfaces.WorkPreferences`."""

    def __init__(self, generator: "SoundGenerator") -> None:
        self._generator = generator

    def taught(
        self, tensors: Mapping[str, Tensor], paths: Sequence[str], utilities: np.ndarray
    ) -> Slices[Advance, None, Tensors]:
        works = [
            _rated(path, utility) for path, utility in zip(paths, utilities.tolist(), strict=True)
        ]
        model = self._generator.model(digest_of(tensors))
        return (yield from model.preferred(tensors, works, seed=len(works)))


def _rated(path: str, utility: float) -> RatedSound:
    brief = brief_in(sidecar_of(Path(path)))
    words = brief.prompt if isinstance(brief, MusicBrief) else ""
    return RatedSound(read(Path(path)).sound, utility, words)


def _loaded(row: AddedModel, device: torch.device) -> SoundModel:
    if row.family == ACESTEP:
        return AceStep(acestep_base.load(row, device))
    return MusicGen(musicgen_base.load(row, device))


class SoundGenerator(DraftedGenerator):
    """See `engine.interfaces.Generator`. Its base is the sound model that was added first."""

    info = INFO
    draft_share = 0.95

    def __init__(self, device: torch.device, models: Path | None = None) -> None:
        self.device, self.models = device, models or models_folder()
        self._models: dict[str, SoundModel] = {}
        self.preferences = SoundPreferences(self)

    @property
    def base_digest(self) -> str:
        rows = added(self.models, "audio", MODEL)
        return next((row.digest for row in rows if row.is_there()), "")

    def model(self, digest: str) -> SoundModel:
        """Loaded once. Raises BadInput where it is gone."""
        check_installed()
        try:
            row = with_digest(digest, self.models)
        except BadInput:
            self._models.pop(digest, None)
            raise
        if digest not in self._models:
            self._models.clear()  # one at a time: they are large
            self._models[digest] = _loaded(row, self.device)
        return self._models[digest]

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[File]], pace: Pace
    ) -> Job[Tensors]:
        """Learns from recordings alone. Raises BadInput where there are none."""
        check_installed()
        if not self.base_digest:
            raise BadInput("no_sound_model")
        heard = [(r.content.recording, r.weight) for r in references if r.content.recording]
        if not heard:
            raise BadInput("no_recordings")
        model = self.model(self.base_digest)
        sounds, weights = [sound for sound, _ in heard], [weight for _, weight in heard]
        slices = model.adapt(sounds, weights, job.seed, job.seconds)
        return (yield from with_progress(slices, job.job_id, "adapting", pace))

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[File]], tensors: Tensors
    ) -> Job[None]:
        """A few seconds to listen to."""
        if job.preview_dir is None:
            return
        model = self.model(digest_of(tensors))
        slices = _finished(model, tensors, Wish(job.seed, PREVIEW_S))
        samples = yield from with_progress(slices, job.job_id, "composing", Pace())
        path = Path(job.preview_dir) / f"first-{job.seed}{SUFFIX}"
        write_atomic(path, encode(Sound(samples, RATE), "flac"))
        yield Preview(job_id=job.job_id, index=0, path=str(path), sketch=_sketch(samples))

    def draft(
        self, job: GenerateRequest[MusicBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[MusicBrief]]]:
        """Finished recordings: there are no notes in them to choose by."""
        model = self.model(digest_of(style.tensors))
        drafts: list[Draft[MusicBrief]] = []
        for i in range(job.brief.count):
            brief = brief_of_one(job.brief, i)
            slices = one_of(
                _finished(model, style.tensors, _wish(model, brief)), i, job.brief.count
            )
            samples = yield from with_progress(slices, job.job_id, "composing", pace)
            drafts.append(Draft(brief, None, samples))
        return drafts

    def complete(
        self, drafts: Sequence[Draft[MusicBrief]], job: GenerateRequest[MusicBrief], style: Style
    ) -> Job[list[WorkFile]]:
        origin = Origin(style=style, device=self.device)
        row = self.model(digest_of(style.tensors)).row
        works: list[WorkFile] = []
        for i, draft in enumerate(drafts):
            assert isinstance(draft.state, np.ndarray)
            more = {
                "sketch": asdict(_sketch(draft.state)),
                "seconds": round(draft.state.shape[1] / RATE, 3),
                "model": {"name": row.name, "sha256": row.digest, "licence": row.licence},
            }
            data = encode(Sound(draft.state, RATE), "flac")
            work = write_work(data, SUFFIX, draft.brief, origin, Path(job.out_dir), more)
            works.append(_with_sketch(work, draft.state))
            yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
        return works

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        """Raises BadInput for styles over different models."""
        if len({digest_of(each) for each in styles}) > 1:
            raise BadInput("model_blend")
        shares = [weight / sum(weights) for weight in weights]
        return self.model(digest_of(styles[0])).blend(styles, shares)

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts(sounds=len(tensors[ENDS]))


def _wish(model: SoundModel, brief: MusicBrief) -> Wish:
    return Wish(
        seed=brief.seed,
        seconds=min(model.most_s, brief.length or model.usual_s),
        prompt=brief.prompt,
        temperature=brief.temperature,
        top_p=brief.top_p,
        nearness=brief.nearness,
        follow=brief.follow,
    )


def _finished(
    model: SoundModel, style: Mapping[str, Tensor], wish: Wish
) -> Slices[Advance, None, np.ndarray]:
    """(2, N) at RATE, at one loudness."""
    samples = yield from model.written(style, wish)
    dense = samples
    if model.rate != RATE:
        dense = soxr.resample(samples.T, model.rate, RATE).T.astype(np.float32)
    return master(dense if len(dense) == 2 else np.repeat(dense, 2, axis=0)).samples


def _sketch(samples: np.ndarray) -> Sketch:
    return Sketch(seconds=round(samples.shape[1] / RATE, 3), peaks=peaks_of(samples))


def _with_sketch(work: WorkFile, samples: np.ndarray) -> WorkFile:
    return replace(work, sketch=_sketch(samples))
