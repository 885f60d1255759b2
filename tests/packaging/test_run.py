"""run.py: what pip says becomes lines for people, and a failure one sentence."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[2]
CUT = "ERROR: Could not install packages due to an OSError: Connection broken: Connection reset"
NO_NETWORK = (
    "WARNING: Retrying: Failed to establish a new connection: [Errno -3] Temporary failure in name"
    " resolution\nERROR: No matching distribution found for numpy==2.4.6"
)


@pytest.fixture
def progress(tmp_path: Path) -> run.Progress:
    return run.Progress(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (16.9 MB)",
            "fetching numpy 2.4.6 (16.9 MB)",
        ),
        ("Using cached tqdm-4.70.1-py3-none-any.whl (78 kB)", "have tqdm 4.70.1 (78 kB)"),
        ("Downloading numpy-2.4.6-cp311-cp311-win_amd64.whl.metadata (62 kB)", ""),
        ("Collecting numpy>=2.0", ""),
        ("WARNING: Location 'file:///x/simple/torch/' is ignored: it is neither a file", ""),
    ],
)
def test_of_what_pip_says_packages_are_told(progress: run.Progress, line: str, said: str) -> None:
    assert progress._said(line) == said


def test_a_long_download_says_how_far_it_is(progress: run.Progress) -> None:
    progress._said("Downloading torch-2.13.0-cp311-cp311-win_amd64.whl (190.1 MB)")
    assert progress._said("Progress 1000000 of 190000000") == ""
    progress._told_s -= progress.EVERY_S + 1
    assert progress._said("Progress 95000000 of 190000000") == "  torch: 50 % of 190 MB"


@pytest.mark.parametrize(
    ("log", "kind", "word"),
    [
        (CUT, ConnectionError, "network"),
        (NO_NETWORK, ConnectionError, "network"),
        ("ERROR: [Errno 28] No space left on device", OSError, "room left"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE", ValueError, "tested with"),
        ("ERROR: No matching distribution found for torch==2.13.0", LookupError, "torch==2.13.0"),
        ("ERROR: something else", RuntimeError, "failed"),
    ],
)
def test_why_setting_up_failed_is_one_sentence(log: str, kind: type, word: str) -> None:
    found, sentence = run.cause_of(log)
    assert found is kind
    assert word in sentence
    assert "\n" not in sentence


def test_what_was_fetched_is_followed_on_the_disk(tmp_path: Path) -> None:
    inside = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.11/site-packages"
    folder = tmp_path / inside
    for name in ("numpy-2.4.6.dist-info", "~umpy-2.4.5.dist-info", "setuptools"):
        (folder / name).mkdir(parents=True)
    assert run.Progress(tmp_path)._installed() == {"numpy-2.4.6.dist-info"}


def test_everything_that_is_named_is_locked() -> None:
    lock = run.LOCK.read_text(encoding="utf-8")
    locked = set(re.findall(r"(?m)^([a-z0-9._-]+)==", lock))
    names = [*run.requirements(("dev", "lab", "package")), "pip", "setuptools"]
    for name in names:
        plain = re.sub(r"[-_.]+", "-", re.split(r"[\[<>=! ]", name)[0]).lower()
        assert plain in locked, f"{plain}: python packaging/lock.py"
        assert run.locked(plain).startswith(f"{plain}==")
    assert lock.count("--hash=sha256:") > len(locked)
    assert "://" not in lock


def test_the_libraries_for_models_are_set_up_on_request_and_for_the_tests() -> None:
    assert run.groups_of("studio", []) == ()
    assert run.groups_of("setup", ["diffusion"]) == ("diffusion",)
    assert "diffusion" in run.groups_of("test", [])
    with pytest.raises(run.SetupError, match="nothing_such"):
        run.groups_of("setup", ["nothing_such"])


def test_an_unknown_command_is_refused_before_anything_is_set_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "set_up", lambda _groups: pytest.fail("nothing is set up"))
    assert run.main(["paint"]) == 2
    assert "python run.py test" in capsys.readouterr().err


def test_missing_libraries_are_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = "studio.app.system_libraries.missing_packages"
    monkeypatch.setattr(missing, lambda: ["libegl1", "libpulse0"])
    assert run.libraries([]) == 1
    assert "apt-get install -y --no-install-recommends libegl1 libpulse0" in capsys.readouterr().err
    monkeypatch.setattr(missing, list)
    assert run.libraries([]) == 0


@pytest.fixture
def pytest_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list]:
    """pytest does not start: its exit codes are given, and which tests failed at first."""
    ran: list[tuple[str, ...]] = []

    def ends_with(*codes: int, failed: int) -> list:
        left = list(codes)
        cache = tmp_path / "lastfailed"
        cache.write_text(json.dumps({f"tests/test_{i}.py": True for i in range(failed)}))
        monkeypatch.setattr(run, "LAST_FAILED", cache)
        monkeypatch.setattr(run, "python", lambda *words: ran.append(words) or left.pop(0))
        return ran

    return ends_with


def test_what_passes_alone_is_named_unstable(pytest_runs: Callable, capsys) -> None:
    ran = pytest_runs(1, 0, failed=2)
    assert run.test([]) == 0
    assert "--last-failed" in ran[1]
    assert "UNSTABLE" in (said := capsys.readouterr().err)
    assert "tests/test_1.py" in said


def test_what_fails_alone_too_fails_the_run(pytest_runs: Callable, capsys) -> None:
    pytest_runs(1, 1, failed=2)
    assert run.test([]) == 1
    assert "UNSTABLE" not in capsys.readouterr().err


@pytest.mark.parametrize(("code", "failed"), [(1, 9), (1, 0), (2, 1), (0, 0)])
def test_many_failures_and_other_ends_have_no_second_run(
    pytest_runs: Callable, code: int, failed: int
) -> None:
    ran = pytest_runs(code, failed=failed)
    assert run.test([]) == code
    assert len(ran) == 1
