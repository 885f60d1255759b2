"""In every Python process of a run whose sockets are blocked: whoever would reach beyond this
machine's files is written down and refused. Found by way of PYTHONPATH."""

import os
import sys
from pathlib import Path
from typing import Any

_CALLS = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"),
    *("socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request"),
)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _CALLS:
        return
    address = arguments[1] if len(arguments) > 1 else arguments[0]
    if isinstance(address, str | bytes):  # a path: pipes of this machine, such as the display's
        return
    with Path(os.environ["MAQUETTE_BLOCKED"]).open("a", encoding="utf-8") as file:
        file.write(f"{event} {arguments!r}\n")
    raise PermissionError(f"{event} is blocked")


if "MAQUETTE_BLOCKED" in os.environ:
    sys.addaudithook(_refuse)
