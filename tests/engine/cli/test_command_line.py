"""The command line as it is promised: exit codes, one clear line, one JSON object."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import __main__ as cli
from engine.cli import arguments, console
from engine.media.image.brief import size
from engine.media.image.generators.painter import generator as jobs
from engine.protocol import WeightedStyle
from tests.engine.handmade import FEW_STEPS, reference_file, run_engine

DONE, OUR_FAULT, BAD_INPUT = 0, 1, 2
FIXTURE_MARKS = {"style_file": "weights"}


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = jobs.draw

    def few(tensors, brief, prior, device, _=None):
        return whole(tensors, brief, prior, device, FEW_STEPS)

    monkeypatch.setattr(jobs, "draw", few)


@pytest.fixture(scope="module")
def style_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("style")
    path = folder / "s.style"
    assert cli.main(adapt_arguments(path, reference_file(folder))) == DONE
    return path


def adapt_arguments(out: Path, *references: Path) -> list[str]:
    names = [str(path) for path in references]
    return ["adapt", "--medium", "image", "--references", *names, "--out", str(out)]


def generate_arguments(style_file: Path, out: Path, *more: str) -> list[str]:
    place = ["--style", str(style_file), "--out", str(out)]
    return ["generate", *place, "--count", "1", "--size", "40x32", *more]


class Said:
    """What a run of the command line said, and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
        capsys.readouterr()
        try:
            self.code: object = cli.main(arguments)
        except SystemExit as end:
            self.code = end.code
        self.out, self.err = capsys.readouterr()

    def assert_refused(self, *words: str) -> None:
        assert self.code == BAD_INPUT
        assert self.out == ""
        assert self.err.endswith("\n")
        (line,) = self.err.splitlines()
        for word in words:
            assert word in line


Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("engine.__main__", {"torch", "numpy", "tqdm", "PIL", "lxml"}),
        ("engine.service", {"soundfile", "scipy.ndimage", "PIL", "lxml", "opencc"}),
        ("engine.registry", {"engine.media.text.medium", "engine.media.audio.medium"}),
    ],
)
@pytest.mark.process
def test_nothing_is_loaded_before_it_is_needed(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({heavy!r} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout.strip() == ""


def test_without_the_lab_its_verbs_say_where_it_is(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "engine.lab.bench.report", None)
    Said(capsys, ["bench", "text"]).assert_refused("bench", "lab", "checkout")


# ---- as a process ------------------------------------------------------------------------------


@pytest.mark.process
def test_adapting_as_a_process(tmp_path: Path) -> None:
    reference = reference_file(tmp_path, "große Welle 🌊.png")
    style = tmp_path / "h.style"
    done = run_engine(*adapt_arguments(style, reference), "--json", "--seed", 3)
    assert done.returncode == DONE, done.stderr
    told = json.loads(done.stdout)
    assert told["path"] == str(style)
    assert told["references_used"] == 1
    assert done.stdout.count("\n") == 1


def assert_one_line(done: subprocess.CompletedProcess[str], word: str) -> None:
    assert done.returncode == BAD_INPUT
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert word in line
    assert "Traceback" not in line


@pytest.mark.process
def test_bad_input_as_a_process(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    done = run_engine(*adapt_arguments(tmp_path / "s.style", bad), "--json")
    assert_one_line(done, "bad.png is not a picture")
    assert not (tmp_path / "s.style").exists()


# ---- bad calls ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "verb"),
        (["paint"], "paint"),
        (["adapt", "--medium", "smell", "--references", "a", "--out", "b"], "smell"),
        (["adapt", "--medium", "image", "--out", "b"], "--references"),
        (["adapt", "--medium", "image", "--references", "--out", "b"], "--references"),
        (["generate", "--style", "s", "--out", "d", "--count", "two"], "two"),
        (["generate", "--style", "s", "--out", "d", "--seed", "1.5"], "1.5"),
        (["generate", "--style", "s", "--out", "d", "--size", "48x"], "48x"),
        (["generate", "--style", "s", "--out", "d", "--size", "1x2x3"], "1x2x3"),
        (["generate", "--style", "s", "--out", "d", "--size", "axb"], "axb"),
        (["generate", "--style", "s", "--out", "d", "--invention", "much"], "much"),
        (["blend", "--out", "d"], "--style"),
        (["bench", "smell"], "smell"),
        (["bench"], "what"),
    ],
)
def test_calls_that_make_no_sense(capsys: Capture, arguments: list[str], word: str) -> None:
    Said(capsys, arguments).assert_refused(word, "--help")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--size", "31x400"], "31"),
        (["--size", "400x2049"], "2049"),
        (["--size", "31"], "31"),
        (["--size", "400x0"], "0"),
        (["--size=-5x40"], "-5"),
        (["--count", "0"], "0"),
        (["--count", "17"], "17"),
        (["--seed", "-1"], "-1"),
        (["--seed", "99999999999999999999"], "99999999999999999999"),
        (["--invention", "1.5"], "1.5"),
        (["--invention", "nan"], "nan"),
    ],
)
def test_briefs_that_cannot_be_met(
    capsys: Capture, style_file: Path, tmp_path: Path, more: list[str], word: str
) -> None:
    said = Said(capsys, generate_arguments(style_file, tmp_path / "works", *more))
    said.assert_refused(word)
    assert not (tmp_path / "works").exists()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--weights", "1", "2"], "2 weights for 1"),
        (["--weights", "0"], "0"),
        (["--weights", "-1"], "-1"),
        (["--weights", "nan"], "nan"),
        (["--weights", "inf"], "inf"),
        (["--seed", "-1"], "-1"),
        (["--seed", "99999999999999999999"], "99999999999999999999"),
    ],
)
def test_weights_and_seeds_of_adapting(
    capsys: Capture, tmp_path: Path, more: list[str], word: str
) -> None:
    out = tmp_path / "s.style"
    said = Said(capsys, [*adapt_arguments(out, reference_file(tmp_path)), *more])
    said.assert_refused(word)
    assert not out.exists()


def test_files_and_folders_that_do_not_serve(
    capsys: Capture, style_file: Path, tmp_path: Path
) -> None:
    empty, zero = tmp_path / "empty folder", tmp_path / "zero.png"
    empty.mkdir()
    zero.touch()
    out = tmp_path / "s.style"
    Said(capsys, adapt_arguments(out, tmp_path / "gone.png")).assert_refused("gone.png")
    Said(capsys, adapt_arguments(out, empty)).assert_refused("empty folder", ".png")
    Said(capsys, adapt_arguments(out, zero)).assert_refused("zero.png", "0 bytes")
    Said(capsys, adapt_arguments(out, Path("x" * 5000))).assert_refused("cannot be read")
    Said(capsys, generate_arguments(zero, tmp_path / "w")).assert_refused("zero.png")
    Said(capsys, generate_arguments(tmp_path / "no.style", tmp_path)).assert_refused("no.style")
    Said(capsys, generate_arguments(style_file, zero)).assert_refused("cannot be written")
    Said(capsys, ["blend", "--style", str(style_file), "--out", str(out)]).assert_refused("two")
    assert not out.exists()


def test_a_folder_of_too_many(capsys: Capture, tmp_path: Path) -> None:
    for k in range(11):
        (tmp_path / f"{k}.png").write_bytes(b"x")
    Said(capsys, adapt_arguments(tmp_path / "s.style", tmp_path)).assert_refused("11", "10")


# ---- good calls --------------------------------------------------------------------------------


@pytest.mark.weights
def test_a_folder_with_weights(capsys: Capture, tmp_path: Path) -> None:
    folder = tmp_path / "references"
    folder.mkdir()
    for k in range(2):
        reference_file(folder, f"{k}.png", k)
    out = tmp_path / "s.style"
    said = Said(capsys, [*adapt_arguments(out, folder), "--weights", "2", "0.5", "--json"])
    assert said.code == DONE
    assert json.loads(said.out)["references_used"] == 2


@pytest.mark.weights
def test_what_was_left_out_is_told(capsys: Capture, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    arguments = adapt_arguments(tmp_path / "s.style", reference_file(tmp_path), bad)
    said = Said(capsys, arguments)
    assert said.code == DONE
    assert "left out: bad.png is not a picture" in said.out
    (refusal,) = json.loads(Said(capsys, [*arguments, "--json"]).out)["refused"]
    assert (refusal["path"], refusal["code"]) == (str(bad), "not_a_picture")


def test_works_are_named_on_standard_output(
    capsys: Capture, style_file: Path, tmp_path: Path
) -> None:
    said = Said(capsys, generate_arguments(style_file, tmp_path, "--tile", "--invention", "1"))
    assert said.code == DONE
    path, summary = said.out.splitlines()
    assert Path(path).is_file()
    assert summary.startswith("1 work")


def test_works_as_json(capsys: Capture, style_file: Path, tmp_path: Path) -> None:
    more = ("--count", "2", "--size", "40x33", "--seed", "1", "--json")
    said = Said(capsys, generate_arguments(style_file, tmp_path, *more))
    assert said.code == DONE
    assert said.out.count("\n") == 1
    works = json.loads(said.out)["works"]
    assert [work["seed"] for work in works] == [1, 2]
    assert {Path(work["path"]) for work in works} == set(tmp_path.glob("*.png"))
    assert {Path(work["sidecar"]) for work in works} == set(tmp_path.glob("*.json"))
    assert all((work["width_px"], work["height_px"]) == (40, 33) for work in works)


def test_blending(capsys: Capture, style_file: Path, tmp_path: Path) -> None:
    other, out = tmp_path / "other.style", tmp_path / "c.style"
    Said(capsys, adapt_arguments(other, reference_file(tmp_path, phase=2)))
    styles = ["--style", f"{style_file}:0.6", "--style", f"{other}:0.4"]
    said = Said(capsys, ["blend", *styles, "--out", str(out), "--json"])
    assert said.code == DONE
    assert json.loads(said.out)["path"] == str(out)
    assert Said(capsys, generate_arguments(out, tmp_path / "works")).code == DONE
    for weight in ("0", "-1", "nan"):
        bad = ["--style", f"{style_file}:{weight}", "--style", str(other)]
        Said(capsys, ["blend", *bad, "--out", str(out)]).assert_refused("weight")


def test_our_own_fault_is_another_exit_code(
    capsys: Capture, style_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(jobs, "draw", fail)
    said = Said(capsys, generate_arguments(style_file, tmp_path))
    assert said.code == OUR_FAULT
    assert said.out == ""
    assert "ZeroDivisionError: of ours" in said.err.splitlines()[-1]


def test_an_interrupt_is_told_in_one_line(
    capsys: Capture, style_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "draw", stop)
    said = Said(capsys, generate_arguments(style_file, tmp_path))
    assert said.code == OUR_FAULT
    assert said.err.splitlines() == ["stopped; what was finished is kept"]


# ---- parts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [("256x176", (256, 176)), ("256X176", (256, 176)), ("256×176", (256, 176))],
)
def test_sizes(text: str, expected: tuple[int, int]) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "path", "weight"),
    [
        ("a.style:0.6", "a.style", 0.6),
        ("a.style", "a.style", 1.0),
        ("C:\\styles\\a.style", "C:\\styles\\a.style", 1.0),
        ("C:\\styles\\a.style:2", "C:\\styles\\a.style", 2.0),
        ("odd:name.style", "odd:name.style", 1.0),
    ],
)
def test_styles_with_weights(text: str, path: str, weight: float) -> None:
    assert arguments.weighted_style(text) == WeightedStyle(path=path, weight=weight)


def test_a_failure_is_one_line(capsys: Capture) -> None:
    assert console.fail("what", "remedy", bad_input=True) == BAD_INPUT
    assert console.fail("what", "", bad_input=False) == OUR_FAULT
    assert capsys.readouterr().err == "what; remedy\nwhat\n"


@pytest.mark.process
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk"])
def test_a_console_of_another_encoding_shows_what_it_can(encoding: str) -> None:
    command = [sys.executable, "-m", "engine", "adapt", "--medium", "text", "--out", "a.style"]
    told = subprocess.run(
        [*command, "--references", "静夜思 🌙 →.txt"],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert told.returncode == BAD_INPUT
    assert b"there is no file" in told.stderr and b"Traceback" not in told.stderr
    helped = subprocess.run(
        [sys.executable, "-m", "engine", "--help"],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert helped.returncode == DONE and b"style" in helped.stdout
