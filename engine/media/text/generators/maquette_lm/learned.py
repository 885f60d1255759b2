"""Which runs of words stand in the works that the generator learned from, without the works.

How runs are kept and found: `engine.sequence.runs`. A unit is a character (zh) or a word (en); a
run of one unit more than may be copied is found for certain.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load

from engine.core.assets import asset
from engine.core.weights_file import load_carded
from engine.sequence.runs import LearnedRuns

FORMAT_VERSION = 1
LEARNED_FILE = asset("weights/text/learned.safetensors")
SPANS = {"zh": (9, 5), "en": (7, 3)}  # (units of a gram, grams of a window)


class DamagedFilterError(ValueError):
    """A file of learned runs that is missing, damaged or of another version."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} cannot be used: {why}; install Maquette anew, or make the file "
            "with `python -m engine corpus learned`"
        )


@lru_cache(maxsize=4)
def learned_runs(language: str, path: Path = LEARNED_FILE) -> LearnedRuns:
    """The filter that is shipped, read when it is first needed. Raises `DamagedFilterError`."""
    try:
        card, data = load_carded(path)
        return _read(card, data, language)
    except OSError as error:
        raise DamagedFilterError(path, "it or its card is missing") from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise DamagedFilterError(path, "it is damaged or of another version") from error


def _read(card: dict[str, Any], data: bytes, language: str) -> LearnedRuns:
    """Raises ValueError, KeyError, TypeError or SafetensorError for what does not fit."""
    about = card["languages"][language]
    if card["format"] != FORMAT_VERSION or (about["gram"], about["window"]) != SPANS[language]:
        raise ValueError("another version")
    return LearnedRuns(
        about["gram"], about["window"], about["probes"], load(data)[language].tobytes()
    )
