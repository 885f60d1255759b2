"""What the audit of the packages says of a report."""

from tests.packaging.scripts import ROOT, script

audit = script("audit")


def test_weak_and_unknown_packages_are_told_apart() -> None:
    report = {
        "dependencies": [
            {"name": "good", "version": "1.0", "vulns": []},
            {"name": "old", "version": "0.1", "vulns": [{"id": "X-1", "fix_versions": ["0.2"]}]},
            {"name": "left", "version": "3", "vulns": [{"id": "X-2", "fix_versions": []}]},
            {"name": "away", "skip_reason": "not found"},
        ]
    }
    weak, unknown = audit.judged(report)
    assert weak == ["old 0.1: X-1, mended in 0.2", "left 3: X-2, mended in no version yet"]
    assert unknown == ["away"]


def test_every_package_is_locked_with_a_hash() -> None:
    packages = [
        block for block in (ROOT / "requirements.lock").read_text("utf-8").split("\n") if block
    ]
    names = [number for number, line in enumerate(packages) if "==" in line]
    assert len(names) > 50
    for number in names:
        assert packages[number + 1].strip().startswith("--hash=sha256:"), packages[number]
