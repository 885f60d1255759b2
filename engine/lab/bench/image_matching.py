"""What patches are compared by: does a matching network that was meta-trained paint better?

Every descriptor paints the same layouts of reserved artists with the same sweeps and votes; only
what the search compares differs. And it repaints works of theirs that it has not seen from what
they look like from far away, with the patches of their other works: the truth is known there.

Legend: K references, a work (3, H, W) in [-1, 1]. Learned perceptual distance as Zhang et al. 2018
without their weights: the mean over blocks of squared differences of features of length 1.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import finished
from engine.lab.bench.image_descriptors import all_descriptors
from engine.lab.bench.image_patches import (
    SHORT_PX,
    at_short,
    both_ways,
    coherence_metric,
    copied_share,
    coverage_metric,
)
from engine.lab.bench.image_sheet import Sheet
from engine.lab.bench.image_styles import BenchStyle, of_assets, of_corpus
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.progress import Told
from engine.lab.bench.report import Report, Row
from engine.lab.training.image import CORPUS
from engine.media.image.generators.painter import kept_pictures
from engine.media.image.generators.painter.adapt import adapt
from engine.media.image.generators.painter.draw import composition
from engine.media.image.generators.painter.features import FeatureNet, shipped_features
from engine.media.image.generators.painter.from_content import RepaintPlan, settings_of
from engine.media.image.generators.painter.repaint import repaint
from engine.media.image.generators.painter.sources import Descriptors, Source, atlas_at, shrunk
from engine.media.image.generators.transport import chance, mixture
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.media.image.generators.transport.weights import Prior, shipped
from engine.media.image.pyramid import resize, size_at
from engine.protocol import PictureBrief

COMPOSED, REPAINTED = "image, composed by descriptors", "image, held-out works repainted"
COPIED, DRAW_S = "copied in pieces over 48 px", "repainting (processor s)"
PSNR, FEATURES, DETAIL = "PSNR (dB)", "distance of features", "detail / the work's"
KEYS_MB = "keys at the last scale (MB)"
ENLARGED = "enlarged, from far away"
FAR_PX = 48.0  # the scale that a held-out work is repainted from
REFERENCES, SIDE_PX = 3, 17

STYLES, FEW = 6, 2  # artists; in the quick one

Arms = Mapping[str, Descriptors | None]
Values = dict[tuple[str, str, str], float]  # (bench, arm, metric) → of one style


def run(quick: bool) -> Report:
    """`python -m engine bench image_matching`: some ten minutes, `--quick` four."""
    report = Report()
    styles = of_corpus("reserved") if CORPUS.exists() else of_assets()
    sheet = comparing(report, styles, shipped(torch.device("cpu")), FEW if quick else STYLES)
    report.sheet = sheet.png()
    return report


def comparing(
    report: Report, styles: Sequence[BenchStyle], prior: Prior, count: int, arms: Arms | None = None
) -> Sheet:
    """Adds all rows, of the first styles that have several works. The sheet shows of each style
    both works of each arm."""
    sheet, tell, features = Sheet(), Told(), shipped_features(torch.device("cpu"))
    arms = arms or all_descriptors(prior, features)
    found = []
    for style in [style for style in styles if not style.halved][:count]:
        tell(f"descriptors · {style.name}")
        found.append(of_style(style, prior, arms, features, sheet))
    add_rows(report, found)
    return sheet


def of_style(
    style: BenchStyle, prior: Prior, arms: Arms, features: FeatureNet, sheet: Sheet
) -> Values:
    """All figures of one style; its works are shown on the sheet."""
    values: Values = {}
    references = style.references[: min(REFERENCES, style.own)]
    pictures = [WeightedPicture(pixels) for pixels in references]
    tensors = finished(adapt(pictures, 0, torch.device("cpu"), prior))
    brief = PictureBrief(count=1, seed=0, width_px=SHORT_PX, height_px=SHORT_PX)
    truth, again = at_short(style.queries[0], SHORT_PX), f"{style.name}, held out"
    far = resize(truth[None], size_at(truth.shape[1], truth.shape[2], FAR_PX))[0]
    like = replace(brief, height_px=truth.shape[1], width_px=truth.shape[2])
    plans = {COMPOSED: _layout(tensors, brief, prior), REPAINTED: _held_out(tensors, far)}
    blurred = F.interpolate(far[None], truth.shape[1:], mode="bicubic")[0].clamp(-1, 1)
    sheet.add(again, truth, ENLARGED, blurred)
    measured = {(REPAINTED, ENLARGED): _compared(blurred, truth, references, features)}
    for name, descriptors in arms.items():
        work, seconds = _painted(plans[COMPOSED], brief, descriptors)
        sheet.add(style.name, references[0], name, work)
        measured[COMPOSED, name] = {DRAW_S: seconds, **_measured(work, references)}
        work, seconds = _painted(plans[REPAINTED], like, descriptors)
        sheet.add(again, truth, name, work)
        kept = _keys_mb(plans[REPAINTED], descriptors)
        own = _compared(work, truth, references, features)
        measured[REPAINTED, name] = {DRAW_S: seconds, KEYS_MB: kept, **own}
    for (bench, arm), own in measured.items():
        values |= {(bench, arm, metric): value for metric, value in own.items()}
    return values


def add_rows(report: Report, found: Sequence[Values]) -> None:
    """The mean of every figure over styles, with its interval."""
    for bench, arm, metric in found[0]:
        each = torch.tensor([values[bench, arm, metric] for values in found])
        value, low, high = mean_interval(each)
        report.add(
            Row(
                bench=bench,
                arm=arm,
                metric=metric,
                value=value,
                styles=len(each),
                references=REFERENCES,
                low=low,
                high=high,
            )
        )


def _layout(tensors: dict[str, Tensor], brief: PictureBrief, prior: Prior) -> RepaintPlan:
    """A composition, as the painter lays it out: the same for every descriptor."""
    references = _sources(tensors, math.sqrt(brief.height_px * brief.width_px))
    weights = tensors[kept_pictures.WEIGHTS]
    shares = chance.strayed_shares(brief, lambda seeds: mixture.shares(weights, seeds))
    device = torch.device("cpu")
    return finished(composition(tensors, brief, references, shares, prior, device))


def _sources(style: Mapping[str, Tensor], finest_px: float) -> list[Source]:
    kept = kept_pictures.pictures_in(style)
    return [shrunk(Source(pixels, opaque), finest_px) for pixels, opaque in kept]


def _held_out(tensors: Mapping[str, Tensor], far: Tensor) -> RepaintPlan:
    """A work that is not among the references, from what it looks like from far away."""
    sources = _sources(tensors, float(SHORT_PX))
    shares = torch.ones(1, len(sources)) / len(sources)
    return RepaintPlan([far], sources, shares, settings_of(PictureBrief(), FAR_PX))


def _painted(
    plan: RepaintPlan, brief: PictureBrief, descriptors: Descriptors | None
) -> tuple[Tensor, float]:
    """The work, and how many seconds of the processor it took, all threads together: others who
    work there at the same time do not count."""
    settings = replace(plan.settings, descriptors=descriptors)
    size, seeds = (brief.height_px, brief.width_px), chance.own_seeds(brief)
    begun = time.process_time()
    slices = repaint(
        *(plan.layouts, size, plan.sources, plan.shares, seeds, settings, plan.hold, plan.guides)
    )
    return finished(slices)[0][0], time.process_time() - begun


def _keys_mb(plan: RepaintPlan, descriptors: Descriptors | None) -> float:
    """What is compared with, at the last scale: the largest part of what the search holds. Measured
    where it is small, and enlarged."""
    atlas = atlas_at(plan.sources, FAR_PX, None, descriptors=descriptors)
    return atlas.keys.nbytes * (SHORT_PX / FAR_PX) ** 2 / 2**20


def _measured(work: Tensor, references: Sequence[Tensor]) -> dict[str, float]:
    """At the patch size that tells most."""
    work, references = at_short(work, SHORT_PX), [at_short(r, SHORT_PX) for r in references]
    coherence, coverage = both_ways(work, references, SIDE_PX)
    return {
        coherence_metric(SIDE_PX): coherence,
        coverage_metric(SIDE_PX): coverage,
        COPIED: copied_share(work, references),
    }


def _compared(
    work: Tensor, truth: Tensor, references: Sequence[Tensor], features: FeatureNet
) -> dict[str, float]:
    """With the truth, and with what it was painted with."""
    error = float((work - truth).square().mean()) / 4  # of values from 0 to 1
    return {
        PSNR: -10 * math.log10(max(error, 1e-9)),
        FEATURES: perceptual_distance(work, truth, features),
        DETAIL: _detail(work) / _detail(truth),
        **_measured(work, references),
    }


@torch.no_grad()
def perceptual_distance(one: Tensor, other: Tensor, features: FeatureNet) -> float:
    """Of pictures (3, H, W) of one size: 0 for the same, about 1 for unlike ones."""
    gaps = []
    for a, b in zip(features.activations(one), features.activations(other), strict=True):
        gaps.append((F.normalize(a, dim=1) - F.normalize(b, dim=1)).square().sum(1).mean())
    return float(torch.stack(gaps).mean())


def _detail(pixels: Tensor) -> float:
    """How much neighbours differ."""
    across, down = pixels.diff(dim=2), pixels.diff(dim=1)
    return float(across.abs().mean() + down.abs().mean())
