"""The packages that the image corpus is made of. Nothing of them is shipped, only learned from."""

from pathlib import Path

from engine.lab.training.corpus.sources import Source, root, unpack


def _debian(package: str, licence: str, holds: str) -> Source:
    return Source(package, "apt", package, "", f"{package}_*.deb", licence, holds)


WESNOTH_LICENCE = "GPL-2+"
CAMPAIGNS = {
    "did": "Descent into Darkness",
    "dm": "Delfador's Memoirs",
    "dw": "Dead Water",
    "ei": "The Eastern Invasion",
    "httt": "Heir to the Throne",
    "l": "Liberty",
    "low": "Legend of Wesmere",
    "nr": "Northern Rebirth",
    "sof": "The Sceptre of Fire",
    "sota": "Secrets of the Ancients",
    "sotbe": "Son of the Black-Eye",
    "thot": "The Hammer of Thursagan",
    "trow": "The Rise of Wesnoth",
    "tsg": "The South Guard",
    "ttb": "A Tale of Two Brothers",
    "utbs": "Under the Burning Suns",
}

PAINTINGS = (
    _debian("wesnoth-1.16-data", WESNOTH_LICENCE, "painted portraits and scenes"),
    *(
        _debian(f"wesnoth-1.16-{short}", WESNOTH_LICENCE, f"portraits and scenes of {name}")
        for short, name in CAMPAIGNS.items()
    ),
    _debian("lordsawar-data", "GPL-3+", "painted scenes"),
    _debian("renpy-thequestion", "MIT", "painted backgrounds and figures"),
    _debian("crawl-tiles-data", "GPL-2+", "title paintings by artists"),
    _debian("propaganda-debian", "GPL-2+", "abstract tiles by Bowie Poag"),
)
PHOTOGRAPHS = (
    _debian("endless-sky-data", "CC-BY-SA, CC-BY, public domain", "landscapes by photographers"),
    _debian("gnome-backgrounds", "CC-BY-SA-3.0", "abstract wallpapers"),
    _debian("mate-backgrounds", "GPL-2+, CC-BY-SA-4.0", "photographs and abstract wallpapers"),
    _debian("plasma-workspace-wallpapers", "GPL-2+, CC-BY-SA-4.0", "wallpapers by artists"),
    _debian("lomiri-wallpapers-16.04", "CC-BY, CC-BY-SA, CC0", "photographs by artists"),
    _debian("lomiri-wallpapers-20.04", "CC-BY-SA-3.0", "wallpapers by artists"),
    _debian("ukui-wallpapers", "CC-BY-SA-3.0", "photographs and abstract wallpapers"),
    _debian("mypaint-data-extras", "CC0-1.0", "papers"),
    _debian("palapeli-data", "GPL-2+", "photographs for jigsaws"),
)
CLIP_ART = (
    _debian("openclipart-svg", "public domain", "drawings with their artists' names"),
    Source(
        "fluentui-emoji",
        "npm",
        "fluentui-emoji",
        "1.3.0",
        "fluentui-emoji-*.tgz",
        "MIT",
        "emoji in three manners",
    ),
)
SOURCES = (*PAINTINGS, *PHOTOGRAPHS, *CLIP_ART)


def roots(folder: Path) -> dict[str, Path]:
    """Source name -> its unpacked files. Raises `SourceMissingError`."""
    for source in SOURCES:
        unpack(source, folder)
    return {source.name: root(source, folder) for source in SOURCES}
