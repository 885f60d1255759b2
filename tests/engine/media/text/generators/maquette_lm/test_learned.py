"""Runs that the generator learned: all are found, few others are, and none is written."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.lab.training.corpus.learned import false_alarms, filter_of, least_grams, write_learned
from engine.lab.training.corpus.works import WORKS_FILE, Work, part_of, write_works
from engine.media.text.copying import DEFAULT_LIMIT, Copying, CopyWatch, Language, Source, units_of
from engine.media.text.generators.maquette_lm.learned import (
    LEARNED_FILE,
    SPANS,
    DamagedFilterError,
    learned_runs,
)
from engine.sequence.runs import LearnedRuns, gram_numbers

SONG = "红藕香残玉簟秋，轻解罗裳，独上兰舟。云中谁寄锦书来？雁字回时，月满西楼。"
LEARNED = "落花人独立微雨燕双飞" * 3 + SONG
PSALM = "The Lord is my shepherd; I shall not want. He maketh me to lie down in green pastures."

zh_texts = st.text("床前明月光疑是地上霜，。", max_size=60)
en_texts = st.lists(st.sampled_from(["a", "rose", "is", "it's", "The"]), max_size=40).map(" ".join)


def knowing(*texts: str, language: Language = "zh") -> LearnedRuns:
    return filter_of(texts, language)[0]


def letters(count: int, seed: int) -> str:
    """Characters by chance."""
    rng = np.random.default_rng(seed)
    return "".join(chr(0x4E00 + i) for i in rng.integers(0, 5000, count))


def test_a_run_that_can_be_seen_is_one_more_than_may_be_copied() -> None:
    for language, (gram, window) in SPANS.items():
        assert gram + window - 1 == DEFAULT_LIMIT[language] + 1


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_nothing_that_was_learned_is_missed(language: Language, data: st.DataObject) -> None:
    texts = data.draw(st.lists(zh_texts if language == "zh" else en_texts, max_size=4))
    runs = knowing(*texts, language=language)
    for text in texts:
        units = units_of(text, language)
        if len(units) >= runs.run:
            assert runs.longest(units) == (len(units), 0)
            assert runs.longest(units[-runs.run :]) == (runs.run, 0)


@settings(deadline=None, max_examples=60)
@given(text=zh_texts, gram=st.integers(1, 5), window=st.integers(1, 5))
def test_the_corpus_and_the_writer_choose_the_same_grams(text: str, gram: int, window: int) -> None:
    units, short = units_of(text, "zh"), ["x"] * (gram + window - 2)
    grams = gram_numbers(units, gram)
    chosen = {min(grams[i : i + window]) for i in range(len(grams) - window + 1)}
    assert set(least_grams([units, [], short], gram, window).tolist()) == chosen


def test_a_run_does_not_cross_from_work_to_work() -> None:
    runs = knowing(SONG[:9], SONG[9:18])
    assert runs.longest(units_of(SONG[:18], "zh")) == (0, 0)


def test_false_alarms_are_as_rare_as_the_card_says() -> None:
    runs = knowing(*(letters(100, seed) for seed in range(50)))
    rng = np.random.default_rng(0)
    strange = [int(number) for number in rng.integers(0, 1 << 63, 5000)]
    share = sum(map(runs.knows, strange)) / len(strange)
    assert share == pytest.approx(false_alarms(runs), abs=0.008)
    assert false_alarms(runs) < 0.02


def test_a_copy_of_what_was_learned_is_told_with_its_words() -> None:
    copying = Copying([Source("mine", "落花人独立")], "zh", knowing(SONG))
    copied = copying.check("我说：雲中誰寄錦書來？雁字回時，月滿西樓，好。")
    assert copied.run == 0
    assert 15 <= copied.learned_run <= 18
    assert "雲中誰寄錦書來？雁字回時，月滿西樓" in copied.learned_words
    assert copying.check(SONG[:14]).learned_run == 0, "twelve characters are nothing to tell"
    words = Copying([], "en", knowing(PSALM, language="en")).check(PSALM.upper()[:50])
    assert words.learned_run >= 10
    assert words.learned_words.startswith("THE LORD IS MY SHEPHERD; I SHALL NOT WANT. HE")


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), limit=st.integers(3, 25))
def test_no_more_is_written_of_what_was_learned(
    language: Language, data: st.DataObject, limit: int
) -> None:
    """The worst writer: it copies what was learned, and leaves out only what is refused."""
    texts = zh_texts if language == "zh" else en_texts
    source = data.draw(texts) + (LEARNED if language == "zh" else PSALM)
    watch = CopyWatch(Copying([], language, knowing(source, language=language)), limit)
    written = ""
    for piece in source if language == "zh" else [f"{word} " for word in source.split()]:
        if watch.allows(piece):
            watch.push(piece)
            written += piece
    longest = Copying([Source("s", source)], language).check(written).run
    assert longest <= max(limit, DEFAULT_LIMIT[language])


@pytest.mark.parametrize(("limit", "least"), [(5, 8), (12, 8), (20, 12), (30, 22)])
def test_a_refusal_comes_a_little_early_and_leaves_a_way_out(limit: int, least: int) -> None:
    watch = CopyWatch(Copying([], "zh", knowing(SONG)), limit)
    for count, character in enumerate(units_of(SONG, "zh")):
        if not watch.allows(character):
            assert count >= least
            assert watch.allows("鬯")
            return
        watch.push(character)
    assert limit == 30, "the song has thirty-one characters"


# ---- the file ----------------------------------------------------------------------------------


@pytest.mark.weights
def test_the_shipped_filter_knows_what_was_learned() -> None:
    assert LEARNED_FILE.stat().st_size < 6e6
    verse = units_of("松下问童子，言师采药去。只在此山中，云深不知处。", "zh")
    assert learned_runs("zh").longest(verse) == (20, 0)
    assert learned_runs("zh").longest(list(letters(20, 1))) == (0, 0)
    genesis = units_of("In the beginning God created the heaven and the earth.", "en")
    assert learned_runs("en").longest(genesis) == (10, 0)


def test_a_file_is_made_of_the_training_works(tmp_path: Path) -> None:
    authors = [f"poet {i}" for i in range(300)]
    mine = next(a for a in authors if part_of(a) == "training")
    other = next(a for a in authors if part_of(a) == "reserved")
    works = [
        Work("x", mine, (mine,), "zh", "词", "", "", SONG),
        Work("x", other, (other,), "zh", "古诗", "", "", letters(40, 3)),
        Work("x", mine, (mine,), "en", "prose", "", "", PSALM),
    ]
    write_works(tmp_path / WORKS_FILE, works)
    path = tmp_path / "learned.safetensors"
    write_learned(tmp_path, path)
    song = units_of(SONG, "zh")
    assert learned_runs("zh", path).longest(song) == (len(song), 0)
    assert learned_runs("zh", path).longest(list(letters(40, 3))) == (0, 0)
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["languages"]["en"]["works"] == 1
    first = path.read_bytes()
    write_learned(tmp_path, path)
    assert path.read_bytes() == first


@pytest.mark.weights
@pytest.mark.parametrize("harm", ["cut", "flipped", "no card", "newer", "no json", "missing"])
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "learned.safetensors"
    data = bytearray(LEARNED_FILE.read_bytes())
    card = LEARNED_FILE.with_suffix(".json").read_text(encoding="utf-8")
    if harm == "cut":
        del data[1000:]
    elif harm == "flipped":
        data[5000] ^= 4
    elif harm == "newer":
        card = card.replace('"format": 1', '"format": 2')
    elif harm == "no json":
        card = card[:50]
    if harm != "missing":
        path.write_bytes(data)
    if harm != "no card":
        path.with_suffix(".json").write_text(card, encoding="utf-8")
    with pytest.raises(DamagedFilterError, match=r"install Maquette anew, or make") as caught:
        learned_runs("zh", path)
    assert "\n" not in str(caught.value)
