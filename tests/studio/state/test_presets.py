"""Presets on the disk, and the briefs that works were made from."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from engine.protocol import Medium, MusicBrief, PictureBrief, TextBrief, Use
from studio.project.project import Project
from studio.state.past_briefs import PastBrief, past_briefs
from studio.state.presets import Preset, PresetError, Presets, taken_up
from tests.studio.sessions import RULES, adapt, make

PICTURES = RULES[Medium.IMAGE]
DIGEST = "ab" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presets.json"


def told(one: Preset | PastBrief) -> dict[str, Any]:
    return asdict(one.brief)


def test_a_preset_is_kept_for_its_medium(qapp, path: Path) -> None:
    presets = Presets(path)
    wide = PictureBrief(width_px=1024, seed=7, tile=True)
    presets.keep("  Wide\n tile ", wide, PICTURES)
    presets.keep("Slow", MusicBrief(tempo=50), RULES[Medium.AUDIO])
    (again,) = Presets(path).of(Medium.IMAGE)
    assert again.name == "Wide tile"
    assert again.brief == replace(wide, seed=0)
    presets.keep("Wide tile", replace(wide, tile=False), PICTURES)
    assert [told(one)["tile"] for one in presets.of(Medium.IMAGE)] == [False]
    presets.delete(again)
    assert not Presets(path).of(Medium.IMAGE)
    assert [one.name for one in Presets(path).of(Medium.AUDIO)] == ["Slow"]


def test_two_windows_lose_nothing_of_each_other(qapp, path: Path) -> None:
    one, other = Presets(path), Presets(path)
    one.keep("A", PictureBrief(), PICTURES)
    other.keep("B", PictureBrief(), PICTURES)
    assert [each.name for each in Presets(path).of(Medium.IMAGE)] == ["A", "B"]


def test_files_and_seed_stay_those_of_the_project(qapp, path: Path) -> None:
    there = PictureBrief(use=Use.RESTYLE, content=DIGEST, strength=0.5, seed=3)
    preset = Presets(path).keep("Half", there, PICTURES)
    assert DIGEST not in path.read_text()
    here = PictureBrief(content="cd" * 32, seed=9)
    taken = taken_up(preset.brief, here, PICTURES)
    assert taken == replace(there, content="cd" * 32, seed=9)
    bare = taken_up(preset.brief, PictureBrief(seed=9), PICTURES)
    assert bare == PictureBrief(strength=0.5, seed=9), "nothing to restyle: composed"


def test_an_instrument_is_no_file(qapp, path: Path) -> None:
    rules = RULES[Medium.AUDIO]
    preset = Presets(path).keep("Harp", MusicBrief(sound="harp", content=DIGEST), rules)
    assert (told(preset)["sound"], told(preset)["content"]) == ("harp", "")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 1, "presets": [{"name": 1}]}'])
def test_a_damaged_file_is_set_aside_and_said(qapp, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    presets = Presets(path)
    assert presets.notice is not None
    assert presets.notice.key == "presets_damaged"
    assert path.with_name("presets.damaged.json").read_bytes() == content
    presets.keep("A", PictureBrief(), PICTURES)
    assert [one.name for one in Presets(path).of(Medium.IMAGE)] == ["A"]


def test_a_newer_file_is_left_alone(qapp, path: Path) -> None:
    path.write_text('{"format": 2}')
    presets = Presets(path)
    with pytest.raises(PresetError):
        presets.keep("A", PictureBrief(), PICTURES)
    assert path.read_text() == '{"format": 2}'


def test_past_briefs_are_those_that_were_asked_for(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    make(qtbot, session, count=2)
    make(qtbot, session, count=3)
    make(qtbot, session, count=3)  # the same but for its seed
    found = past_briefs(session.workspace.project, Medium.IMAGE)
    assert [past.brief.count for past in found] == [3, 2]
    assert [past.works for past in found] == [(8, 7, 6), (2, 1)]
    assert told(found[1])["width_px"] == 48
    assert not past_briefs(session.workspace.project, Medium.TEXT)
    exported = session.workspace.project.works.sidecar(1)
    assert exported["batch"]["brief"]["count"] == 2


def test_past_briefs_of_projects_from_before(project: Project) -> None:
    """Where orders were not kept, works of one style and one brief belong together."""
    style = project.styles.add(b"style", {}, {}, Medium.TEXT)
    for seed, form in ((4, "sonnet"), (5, "sonnet"), (9, "haiku")):
        brief = asdict(TextBrief(form=form, seed=seed, count=1))
        project.works.add(form.encode(), {"brief": brief}, style_id=style.id, seed=seed)
    project.works.add(b"x", {}, style_id=style.id, seed=1)
    project.works.add(b"y", {"brief": {"medium": "sculpture"}}, style_id=style.id, seed=1)
    found = past_briefs(project, Medium.TEXT)
    assert [(told(past)["form"], past.brief.seed, past.brief.count) for past in found] == [
        ("haiku", 9, 1),
        ("sonnet", 4, 2),
    ]


def test_a_brief_in_words() -> None:
    words = RULES[Medium.TEXT].words_of(TextBrief(form="sonnet", prompt="When", line=1.3))
    assert words == "Sonnet · begins “When” · one more wish"
    assert RULES[Medium.AUDIO].words_of(MusicBrief(key="Bb", mode="minor", tempo=90, length=8)) == (
        "8 bars · B♭ minor · 90 beats a minute"
    )
    picture = PictureBrief(use=Use.RESTYLE, content=DIGEST, strength=0.5, light=0.2)
    assert PICTURES.words_of(picture) == "512 × 352 · Restyle it · 2 more wishes"
