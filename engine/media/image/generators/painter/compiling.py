"""The painter's kernels, compiled ahead of the first picture by a process of its own.

numba keeps what it compiled beside the source, or in the user's cache folder; compiling takes some
10 s the first time after installing. The engine starts this module as a child of idle priority
(`engine.core.background`), so that no job waits for it: one that comes earlier compiles by itself,
as it would without. `python -m engine.media.image.generators.painter.compiling`
"""

import sys
from pathlib import Path

KERNELS = ("nearest.measure", "nearest.sweep", "nearest.part", "voting.vote", "regions.regions_of")


def is_needed() -> bool:
    """Whether a kernel is newer than what was compiled of it beside its source. Loads nothing."""
    return not all(_is_compiled(kernel) for kernel in KERNELS)


def _is_compiled(kernel: str) -> bool:
    folder = Path(__file__).parent
    source = folder / f"{kernel.partition('.')[0]}.py"
    found = (folder / "__pycache__").glob(f"{kernel}-*.nbi")
    written_s = source.stat().st_mtime if source.exists() else 0.0
    return any(index.stat().st_mtime >= written_s for index in found)


def main() -> int:
    """Paints a picture of a few patches, in the ways that need a kernel each."""
    import torch

    from engine.core.progress import finished
    from engine.media.image.generators.painter.regions import Limit
    from engine.media.image.generators.painter.repaint import repaint
    from engine.media.image.generators.painter.scales import RepaintSettings
    from engine.media.image.generators.painter.sources import Source

    torch.set_num_threads(1)
    picture = torch.linspace(-1, 1, 48).expand(3, 40, 48).contiguous()
    settings = RepaintSettings(24.0, limit=Limit(0.3))
    finished(repaint([picture], (40, 48), [Source(picture)], None, [0], settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
