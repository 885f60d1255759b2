"""The medium of music: scores and recordings."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.core.references import ReadReference, read_references, remarks_of
from engine.core.style import Style, Tensors
from engine.interfaces import Choice, Draft, Job, LoadedWork, Measured, Offer
from engine.media.audio import loading
from engine.media.audio.brief import RULES
from engine.media.audio.codec.midi import read_midi, write_midi
from engine.media.audio.codec.score import Score
from engine.media.audio.dials import DIALS
from engine.media.audio.events import NoteEvents
from engine.media.audio.hearing import decoding, hear
from engine.media.audio.judge import ScoreJudge
from engine.media.audio.loading import LoadedMusic
from engine.media.audio.marks import COMPARABLE, bars_of
from engine.media.audio.score_tokens import decode
from engine.media.audio.theory.grid import quantise
from engine.protocol import (
    AdaptRequest,
    Brief,
    Mark,
    Medium as MediumId,
    MusicBrief,
    MusicForm,
    Refusal,
    Remark,
)
from engine.sequence.adapt import works_of

MIDI = "midi/"  # midi/0, midi/1 …: the tunes of a neutral reference as MIDI files, uint8


class AudioMedium:
    """See `engine.interfaces.Medium`. Contents are `LoadedMusic`."""

    id = MediumId.AUDIO
    domains = ("audio",)
    max_bytes = RULES.max_bytes("")

    def read(self, job: AdaptRequest) -> Job[tuple[list[ReadReference], list[Refusal]]]:
        return (yield from read_references(job, decoding, RULES.max_bytes))

    def choose_generator(
        self, references: Sequence[ReadReference], offered: Mapping[str, Offer]
    ) -> Choice:
        """The first that is registered."""
        return Choice(next(iter(offered)))

    def neutral(self, reference: ReadReference, place: int, device: torch.device) -> Tensors:
        """The tunes, written or heard (what was heard is remembered, see `hearing`)."""
        heard = finished(hear(reference.content, device))
        return _as_neutral([quantise(tune) for tune in heard.tunes])

    def remarks_on(
        self, references: Sequence[ReadReference], device: torch.device
    ) -> tuple[Remark, ...]:
        """Which recordings have no notes that can be heard, as drums have none."""
        return tuple(
            remark
            for reference in references
            if reference.content.recording is not None
            and not finished(hear(reference.content, device)).tunes
            for remark in remarks_of(reference.name, ("sound_without_notes",))
        )

    def neutral_of_format_1(
        self, tensors: Mapping[str, Tensor], device: torch.device
    ) -> list[Tensors]:
        if "tokens" not in tensors:  # textures alone
            return [{}]
        return [_as_neutral([decode(row, common_key=False)]) for row in works_of(dict(tensors))]

    def generator_of_format_1(self, tensors: Mapping[str, Tensor]) -> str:
        return "score"

    def measured_references(
        self, style: Style, domain: str, device: torch.device
    ) -> tuple[Measured, ...]:
        judge = self.judge(domain, device)
        tunes = [
            read_midi(bytes(tensor.tolist()), "reference")
            for neutral in style.neutral
            for name, tensor in neutral.items()
            if name.startswith(MIDI)
        ]
        return tuple(
            judge.measure(LoadedWork("", domain, LoadedMusic(tune))).measured for tune in tunes
        )

    def load(self, path: str, device: torch.device) -> LoadedWork:
        return loading.load(path, device)

    def loaded_draft(self, draft: Draft) -> LoadedWork | None:
        """None of a texture."""
        if not isinstance(draft.content, Score):
            return None
        return LoadedWork("", "audio", LoadedMusic(draft.content), draft.brief)

    def judge(self, domain: str, device: torch.device) -> ScoreJudge:
        return ScoreJudge()

    def event_model(self, domain: str, device: torch.device) -> NoteEvents:
        return NoteEvents()

    def cut(self, work: LoadedWork, mark: Mark) -> LoadedWork:
        assert isinstance(work.content, LoadedMusic)
        part = bars_of(work.content.score, mark)
        if part is None:
            raise BadInput("mark_outside", name=work.name)
        return LoadedWork(work.path, work.domain, LoadedMusic(part))

    def comparable(self, domain: str) -> frozenset[str]:
        return COMPARABLE

    def dials(self, domain: str) -> Sequence:
        return DIALS

    def can_choose(self, brief: Brief) -> bool:
        """Textures have no notes to judge."""
        return not (isinstance(brief, MusicBrief) and brief.form == MusicForm.TEXTURE)

    def name_of(self, domain: str) -> str:
        return "music"


def _as_neutral(tunes: Sequence[Score]) -> Tensors:
    files = [np.frombuffer(write_midi(tune), np.uint8).copy() for tune in tunes]
    return {f"{MIDI}{i}": torch.from_numpy(data) for i, data in enumerate(files)}
