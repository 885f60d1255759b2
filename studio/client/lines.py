"""Bytes as they come from a pipe → whole lines; one that is too long is passed over."""

MAX_LINE_BYTES = 16_000_000  # far beyond any message


class LineReader:
    """Each byte is looked at once, however long a line becomes."""

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._begun = bytearray()
        self._passing_over = False
        self.dropped = 0  # lines that were too long

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that end in `data`, without their line feeds."""
        *ended, rest = data.split(b"\n")
        lines = []
        for piece in ended:
            self._add(piece)
            if not self._passing_over:
                lines.append(bytes(self._begun))
            self._begun.clear()
            self._passing_over = False
        self._add(rest)
        return lines

    def _add(self, piece: bytes) -> None:
        if self._passing_over:
            return
        if len(self._begun) + len(piece) > self._limit:
            self._begun.clear()
            self._passing_over = True
            self.dropped += 1
        else:
            self._begun += piece
