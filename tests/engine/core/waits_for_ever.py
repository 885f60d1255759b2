"""A module for a child process: its work never ends."""

import threading


def main() -> int:
    threading.Event().wait()
    return 1
