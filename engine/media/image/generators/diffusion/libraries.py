"""The optional libraries that models of the artist's own are read with."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from engine.core.errors import BadInput

NAMES = ("diffusers", "transformers")


def check_installed() -> None:
    """Raises BadInput without them."""
    if any(find_spec(name) is None for name in NAMES):
        raise BadInput("no_diffusers")


def library(name: str) -> Any:
    """One of them, or a module in it; loaded when it is first asked for, which takes seconds."""
    return import_module(name)
