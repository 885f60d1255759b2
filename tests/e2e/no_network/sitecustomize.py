"""In every Python process of a run whose sockets are blocked: whoever would reach beyond this
machine's files is written down and refused. Found by way of PYTHONPATH."""

import os
import sys
from pathlib import Path
from typing import Any

_BY_ADDRESS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_BY_NAME = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request")


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in (*_BY_ADDRESS, *_BY_NAME):
        return
    if event in _BY_ADDRESS and isinstance(arguments[1], str | bytes):
        return  # a path: a pipe of this machine
    with Path(os.environ["MAQUETTE_BLOCKED"]).open("a", encoding="utf-8") as file:
        file.write(f"{event} {arguments!r}\n")
    raise PermissionError(f"{event} is blocked")


if "MAQUETTE_BLOCKED" in os.environ:
    sys.addaudithook(_refuse)
