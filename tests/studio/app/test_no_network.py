"""The window speaks to its engine and to nobody else."""

import ast
from pathlib import Path

import studio

STUDIO = Path(studio.__file__).parent
NETWORK = {"socket", "ssl", "urllib", "http", "requests", "httpx", "ftplib", "smtplib"}
SILENT = "urllib.parse"  # takes addresses apart, opens none
QT = {"QtNetwork", "QtWebSockets", "QtWebEngineCore", "QtWebEngineWidgets", "QtHttpServer"}


def test_the_studio_imports_nothing_that_speaks_to_the_network() -> None:
    for path in STUDIO.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module not in (None, SILENT):
                names = [f"{node.module}.{each.name}" for each in node.names]
            assert not NETWORK & {name.split(".")[0] for name in names}, path.name
            assert not QT & {part for name in names for part in name.split(".")}, path.name
