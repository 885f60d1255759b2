"""Whether a document is whole: its pages, and each value of its tables, of any format."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.protocol import Medium
from studio.project.database import connect, damaged, project_errors

Row = dict[str, Any]


def check_file(path: Path) -> None:
    """Reads every page and every row of the document at `path`, so that nothing is built upon
    damage. Raises ProjectDamagedError, and whatever else keeps it from being read and written."""
    with project_errors(path), closing(connect(path, "rw")) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise damaged(path)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        for table in CHECKS.keys() & tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                if wrong_columns(table, dict(row)):
                    raise damaged(path)


def wrong_columns(table: str, row: Row) -> set[str]:
    """Those whose value is none that this table can hold."""
    return {
        name
        for name, check in CHECKS[table].items()
        if name in row and not passes(check, row[name])
    }


def passes(check: Callable[[Any], bool], value: Any) -> bool:
    try:
        return check(value)
    except (ValueError, TypeError, RecursionError):
        return False


def _is_time(value: Any) -> bool:
    return datetime.fromisoformat(value).year > 0


def _is_json(value: Any) -> bool:
    json.loads(value)
    return True


def _is_digest(value: Any) -> bool:
    return value is None or (len(value) == 64 and int(value, 16) >= 0)


def is_medium(value: Any) -> bool:
    return bool(Medium(value))


CHECKS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "refs": {"digest": _is_digest, "medium": is_medium, "weight": lambda w: 0 < w < float("inf")},
    "styles": {
        **{"digest": _is_digest, "lineage": _is_json},
        **{"created": _is_time, "medium": is_medium},
    },
    "style_refs": {},
    "works": {
        **{"digest": _is_digest, "sidecar": _is_json, "created": _is_time},
        "tags": lambda value: isinstance(json.loads(value), list),
    },
    "ratings": {"value": lambda value: 0 <= value <= 5, "created": _is_time},
    "edits": {"digest": _is_digest, "created": _is_time},
    "judgements": {"medium": is_medium, "value": _is_json, "created": _is_time},
}
