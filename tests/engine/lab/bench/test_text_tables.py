"""The tables of the READMEs of texts, from reports that are made here."""

from pathlib import Path

import pytest

from engine.lab.bench import text_causal, text_causal_tables, text_tables
from engine.lab.bench.report import Report, Row
from engine.lab.bench.text_soundness import BENCH, LOW
from engine.lab.training.spoilt_texts import REAL


def test_the_critics_table_is_that_of_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(machine="a machine, 2026-01-01")
    for group in ("modern sets, en", "modern sets, zh"):
        rows = {
            (REAL, "quality"): (0.8, None, None),
            (REAL, "cannot be judged"): (0.1, None, None),
            ("loop", "area under the curve"): (0.95, 0.9, 1.0),
            ("loop", f"below {LOW}"): (0.7, None, None),
        }
        for (kind, metric), (value, low, high) in rows.items():
            arm = f"{group}: {kind}"
            report.add(Row(bench=BENCH, arm=arm, metric=metric, value=value, low=low, high=high))
    path = tmp_path / "critic.json"
    report.write(path)
    monkeypatch.setattr(text_tables, "CRITIC_FILE", path)
    text = text_tables.soundness(Report())
    assert text.startswith("a machine, 2026-01-01.")
    assert "| spoilt | modern sets, en | modern sets, zh |" in text
    assert "| loop | 0.95 (0.90 to 1.00), 70 % | 0.95 (0.90 to 1.00), 70 % |" in text
    assert "| real works, mean quality | 0.80 | 0.80 |" in text
    assert text_tables.LOW == LOW
    assert text_tables.REAL == REAL


def test_what_an_arm_gains_is_told_by_language() -> None:
    report = Report()
    arms = {text_causal.AS_IT_IS: 1.2, text_causal.IN_CONTEXT: 1.0, text_causal.AS_SHIPPED: 0.9}
    for arm, value in arms.items():
        for name in ("one-set", "two-set"):
            metric = text_causal_tables.NATS
            report.add(Row(bench="b", arm=f"{arm}, {name}", metric=metric, value=value))
    arm = f"{text_causal.AS_SHIPPED}: en"
    one = f"{text_causal.AS_SHIPPED}, one-set"
    report.add(Row(bench="b", arm=one, metric=text_causal.GAIN, value=0.1, low=0.1, high=0.1))
    gain = text_causal.GAIN
    report.add(Row(bench="b", arm=arm, metric=gain, styles=2, value=0.1, low=0.05, high=0.15))
    report.add(Row(bench="b", arm=arm, metric=text_causal.WORSE, value=0.0))
    assert "| one-set | 1.200 | 1.000 | 0.900 |" in text_causal_tables.sets(report)
    text = text_causal_tables.gains(report)
    assert one not in text
    assert f"| {arm} | 2 | +0.100 ± 0.050 | 0 % |" in text
    assert "References in context alone gain 0.200 in English." in text
