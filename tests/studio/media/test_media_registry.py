"""A medium is one folder and one line: nothing else in the studio asks which medium it is."""

import ast
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

import studio
from engine.protocol import Medium
from studio import i18n
from studio.media.registry import MEDIA
from studio.views.actions import CHECKABLE, GROUPS, LOOSE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
STUDIO = Path(studio.__file__).parent
ALLOWED = {("project/rows.py", "IMAGE")}  # what a project held before there were media
NAMES = {*(key for group in GROUPS.values() for key in group), *LOOSE, *CHECKABLE}
VALUES = {medium.value for medium in Medium}


def mentions() -> Iterator[tuple[str, str]]:
    """Every `Medium.X`, and every comparison with its value, outside the folders of media."""
    for file in STUDIO.rglob("*.py"):
        name = file.relative_to(STUDIO).as_posix()
        if name.startswith("media/"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Medium":
                yield name, node.attr
            elif isinstance(node, ast.Compare):
                for part in (node.left, *node.comparators):
                    if isinstance(part, ast.Constant) and part.value in VALUES:
                        yield name, str(part.value)


def test_nothing_outside_the_folders_of_media_asks_which_medium_it_is() -> None:
    assert set(mentions()) == ALLOWED
    assert len(list(mentions())) == len(ALLOWED)


def test_every_medium_of_the_protocol_has_its_line() -> None:
    assert sorted(entry.rules.medium for entry in MEDIA) == sorted(Medium)


def test_a_file_is_of_one_medium() -> None:
    for one, other in combinations(MEDIA, 2):
        assert not {*one.rules.suffixes} & {*other.rules.suffixes}
    assert all(suffix == suffix.lower() for e in MEDIA for suffix in e.rules.suffixes)


def test_what_a_medium_names_is_there(make_window) -> None:
    """Actions of its menu, formats of its export, words of the window."""
    window = make_window()
    for entry in MEDIA:
        view, rules = entry.view(window.session), entry.rules
        assert view.medium is rules.medium
        assert {view.action, *(name for group in view.work_menu for name in group)} <= NAMES
        assert rules.export_formats
        assert view.beginnings
        for beginning in view.beginnings:
            assert i18n.knows(f"begin.{beginning.name}")
            assert i18n.knows(f"begin.{beginning.name}_line")
        assert rules.samples(), "each is shipped with something to begin with"
        for key in (
            "medium.{}",
            "empty.looking_line_{}",
            "empty.ready_line_{}",
        ):
            assert i18n.knows(key.format(rules.medium.value))
