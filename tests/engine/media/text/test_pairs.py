"""Pairs of neighbouring Chinese characters, and the filter that knows them."""

import random
from pathlib import Path

import pytest

from engine.lab.training import text_pairs
from engine.lab.training.corpus.works import Work
from engine.media.text import pairs
from engine.media.text.coherence import shuffled

MODERN = "灯塔把光伸出去，又收回来，像一个人想握手，又想起自己的手是湿的。"


def work(text: str, language: str = "zh") -> Work:
    return Work("s", "voice", ("voice",), language, "modern", "", "", text)


@pytest.mark.weights
def test_characters_in_another_order_are_no_neighbours_that_one_knows() -> None:
    real = pairs.share_known(MODERN, "zh")
    orders = [pairs.share_known(shuffled(MODERN, "zh", random.Random(i)), "zh") for i in range(5)]
    assert real > 0.6
    assert real > max(orders)
    assert sum(orders) / len(orders) < 0.75 * real
    assert pairs.share_known("龘靐齉，爩龗鱻。", "zh") == 0


def test_there_is_nothing_to_know_of_one_character_or_of_another_language() -> None:
    assert pairs.share_known("the sea", "en") == 1
    assert pairs.share_known("海。", "zh") == 1


def test_old_pairs_are_kept_where_they_are_frequent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of modern works every pair; traditional characters count as their simplified ones."""
    file = tmp_path / pairs.FILE
    monkeypatch.setattr(text_pairs, "OFTEN", 3)
    old = [work("山水，山水，山水，風雨")]
    text_pairs.write_pairs(old, [work("燈塔"), work("no Chinese", "en")], file)
    monkeypatch.setattr(pairs, "critic_file", lambda _: file)
    pairs.known_pairs.cache_clear()
    found = {text: pairs.share_known(text, "zh") for text in ("山水", "灯塔", "风雨", "水山")}
    pairs.known_pairs.cache_clear()
    assert found == {"山水": 1, "灯塔": 1, "风雨": 0, "水山": 0}
