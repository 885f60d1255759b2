"""Traditional to simplified script, with the way back: what each simplified character came from."""

import json
from collections import Counter, defaultdict
from pathlib import Path


class Script:
    """Simplifies with OpenCC (phrases first) and counts which traditional character it replaced."""

    def __init__(self) -> None:
        import opencc  # pyright: ignore[reportMissingImports]

        self._converter = opencc.OpenCC("t2s")
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def simplified(self, text: str, *, counted: bool = False) -> str:
        """The same text in simplified script, character for character.

        counted: the way back learns from it (never from a reserved author).
        """
        result = self._converter.convert(text)
        if counted and len(result) == len(text):
            for old, new in zip(text, result, strict=True):
                if old != new:
                    self.counts[new][old] += 1
        return result

    def save(self, path: Path) -> None:
        """{simplified: {traditional: times}}: the start of writing works in traditional script."""
        table = {new: dict(c.most_common()) for new, c in sorted(self.counts.items())}
        path.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
