"""Every file among the cases is read by some test, which holds its right value."""

from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDERS = {"apple4": "._IMG_1.jpg", "order": "order"}  # tried as a whole
TABLES = ("picture", "pdf", "score", "sound", "text")


@pytest.fixture(scope="module")
def tried() -> str:
    """The words of all tests, and the keys of the tables of cases, some of which are put together
    from parts."""
    words = [path.read_text("utf-8") for path in HERE.parent.rglob("test_*.py")]
    for name in TABLES:
        for table in vars(import_module(f"tests.cases.test_{name}_cases")).values():
            if isinstance(table, dict):
                words += [key for key in table if isinstance(key, str)]
    return "\n".join(words)


@pytest.mark.parametrize("case", sorted(path.name for path in (HERE / "files").iterdir()))
def test_a_case_is_tried(case: str, tried: str) -> None:
    assert FOLDERS.get(case, case) in tried
