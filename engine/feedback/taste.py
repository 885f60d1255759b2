"""A taste: what ratings of measured works have taught, kept beside a style's own tensors.

Legend: P features (named ones, then directions without a name). Tensors: taste/mean (P + 4,) and
taste/covariance (P + 4, P + 4) of the posterior; taste/centre and taste/scale (P,), what a work's
features are measured from; taste/count, how many judgements; taste/kind, the letters of its domain
as uint8; taste/critic, the version of the critic that measured.
A pure function of the ratings, the works and what is held: nothing in it is drawn by chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.critic_assets import critic_version
from engine.core.errors import BadInput
from engine.critic.calibration import Calibration, calibration
from engine.critic.words import UNNAMED, direction_of, name_of
from engine.feedback.likelihood import DISLIKED, LIKED, Ratings
from engine.feedback.posterior import Normal, held, posterior
from engine.feedback.prior import prior
from engine.interfaces import Feature, Measured
from engine.protocol import Taste as ShownTaste

PREFIX = "taste/"
FIRST_CRITIC = torch.tensor(1)  # of tastes that name no version of the critic
MOST_Z = 3.0  # deviations from the centre: what lies farther counts as that far
TRUST = 6.0  # works that the usual spread within one maker counts as
IDLE = 5.5
LEAST_SHOWN, MOST_SHOWN = 0.6, 8  # certainty and number of tastes that are told


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """Of measured works. stars (N,) 1 … 5 of the first N works; pairs: (better, worse) places;
    likes: (place, whether it is liked); parts: of works, beside the whole."""

    works: Sequence[Measured]
    stars: Sequence[int]
    pairs: Sequence[tuple[int, int]] = ()
    likes: Sequence[tuple[int, bool]] = ()
    parts: Sequence["MarkedPart"] = ()

    @property
    def count(self) -> int:
        return len(self.stars) + len(self.likes) + len(self.pairs) + len(self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class MarkedPart:
    """A part of the work at `place`, measured by itself, liked more or less than the whole.
    comparable: codes of the features in which a part can be set beside a whole."""

    measured: Measured
    place: int
    liked: bool
    comparable: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """domain: of the works that were rated."""

    domain: str
    normal: Normal
    centre: np.ndarray
    scale: np.ndarray
    count: int
    codes: tuple[str, ...] = field(default=())

    def seen(self, works: Sequence[Measured], features: tuple[Feature, ...]) -> np.ndarray:
        """(N, P): what the weights weigh."""
        fit = calibration(self.domain)
        return _relative(_rows(works, fit, features), self.centre, self.scale)

    def shown(self) -> tuple[ShownTaste, ...]:
        """The strongest tastes first, each with how sure its direction is."""
        means = self.normal.weights
        sure = certainty(means / self.normal.deviations)
        order = [i for i in np.argsort(-np.abs(means)).tolist() if sure[i] >= LEAST_SHOWN]
        return tuple(
            ShownTaste(
                code=self.codes[i],
                name=name_of(self.codes[i]),
                direction=direction_of(self.codes[i], more=bool(means[i] > 0)),
                strength=round(float(means[i]), 4),
                certainty=round(float(sure[i]), 4),
            )
            for i in order[:MOST_SHOWN]
        )

    def to_tensors(self) -> dict[str, Tensor]:
        """float64, so that the same ratings give the same choice."""
        arrays = {
            "mean": self.normal.mean,
            "covariance": self.normal.covariance,
            "centre": self.centre,
            "scale": self.scale,
        }
        found = {PREFIX + name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
        found[PREFIX + "critic"] = torch.tensor(critic_version(), dtype=torch.int32)
        found[PREFIX + "count"] = torch.tensor(self.count, dtype=torch.int32)
        found[PREFIX + "kind"] = torch.tensor(list(self.domain.encode()), dtype=torch.uint8)
        return found


def certainty(z: np.ndarray) -> np.ndarray:
    """How sure the direction of weights is, 0.5 … 1, that are z deviations from 0.

    Few features matter to one artist: a weight that is nothing has odds of IDLE to one before any
    rating, and of IDLE exp(-z² / 2) to one after. (On simulated raters the shares of directions
    that are right follow this within 0.1 after 10 to 40 ratings.)
    """
    matters = 1 / (1 + IDLE * np.exp(-(z**2) / 2))
    return 0.5 + (ndtr(np.abs(z)) - 0.5) * matters


def codes_of(domain: str) -> tuple[str, ...]:
    """What can be liked: the named features, then unnamed_0 ….

    Raises KeyError for a domain that nothing is known of."""
    fit = calibration(domain)
    return (*fit.features, *(f"{UNNAMED}{i}" for i in range(len(fit.unnamed))))


def learned(
    said: Judgements,
    domain: str,
    features: tuple[Feature, ...],
    fixed: Mapping[str, float] | None = None,
) -> Taste:
    """fixed: weights that the artist holds, by code; 0 forgets. Raises BadInput for other codes.

    Features are measured from the mean of said.works, of which nothing need be said; without any,
    from the calibration's: what all makers have in the mean."""
    codes = codes_of(domain)
    for code in fixed or {}:
        if code not in codes:
            raise BadInput("unknown_taste", taste=code)
    fit = calibration(domain)
    rows = _rows(said.works, fit, features) if said.works else np.zeros((0, len(codes)))
    centre = rows.mean(0) if len(rows) else np.zeros(len(codes))
    scale = np.sqrt((TRUST + ((rows - centre) ** 2).sum(0)) / (TRUST + len(rows)))
    x = _relative(rows, centre, scale)
    pairs = [x[better] - x[worse] for better, worse in said.pairs]
    for part in said.parts:
        own = _relative(_rows([part.measured], fit, features), centre, scale)[0]
        apart = np.where([code in part.comparable for code in codes], own - x[part.place], 0.0)
        pairs.append(apart if part.liked else -apart)
    places = [place for place, _ in said.likes]
    answers = [LIKED if liked else DISLIKED for _, liked in said.likes]
    data = Ratings(
        np.concatenate([x[: len(said.stars)], x[places]]),
        np.array([*(stars - 1 for stars in said.stars), *answers], int),
        np.stack(pairs) if pairs else np.zeros((0, x.shape[1])),
    )
    start = held(prior(domain), {codes.index(code): w for code, w in (fixed or {}).items()})
    return Taste(domain, posterior(start, data), centre, scale, said.count, codes)


def _rows(works: Sequence[Measured], fit: Calibration, features: tuple[Feature, ...]) -> np.ndarray:
    return np.stack([fit.standardised(work, features) for work in works])


def _relative(rows: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.clip((rows - centre) / scale, -MOST_Z, MOST_Z)


def without_taste(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A style's tensors that are its medium's own."""
    return {name: t for name, t in tensors.items() if not name.startswith(PREFIX)}


def untaught(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A style's tensors as they were before any rating: without a taste, and without what liked
    works have added."""
    return {n: t for n, t in without_taste(tensors).items() if not n.startswith(liked.PREFIX)}


def taste_of(tensors: Mapping[str, Tensor]) -> Taste | None:
    """What a style has learned; None of one that was never taught.

    Raises BadInput for a taste on other features than this version has."""
    if PREFIX + "kind" not in tensors:
        return None
    domain = bytes(tensors[PREFIX + "kind"].tolist()).decode("utf-8", "replace")
    if int(tensors.get(PREFIX + "critic", FIRST_CRITIC)) != critic_version():
        raise BadInput("older_taste")
    try:
        codes = codes_of(domain)
        mean, covariance, centre, scale = (
            tensors[PREFIX + name].double().numpy()
            for name in ("mean", "covariance", "centre", "scale")
        )
        if len(centre) != len(codes) or len(mean) != len(covariance):
            raise BadInput("older_taste")
        count = int(tensors[PREFIX + "count"])
    except KeyError as error:
        raise BadInput("older_taste") from error
    return Taste(domain, Normal(mean, covariance), centre, scale, count, codes)
