"""What the critic of texts is tried on: texts that are spoilt, and the figures of a trial."""

import random

import numpy as np
import pytest

from engine.lab.bench import text_soundness
from engine.lab.bench.report import Report
from engine.lab.training.corpus.sample import SAMPLE_FILE
from engine.lab.training.corpus.works import read_works
from engine.lab.training.spoilt_texts import KINDS, REAL, Sample, Spoiler, passage, samples_of
from engine.media.text.copying import units_of

TEXT = "The lamp was lit, and no one came. We sat down to supper; the rain went on."


@pytest.fixture(scope="module")
def works():
    return read_works(SAMPLE_FILE)[:1500]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_spoils_a_text_in_its_own_way(works, language) -> None:
    text = TEXT if language == "en" else "灯塔把光伸出去，又收回来，像一个人，想起自己的手是湿的。"
    spoiler = Spoiler(read_works(SAMPLE_FILE), language)
    spoilt = {kind: spoiler.spoilt(text, kind) for kind in KINDS}
    assert len({text, *spoilt.values()}) == len(KINDS) + 1
    for kind in ("shuffled", "half shuffled", "clauses"):
        assert sorted(units_of(spoilt[kind], language)) == sorted(units_of(text, language))
    assert len(set(units_of(spoilt["loop"], language))) < len(set(units_of(text, language)))


def test_a_text_stands_beside_the_others_of_its_voice(works) -> None:
    voices = {"a": [f"{TEXT} {i}" for i in range(6)]}
    samples = samples_of(voices, "en", Spoiler(works, "zh"), kinds=())
    assert [sample.kind for sample in samples] == [REAL] * 6
    assert all(len(sample.references) == 4 for sample in samples)
    assert all(sample.text not in sample.references for sample in samples)


def test_a_passage_is_whole_sentences() -> None:
    text = "One came here. Two went there again. Three stayed at home. Four slept in the barn."
    found = passage(text, "en", random.Random(0))
    assert found in text
    assert found.endswith(".")


def test_the_area_under_the_curve_lies_within_its_interval() -> None:
    rng = np.random.default_rng(0)
    low, value, high = text_soundness.area(rng.normal(1, 1, 60), rng.normal(0, 1, 60))
    assert low <= value <= high
    assert 0.65 < value < 0.9
    assert text_soundness.area(np.array([0.9, 0.8]), np.array([0.1, 0.2])) == (1, 1, 1)


@pytest.mark.weights
def test_a_trial_has_a_row_for_each_kind() -> None:
    references = (f"{TEXT} He said nothing.", f"She rose early. {TEXT}")
    kinds = {REAL: TEXT, "loop": "the lamp, " * 9, "noise": "Ukt lmo rtpq auw kko mtn qp sls tlm."}
    samples = [Sample(text, "en", kind, "a", references) for kind, text in kinds.items()]
    report = Report()
    text_soundness.measure(report, "a few", "en", samples)
    rows = {(row.arm, row.metric): row.value for row in report.rows}
    assert rows["a few: real", "cannot be judged"] == 0
    for kind in ("loop", "noise"):
        assert rows[f"a few: {kind}", "area under the curve"] == 1
        assert rows[f"a few: {kind}", "below 0.2"] == 1
