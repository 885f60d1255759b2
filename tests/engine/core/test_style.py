"""The .style file: whole, the same for the same style, and the only thing that loads as one."""

import errno
import json
import os
import pickle
from pathlib import Path
from typing import IO

import pytest
import torch
from hypothesis import given, settings, strategies as st
from safetensors.torch import save

from engine.core import style as style_module
from engine.core.errors import BadInput
from engine.core.files import sha256, write_atomic
from engine.core.style import FORMAT_VERSION, Ancestor, Stamp, Style, load_style
from engine.protocol import Medium

SMALL = Style(
    medium=Medium.IMAGE,
    tensors={
        "table": torch.arange(6, dtype=torch.half).reshape(2, 3),
        "flag": torch.tensor([True]),
    },
    references=(Ancestor("ab" * 32, "große 🎨.png", 0.25), Ancestor("cd" * 32, "b.jpg", 1.0)),
    parents=(Ancestor("ef" * 32, "parent.style", 0.6),),
    seed=7,
    generator=Stamp("maker", 2, "12" * 32),
    neutral=({"text": torch.tensor([104, 105], dtype=torch.uint8)}, {}),
)


def code_of(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        load_style(path)
    return caught.value.code


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def with_about(**changes: object) -> bytes:
    """A safetensors file with the metadata of a style, changed."""
    data = SMALL.to_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    about = json.loads(header["__metadata__"]["maquette"]) | changes
    about.pop("file_sha256")
    return save(dict(SMALL.tensors), metadata={"maquette": json.dumps(about)})


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "s.style"
    digest = SMALL.save(path)
    style = load_style(path)
    assert digest == style.digest == sha256(path.read_bytes())
    for name in ("medium", "references", "parents", "seed", "engine_version", "generator"):
        assert getattr(style, name) == getattr(SMALL, name)
    assert style.tensors.keys() == SMALL.tensors.keys()
    for name, tensor in SMALL.tensors.items():
        assert style.tensors[name].dtype == tensor.dtype
        assert torch.equal(style.tensors[name], tensor)


def test_equal_styles_give_equal_bytes(tmp_path: Path) -> None:
    assert SMALL.to_bytes() == SMALL.to_bytes()
    path = tmp_path / "s.style"
    SMALL.save(path)
    assert load_style(path).to_bytes() == path.read_bytes()


def test_one_changed_byte_anywhere_is_noticed(tmp_path: Path) -> None:
    data = SMALL.to_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        code = code_of(written(tmp_path / "s.style", bytes(changed)))
        assert code in ("not_a_style", "newer_style"), place


def test_a_style_without_a_sum_is_of_an_earlier_version(tmp_path: Path) -> None:
    style = load_style(written(tmp_path / "s.style", with_about(format=2)))
    assert style.references == SMALL.references


def test_names_that_are_not_unicode_become_readable(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    SMALL_ODD = Style(Medium.IMAGE, dict(SMALL.tensors), (Ancestor("ab", name, 1.0),))
    SMALL_ODD.save(tmp_path / "s.style")
    assert load_style(tmp_path / "s.style").references[0].name == "café.png"


@pytest.mark.parametrize(
    "data",
    [
        b"not a style",
        b"\xff" * 64,
        SMALL.to_bytes()[:-1],
        SMALL.to_bytes()[:100],
        SMALL.to_bytes() + b"more",
        save({"a": torch.zeros(2)}),
        save({"a": torch.zeros(2)}, metadata={"format": "pt"}),
        save({"a": torch.zeros(2)}, metadata={"maquette": "no json"}),
        save({"a": torch.zeros(2)}, metadata={"maquette": "[]"}),
        with_about(format="one"),
        with_about(references=[{"name": "without a digest"}]),
        with_about(references=None),
        pickle.dumps({"format": 1}),
    ],
)
def test_what_is_no_style(tmp_path: Path, data: bytes) -> None:
    assert code_of(written(tmp_path / "s.style", data)) == "not_a_style"


def test_a_torch_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (pytest.fail, ("the pickle was loaded",))

    path = tmp_path / "s.style"
    torch.save({"table": torch.zeros(2), "trap": Trap()}, path)
    assert code_of(path) == "not_a_style"


def test_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path / "s.style", with_about(format=FORMAT_VERSION + 1))
    assert code_of(path) == "newer_style"


def test_files_that_are_not_there_or_too_large(tmp_path: Path) -> None:
    assert code_of(tmp_path / "absent.style") == "missing_file"
    assert code_of(tmp_path) == "missing_file"
    assert code_of(written(tmp_path / "empty.style", b"")) == "empty_file"
    with (tmp_path / "large.style").open("wb") as file:
        file.truncate(style_module.MAX_STYLE_BYTES + 1)
    assert code_of(tmp_path / "large.style") == "large_file"


@settings(deadline=None, max_examples=80)
@given(
    flips=st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 255)), max_size=4),
    keep=st.floats(0, 1) | st.just(1.0),
)
def test_damage_is_refused_or_borne(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]], keep: float
) -> None:
    data = bytearray(SMALL.to_bytes())
    for position, change in flips:
        data[position % len(data)] ^= change
    path = tmp_path_factory.getbasetemp() / "damaged.style"
    path.write_bytes(data[: int(len(data) * keep)])
    try:
        style = load_style(path)
    except BadInput as error:
        assert error.code in ("not_a_style", "newer_style", "empty_file")
    else:
        assert isinstance(style, Style)


def test_writing_makes_the_folder_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "s.style"
    SMALL.save(path)
    SMALL.save(path)
    assert [p.name for p in path.parent.iterdir()] == ["s.style"]


def test_a_failing_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "s.style", b"old")
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(_file: int | IO[bytes]) -> None:
        raise full

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        SMALL.save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_move_leaves_the_old_file(tmp_path: Path) -> None:
    folder = tmp_path / "s.style"
    (folder / "inside").mkdir(parents=True)
    with pytest.raises(OSError):
        write_atomic(folder, b"new")
    assert list(tmp_path.iterdir()) == [folder]
