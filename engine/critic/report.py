"""Works held against references: a report on each."""

from collections.abc import Sequence

import numpy as np

from engine.critic.appreciation import differences, gaps, likenesses, shown
from engine.critic.calibration import calibration
from engine.critic.diversity import NEAR
from engine.critic.words import said
from engine.interfaces import Judge, LoadedWork, MeasuredWork, Quality
from engine.protocol.parts import Said, WorkReport

COPIED_FROM = 0.05  # a share that is worth a word
SHARED_MOST = 3  # words that are named


def report_on(work: MeasuredWork, references: Sequence[MeasuredWork], judge: Judge) -> WorkReport:
    """One work; references of the same domain, at least one."""
    fit, features = calibration(judge.domain), judge.features
    theirs = [reference.measured for reference in references]
    loaded = [reference.work for reference in references]
    copied = judge.copied(work.work, loaded)
    alike = [float(work.measured.likeness @ r.likeness) for r in theirs]
    nearest = _nearest(work, references, judge)
    quality = judge.quality(work, references)
    apart = gaps(work.measured, theirs, fit, features)
    said_of_it = [
        *differences(apart, features),
        *likenesses(apart, theirs, fit, features),
        *_shared(work, references[nearest], judge),
        said("nearest", name=loaded[nearest].name),
        *_warnings(quality, copied, loaded),
    ]
    return WorkReport(
        path=work.work.path,
        match=round(fit.match(fit.distances(work.measured, theirs, features)), 4),
        quality=round(quality.score, 4),
        novelty=round(_novelty(max(copied), max(alike)), 4),
        copied=round(max(copied), 4),
        nearest=loaded[nearest].name,
        features=shown(work.measured, theirs, fit, features),
        said=tuple(said_of_it),
        quality_known=quality.known,
    )


def _novelty(copied: float, alike: float) -> float:
    """1 is unlike every reference; a work whose likeness to one is NEAR is not new at all."""
    return (1 - copied) * (1 - min(1.0, max(0.0, alike) / NEAR))


def _nearest(work: MeasuredWork, references: Sequence[MeasuredWork], judge: Judge) -> int:
    """The reference at the least distance, of embedding and features together."""
    fit = calibration(judge.domain)
    far = [sum(fit.distances(work.measured, [r.measured], judge.features)) for r in references]
    return int(np.argmin(far))


def _shared(work: MeasuredWork, reference: MeasuredWork, judge: Judge) -> list[Said]:
    words = judge.shared_words(work.work, reference.work)[:SHARED_MOST]
    if not words:
        return []
    return [said("shares", words=", ".join(words), name=reference.work.name)]


def _warnings(
    quality: Quality, copied: Sequence[float], references: Sequence[LoadedWork]
) -> list[Said]:
    found = [said(code) for code in quality.flaws]
    if not quality.known:
        found.append(said("quality_unknown"))
    most = int(np.argmax(copied))
    if copied[most] >= COPIED_FROM:
        share = round(100 * copied[most])
        found.insert(0, said("copied", share=share, name=references[most].name))
    return found
