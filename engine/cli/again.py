"""The verb `again`: a work's sidecar and its style → the same work, byte for byte where the device,
the versions and the number of threads are the same."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from engine.cli import console
from engine.core.device import threads
from engine.core.errors import BadInput
from engine.core.files import sha256
from engine.core.input_files import file_digest
from engine.core.sidecars import Sidecar, SourceFile, read_sidecar
from engine.core.style import load_style
from engine.media.briefs import sources
from engine.protocol import Brief, Failure, GenerateRequest, WorksResult
from engine.service import Service

_SHOWN = 12  # digits of a digest: enough to tell files apart


def run(
    path: Path, style: Path, out: Path, named: Mapping[str, Path], *, as_json: bool = False
) -> int:
    """Makes the work of the sidecar at `path` in the folder `out`; returns the exit code.

    named: files that the brief names, by its field; others are looked for. Raises BadInput for
    another style or other files than the work was made from.
    """
    sidecar = read_sidecar(path)
    _check_style(style, sidecar)
    brief = _with_files(sidecar, path.parent, named)
    job = GenerateRequest(job_id="cli", style=str(style), out_dir=str(out), brief=brief)
    with threads(sidecar.threads):
        last = console.watch(Service().run(job))
    if isinstance(last, Failure):
        return console.show(iter([last]), as_json)
    assert isinstance(last, WorksResult)
    same = sha256(Path(last.works[0].path).read_bytes()) == sidecar.sha256
    if as_json:
        console.say(json.dumps(asdict(last) | {"identical": same}))
    else:
        console.say(f"{last.works[0].path}\n{_compared(sidecar, same)}")
    return console.DONE


def _check_style(style: Path, sidecar: Sidecar) -> None:
    if load_style(style).digest != sidecar.style:
        digest = sidecar.style[:_SHOWN]
        raise BadInput("other_style", name=style.name, work=sidecar.file, digest=digest)


def _with_files(sidecar: Sidecar, folder: Path, named: Mapping[str, Path]) -> Brief:
    """The sidecar's brief, with paths of files that are there and are the right ones."""
    used = _sources(sidecar)
    for name in named:
        if name not in used:
            raise BadInput("source_unused", work=sidecar.file, option=f"--{name}")
    paths = {
        name: str(_found(name, source, sidecar, folder, named.get(name)))
        for name, source in used.items()
    }
    return replace(sidecar.brief, **paths)


def _sources(sidecar: Sidecar) -> dict[str, SourceFile]:
    """In format 1 the files of music are known by their names alone."""
    if sidecar.format > 1:
        return dict(sidecar.sources)
    paths = sources(sidecar.brief)
    return {name: SourceFile(name=Path(path).name) for name, path in paths.items()} | dict(
        sidecar.sources
    )


def _found(
    field: str, source: SourceFile, sidecar: Sidecar, folder: Path, named: Path | None
) -> Path:
    """The file that was named, or lies beside the sidecar, or where it lay. Raises BadInput."""
    usual = (folder / source.name, Path(getattr(sidecar.brief, field)))
    path = named or next((path for path in usual if path.is_file()), None)
    if path is None:
        option = f"--{field}"
        raise BadInput("source_missing", work=sidecar.file, name=source.name, option=option)
    if source.sha256 and file_digest(path) != source.sha256:
        digest = source.sha256[:_SHOWN]
        raise BadInput("source_changed", name=path.name, work=sidecar.file, digest=digest)
    return path


def _compared(sidecar: Sidecar, same: bool) -> str:
    """A line on how the work compares with the one that the sidecar speaks of."""
    if same:
        return f"the same as {sidecar.file}, byte for byte"
    made = f"engine {sidecar.engine_version}, torch {sidecar.torch_version}, {sidecar.device}"
    return f"not the same as {sidecar.file} byte for byte: that was made with {made}"
