"""The optional libraries that models of the artist's own are read with."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from engine.core.errors import BadInput

NAMES = ("diffusers", "transformers")


def check_installed() -> None:
    """Raises BadInput without them."""
    if are_installed():
        return
    raise BadInput("no_diffusers_frozen") if is_frozen() else BadInput("no_diffusers")


def are_installed() -> bool:
    return all(find_spec(name) is not None for name in NAMES)


def lacking() -> tuple[str, ...]:
    """A remark for the page of models, where nothing can be done with a model yet."""
    if are_installed():
        return ()
    return ("no_libraries_frozen" if is_frozen() else "no_libraries",)


def is_frozen() -> bool:
    """An application for people without Python: it runs no program code but what it was built
    with, so that nothing can be installed into it."""
    return bool(getattr(sys, "frozen", False))


def library(name: str) -> Any:
    """One of them, or a module in it; loaded when it is first asked for, which takes seconds."""
    return import_module(name)


@contextmanager
def offline() -> Generator[None]:
    """No library asks a server for what a folder lacks, and none prints bars."""
    before = {key: os.environ.get(key) for key in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    os.environ.update(dict.fromkeys(before, "1"))
    for name in NAMES:
        messages = library(name).utils.logging
        messages.set_verbosity_error()
        messages.disable_progress_bar()
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
