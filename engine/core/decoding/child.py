"""The decoding child: `python -m engine.core.decoding.child MODULE...` imports, confines itself,
then answers calls until its standard input ends, which it does with the engine.

It never imports torch. What decoders print goes nowhere.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from io import BufferedReader
from queue import SimpleQueue
from typing import Any, BinaryIO, cast

from engine.core.decoding import confinement, wire
from engine.core.decoding.messages import Call, Failed, Ready, Refused, Returned, TooLarge
from engine.core.errors import BadInput


def main(modules: list[str] | None = None) -> int:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for name in sys.argv[1:] if modules is None else modules:
        import_module(name)
    confinement.confine()
    calls: SimpleQueue[Call] = SimpleQueue()
    threading.Thread(
        target=_listen, args=(cast(BufferedReader, sys.stdin.buffer), calls), daemon=True
    ).start()
    wire.write(out, Ready())
    while True:
        answer(calls.get(), out)


def _listen(stream: BufferedReader, calls: "SimpleQueue[Call]") -> None:
    """Ends the process with its input. One that holds the interpreter is ended by the limit of its
    processor time."""
    try:
        while True:
            calls.put(wire.read(stream, Call))
    except (EOFError, OSError, ValueError):
        os._exit(0)


def answer(call: Call, out: BinaryIO) -> None:
    """What comes of one call, as one frame or two."""
    confinement.allow_cpu(call.seconds)
    try:
        value = decoder_of(call.function)(call.data, call.name, **call.options)
    except BadInput as error:
        wire.write(out, Refused(error.code, error.details))
    except MemoryError:
        wire.write(out, TooLarge())
    except Exception as error:  # noqa: BLE001 - whatever a decoder meets in a file is told
        wire.write(out, Failed(type(error).__name__, traceback.format_exc()))
    else:
        wire.write(out, Returned())
        wire.write(out, value)


def decoder_of(function: str) -> Callable[..., Any]:
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


if __name__ == "__main__":
    sys.exit(main())
