"""The one place that finds what ships with the application: weights, samples, fonts, tables.

Three layouts: a checkout (`assets/` beside `engine/`), an installed wheel (the package
`maquette_assets`), and a frozen application (`assets/` in the folder that it unpacks to).
"""

import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2] / "assets"
_PACKAGE = "maquette_assets"


@cache
def assets_folder() -> Path:
    """The folder of everything that ships. Raises FileNotFoundError where it is missing."""
    candidates = [_CHECKOUT]
    if frozen := getattr(sys, "_MEIPASS", ""):
        candidates.insert(0, Path(frozen) / "assets")
    spec = find_spec(_PACKAGE)
    if spec is not None:
        candidates += [Path(place) for place in spec.submodule_search_locations or ()]
    for folder in candidates:
        if (folder / "weights").is_dir():  # "assets" alone may be somebody else's
            return folder
    raise FileNotFoundError("the application's assets are missing: install Maquette again")


def asset(name: str) -> Path:
    """The path of one asset, such as "weights/text/joint.safetensors"; it need not exist."""
    return assets_folder() / name
