"""Ratings become a taste: the likelihood, the posterior, the choice."""

import itertools

import numpy as np
import pytest
import torch

from engine.core.errors import BadInput
from engine.critic.calibration import calibration
from engine.feedback.likelihood import CUTS, DISLIKED, LIKED, Ratings, cutpoints, expanded
from engine.feedback.posterior import held, normal_posterior, posterior
from engine.feedback.prior import meta_learned, plain, population, prior
from engine.feedback.raters import rater
from engine.feedback.selection import choose
from engine.feedback.taste import Judgements, certainty, codes_of, learned, taste_of
from engine.interfaces import Measured
from engine.media.image.features import FEATURES

FIT = calibration("image")
SIZE = len(codes_of("image"))
WARMTH = codes_of("image").index("warmth")


def some_ratings(count: int, seed: int = 0, strength: float = 2.0) -> Ratings:
    """Of someone who likes the third feature alone."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, SIZE))
    felt = strength * x[:, WARMTH] + rng.logistic(size=count)
    return Ratings.of(x, 1 + np.digitize(felt, [-2, -0.7, 0.7, 2]))


def answers(x: np.ndarray, y: list[int]) -> Ratings:
    """Stars, counted from 0, and likes; no pairs."""
    return Ratings(x, np.array(y, int), np.zeros((0, SIZE)))


def measured(z: np.ndarray) -> Measured:
    """A work that far from the centre of FIT, in deviations, of its first features."""
    scaled = FIT.centre + FIT.within * z[: len(FEATURES)]
    ratios = np.array([feature.ratio for feature in FEATURES])
    values = np.where(ratios, np.exp(scaled), scaled)
    return Measured(values, np.zeros(FIT.unnamed.shape[1]), np.eye(3)[0])


def rated(count: int = 30, seed: int = 0) -> Judgements:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, len(FEATURES)))
    stars = 1 + np.digitize(z[:, WARMTH], [-1, -0.3, 0.3, 1])
    return Judgements([measured(row) for row in z], stars.tolist())


def stars_and_pairs() -> Ratings:
    data = some_ratings(12)
    return Ratings(data.x, data.y, np.random.default_rng(1).standard_normal((5, SIZE)))


def stars_and_likes() -> Ratings:
    x = np.random.default_rng(1).standard_normal((7, SIZE))
    return answers(x, [LIKED, 0, DISLIKED, 4, LIKED, 2, DISLIKED])


@pytest.mark.parametrize("data", [stars_and_pairs(), stars_and_likes()], ids=["pairs", "likes"])
def test_the_slope_of_the_likelihood_is_its_own(data: Ratings) -> None:
    theta = prior("image").mean + 0.1
    found = expanded(theta, data)
    steps = 1e-5 * np.eye(len(theta))
    numeric = [
        (expanded(theta + s, data).value - expanded(theta - s, data).value) / 2e-5 for s in steps
    ]
    assert found.slope == pytest.approx(np.array(numeric), abs=1e-6)
    assert np.linalg.eigvalsh(found.information).min() > -1e-9


def test_cutpoints_stay_in_order() -> None:
    cuts, _ = cutpoints(np.array([0.0, -3, -5, -5, 2]))
    assert (np.diff(cuts) > 0).all()


def test_chances_of_all_stars_add_to_one() -> None:
    x = np.random.default_rng(0).standard_normal((1, SIZE))
    each = [
        np.exp(expanded(prior("image").mean, Ratings.of(x, np.array([s]))).value)
        for s in range(1, 6)
    ]
    assert sum(each) == pytest.approx(1)


def test_what_is_liked_is_found_and_grows_surer() -> None:
    start = prior("image")
    few, many = (posterior(start, some_ratings(n)) for n in (10, 80))
    assert np.abs(many.weights).argmax() == WARMTH
    assert many.weights[WARMTH] > 1
    assert many.deviations[WARMTH] < few.deviations[WARMTH] < start.deviations[WARMTH] * 3


def test_pairs_teach_as_stars_do() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.standard_normal((40, SIZE))
    pairs *= np.sign(pairs[:, [WARMTH]])
    data = Ratings(np.zeros((0, SIZE)), np.zeros(0, int), pairs)
    assert np.abs(posterior(prior("image"), data).weights).argmax() == WARMTH


def test_nothing_rated_is_the_prior_and_one_rating_moves_little() -> None:
    start = prior("image")
    nothing = posterior(start, Ratings.of(np.zeros((0, SIZE)), np.zeros(0)))
    assert nothing.mean == pytest.approx(start.mean)
    one = posterior(start, some_ratings(1))
    assert np.isfinite(one.mean).all()
    assert np.abs(one.weights).max() < 0.5


@pytest.mark.parametrize("stars", [1, 3, 5])
def test_all_rated_the_same_teaches_no_direction(stars: int) -> None:
    x = some_ratings(40).x
    found = posterior(prior("image"), Ratings.of(x, np.full(40, stars)))
    assert np.isfinite(found.mean).all()
    assert np.abs(found.weights).max() < 0.5


def test_contradictions_cancel() -> None:
    data = some_ratings(20)
    both = Ratings(np.vstack([data.x, data.x]), np.concatenate([data.y, 4 - data.y]), data.pairs)
    assert np.abs(posterior(prior("image"), both).weights).max() < 0.1


def test_one_slip_among_many_changes_little() -> None:
    data = some_ratings(60, strength=4)
    best = int(np.argmax(data.x[:, WARMTH]))
    slipped = Ratings(data.x, np.where(np.arange(60) == best, 0, data.y), data.pairs)
    right, wrong = (posterior(prior("image"), d).weights[WARMTH] for d in (data, slipped))
    assert wrong > 0.5 * right


def test_5000_ratings_are_learned_from() -> None:
    found = posterior(prior("image"), some_ratings(5000))
    assert found.weights[WARMTH] == pytest.approx(2, abs=0.25)


def test_held_weights_stay() -> None:
    found = posterior(held(prior("image"), {WARMTH: 0.0, 1: 0.8}), some_ratings(60))
    assert abs(found.weights[WARMTH]) < 0.01
    assert found.weights[1] == pytest.approx(0.8, abs=0.01)


def test_the_prior_is_meta_learned_from_raters() -> None:
    said = population(FIT, seed=5, count=12)
    found = meta_learned(said, SIZE, rounds=2)
    assert found.mean[:SIZE] == pytest.approx(np.zeros(SIZE))
    assert np.linalg.eigvalsh(found.covariance).min() > 0
    assert len(prior("image").mean) == SIZE + CUTS
    told = sum(expanded(normal_posterior(found, d).mean, d).value for d in said)
    nothing = sum(expanded(plain(SIZE).mean, d).value for d in said)
    assert told > nothing


def test_raters_agree_with_themselves_in_three_of_four_pairs() -> None:
    rng = np.random.default_rng(0)
    weights = np.eye(4)[0]
    one = rater(weights, np.zeros(0), 1.0, rng)
    liking = one.liking(rng.standard_normal((4000, 4)), np.zeros((4000, 0)))
    felt = [liking + one.noise * rng.standard_normal(4000) for _ in range(2)]
    orders = [f[::2] > f[1::2] for f in felt]
    assert 0.74 < (orders[0] == orders[1]).mean() < 0.82
    stars = one.stars(liking, rng)
    assert set(stars) == {1, 2, 3, 4, 5}
    assert np.corrcoef(stars, liking)[0, 1] > 0.7


# ---- choosing ----------------------------------------------------------------------------------


def test_the_liked_are_chosen_and_near_duplicates_never() -> None:
    taste = posterior(prior("image"), some_ratings(80))
    rng = np.random.default_rng(0)
    x = rng.standard_normal((30, SIZE))
    x[:3, WARMTH] = 3
    kernel = np.eye(30)
    kernel[:3, :3] = 1
    picks = [choose(x, kernel, 5, taste, np.random.default_rng(s)) for s in range(20)]
    for chosen in picks:
        assert len(set(chosen)) == 5
        assert sum(i < 3 for i in chosen) == 1
    assert np.mean([x[chosen, WARMTH].mean() for chosen in picks]) > 0.6


def test_more_is_shown_than_is_unlike() -> None:
    taste = prior("image")
    x = np.zeros((4, SIZE))
    assert sorted(choose(x, np.ones((4, 4)), 3, taste, np.random.default_rng(0)))[:1] == [0]
    assert len(choose(x, np.eye(4), 9, taste, np.random.default_rng(0))) == 4


def test_some_places_explore() -> None:
    """What nobody knows the liking of is shown at times, though the best guess is against it."""
    taste = posterior(prior("image"), some_ratings(80))
    x = 0.01 * np.random.default_rng(0).standard_normal((20, SIZE))
    x[:, WARMTH] = np.linspace(-0.2, 0.2, 20)
    x[7, 0] = 4.0  # which may be liked or not
    x[7, WARMTH] = 0.5
    batches = [choose(x, np.eye(20), 6, taste, np.random.default_rng(s)) for s in range(60)]
    assert 1 <= sum(7 in chosen for chosen in batches) <= 30
    assert sum(7 in chosen[:5] for chosen in batches) < sum(chosen[5] == 7 for chosen in batches)


# ---- tastes ------------------------------------------------------------------------------------


def test_a_taste_is_a_function_of_the_ratings_and_survives_its_file() -> None:
    one, again = (learned(rated(), "image", FEATURES) for _ in range(2))
    assert (one.normal.mean == again.normal.mean).all()
    back = taste_of(one.to_tensors())
    assert back is not None
    assert (back.normal.covariance == one.normal.covariance).all()
    assert back.domain == "image"
    works = rated(seed=3).works
    assert back.seen(works, FEATURES) == pytest.approx(one.seen(works, FEATURES))


def test_the_strongest_tastes_are_told_with_their_certainty() -> None:
    told = learned(rated(60), "image", FEATURES).shown()
    assert told[0].code == "warmth"
    assert told[0].direction.english == "warmer"
    assert told[0].direction.chinese == "更暖"
    assert told[0].certainty > 0.99
    assert all(a.strength**2 >= b.strength**2 for a, b in itertools.pairwise(told))


def test_certainty_grows_from_even_odds() -> None:
    sure = certainty(np.array([0.0, 1, -1, 2, 4]))
    assert sure[0] == 0.5
    assert sure[1] == sure[2]
    assert (np.diff(sure[[0, 1, 3, 4]]) > 0).all()
    assert 0.99 < sure[4] < 1


def test_far_from_all_makers_differences_still_count() -> None:
    """A style whose every work is warmer than any maker's usual ones."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((40, len(FEATURES)))
    stars = 1 + np.digitize(z[:, WARMTH], [-1, -0.3, 0.3, 1])
    z[:, WARMTH] += 12
    told = learned(Judgements([measured(r) for r in z], stars.tolist()), "image", FEATURES).shown()
    assert told[0].code == "warmth"


def test_forgotten_and_unknown_tastes() -> None:
    told = learned(rated(60), "image", FEATURES, {"warmth": 0.0}).shown()
    assert "warmth" not in {each.code for each in told}
    with pytest.raises(BadInput) as caught:
        learned(rated(5), "image", FEATURES, {"smell": 1.0})
    assert caught.value.code == "unknown_taste"


def test_a_taste_on_other_features_is_refused() -> None:
    tensors = learned(rated(5), "image", FEATURES).to_tensors()
    tensors["taste/centre"] = torch.zeros(3)
    with pytest.raises(BadInput) as caught:
        taste_of(tensors)
    assert caught.value.code == "older_taste"
    assert taste_of({"filters": torch.zeros(1)}) is None
