"""The licences in the About box are those of everything that ships."""

import json
import re

from studio.views.about_dialog import licence_words
from tests.packaging.scripts import ROOT, script

licences = script("licences")
LISTED = json.loads((ROOT / "assets" / "licences" / "list.json").read_text("utf-8"))
AGAIN = "run: python packaging/licences.py"


def test_every_distribution_is_named_with_its_licence() -> None:
    listed = dict(LISTED["distributions"])
    for found in licences.needed():
        name = found.metadata["Name"]
        assert listed.get(name) == licences.licence_of(found), f"{name}: {AGAIN}"
        assert listed[name], name
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    locked = {plain(line.split("==")[0]) for line in lines if "==" in line}
    assert {plain(name) for name in listed} <= locked, AGAIN


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip().lower())


def test_typefaces_icons_and_weights_are_named() -> None:
    others = dict(LISTED["others"])
    for name, licence in licences.weights():
        assert others.get(name) == licence, f"{name}: {AGAIN}"
    faces = {file for _, _, file in licences.FACES}
    assert faces == {path.name for path in (ROOT / "assets" / "fonts").glob("*OFL.txt")}
    assert {"Lucide icons", "Python", "Qt"} <= others.keys()


def test_the_about_box_shows_them_with_their_words() -> None:
    words = licence_words()
    for name, licence in (*LISTED["distributions"], *LISTED["others"]):
        assert f"{name}: {licence}" in words
    assert "SIL OPEN FONT LICENSE" in words
    assert words.count("Permission is hereby granted") > 5
