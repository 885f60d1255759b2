"""Known weaknesses of the packages in requirements.lock: python packaging/audit.py

Asks the registry's database through pip-audit, which uv brings into an environment of its own. The
exit code is 1 where there is one, 2 where nothing could be asked, as without a network.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
OPTIONS = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")


def judged(report: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(each weakness in a line, the packages that could not be looked up) of pip-audit's report."""
    weak, unknown = [], []
    for package in report["dependencies"]:
        name = f"{package['name']} {package.get('version', '')}".strip()
        if "skip_reason" in package:
            unknown.append(name)
        for each in package.get("vulns", ()):
            mended = ", ".join(each["fix_versions"]) or "no version yet"
            weak.append(f"{name}: {each['id']}, mended in {mended}")
    return weak, unknown


def main() -> int:
    command = [sys.executable, "-m", "uv", "tool", "run", "pip-audit", "-r", str(LOCK), *OPTIONS]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        sys.stderr.write(f"pip-audit cannot be run here.\n{done.stderr}\n")
        return 2
    weak, unknown = judged(report)
    total = len(report["dependencies"])
    sys.stdout.write("".join(f"{line}\n" for line in weak))
    sys.stdout.write(f"{total - len(unknown)} of {total} packages looked up, {len(weak)} weak\n")
    return 1 if weak else 2 if len(unknown) == total else 0


if __name__ == "__main__":
    sys.exit(main())
