"""The bench of ratings, on works that are numbers alone."""

import numpy as np
import pytest
import torch

from engine.critic.calibration import calibration
from engine.interfaces import Measured
from engine.lab.bench import feedback as bench, feedback_readme
from engine.lab.bench.feedback_calibration import logistic
from engine.lab.bench.feedback_hidden import hidden_of_picture, hidden_of_score, hidden_of_text
from engine.lab.bench.feedback_pools import Pool
from engine.lab.bench.feedback_sessions import liking_of, picked, session
from engine.lab.bench.feedback_taught import from_pool
from engine.lab.bench.readme import rendered
from engine.lab.bench.report import Report
from engine.media.audio.codec.score import TICKS, notes_of, score_of
from engine.media.audio.loading import LoadedMusic
from engine.media.image.features import FEATURES
from engine.media.image.judge import PictureJudge
from engine.media.text.features import Words

CPU = torch.device("cpu")
FIT = calibration("image")
RATIOS = np.array([feature.ratio for feature in FEATURES])


def a_pool(works: int = 80) -> Pool:
    rng = np.random.default_rng(0)
    scaled = FIT.centre + FIT.within * rng.standard_normal((works, len(FEATURES)))
    values = np.where(RATIOS, np.exp(scaled), scaled)
    likeness = rng.standard_normal((works, 200))
    likeness /= np.linalg.norm(likeness, axis=1, keepdims=True)
    seen = [
        Measured(row, np.zeros(FIT.unnamed.shape[1]), like)
        for row, like in zip(values, likeness, strict=True)
    ]
    hidden = rng.standard_normal((works, 4))
    return Pool("made up", "image", PictureJudge(CPU), seen, hidden, np.full(works, 0.5))


SIZE = bench.Size(80, 12, (0, 20), 0, (), ablation=False)


@pytest.mark.slow
def test_ratings_teach_and_shuffled_ones_do_not() -> None:
    report = Report()
    report.extend(bench.rows_of("made up", bench.measured(a_pool(), SIZE)))
    rows = {(row.arm, row.metric): row.value for row in report.rows}
    assert "feedback made up, win rate" in bench.describe(report)
    taught = f"{bench.CHOICE}; raters like {bench.HAS}"
    assert rows[bench.CHOICE, "win rate after 0 ratings"] == pytest.approx(0.5, abs=0.07)
    assert rows[taught, "win rate after 20 ratings"] > 0.6
    assert rows[bench.SHUFFLED, "win rate after 20 ratings"] == pytest.approx(0.5, abs=0.08)
    assert rows[bench.KNOWING, "win rate after 20 ratings"] > 0.75
    assert rows[bench.CHOICE, f"{bench.MATCH} after 20 ratings"] == pytest.approx(1)
    assert rows[bench.CHOICE, f"{bench.DIVERSITY} after 20 ratings"] == pytest.approx(1, abs=0.1)
    # what no feature tells cannot be learned, where it goes with none
    blind = f"{bench.CHOICE}; raters like {bench.LACKS}"
    assert rows[blind, "win rate after 20 ratings"] == pytest.approx(0.5, abs=0.1)


def test_rated_works_are_never_chosen_from() -> None:
    pool = a_pool(40)
    liking = liking_of(pool, False, np.random.default_rng(1))
    assert liking.pool.std() == pytest.approx(1)
    stages = list(session(pool, liking, (0, 20), np.random.default_rng(2)))
    for stage in stages:
        rated = stage.taught.places if stage.taught else []
        assert not set(rated) & set(stage.unrated.tolist())
        assert len(rated) == stage.ratings
        assert (stage.taught is None) == (stage.ratings == 0)
    last = stages[-1]
    shown = picked(pool, last.unrated, 8, last.taught, np.random.default_rng(3))
    assert len(set(shown)) == 8
    assert set(shown) <= set(last.unrated.tolist())


def test_what_is_liked_less_than_plain_works_loses() -> None:
    pool = a_pool(40)
    liking = liking_of(pool, False, np.random.default_rng(1))
    whole = from_pool(pool, liking)
    order = np.argsort(liking.pool)
    best, worst = whole.some(order[-8:]), whole.some(order[:8])
    assert best.wins(worst) == 1
    assert worst.wins(best) == 0
    win, match, diversity = best.figures(best, best)
    assert (win, match, diversity) == (0.5, 1, 1)
    assert len(best.beside(worst).works) == 16


def test_the_logistic_lets_no_distance_speak_for_a_work() -> None:
    rng = np.random.default_rng(0)
    same = np.arange(400) % 2 == 0
    near = np.where(same, 1.0, 3.0) * rng.lognormal(0, 0.4, 400)
    misleading = np.where(same, 2.0, 1.0) * rng.lognormal(0, 0.4, 400)
    bias, learned, plain = logistic(np.stack([near, misleading], 1), same)
    assert learned < -1
    assert plain == 0
    assert 0 < bias < 10


def test_hidden_numbers_are_what_they_say() -> None:
    warm_dark = torch.full((3, 40, 60), 0.8)
    warm_dark[:, :6] = torch.tensor([-0.2, -0.5, -0.9])[:, None, None]
    assert hidden_of_picture(warm_dark)[0] > 15
    assert hidden_of_text(Words("江河流。", "zh"))[4] == 1
    eighth = TICKS // 2
    rising = score_of(notes_of((i * eighth, eighth, 60 + i, 0, 80) for i in range(6)))
    assert hidden_of_score(LoadedMusic(rising))[:2] == [0, 1]


def test_the_readme_holds_what_was_measured() -> None:
    report = Report.read(feedback_readme.FOLDER / "measured.json")
    text = (feedback_readme.FOLDER / "README.md").read_text(encoding="utf-8")
    assert rendered(text, report, feedback_readme.BLOCKS) == text
    assert "after … ratings" in text
