"""Writes requirements.lock: every package of every group, its version and the hashes of its files.

    python packaging/lock.py [--upgrade] [--also WHEEL...]

One resolution for all systems and Pythons, with markers. Without `--upgrade` what is locked stays
as far as pyproject.toml allows it. `--also` admits a build of a locked release that the registry
does not have, such as torch's wheels for CPUs only (2.13.0+cpu): its hash is added.
"""

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
HEAD = """\
# Made by packaging/lock.py from pyproject.toml; used by run.py and packaging/build.py.
"""
ENTRY = re.compile(
    r"(?m)^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)[^\n]*(?:\n    --hash[^\n]*)+"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    parser.add_argument("--also", nargs="+", type=Path, default=[], metavar="WHEEL")
    options = parser.parse_args()
    before = LOCK.read_text(encoding="utf-8") if LOCK.exists() else ""
    text = resolved(upgrade=options.upgrade)
    text = keep_foreign_hashes(text, before)
    for wheel in options.also:
        text = admit(text, wheel)
    LOCK.write_text(HEAD + text, encoding="utf-8", newline="\n")
    print(f"{LOCK.name}: {len(ENTRY.findall(text))} packages")


def resolved(*, upgrade: bool) -> str:
    """The lock's entries, by uv."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11", "--all-extras", "--no-annotate", "--no-header"]
    command += ["--output-file", str(LOCK), "--quiet", *(["--upgrade"] if upgrade else [])]
    tools = "pip\nsetuptools\nwheel\n"
    subprocess.run([*command, "pyproject.toml", "-"], input=tools, text=True, cwd=ROOT, check=True)
    return LOCK.read_text(encoding="utf-8").replace(HEAD, "")


def keep_foreign_hashes(text: str, before: str) -> str:
    """What `--also` once added stays while its release does."""
    old = {m.group("name", "version"): m.group() for m in ENTRY.finditer(before)}

    def merged(match: re.Match[str]) -> str:
        entry = match.group()
        known = old.get(match.group("name", "version"), "")
        missing = [h for h in re.findall(r"sha256:\w+", known) if h not in entry]
        return entry + "".join(f" \\\n    --hash={each}" for each in missing)

    return ENTRY.sub(merged, text)


def admit(text: str, wheel: Path) -> str:
    """Adds the hash of one wheel to its release. Raises SystemExit where that is not locked."""
    name, version = wheel.name.split("-")[:2]
    release = version.split("+")[0]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for match in ENTRY.finditer(text):
        if match.group("name", "version") == (name.replace("_", "-"), release):
            if digest in match.group():
                return text
            entry = f"{match.group()} \\\n    --hash=sha256:{digest}"
            return text[: match.start()] + entry + text[match.end() :]
    sys.exit(f"{name} {release} is not in the lock")


if __name__ == "__main__":
    main()
