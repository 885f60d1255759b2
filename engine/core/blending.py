"""Styles with weights → the style between them: the medium mixes, the lineage is kept here."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from engine.core.errors import BadInput
from engine.core.style import Ancestor, Style, Tensors
from engine.protocol import BlendRequest


class BlendTensors(Protocol):
    """How a medium mixes its tensors. Raises BadInput for styles that cannot be mixed."""

    def __call__(self, styles: list[Tensors], weights: list[float]) -> Tensors: ...


def same_generator(job: BlendRequest, styles: list[Style]) -> str:
    """The id of the generator of all. Raises BadInput where they differ."""
    wanted = styles[0].generator.id
    for style, each in zip(styles, job.styles, strict=True):
        if style.generator.id != wanted:
            name, other = Path(each.path).name, style.generator.id
            raise BadInput("other_generator", name=name, generator=other, wanted=wanted)
    return wanted


def same_medium(job: BlendRequest, styles: list[Style]) -> str:
    """The medium of all. Raises BadInput where they differ."""
    wanted = styles[0].medium
    for style, each in zip(styles, job.styles, strict=True):
        if style.medium != wanted:
            name = Path(each.path).name
            raise BadInput("other_medium", name=name, medium=style.medium, wanted=wanted)
    return wanted


def blended(job: BlendRequest, styles: list[Style], mix: BlendTensors) -> Style:
    """One style between `styles`, with the weights of the request."""
    weights = [each.weight for each in job.styles]
    parents = tuple(
        Ancestor(style.digest, Path(each.path).name, each.weight / sum(weights))
        for style, each in zip(styles, job.styles, strict=True)
    )
    references = tuple(
        replace(reference, weight=reference.weight * parent.weight)
        for style, parent in zip(styles, parents, strict=True)
        for reference in style.references
    )
    first = styles[0]
    return Style(
        first.medium,
        mix([style.tensors for style in styles], weights),
        references,
        parents,
        generator=first.generator,
        neutral=tuple(reference for style in styles for reference in style.neutral),
    )
