"""What counts as an input, in which order, and by which name it is spoken of."""

import json
import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path, PurePath
from typing import TypeVar

import pytest
from hypothesis import given, strategies as st

from engine.core.errors import REMARKS, BadInput
from engine.core.files import write_atomic
from engine.core.input_files import expand, files_in, read_bytes
from engine.core.names import by_number, readable, stands_beside
from engine.core.progress import Advance
from engine.core.references import read_references
from engine.protocol import (
    PICTURE_SUFFIXES,
    TEXT_SUFFIXES,
    AdaptRequest,
    Event,
    Medium,
    Reference,
    decode as decode_message,
    encode as encode_message,
)
from studio.i18n import catalogue


def in_slices(decode: Callable[[bytes, str], str]):
    def decoding(data: bytes, name: str) -> Generator[Advance, None, str]:
        yield Advance(1, 2)
        return decode(data, name)

    return decoding


def one_mib(_: str) -> int:
    return 2**20


Read = TypeVar("Read")
CASES = Path(__file__).parents[2] / "cases" / "files"
GBK_NAME = os.fsdecode("静夜思.txt".encode("gb18030")) if sys.platform == "linux" else ""


def request(*paths: str) -> AdaptRequest:
    references = tuple(Reference(path=path) for path in paths)
    return AdaptRequest(job_id="it", medium=Medium.TEXT, references=references, out="")


def read_all(reading: Generator[Event, None, Read]) -> Read:
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return end.value


# ---- folders and lists -------------------------------------------------------------------------


def test_a_folder_from_a_mac_gives_its_pictures() -> None:
    found = expand([CASES / "apple4"], PICTURE_SUFFIXES)
    assert [path.name for path in found] == [f"IMG_{k}.jpg" for k in range(1, 5)]
    listed = sorted((CASES / "apple4").iterdir())
    assert len(listed) == 8
    assert [path.name for path in expand(listed, PICTURE_SUFFIXES)] == [p.name for p in found]


def test_two_comes_before_ten(tmp_path: Path) -> None:
    files = files_in(CASES / "order", TEXT_SUFFIXES)
    assert [path.stem for path in files] == [f"poem {k}" for k in range(1, 13)]
    for name in (
        "b2.txt",
        "a10.txt",
        "a2.txt",
        "A1.txt",
        "b.txt",
        "2.txt",
        "第10章.txt",
        "第9章.txt",
    ):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in files_in(tmp_path, TEXT_SUFFIXES)] == [
        *("2.txt", "A1.txt", "a2.txt", "a10.txt", "b.txt", "b2.txt", "第9章.txt", "第10章.txt")
    ]


def test_what_is_empty_hidden_or_a_lock_takes_no_place(tmp_path: Path) -> None:
    for name in ("a.txt", ".hidden.txt", "._a.txt", "~$b.docx", "b.docx"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.txt").touch()
    assert [path.name for path in expand([tmp_path], TEXT_SUFFIXES)] == ["a.txt", "b.docx"]
    assert stands_beside("~$b.docx") and stands_beside("._b.jpg") and not stands_beside("b.jpg")
    only = tmp_path / ".hidden.txt"
    assert expand([only], TEXT_SUFFIXES) == [only], "what is named alone is meant"
    named = expand([tmp_path / "empty.txt", tmp_path / "a.txt"], TEXT_SUFFIXES)
    assert len(named) == 2, "it is told of"


def test_a_file_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    assert expand([tmp_path, tmp_path / "a.txt"], TEXT_SUFFIXES) == [tmp_path / "a.txt"]


@pytest.mark.slow
def test_ten_thousand_files_are_counted_and_said(tmp_path: Path) -> None:
    for k in range(10_000):
        (tmp_path / f"{k}.txt").write_bytes(b"x")
    with pytest.raises(BadInput, match="10000 references are too many"):
        expand([tmp_path], TEXT_SUFFIXES)


def test_what_macos_keeps_beside_a_file_is_called_that() -> None:
    with pytest.raises(BadInput) as caught:
        read_bytes(CASES / "apple4" / "._IMG_1.jpg")
    assert caught.value.code == "companion_file"


@given(st.lists(st.text(st.sampled_from("ab019 ._第"), min_size=1, max_size=6)))
def test_any_names_have_an_order(names: list[str]) -> None:
    keys = [by_number(PurePath(name)) for name in names]
    assert sorted(sorted(keys), reverse=True)[::-1] == sorted(keys)


# ---- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("静夜思.txt".encode("gb18030"), "静夜思.txt"),
        ("café.txt".encode("cp1252"), "café.txt"),
        ("große Welle 🌊.png".encode(), "große Welle 🌊.png"),
        (b"plain.txt", "plain.txt"),
    ],
)
def test_a_name_of_another_encoding_can_be_written(raw: bytes, name: str) -> None:
    assert readable(raw.decode("utf-8", "surrogateescape")) == name


@given(st.binary(min_size=1, max_size=40))
def test_any_name_can_be_written(raw: bytes) -> None:
    assert readable(raw.decode("utf-8", "surrogateescape")).encode()


def test_half_a_pair_of_surrogates_can_be_written() -> None:
    assert readable("a\ud83d.txt").encode()
    error = BadInput("empty_file", name="a\ud83d.txt")
    assert str(error).encode() and json.dumps(error.details).isascii()


@pytest.mark.skipif(sys.platform != "linux", reason="only there names are bytes")
def test_files_of_such_names_are_read_and_spoken_of(tmp_path: Path) -> None:
    path = tmp_path / GBK_NAME
    path.write_text("床前明月光，疑是地上霜。", "utf-8")
    job = request(str(path), str(tmp_path / GBK_NAME.replace(".", "2.")))
    assert decode_message(encode_message(job)) == job
    usable, refused = read_all(
        read_references(job, in_slices(lambda data, _: data.decode()), one_mib)
    )
    assert [each.name for each in usable] == ["静夜思.txt"]
    assert usable[0].ancestor.name.encode()
    assert refused[0].path == job.references[1].path, "the studio finds it again"
    assert refused[0].message.encode()


@pytest.mark.parametrize("name", ["a" * 251 + ".png", "静" * 83 + ".png", "🌊" * 62 + ".png"])
def test_a_name_as_long_as_the_disk_takes(tmp_path: Path, name: str) -> None:
    assert len(name.encode()) <= 255
    write_atomic(tmp_path / name, b"x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_name_too_long_is_called_that(tmp_path: Path) -> None:
    from engine.service import writing

    with pytest.raises(BadInput) as caught, writing(str(tmp_path / ("静" * 90))):
        write_atomic(tmp_path / ("静" * 90), b"x")
    assert caught.value.code == "long_name"
    assert list(tmp_path.iterdir()) == []


# ---- one bad file ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [NotImplementedError, RecursionError, MemoryError, KeyError])
def test_a_decoder_that_falls_over_refuses_its_one_file(
    tmp_path: Path, fault: type[Exception]
) -> None:
    for name in ("good.txt", "bad.txt"):
        (tmp_path / name).write_bytes(b"x")

    def decode(data: bytes, name: str) -> str:
        if name == "bad.txt":
            raise fault("odd")
        return "words"

    paths = [str(tmp_path / name) for name in ("bad.txt", "good.txt")]
    usable, refused = read_all(read_references(request(*paths), in_slices(decode), one_mib))
    assert [each.name for each in usable] == ["good.txt"]
    assert [each.code for each in refused] == ["decoder_fault"]
    with pytest.raises(BadInput) as caught:
        read_all(read_references(request(paths[0]), in_slices(decode), one_mib))
    assert caught.value.code == "decoder_fault"


def test_every_remark_has_words_in_both_languages() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    for code in REMARKS:
        assert f"engine_says.{code}" in english and f"engine_says.{code}" in chinese, code
