"""A folder of paintings in the public domain, given by whoever builds the corpus."""

import re
from collections.abc import Iterator
from pathlib import Path

from engine.lab.training.corpus.image_styles import Found, files

PAINTERS = {
    "albrecht-d-rer": "Albrecht Dürer",
    "bazille": "Frédéric Bazille",
    "giovanni-bellini": "Giovanni Bellini",
    "giuseppe-arcimboldo": "Giuseppe Arcimboldo",
    "katsushika-hokusa": "Katsushika Hokusai",
    "leonardo-da-vinci": "Leonardo da Vinci",
    "michelangelo": "Michelangelo",
    "pierre-auguste-renoir": "Pierre-Auguste Renoir",
    "utagawa-hiroshige": "Utagawa Hiroshige",
}


def read_paintings(root: Path) -> Iterator[Found]:
    """By painter: the folder that a file lies in, else the beginning of its name, where known."""
    for path in files(root):
        style = path.parent.name if path.parent != root else painter(path.stem)
        yield Found(path, style, style, "painting", "public domain")


def painter(stem: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", stem.casefold())
    return next((name for start, name in PAINTERS.items() if slug.startswith(start)), stem)
