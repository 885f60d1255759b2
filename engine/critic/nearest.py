"""Which of some stored styles a work is nearest to.

Legend: N works, S styles.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax

from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.core.references import refusal
from engine.core.style import Style
from engine.critic.reference_profile import ReferenceProfile, profile_of
from engine.interfaces import Measured, Medium
from engine.protocol import NamedStyle, NearStyle, Refusal

_REMEMBERED = 64  # profiles: a picture style's 1 kB, a text style's up to 20 kB

LoadStyle = Callable[[Path], Style]  # of any format; raises BadInput


@dataclass(frozen=True, slots=True, eq=False)
class KnownStyle:
    """A style that can be told from others. index: its place among those that were named."""

    index: int
    name: str
    profile: ReferenceProfile


def known_styles(
    styles: Sequence[NamedStyle],
    medium: Medium,
    domain: str,
    device: torch.device,
    load: LoadStyle,
) -> Generator[Advance, None, tuple[list[KnownStyle], list[Refusal]]]:
    """Those that keep references of this domain, and why the others are left out. Yields after each
    style: one that was not looked at before takes up to a fifth of a second."""
    known: list[KnownStyle] = []
    refused: list[Refusal] = []
    for index, style in enumerate(styles):
        try:
            about = Path(style.path).stat() if Path(style.path).is_file() else None
            changed = (about.st_size, about.st_mtime_ns) if about else (0, 0)
            profile = _profile(style.path, changed, medium, domain, device, load)
            if profile is not None:
                known.append(KnownStyle(index, style.name, profile))
        except BadInput as error:
            refused.append(refusal(style.path, error))
        yield Advance(index + 1, len(styles))
    return known, refused


def nearest_styles(
    works: Sequence[Measured], known: Sequence[KnownStyle]
) -> list[NearStyle | None]:
    """For each work the style that it is nearest to, and the next; None without styles.

    share: of one whole among all S, how likely the work is by that style's references' maker,
    were it by one of them and each as likely before: a softmax of the log odds.
    """
    if not known:
        return [None] * len(works)
    odds = np.stack([style.profile.log_odds(works) for style in known], 1)  # (N, S)
    return [_near(row, known) for row in softmax(odds, 1)]


def _near(shares: np.ndarray, known: Sequence[KnownStyle]) -> NearStyle:
    """shares (S,), adding up to 1."""
    order = np.argsort(-shares, kind="stable").tolist()
    near, then = known[order[0]], known[order[1]] if len(order) > 1 else None
    return NearStyle(
        name=near.name,
        index=near.index,
        share=round(float(shares[order[0]]), 4),
        next=then.name if then else "",
        next_share=round(float(shares[order[1]]), 4) if then else 0.0,
    )


@lru_cache(maxsize=_REMEMBERED)
def _profile(
    path: str,
    changed: tuple[int, int],
    medium: Medium,
    domain: str,
    device: torch.device,
    load: LoadStyle,
) -> ReferenceProfile | None:
    """changed: size and time of the file, so that one that has changed is read anew.

    Raises BadInput for a file that is missing, damaged, or a style for another medium."""
    style = load(Path(path))
    if style.medium != medium.id:
        name = Path(path).name
        raise BadInput("other_medium", name=name, medium=style.medium, wanted=medium.id)
    return profile_of(style, medium, domain, device)
