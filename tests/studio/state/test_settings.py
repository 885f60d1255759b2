"""Settings survive damage and newer versions."""

import json
from pathlib import Path

import pytest

from studio.state.settings import MAX_RECENT, Settings, SettingsError, SettingsStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Maquette" / "settings.json"


def test_changes_are_there_the_next_time(path: Path) -> None:
    store = SettingsStore(path)
    assert store.settings == Settings()
    assert not path.exists()  # nothing is written before something changes
    store.update(theme="light", language="zh", engine_command=("ssh", "box", "maquette"))
    again = SettingsStore(path)
    assert again.settings == store.settings
    assert again.settings.engine_command == ("ssh", "box", "maquette")
    assert again.notice is None
    assert [one.name for one in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1, "recent": 7}', '{"theme": "x"}'])
def test_a_damaged_file_is_set_aside_and_said(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    store = SettingsStore(path)
    assert store.settings == Settings()
    assert store.notice is not None
    assert store.notice.key == "settings_damaged"
    kept = path.with_name("settings.damaged.json")
    assert kept.read_text() == content
    store.update(theme="light")
    path.write_text("{")
    SettingsStore(path)
    assert path.with_name("settings.damaged-2.json").exists()
    assert kept.read_text() == content


def test_a_newer_file_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    content = json.dumps({"format": 99, "theme": "sepia"})
    path.write_text(content)
    store = SettingsStore(path)
    assert store.notice is not None
    assert store.notice.key == "settings_too_new"
    assert store.update(theme="light").theme == "light"
    assert path.read_text() == content


def test_a_disk_that_refuses_is_said_and_the_change_holds(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = SettingsStore(tmp_path / "settings" / "settings.json")
    store.path = tmp_path / "file" / "settings.json"  # the folder became a file
    with pytest.raises(SettingsError):
        store.update(theme="light")
    assert store.settings.theme == "light"


def test_recent_projects_are_few_new_first_and_there(path: Path, tmp_path: Path) -> None:
    store = SettingsStore(path)
    files = [tmp_path / f"{n}.maquette" for n in range(MAX_RECENT + 3)]
    for file in files:
        file.touch()
        store.add_recent(file)
    store.add_recent(files[5])
    files[6].unlink()
    recent = SettingsStore(path).recent()
    assert recent[:2] == (files[5], files[-1])
    assert files[6] not in recent
    assert len(recent) == MAX_RECENT - 1


def test_names_that_are_no_text_are_kept(path: Path, tmp_path: Path) -> None:
    """As Linux has them: bytes of another encoding."""
    odd = tmp_path / "\udcb2\udca8 波.maquette"
    SettingsStore(path).add_recent(odd)
    assert SettingsStore(path).settings.recent == (str(odd),)
