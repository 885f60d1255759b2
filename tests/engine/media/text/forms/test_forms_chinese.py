"""Chinese forms: whatever is drawn, the work keeps its form; real poems pass the checker."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.media.text.forms import violations
from engine.protocol import CHINESE_FORMS, CI_TUNES, TextBrief
from tests.engine.media.text.forms.random_walk import (
    brief,
    refused as refused_in,
    written as written_in,
)

REGULATED = CHINESE_FORMS[:4]
WORKS_EACH = 50


def written(wanted: TextBrief, seed: int) -> str:
    return written_in(wanted, seed, "zh", 5000)


def refused(wanted: TextBrief) -> str:
    return refused_in(wanted, "zh")


@pytest.mark.parametrize("form", [*CHINESE_FORMS, *CI_TUNES, ""])
@pytest.mark.parametrize("tones", [False, True])
def test_every_work_keeps_its_form(form: str, tones: bool) -> None:
    wanted = brief(form, tones=tones)
    broken = [violations(written(wanted, seed), wanted, "zh") for seed in range(WORKS_EACH // 2)]
    assert broken == [[]] * (WORKS_EACH // 2)


@settings(max_examples=60, deadline=None)
@given(
    form=st.sampled_from([*CHINESE_FORMS, "水调歌头", "如梦令", "菩萨蛮", ""]),
    prompt=st.sampled_from(["", "春风", "云来", "山"]),
    keywords=st.lists(st.sampled_from(["明月", "江南", "酒", "故人来", "魃"]), max_size=3),
    tones=st.booleans(),
    length=st.sampled_from([0, 40, 90]),
    seed=st.integers(0, 2**20),
)
def test_requirements_are_kept_or_refused(form, prompt, keywords, tones, length, seed) -> None:
    wanted = brief(form, prompt=prompt, keywords=tuple(keywords), tones=tones, length=length)
    try:
        text = written(wanted, seed)
    except BadInput as error:
        assert error.code in ("opening_sound", "keyword_place")
        return
    assert violations(text, wanted, "zh") == []


@settings(max_examples=30, deadline=None)
@given(st.text("春江花月夜风魃𪩘", min_size=1, max_size=9), st.integers(0, 2**20))
def test_acrostics_are_kept_or_refused(acrostic: str, seed: int) -> None:
    for form in ("五绝", "七律", "古体", ""):
        wanted = brief(form, acrostic=acrostic)
        lines = {"五绝": 4, "七律": 8}.get(form)
        if lines not in (None, len(acrostic)):
            assert refused(wanted) == "acrostic_length"
        elif form == "古体" and len(acrostic) % 2:
            assert refused(wanted) == "acrostic_odd"
        else:
            assert violations(written(wanted, seed), wanted, "zh") == []


def test_a_prompt_may_fill_lines_and_bring_its_rhyme() -> None:
    wanted = brief("五律", prompt="国破山河在，城春草木深。\n感时花溅泪，", tones=True)
    text = written(wanted, 3)
    assert text.startswith("国破山河在，\n城春草木深")
    assert violations(text, wanted, "zh") == []


def test_seeds_decide_where_keywords_stand() -> None:
    wanted = brief("七律", keywords=("明月",))
    assert len({written(wanted, seed).index("明月") for seed in range(8)}) > 2


@pytest.mark.parametrize(
    ("form", "requirements", "code"),
    [
        ("俳句", {}, "form_unknown"),
        ("sonnet", {}, "form_language"),
        ("五绝", {"length": -1}, "bad_length"),
        ("五绝", {"length": 10**6}, "bad_length"),
        ("五绝", {"prompt": "hello"}, "prompt_script"),
        ("五绝", {"prompt": "春眠不觉晓啊，"}, "prompt_lines"),
        ("五绝", {"prompt": "一二三四五六七八九十" * 3}, "prompt_long"),
        ("五绝", {"prompt": "白日依山尽，黄河入海月"}, "opening_sound"),
        ("五绝", {"prompt": "春山春山春", "tones": True}, "opening_sound"),
        ("五绝", {"acrostic": "春江花"}, "acrostic_length"),
        ("古体", {"acrostic": "春江花"}, "acrostic_odd"),
        ("五绝", {"acrostic": "abcd"}, "acrostic_script"),
        ("五绝", {"acrostic": "春江花月", "prompt": "山"}, "acrostic_prompt"),
        ("", {"acrostic": "春江花月", "prompt": "山"}, "acrostic_prompt"),
        ("如梦令", {"acrostic": "一二三四五六七"}, "acrostic_prompt"),
        ("五绝", {"keywords": ("moon",)}, "keyword_script"),
        ("五绝", {"keywords": ("",)}, "keyword_script"),
        ("五绝", {"keywords": ("明月几时有啊",)}, "keyword_place"),
        ("", {"acrostic": "春江", "keywords": ("一", "二", "三")}, "keyword_place"),
    ],
)
def test_what_cannot_be_met_says_so(form: str, requirements: dict, code: str) -> None:
    assert refused(brief(form, **requirements)) == code


REAL = {
    "五绝": "白日依山尽，\n黄河入海流。\n欲穷千里目，\n更上一层楼。",
    "七绝": "朝辞白帝彩云间，\n千里江陵一日还。\n两岸猿声啼不住，\n轻舟已过万重山。",
    "五律": "国破山河在，\n城春草木深。\n感时花溅泪，\n恨别鸟惊心。\n"
    "烽火连三月，\n家书抵万金。\n白头搔更短，\n浑欲不胜簪。",
    "七律": "风急天高猿啸哀，\n渚清沙白鸟飞回。\n无边落木萧萧下，\n不尽长江滚滚来。\n"
    "万里悲秋常作客，\n百年多病独登台。\n艰难苦恨繁霜鬓，\n潦倒新停浊酒杯。",
    "古体": "青青园中葵，\n朝露待日晞。\n阳春布德泽，\n万物生光辉。",
    "如梦令": "昨夜雨疏风骤。\n浓睡不消残酒。\n试问卷帘人，\n却道海棠依旧。\n"
    "知否？\n知否？\n应是绿肥红瘦。",
    "浣溪沙": "一曲新词酒一杯。\n去年天气旧亭台。\n夕阳西下几时回。\n\n"
    "无可奈何花落去，\n似曾相识燕归来。\n小园香径独徘徊。",
}


@pytest.mark.parametrize("form", REAL)
def test_famous_works_pass(form: str) -> None:
    assert violations(REAL[form], brief(form), "zh") == []


@pytest.mark.parametrize("form", ["五绝", "五律", "七律"])
def test_famous_works_keep_the_tones(form: str) -> None:
    assert violations(REAL[form], brief(form, tones=True), "zh") == []


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        ("五绝", "层楼", "层山"),
        ("五绝", "海流", "海楼"),
        ("五绝", "更上一层", "上一层"),
        ("五绝", "\n欲", "欲"),
        ("五绝", "尽，", "尽。"),
        ("五绝", "尽，", "尽"),
        ("浣溪沙", "\n\n", "\n"),
        ("浣溪沙", "夕阳", "夕、阳"),
        ("如梦令", "知否？\n应", "知道？\n应"),
        ("古体", "光辉", "光明"),
        ("古体", "葵，\n朝露待日晞。\n", "葵，\n"),
    ],
)
def test_broken_works_do_not_pass(form: str, old: str, new: str) -> None:
    assert old in REAL[form]
    assert violations(REAL[form].replace(old, new), brief(form), "zh")


def test_missing_requirements_do_not_pass() -> None:
    poem = REAL["五绝"]
    for requirements in ({"prompt": "黄河"}, {"keywords": ("明月",)}, {"acrostic": "白黄欲上"}):
        assert violations(poem, brief("五绝", **requirements), "zh")
    assert violations(poem.replace("更上一", "清风入"), brief("五绝", tones=True), "zh")
