"""What each medium declares of its brief: limits, files, options of the command line."""

import argparse
from dataclasses import fields, replace

import pytest

from engine.cli.arguments import build_parser
from engine.cli.brief_options import brief_from
from engine.core.brief_rules import SHARED_OPTIONS
from engine.core.errors import BadInput
from engine.media.briefs import RULES, SOURCES, check, sources
from engine.protocol import (
    BRIEFS,
    Brief,
    Medium,
    Mode,
    MusicBrief,
    MusicForm,
    Palette,
    PictureBrief,
    Script,
    Symmetry,
    TextBrief,
    Use,
)

TEXT, PICTURE, MUSIC = TextBrief(), PictureBrief(), MusicBrief()
# (brief, field, smallest and largest that are possible, a step beyond them)
NUMBERS = [
    *((brief, "count", 1, 16, 1) for brief in (TEXT, PICTURE, MUSIC)),
    *((brief, "seed", 0, 2**31 - 1, 1) for brief in (TEXT, PICTURE, MUSIC)),
    *((brief, "strength", 0, 2, 0.01) for brief in (TEXT, PICTURE, MUSIC)),
    *((brief, "follow", 0, 1, 0.01) for brief in (TEXT, PICTURE, MUSIC)),
    *((brief, "candidates", 0, 8, 1) for brief in (TEXT, PICTURE, MUSIC)),
    *((brief, "temperature", 0.1, 2, 0.01) for brief in (TEXT, MUSIC)),
    *((brief, "top_p", 0.05, 1, 0.01) for brief in (TEXT, MUSIC)),
    (TEXT, "copy_limit", 0, 1000, 1),
    (TEXT, "line", 0.5, 2, 0.01),
    *((PICTURE, side, 32, 2048, 1) for side in ("width_px", "height_px")),
    *((PICTURE, name, 0, 1, 0.01) for name in ("invention", "boldness", "detail", "variation")),
    *((PICTURE, name, -1, 1, 0.01) for name in ("light", "contrast", "warmth", "redness")),
    (PICTURE, "vividness", -1, 1, 0.01),
    (PICTURE, "brush", 0.5, 2, 0.01),
    (PICTURE, "root", 0, 2**31 - 1, 1),
    (MUSIC, "invention", 0, 1, 0.01),
    (MUSIC, "density", 0.5, 2, 0.01),
    (MUSIC, "pace", 0.5, 2, 0.01),
    (MUSIC, "lift", -24, 24, 1),
    (MUSIC, "room", 0, 60, 0.1),
    (MUSIC, "voices", 0, 8, 1),
    (MUSIC, "length", 0, 64, 1),
    (replace(MUSIC, form=MusicForm.TEXTURE), "length", 0, 120, 1),
    (MUSIC, "tempo", 30, 300, 1),
]


def code_of(brief: Brief) -> str:
    with pytest.raises(BadInput) as caught:
        check(brief)
    return caught.value.code


@pytest.mark.parametrize(("brief", "name", "least", "most", "step"), NUMBERS)
def test_numbers_and_their_limits(
    brief: Brief, name: str, least: float, most: float, step: float
) -> None:
    for value in (least, most):
        check(replace(brief, **{name: value}))
    beyond = [least - step, most + step, *([float("nan")] if isinstance(step, float) else [])]
    codes = {code_of(replace(brief, **{name: value})) for value in beyond}
    assert codes <= {"bad_number", "bad_count", "bad_seed", "bad_size"}


@pytest.mark.parametrize(
    ("brief", "code"),
    [
        (PictureBrief(use=Use.RESTYLE), "no_content"),
        (PictureBrief(use=Use.FILL, content="a.png"), "no_mask"),
        (PictureBrief(palette=Palette.MINE), "no_own_colours"),
        (PictureBrief(palette=Palette.FIXED), "colour_count"),
        (PictureBrief(palette=Palette.FIXED, colours=("#c8102e",) * 17), "colour_count"),
        (PictureBrief(palette=Palette.FIXED, colours=("red",)), "bad_colour"),
        (MusicBrief(form="sonnet"), "form_unknown"),
        (MusicBrief(mode="dorian"), "bad_mode"),
        (MusicBrief(metre="4/5"), "bad_metre"),
    ],
)
def test_briefs_that_cannot_be_met(brief: Brief, code: str) -> None:
    assert code_of(brief) == code


def test_the_usual_briefs_can_be_met() -> None:
    assert set(RULES) == set(Medium)
    for medium, kind in BRIEFS.items():
        assert RULES[medium].kind is kind
        check(kind())


@pytest.mark.parametrize(
    ("brief", "named"),
    [
        (TextBrief(), {}),
        (PictureBrief(content="a.png"), {}),
        (PictureBrief(content="a.png", palette=Palette.MINE), {"content": "a.png"}),
        (PictureBrief(content="a.png", mask="b.png", use=Use.VARY), {"content": "a.png"}),
        (
            PictureBrief(content="a.png", mask="b.png", use=Use.FILL),
            {"content": "a.png", "mask": "b.png"},
        ),
        (MusicBrief(sound="harp"), {}),
        (MusicBrief(sound="a.wav", content="b.mid"), {"sound": "a.wav", "content": "b.mid"}),
        (MusicBrief(form="texture", sound="a.wav", content="b.mid"), {}),
    ],
)
def test_the_files_that_works_are_made_from(brief: Brief, named: dict[str, str]) -> None:
    assert sources(brief) == named


# ---- the command line --------------------------------------------------------------------------


def options(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(["generate", "--style", "s", "--out", "d", *words])


@pytest.mark.parametrize("medium", Medium)
def test_every_field_has_an_option_and_every_option_a_field(medium: Medium) -> None:
    named = {option.key for option in (*SHARED_OPTIONS, *RULES[medium].options)}
    own = {field.name for field in fields(BRIEFS[medium])} - {"medium"}
    sides = {"width_px", "height_px"}
    assert named - {"size"} == own - sides
    assert ("size" in named) is (sides <= own)


def test_options_of_one_name_are_read_alike() -> None:
    first = {}
    for rules in RULES.values():
        for option in rules.options:
            like = (option.parse, option.metavar, option.choices, option.several, option.switch)
            assert first.setdefault(option.name, like) == like, option.name
    assert set(SOURCES) == {"content", "mask", "sound"}


@pytest.mark.parametrize("medium", Medium)
def test_without_options_the_brief_is_the_usual_one(medium: Medium) -> None:
    assert brief_from(options(), medium) == BRIEFS[medium]()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "--count 2 --seed 3 --form 五绝 --keywords 月 山 --tones --script traditional --top-p 1"
            " --copy-limit 9 --line 1.5",
            TextBrief(
                count=2,
                seed=3,
                form="五绝",
                keywords=("月", "山"),
                tones=True,
                script=Script.TRADITIONAL,
                top_p=1.0,
                copy_limit=9,
                line=1.5,
            ),
        ),
        (
            "--size 64x48 --tile --symmetry turn --colours #c8102e #000000 --strength 0.5"
            " --light=-0.5 --root 4 --variation 0.2",
            PictureBrief(
                width_px=64,
                height_px=48,
                tile=True,
                symmetry=Symmetry.TURN,
                palette=Palette.FIXED,
                colours=("#c8102e", "#000000"),
                strength=0.5,
                light=-0.5,
                root=4,
                variation=0.2,
            ),
        ),
        (
            "--size 64x48 --content a.png --mask b.png",
            PictureBrief(width_px=64, height_px=48, use=Use.FILL, content="a.png", mask="b.png"),
        ),
        ("--size 2048", PictureBrief(width_px=2048, height_px=1408)),
        (
            "--size 64x48 --content a.png --mask b.png --use swap --seed 4",
            PictureBrief(
                **{"width_px": 64, "height_px": 48, "use": Use.FILL, "invention": 1.0},
                **{"content": "a.png", "mask": "b.png", "count": 8, "seed": 4},
            ),
        ),
        (
            "--size 64x48 --content a.png --mask b.png --use swap --count 2 --invention 0.6",
            PictureBrief(
                **{"width_px": 64, "height_px": 48, "use": Use.FILL, "invention": 0.6},
                **{"content": "a.png", "mask": "b.png", "count": 2},
            ),
        ),
        (
            "--size 64x48 --content a.png --use extend --palette mine",
            PictureBrief(
                width_px=64, height_px=48, use=Use.EXTEND, content="a.png", palette=Palette.MINE
            ),
        ),
        (
            "--form texture --length 9 --loop --lift -5 --mode minor --metre 6/8 --invention 1"
            " --content a.mid --sound harp",
            MusicBrief(
                form="texture",
                length=9,
                loop=True,
                lift=-5,
                mode=Mode.MINOR,
                metre="6/8",
                invention=1.0,
                content="a.mid",
                sound="harp",
            ),
        ),
    ],
)
def test_options_become_a_brief(words: str, expected: Brief) -> None:
    assert brief_from(options(*words.split()), expected.medium) == expected


@pytest.mark.parametrize(
    ("medium", "words", "others"),
    [
        (Medium.TEXT, "--tile", "pictures"),
        (Medium.TEXT, "--content a.png", "pictures and music"),
        (Medium.TEXT, "--tempo 90", "music"),
        (Medium.IMAGE, "--form sonnet", "texts and music"),
        (Medium.IMAGE, "--keywords a b", "texts"),
        (Medium.AUDIO, "--size 64x48", "pictures"),
        (Medium.AUDIO, "--copy-limit 9", "texts"),
    ],
)
def test_an_option_of_another_medium_is_refused(medium: Medium, words: str, others: str) -> None:
    with pytest.raises(BadInput) as caught:
        brief_from(options(*words.split()), medium)
    assert caught.value.code == "other_option"
    assert caught.value.details == {
        "option": words.split()[0],
        "others": others,
        "works": RULES[medium].works,
    }
