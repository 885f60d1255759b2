"""The library on the disk: whole after a kill, and honest about what is damaged."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.protocol import Medium
from studio.project.document import digest
from studio.state.library_files import LibraryError, LibraryFiles, StyleEntry, renamed


@pytest.fixture
def files(tmp_path: Path) -> LibraryFiles:
    return LibraryFiles(tmp_path / "styles")


def put(files: LibraryFiles, name: str = "Waves", data: bytes = b"style one") -> StyleEntry:
    return files.add(data, name=name, medium=Medium.IMAGE, references=("wave.png",), cover=b"\x89P")


def test_what_was_kept_is_read_again(files: LibraryFiles) -> None:
    first, second = put(files), put(files, "Hills", b"style two")
    found, told = LibraryFiles(files.folder).load()
    assert not told
    assert found == {second.id: second, first.id: first}
    assert list(found) == sorted(found, key=lambda key: found[key].created, reverse=True)
    assert files.read(first) == b"style one"


def test_equal_styles_share_their_bytes(files: LibraryFiles) -> None:
    first, second = put(files), put(files, "The same")
    assert len(list(files.folder.glob("*.style"))) == 1
    files.delete([first], rest=[second])
    assert files.read(second) == b"style one"
    files.delete([second], rest=[])
    assert not list(files.folder.iterdir())


def test_an_entry_is_replaced_whole(files: LibraryFiles) -> None:
    entry = renamed(put(files), "  Great\n waves ")
    assert entry.name == "Great waves"
    files.write(entry)
    assert files.load()[0][entry.id] == entry
    assert renamed(entry, "  ") == entry


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b'{"format": 1}', b"[" * 100_000, b'{"format": 1e999}'],
)
def test_a_damaged_entry_is_set_aside_and_said(files: LibraryFiles, content: bytes) -> None:
    whole, broken = put(files), put(files, "Hills", b"style two")
    path = files.folder / f"{broken.id}.json"
    path.write_bytes(content)
    found, told = files.load()
    assert list(found) == [whole.id]
    assert [error.key for error in told] == ["library_set_aside"]
    assert told[0].params["kept"] == f"{broken.id}.damaged.json"
    assert (files.folder / f"{broken.id}.damaged.json").read_bytes() == content
    assert (files.folder / f"{broken.digest}.style").exists()  # nobody knows whose it is
    assert files.load() == (found, ())  # said once


def test_a_style_that_has_changed_is_set_aside_with_its_entry(files: LibraryFiles) -> None:
    entry = put(files)
    style = files.folder / f"{entry.digest}.style"
    style.write_bytes(b"another")
    with pytest.raises(LibraryError) as caught:
        files.read(entry)
    assert caught.value.key == "library_damaged"
    found, told = files.load()
    assert not found
    assert [error.params["name"] for error in told] == ["Waves"]
    assert (files.folder / f"{entry.digest}.damaged.style").read_bytes() == b"another"


def test_an_entry_of_a_newer_maquette_is_left_alone(files: LibraryFiles) -> None:
    entry = put(files)
    path = files.folder / f"{entry.id}.json"
    kept = json.loads(path.read_text()) | {"format": 2}
    path.write_text(json.dumps(kept))
    old = time.time() - 1e6
    os.utime(files.folder / f"{entry.digest}.style", (old, old))
    found, told = files.load()
    assert not found
    assert [error.key for error in told] == ["library_too_new"]
    assert json.loads(path.read_text()) == kept
    assert files.read(entry) == b"style one"  # and so is its style, however old


def test_a_style_without_an_entry_goes_when_nobody_can_be_writing_it(files: LibraryFiles) -> None:
    put(files)
    young, old = (files.folder / f"{digest(data)}.style" for data in (b"young", b"old"))
    for path in (young, old):
        path.write_bytes(path.stem.encode())
    long_ago = time.time() - 1e6
    os.utime(old, (long_ago, long_ago))
    files.load()
    assert young.exists()
    assert not old.exists()


def test_a_disk_that_takes_nothing_is_said(files: LibraryFiles) -> None:
    files.folder.parent.joinpath("styles").write_text("a file where the folder should be")
    with pytest.raises(LibraryError) as caught:
        put(files)
    assert caught.value.key == "library_unwritable"


def test_a_full_disk_leaves_the_entry_as_it_was(
    files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = put(files)

    def full(*_: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.state.json_file.json.dumps", full)
    with pytest.raises(LibraryError) as caught:
        files.write(renamed(entry, "Other"))
    assert "No space" in str(caught.value)
    monkeypatch.undo()
    assert files.load()[0][entry.id].name == "Waves"


_WRITER = """
import sys
from pathlib import Path
from engine.protocol import Medium
from studio.state.library_files import LibraryFiles, renamed
files = LibraryFiles(Path(sys.argv[1]))
for number in range(10_000):
    data = number.to_bytes(4, "big") * 50_000
    entry = files.add(data, name=f"Style {number}", medium=Medium.IMAGE, cover=data)
    files.write(renamed(entry, "Again"))
    if number % 3 == 0:
        files.delete([entry], rest=[])
    print(number, flush=True)
"""


@pytest.mark.process
@pytest.mark.parametrize("lines", [1, 4, 9])
def test_a_killed_studio_loses_nothing_that_was_kept(files: LibraryFiles, lines: int) -> None:
    """Killed somewhere in the next entry, wherever that is."""
    command = [sys.executable, "-c", _WRITER, str(files.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(lines):
            assert writer.stdout.readline()
        writer.kill()
    found, told = files.load()
    assert not told
    kept = [number for number in range(lines) if number % 3]
    names = {int.from_bytes(files.read(entry)[:4], "big") for entry in found.values()}
    assert names >= set(kept)
    assert all(
        entry.name == "Again"
        for entry in found.values()
        if files.read(entry)[:4] in {number.to_bytes(4, "big") for number in kept}
    )
