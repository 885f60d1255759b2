"""The README's tables are those of its report, and cannot be typed in by hand."""

import sys

import pytest

from engine.lab.bench import meta_glyphs, meta_sinusoid, meta_speed
from engine.lab.bench.meta_readme import MEASURED, README, main, rendered
from engine.lab.bench.readme import StaleReadmeError
from engine.lab.bench.report import Report, Row


@pytest.fixture
def report() -> Report:
    made = Report(machine="a machine")
    for arm in ("joint + fine-tuning (SGD 0.01)", "MAML"):
        for steps in (0, 1):
            made.add(
                Row(bench=meta_sinusoid.BENCH, arm=arm, metric=f"MSE after {steps} steps",
                    value=0.5, low=0.25, high=0.75)
            )  # fmt: skip
    made.add(
        Row(bench=meta_sinusoid.BENCH, arm="joint + fine-tuning (SGD 0.01) / MAML",
            metric="error after 10 steps / error after 1", value=5.5, low=5.0, high=6.0)
    )  # fmt: skip
    for metric in ("5-way 1-shot accuracy %", "5-way 1-shot accuracy %" + meta_glyphs.START):
        made.add(Row(bench=meta_glyphs.BENCH, arm="MAML", metric=metric, value=90, low=89, high=91))
    for arm, value in (("ours", 2.0), ("higher", 1.0)):
        metric = "meta-steps/s, a problem"
        made.add(Row(bench=meta_speed.BENCH, arm=arm, metric=metric, value=value))
    return made


def block(name: str) -> str:
    return f"before\n<!-- measured: {name} -->\nold\n<!-- end -->\nafter\n"


def test_a_block_is_replaced_and_the_prose_is_kept(report):
    text = rendered(block("machine") + block("glyphs"), report)
    assert text.startswith("before\n<!-- measured: machine -->\na machine.")
    assert "old" not in text
    assert "| MAML | 90.0 ± 1.0 | – | – | 90.0 ± 1.0 | – | 98.7 |" in text
    assert rendered(text, report) == text


def test_tables_of_the_toy_and_of_speed(report):
    text = rendered(block("sinusoid") + block("speed"), report)
    assert "| MAML | 0.500 ± 0.250 | 0.500 ± 0.250 |" in text
    assert "(joint + fine-tuning (SGD 0.01)) has after ten steps 5.50 times" in text
    assert "| a problem | 2.00 | 1.00 |" in text


def test_an_unknown_block_is_refused(report):
    with pytest.raises(KeyError):
        rendered(block("nothing"), report)


def test_a_stale_readme_is_told_and_made_anew(report, tmp_path, monkeypatch, capsys):
    readme, measured = tmp_path / "README.md", tmp_path / "measured.json"
    readme.write_text(block("machine"), encoding="utf-8")
    report.write(measured)
    words = ["meta_readme", str(measured), "--readme", str(readme)]
    monkeypatch.setattr(sys, "argv", [*words, "--check"])
    with pytest.raises(StaleReadmeError, match=r"run python -m engine\.lab\.bench\.meta_readme"):
        main()
    monkeypatch.setattr(sys, "argv", words)
    main()
    assert "holds the figures" in capsys.readouterr().out
    assert "a machine" in readme.read_text(encoding="utf-8")


def test_the_readme_holds_its_report():
    text = README.read_text(encoding="utf-8")
    assert rendered(text, Report.read(MEASURED)) == text
