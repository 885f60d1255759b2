"""The shipped samples: of each medium a handful by one artist, one manner and not a medley."""

from pathlib import Path

from engine.messages import Medium
from studio import i18n
from studio.state.intake import SUFFIXES
from studio.widgets import theme

SAMPLES = {
    Medium.IMAGE: theme.ASSETS / "samples" / "images",
    Medium.TEXT: theme.ASSETS / "samples" / "texts",
    Medium.AUDIO: theme.ASSETS / "samples" / "music",
}
_MOST = 5
_POETS = {"en": "shakespeare", "zh": "wang"}  # whose texts one would like to read first


def has_samples(medium: Medium) -> bool:
    return bool(samples(medium))


def samples(medium: Medium) -> list[Path]:
    """Files whose names begin with the same word are by one artist; the most are taken."""
    by_artist: dict[str, list[Path]] = {}
    folder = SAMPLES[medium]
    for file in sorted(folder.iterdir() if folder.is_dir() else ()):
        if file.suffix in SUFFIXES[medium]:
            by_artist.setdefault(file.stem.partition("-")[0], []).append(file)
    most = max(by_artist.values(), key=len, default=[])
    chosen = by_artist.get(_POETS[i18n.language()], most) if medium is Medium.TEXT else most
    return chosen[:_MOST]
