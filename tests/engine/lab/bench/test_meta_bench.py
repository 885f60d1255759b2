"""The report's contract, the intervals, and the bench on a handful of episodes."""

import json

import pytest
import torch

from engine.lab.bench import meta_glyphs, meta_sinusoid
from engine.lab.bench.intervals import mean_interval, paired_interval
from engine.lab.bench.report import Report, ReportError, Row
from engine.lab.training.weights import WEIGHTS_FOLDER

KEYS = {
    "bench", "arm", "styles", "references", "seconds", "metric", "value", "low", "high",
}  # fmt: skip


def test_a_report_is_the_contracts_json_and_survives_its_file(tmp_path):
    report = Report(machine="a machine")
    report.add(Row(bench="b", arm="one", metric="loss", value=0.5, styles=3, low=0.25))
    report.add(Row(bench="b", arm="two", metric="loss", value=float("nan")))
    path = tmp_path / "out.json"
    report.write(path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert set(document) == {"version", "machine", "rows"}
    assert all(set(row) == KEYS for row in document["rows"])
    assert document["rows"][1]["value"] is None
    assert Report.read(path).rows[0] == report.rows[0]
    assert "| one | 3      | loss   | 0.5   | 0.25 |" in report.table()


def test_other_files_and_newer_reports_are_refused(tmp_path):
    path = tmp_path / "out.json"
    path.write_text('{"version": 99, "machine": "", "rows": []}', encoding="utf-8")
    with pytest.raises(ReportError, match="newer"):
        Report.read(path)
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(ReportError, match="not a bench report"):
        Report.read(path)


def test_an_interval_covers_the_mean_it_should():
    generator = torch.Generator().manual_seed(0)
    hits = 0
    for _ in range(400):
        _, low, high = mean_interval(torch.randn(50, generator=generator) + 3)
        hits += low <= 3 <= high
    assert 0.91 < hits / 400 < 0.98


def test_a_paired_ratio_is_narrower_than_its_parts():
    generator = torch.Generator().manual_seed(0)
    second = torch.rand(300, generator=generator) + 0.1
    ratio, low, high = paired_interval(2 * second, second)
    assert (ratio, low, high) == pytest.approx((2.0, 2.0, 2.0))


@pytest.mark.weights
@pytest.mark.skipif(not WEIGHTS_FOLDER.exists(), reason="the weights of the bench are not shipped")
def test_the_bench_runs_on_what_is_shipped():
    report = Report()
    report.extend(meta_sinusoid.rows(20, 0))
    assert {row.arm for row in report.rows} >= {"MAML", "FOMAML", "Reptile", "CAVIA"}
    report.extend(meta_glyphs.rows(1, 0, meta_glyphs.SETTINGS[:1]))
    table = meta_glyphs.comparison(report)
    assert "| Prototypical |" in table
    assert all(0 <= row.value <= 100 for row in report.rows if row.bench == meta_glyphs.BENCH)
