"""The process that reads the inputs: it may crash, hang or swell without harm."""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.fuzz.mutations import mutant
from tests.fuzz.targets import REFUSALS, TARGETS, corpus_of

MAX_GROWTH = 1 << 30


class Forbidden(BaseException):
    """An input made a decoder do what no decoder does."""


def read_inputs(
    name: str, numbers: range, number: Any, refused: Any, words: Any, seconds: float
) -> None:
    """These inputs; `number` is the one that is read now."""
    target, corpus = TARGETS[name], corpus_of(name)
    small = {Path(seed).suffix: (seed, data) for seed, data in sorted(corpus, key=_size)[::-1]}
    for seed, data in small.values():  # what is loaded late is loaded now
        attempt(target, data, seed)
    os.chdir(tempfile.gettempdir())
    sys.addaudithook(forbid_of(_NEVER if target.is_store else _NEVER + _NEVER_WRITING))
    own, most = psutil.Process(), psutil.Process().memory_info().rss + MAX_GROWTH
    until, number.value = time.monotonic() + seconds, numbers.start
    while time.monotonic() < until and number.value < numbers.stop:
        file, data = mutant(name, number.value, corpus)
        fault = attempt(target, data, file)
        if fault == "refused":
            refused.value += 1
        elif fault:
            words.put((number.value, fault))
        if own.memory_info().rss > most:
            words.put((number.value, "took more than a gigabyte"))
            return
        number.value += 1


def _size(seed: tuple[str, bytes]) -> int:
    return len(seed[1])


def attempt(target: Any, data: bytes, name: str) -> str:
    """ "" when it was read, "refused", or what was raised and where."""
    try:
        target.read(data, name)
    except REFUSALS:
        return "refused"
    except (Exception, Forbidden) as error:  # noqa: BLE001 - that is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(last.filename).name}:{last.name}"
    return ""


_NEVER = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system")
_NEVER += ("os.exec", "os.posix_spawn", "os.fork", "pickle.find_class", "os.symlink")
_NEVER_WRITING = ("os.rename",)


def forbid_of(never: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook: what decoders never do ends the input."""
    temporary = Path(tempfile.gettempdir()).resolve()

    def forbid(event: str, arguments: tuple[Any, ...]) -> None:
        if event in never:
            raise Forbidden(event)
        if event == "open" and isinstance(arguments[0], str) and _writes(arguments[1]):
            inside = Path(arguments[0]).resolve().is_relative_to(temporary)
            if not inside and not arguments[0].startswith("/dev/"):
                raise Forbidden(f"{event} {arguments[0]}")

    return forbid


def _writes(mode: object) -> bool:
    return bool(set(str(mode)) & set("wax+"))
