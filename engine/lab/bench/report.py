"""What a bench hands back: rows of measured figures, as JSON and as a table.

The JSON is a contract: {"version", "machine", "rows": [{"bench", "arm", "styles", "references",
"seconds", "metric", "value", "low", "high"}]}. Nothing in it is ever typed in by hand.
"""

import json
import math
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

import psutil
import torch

FORMAT_VERSION = 1


class ReportError(ValueError):
    """A report file that this version cannot read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured figure. `low` and `high` bound its 95 % interval where one was computed.

    styles: how many styles (or tasks) were averaged; references: support works of each;
    seconds: the adaptation time allowed or taken, None where time is not the point.
    """

    bench: str
    arm: str
    metric: str
    value: float
    styles: int | None = None
    references: int | None = None
    seconds: float | None = None
    low: float | None = None
    high: float | None = None


def describe_machine() -> str:
    """Processor, threads, memory, torch and date in one line."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else _cpu_name()
    gib = psutil.virtual_memory().total / 2**30
    day = datetime.now(UTC).date().isoformat()
    return (
        f"{device}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, {gib:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}, {day}"
    )


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@dataclass(slots=True)
class Report:
    """Rows of one run on one machine. sheet: PNG bytes of samples, written beside the JSON."""

    machine: str = field(default_factory=describe_machine)
    rows: list[Row] = field(default_factory=list)
    version: int = FORMAT_VERSION
    sheet: bytes | None = None

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def extend(self, rows: Iterable[Row]) -> None:
        self.rows.extend(rows)

    def to_json(self) -> str:
        rows = [{key: _finite(value) for key, value in asdict(row).items()} for row in self.rows]
        document = {"version": self.version, "machine": self.machine, "rows": rows}
        return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)

    def write(self, path: Path) -> None:
        """Write the JSON, and the sheet under the same name with .png, whole or not at all."""
        _write(path, f"{self.to_json()}\n".encode())
        if self.sheet is not None:
            _write(path.with_suffix(".png"), self.sheet)

    @classmethod
    def read(cls, path: Path) -> "Report":
        """Read a report back; raises `ReportError` for other files and for newer versions."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            version = document["version"]
            if version > FORMAT_VERSION:
                raise ReportError(f"{path}: report version {version} is newer; update Maquette")
            known = {column.name for column in fields(Row)}
            rows = [
                Row(**{key: value for key, value in row.items() if key in known})
                for row in document["rows"]
            ]
            return cls(machine=document["machine"], rows=rows, version=version)
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ReportError(f"{path}: not a bench report ({error})") from error

    def table(self) -> str:
        """A Markdown table a bench, columns without any entry left out."""
        return "\n\n".join(
            _table([row for row in self.rows if row.bench == bench])
            for bench in dict.fromkeys(row.bench for row in self.rows)
        )


def kept(path: Path | None, measured: Callable[[], Report]) -> Report:
    """A report as it was written there before; measured and written where it was not; only
    measured without a path."""
    if path is None:
        return measured()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        measured().write(path)
    return Report.read(path)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _finite(value: object) -> object:
    """JSON has no NaN or infinity: they become null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(rows: list[Row]) -> str:
    columns = ["arm", "styles", "references", "seconds", "metric", "value", "low", "high"]
    used = [name for name in columns if any(getattr(row, name) is not None for row in rows)]
    cells = [[_cell(getattr(row, name)) for name in used] for row in rows]
    widths = [max(len(line[i]) for line in [used, *cells]) for i in range(len(used))]
    lines = [used, ["-" * width for width in widths], *cells]
    body = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    return f"**{rows[0].bench}**\n\n" + "\n".join(body)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
