"""Briefs: each survives its JSON, and one that had the fields of all media is still read."""

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from engine.protocol import (
    BRIEFS,
    MUSIC_FILES,
    PICTURE_FILES,
    TEXT_FILES,
    Brief,
    FileKind,
    GenerateRequest,
    Medium,
    Mode,
    MusicBrief,
    Palette,
    PictureBrief,
    ProtocolError,
    Script,
    Symmetry,
    TextBrief,
    Use,
    brief_from_json,
    decode,
    encode,
    max_bytes,
    suffixes_of,
)
from tests.engine.protocol.test_messages import values_of

FLAT = json.loads((Path(__file__).parents[2] / "formats" / "briefs-flat.json").read_text("utf-8"))
SHARED = {"count", "seed", "strength", "follow", "candidates", "medium"}


@pytest.mark.parametrize("kind", BRIEFS.values(), ids=lambda kind: kind.__name__)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_round_trip(kind: type[Brief], data: st.DataObject) -> None:
    brief = data.draw(values_of(kind))
    assert brief_from_json(json.loads(json.dumps(asdict(brief)))) == brief
    request = GenerateRequest(job_id="g", style="s", out_dir="d", brief=brief)
    back = decode(encode(request))
    assert back == request
    assert isinstance(back, GenerateRequest)
    assert type(back.brief) is kind


def test_a_brief_has_the_fields_of_its_medium_alone() -> None:
    names = {kind: {field.name for field in fields(kind)} for kind in BRIEFS.values()}
    words = {"prompt"}  # each medium means something of its own by it
    assert set.intersection(*names.values()) == SHARED | words
    assert not {"form", "tempo", "keywords"} & names[PictureBrief]
    assert not {"width_px", "tempo", "content"} & names[TextBrief]
    assert not {"width_px", "keywords", "mask"} & names[MusicBrief]
    since = {
        "collage",
        "looks",
        "nearness",
        "score_use",
        "first_bar",
        "last_bar",
        "room",
    }  # fields that no flat brief had
    assert set.union(*names.values()) - since == set(FLAT["text"])


def test_the_medium_cannot_be_another() -> None:
    for medium, kind in BRIEFS.items():
        assert kind().medium is medium
        with pytest.raises(ValueError, match="medium"):
            replace(kind(), medium=medium)


# ---- the flat form, until protocol 7 -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "text",
            TextBrief(
                count=3,
                seed=701,
                strength=1.2,
                form="五绝",
                keywords=("月", "山"),
                script=Script.TRADITIONAL,
                copy_limit=9,
            ),
        ),
        (
            "image",
            PictureBrief(
                count=1,
                seed=1834,
                follow=0.0,
                width_px=640,
                height_px=272,
                tile=True,
                symmetry=Symmetry.TURN,
                palette=Palette.FIXED,
                colours=("#c8102e",),
                use=Use.FILL,
                content="a.png",
                mask="b.png",
            ),
        ),
        (
            "audio",
            MusicBrief(
                seed=5, candidates=2, length=8, metre="3/4", mode=Mode.MINOR, lift=-5, sound="harp"
            ),
        ),
    ],
)
def test_flat_briefs_are_read(name: str, expected: Brief) -> None:
    assert brief_from_json(FLAT[name]) == expected


def test_a_brief_of_before_there_were_other_media_is_a_pictures() -> None:
    assert brief_from_json({"width_px": 64, "seed": 3}) == PictureBrief(width_px=64, seed=3)


@pytest.mark.parametrize(
    "value", [None, 7, "text", [], {"medium": "smell"}, {"medium": 3}, {"seed": "1"}, {"tile": 1}]
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        brief_from_json(value)


def test_a_request_with_a_brief_of_no_medium_is_refused() -> None:
    line = encode(GenerateRequest(job_id="g", style="s", out_dir="d", brief=TextBrief()))
    with pytest.raises(ProtocolError):
        decode(line.replace('"medium": "text"', '"medium": "smell"'))


# ---- files -------------------------------------------------------------------------------------


def test_no_suffix_belongs_to_two_kinds_of_files() -> None:
    kinds = (*PICTURE_FILES, *TEXT_FILES, *MUSIC_FILES)
    suffixes = suffixes_of(kinds)
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


@pytest.mark.parametrize(
    ("kinds", "name", "mib"),
    [
        (PICTURE_FILES, "a.PNG", 100),
        (TEXT_FILES, "a.txt", 10),
        (TEXT_FILES, "a.Pdf", 50),
        (TEXT_FILES, "without suffix", 50),
        (MUSIC_FILES, "a.mid", 10),
        (MUSIC_FILES, "a.au", 200),
        (MUSIC_FILES, "a.unheard", 200),
    ],
)
def test_how_large_a_file_may_be(kinds: tuple[FileKind, ...], name: str, mib: int) -> None:
    assert max_bytes(kinds, name) == mib * 2**20


def test_every_medium_has_a_brief() -> None:
    assert set(BRIEFS) == set(Medium)
