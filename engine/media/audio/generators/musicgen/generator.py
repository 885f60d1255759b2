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
from engine.core.pretrained.added import MODEL, added, models_folder, with_digest
from engine.core.pretrained.libraries import check_installed
from engine.core.progress import Advance, Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.core.works import Origin, write_work
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts, brief_of_one
from engine.media.audio.codec.sound import Sound
from engine.media.audio.codec.sound_writing import encode
from engine.media.audio.generators.musicgen import INFO
from engine.media.audio.generators.musicgen.base import SoundBase, load
from engine.media.audio.generators.musicgen.style import SoundStyle, Wish, adapt, blend, written
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

USUAL_S, PREVIEW_S, MOST_S = 10, 3, 30  # the model was trained on pieces of thirty seconds
SUFFIX = ".flac"


def open_generator(device: torch.device) -> "SoundGenerator":
    return SoundGenerator(device)


class SoundGenerator(DraftedGenerator):
    """See `engine.interfaces.Generator`. Its base is the sound model that was added first."""

    info = INFO
    draft_share = 0.95
    preferences = None

    def __init__(self, device: torch.device, models: Path | None = None) -> None:
        self.device, self.models = device, models or models_folder()
        self._bases: dict[str, SoundBase] = {}

    @property
    def base_digest(self) -> str:
        rows = added(self.models, "audio", MODEL)
        return next((row.digest for row in rows if row.is_there()), "")

    def base(self, digest: str) -> SoundBase:
        """Loaded once. Raises BadInput where it is gone."""
        check_installed()
        try:
            row = with_digest(digest, self.models)
        except BadInput:
            self._bases.pop(digest, None)
            raise
        if digest not in self._bases:
            self._bases.clear()
            self._bases[digest] = load(row, self.device)
        return self._bases[digest]

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
        base = self.base(self.base_digest)
        sounds, weights = [sound for sound, _ in heard], [weight for _, weight in heard]
        slices = adapt(sounds, weights, base, job.seed, seconds=job.seconds)
        style = yield from with_progress(slices, job.job_id, "adapting", pace)
        return style.tensors()

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[File]], tensors: Tensors
    ) -> Job[None]:
        """A few seconds to listen to."""
        if job.preview_dir is None:
            return
        style = SoundStyle.of_tensors(tensors)
        base = self.base(style.digest)
        slices = _finished(base, style, Wish(job.seed, PREVIEW_S))
        samples = yield from with_progress(slices, job.job_id, "composing", Pace())
        path = Path(job.preview_dir) / f"first-{job.seed}{SUFFIX}"
        write_atomic(path, encode(Sound(samples, RATE), "flac"))
        yield Preview(job_id=job.job_id, index=0, path=str(path), sketch=_sketch(samples))

    def draft(
        self, job: GenerateRequest[MusicBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[MusicBrief]]]:
        """Finished recordings: there are no notes in them to choose by."""
        own = SoundStyle.of_tensors(style.tensors)
        base = self.base(own.digest)
        drafts: list[Draft[MusicBrief]] = []
        for i in range(job.brief.count):
            brief = brief_of_one(job.brief, i)
            slices = _placed(_finished(base, own, _wish(brief)), i, job.brief.count)
            samples = yield from with_progress(slices, job.job_id, "composing", pace)
            drafts.append(Draft(brief, None, samples))
        return drafts

    def complete(
        self, drafts: Sequence[Draft[MusicBrief]], job: GenerateRequest[MusicBrief], style: Style
    ) -> Job[list[WorkFile]]:
        origin = Origin(style=style, device=self.device)
        row = self.base(SoundStyle.of_tensors(style.tensors).digest).row
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
        return blend([SoundStyle.of_tensors(each) for each in styles], weights).tensors()

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts(sounds=len(tensors["ends"]))


def _wish(brief: MusicBrief) -> Wish:
    return Wish(
        seed=brief.seed,
        seconds=min(MOST_S, brief.length or USUAL_S),
        prompt=brief.prompt,
        temperature=brief.temperature,
        top_p=brief.top_p,
        nearness=brief.nearness,
    )


def _finished(base: SoundBase, style: SoundStyle, wish: Wish) -> Slices[Advance, None, np.ndarray]:
    """(2, N) at RATE, at one loudness."""
    codes = yield from written(base, style, wish)
    samples = base.decode(codes.to(base.device))
    dense = soxr.resample(samples.T, base.rate, RATE).T.astype(np.float32)
    return master(dense if len(dense) == 2 else np.repeat(dense, 2, axis=0)).samples


def _placed(
    slices: Slices[Advance, None, np.ndarray], index: int, count: int
) -> Slices[Advance, None, np.ndarray]:
    """One recording as a part of all."""
    while True:
        try:
            part = next(slices)
        except StopIteration as end:
            return end.value
        yield Advance((index + part.done / part.total) / count, 1.0)


def _sketch(samples: np.ndarray) -> Sketch:
    return Sketch(seconds=round(samples.shape[1] / RATE, 3), peaks=peaks_of(samples))


def _with_sketch(work: WorkFile, samples: np.ndarray) -> WorkFile:
    return replace(work, sketch=_sketch(samples))
