"""The corpus file: what is kept, what is reserved, what is read back."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from engine.lab.training import corpus
from engine.lab.training.corpus import UnknownMediumError
from engine.lab.training.corpus.sources import SOURCES, SourceMissingError
from engine.lab.training.corpus.works import (
    Work,
    by_author,
    normal_form,
    part_of,
    read_works,
    without_duplicates,
    write_works,
)
from engine.meta.episodes import is_reserved


def work(author: str = "某", text: str = "床前明月光。", **other) -> Work:
    values = {"language": "zh", "form": "五绝", "heading": "", "title": "", **other}
    spellings = values.pop("spellings", (author,))
    return Work(source="x", author=author, spellings=spellings, text=text, **values)


@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), max_size=5
    )
)
def test_works_come_back_as_they_were(tmp_path_factory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("works") / "works.jsonl.gz"
    works = [work(text=text, spellings=("甲", "乙")) for text in texts]
    assert write_works(path, works) == len(texts)
    assert read_works(path) == works


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.gz"
    path.write_bytes(gzip.compress(b'{"format": 99}\n'))
    with pytest.raises(ValueError, match="build it anew"):
        read_works(path)


@given(name=st.text(min_size=1, max_size=8))
def test_the_reserved_rule_is_that_of_the_episodes(name: str) -> None:
    assert (part_of(name) == "reserved") == is_reserved(name)


def test_a_reserved_spelling_reserves_all_works_of_the_author() -> None:
    names = [f"poet {i}" for i in range(200)]
    free = next(n for n in names if not is_reserved(n))
    kept = next(n for n in names if is_reserved(n))
    works = [work(free, "a"), work(free, "b", spellings=(kept,))]
    assert by_author(works, "reserved") == {free: works}
    assert by_author(works, "training") == {}


def test_every_author_is_in_one_part() -> None:
    works = [work(f"poet {i}", str(i)) for i in range(400)]
    parts = [set(by_author(works, part)) for part in ("training", "validation", "reserved")]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 400
    assert 20 < len(parts[2]) < 65
    assert parts[1]


def test_duplicates_by_letters_are_dropped() -> None:
    works = [work(text="床前明月光，"), work(text="床前 明月光。"), work(text="疑是地上霜。")]
    assert [w.text for w in without_duplicates(works)] == ["床前明月光，", "疑是地上霜。"]
    assert normal_form("Ａ b, C!") == "abc"


def test_the_list_names_every_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus.run("list", "text", tmp_path)
    shown = capsys.readouterr().out
    assert all(source.package in shown and source.licence in shown for source in SOURCES)


def test_building_without_sources_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match="corpus fetch"):
        corpus.run("build", "text", tmp_path)


def test_a_medium_without_a_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownMediumError, match="'smell'"):
        corpus.run("build", "smell", tmp_path)
