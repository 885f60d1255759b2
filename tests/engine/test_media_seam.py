"""Outside the media's folders nothing asks which medium it is dealing with."""

import ast
from pathlib import Path

import engine

ENGINE = Path(engine.__file__).parent
MEDIA = {"IMAGE", "TEXT", "AUDIO"}
NAMES = {"image", "text", "audio", "zh", "en"}
OWN = ("media", "lab", "protocol")  # media themselves, measurements of each, and the enumeration
# What is left, with its reason: the demo makes one work of each medium by design; a request and a
# folder of unknown files are about pictures unless something says otherwise.
ALLOWED = {"cli/demo.py", "cli/demo_texts.py", "cli/demo_music.py", "__main__.py"}
MOST = 1  # how far ratings may move a brief, by domain: measured, not decided


def mentions(path: Path) -> list[str]:
    """Medium.X, comparisons with a medium's or a domain's name, tables keyed on them."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in MEDIA:
            found.append(f"{path.name}:{node.lineno} .{node.attr}")
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            found += [
                f"{path.name}:{node.lineno} == {side.value!r}"
                for side in sides
                if isinstance(side, ast.Constant) and side.value in NAMES
            ]
        elif isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            if len(NAMES.intersection(map(str, keys))) > 1:
                found.append(f"{path.name}:{node.lineno} table")
    return found


def test_the_core_of_the_engine_asks_for_no_medium() -> None:
    found: list[str] = []
    for path in sorted(ENGINE.rglob("*.py")):
        place = path.relative_to(ENGINE)
        if place.parts[0] in OWN or place.as_posix() in ALLOWED or place.name == "registry.py":
            continue
        found += mentions(path)
    assert len(found) <= MOST, found


def test_the_count_sees_what_it_should(tmp_path: Path) -> None:
    path = tmp_path / "branches.py"
    path.write_text(
        'if medium is Medium.IMAGE or kind == "zh":\n    table = {"image": 1, "audio": 2}\n'
    )
    assert len(mentions(path)) == 3
