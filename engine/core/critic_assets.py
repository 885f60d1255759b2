"""The critic's own files: frozen, and versioned apart from every generator's weights."""

import json
from functools import cache
from pathlib import Path

from engine.core.assets import asset


def critic_file(name: str) -> Path:
    """The path of one of the critic's files, such as "text.safetensors"."""
    return asset(f"critic/{name}")


@cache
def critic_version() -> int:
    """A taste that was learned with another version is learned anew from the ratings."""
    return int(json.loads(critic_file("critic.json").read_text(encoding="utf-8"))["version"])
