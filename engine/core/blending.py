"""Styles with weights → the style between them: the medium mixes, the lineage is kept here."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

import torch

from engine.core.errors import BadInput
from engine.core.style import Ancestor, Style
from engine.messages import BlendRequest


class BlendTensors(Protocol):
    """How a medium mixes its tensors. Raises BadInput for styles that cannot be mixed."""

    def __call__(
        self, styles: list[dict[str, torch.Tensor]], weights: list[float]
    ) -> dict[str, torch.Tensor]: ...


def same_medium(job: BlendRequest, styles: list[tuple[Style, str]]) -> str:
    """The medium of all. Raises BadInput where they differ."""
    wanted = styles[0][0].medium
    for (style, _), each in zip(styles, job.styles, strict=True):
        if style.medium != wanted:
            name = Path(each.path).name
            raise BadInput("other_medium", name=name, medium=style.medium, wanted=wanted)
    return wanted


def blended(job: BlendRequest, styles: list[tuple[Style, str]], mix: BlendTensors) -> Style:
    """One style between `styles` (each with its digest), with the weights of the request."""
    weights = [each.weight for each in job.styles]
    parents = tuple(
        Ancestor(digest, Path(each.path).name, each.weight / sum(weights))
        for (_, digest), each in zip(styles, job.styles, strict=True)
    )
    references = tuple(
        replace(reference, weight=reference.weight * parent.weight)
        for (style, _), parent in zip(styles, parents, strict=True)
        for reference in style.references
    )
    tensors = mix([style.tensors for style, _ in styles], weights)
    return Style(styles[0][0].medium, tensors, references, parents)
