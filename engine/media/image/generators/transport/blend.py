"""Styles → the style between them, by interpolating quantiles: the Wasserstein barycentre of each
projection (in one dimension it is the average of the quantile functions)."""

import torch

from engine.core.errors import BadInput
from engine.media.image.generators.transport import gamut, mixture
from engine.media.image.generators.transport.projections import at_ranks
from engine.media.image.generators.transport.weights import FITTED


def blend(styles: list[dict[str, torch.Tensor]], weights: list[float]) -> dict[str, torch.Tensor]:
    """The tensors of one style. At a level that some lack, the others decide alone.

    Raises BadInput for styles that were measured with different filters.
    """
    first = styles[0]
    if any(not torch.equal(style["filters"], first["filters"]) for style in styles):
        raise BadInput("unlike_styles")
    levels = sorted({level for style in styles for level in style["levels"].tolist()})
    pooled = [_pool(style) for style in styles]
    tables = [_at_level(level, styles, pooled, weights) for level in levels]
    starts = [mixture.colours(style, _even(style)) for style in styles]
    return {
        "filters": first["filters"],
        "quantiles": torch.stack(tables)[None].half(),
        "serves": torch.ones(1, len(levels), dtype=torch.bool),
        "levels": torch.tensor(levels),
        "weights": torch.ones(1),
        **_told(styles, weights),
        **_fitted(styles, weights),
        "means": _average([mean.reshape(1, 3) for mean, _ in starts], weights),
        "gamuts": _average([gamut.union(style["gamuts"])[None] for style in styles], weights),
        "deviations": _average([deviation.reshape(1, 3) for _, deviation in starts], weights),
    }


def _told(styles: list[dict[str, torch.Tensor]], weights: list[float]) -> dict[str, torch.Tensor]:
    """What the denoiser is told of all; nothing where one is from before there were strokes."""
    if any("told" not in style for style in styles):
        return {}
    told = [_even(style) @ style["told"].float() for style in styles]
    return {"told": _average(told, weights).half()}


def _fitted(styles: list[dict[str, torch.Tensor]], weights: list[float]) -> dict[str, torch.Tensor]:
    """The denoiser between theirs, which began at one place (Wortsman et al. 2022, model soups);
    the prior's own where one has none."""
    names = [name for name in styles[0] if name.startswith(FITTED)]
    if any(name not in style for style in styles for name in names):
        return {}
    return {
        name: _average([style[name].float() for style in styles], weights).half() for name in names
    }


def _even(style: dict[str, torch.Tensor]) -> torch.Tensor:
    """(1, K): the references' own weights, none leaned on."""
    return (style["weights"] / style["weights"].sum())[None]


def _pool(style: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """The mixture of a style's references at each of its levels: (S, n, Q) each."""
    levels = range(len(style["levels"]))
    return [mixture.tables_at(style, level, _even(style))[0] for level in levels]


def _at_level(
    level: float,
    styles: list[dict[str, torch.Tensor]],
    pooled: list[list[torch.Tensor]],
    weights: list[float],
) -> torch.Tensor:
    tables, shares = [], []
    for style, pool, weight in zip(styles, pooled, weights, strict=True):
        own = style["levels"].tolist()
        if level in own:
            tables.append(pool[own.index(level)])
            shares.append(weight)
    fewest = min(table.shape[-1] for table in tables)
    return _average([at_ranks(table, fewest) for table in tables], shares)


def _average(tensors: list[torch.Tensor], weights: list[float]) -> torch.Tensor:
    shares = torch.tensor(weights) / sum(weights)
    return torch.stack([s * t for s, t in zip(shares, tensors, strict=True)]).sum(0)
