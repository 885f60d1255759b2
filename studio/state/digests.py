"""Names of bytes in a project: sha256, hexadecimal."""

_DIGITS = 64


def is_digest(name: str) -> bool:
    """Whether a field of a brief names bytes in the project, not a file or something built in."""
    return len(name) == _DIGITS and set(name) <= set("0123456789abcdef")
