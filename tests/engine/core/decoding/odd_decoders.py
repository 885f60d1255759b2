"""Decoders that misbehave, run in the decoding child by the tests."""

import ctypes
import os
import pickle
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.core.errors import BadInput
from engine.media.image.codec import pixels
from engine.media.image.codec.pixels import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    words: str
    rows: np.ndarray
    process: int = 0
    parts: tuple[str, ...] = ()


def good(data: bytes, name: str, times: int = 1) -> Found:
    rows = np.frombuffer(data, np.uint8)
    return Found(f"{name} {times}", np.tile(rows, times), os.getpid())


def refusing(data: bytes, name: str) -> Found:
    raise BadInput("no_words", name=name)


def faulty(data: bytes, name: str) -> Found:
    raise ZeroDivisionError(name)


def crashing(data: bytes, name: str) -> Found:
    ctypes.string_at(0)
    raise AssertionError


def sleeping(data: bytes, name: str) -> Found:
    time.sleep(600)
    raise AssertionError


def holding(data: bytes, name: str) -> Found:
    """A regular expression that holds the interpreter for hours."""
    re.match(r"(a+)+$", "a" * 60 + "b")
    raise AssertionError


def swelling(data: bytes, name: str) -> Found:
    kept = [np.zeros(2**26, np.uint8) for _ in range(2**10)]
    raise AssertionError(len(kept))


def writing(data: bytes, name: str) -> Found:
    """What goes out although nothing may: tried in every way, the names of what succeeded."""
    done = []
    for what in (_file, _socket, _program, _pickle, _removal):
        try:
            what(name)
        except PermissionError:
            continue
        done.append(what.__name__)
    return Found("", np.zeros(0), parts=tuple(done))


def loaded(data: bytes, name: str) -> Found:
    heavy = {"torch", "PySide6", "numba", "scipy.signal"} & set(sys.modules)
    return Found("", np.zeros(0), parts=tuple(heavy))


def _file(name: str) -> None:
    Path(name).write_bytes(b"x")


def _socket(_: str) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def _program(_: str) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def _pickle(_: str) -> None:
    pickle.loads(pickle.dumps(Path))


def _removal(name: str) -> None:
    Path(name).unlink()


def picture(data: bytes, name: str, side_px: int = 1024, smooth: bool = True) -> Pixels:
    """As the decoder of pictures, but for files that are called "crash" or "hang"."""
    if "crash" in name:
        ctypes.string_at(0)
    if "hang" in name:
        time.sleep(600)
    return pixels.read(data, name, side_px, smooth)
