"""Modern prose out of data files: what is kept of it, and by voice."""

import json
from pathlib import Path

from engine.lab.training.corpus.modern import (
    FEWEST,
    gathered,
    is_prose,
    read_endless_sky,
    read_voices,
    strings_of,
    tidied,
    voices_of,
)
from engine.lab.training.corpus.works import Work
from engine.lab.training.modern_sets import sets_of

PROSE = "The lamp was lit, and no one came. We sat down to supper; the rain went on."


def work(text: str, voice: str = "a") -> Work:
    return Work("made", voice, (voice,), "en", "modern", "", "", text)


def test_prose_has_no_markup_and_is_in_its_language() -> None:
    assert is_prose(PROSE, "en")
    assert not is_prose(PROSE + " <color_red>", "en")
    assert not is_prose("Too short.", "en")
    assert is_prose("雨从檐角落下来，他也不躲，只是把门关上了一半。", "zh")
    assert not is_prose(PROSE, "zh")


def test_strings_are_sentences_not_identifiers() -> None:
    document = {"id": "TALK_FARMER", "lines": ["Come in, and sit.", {"text": "坐下吧。"}], "n": 3}
    assert list(strings_of(document)) == ["Come in, and sit.", "坐下吧。"]


def test_a_voice_has_enough_texts_and_none_twice() -> None:
    many = [work(f"{i} of them: {PROSE}") for i in range(FEWEST)]
    few = [work(f"{i} of them: {PROSE}", "b") for i in range(FEWEST - 1)]
    found = list(voices_of([*many, *few, work(many[0].text + " Again.")]))
    assert found == many


def test_lines_that_follow_each_other_are_one_text(tmp_path: Path) -> None:
    rows = ["a" * 100, "b" * 100, "c"]
    assert list(gathered(iter(rows))) == ["a" * 100 + "\n" + "b" * 100, "c"]
    told = 'mission "x"\n\tdescription `First he came.`\n\t`Then he went.`\n\tnpc\n\t`Later.`\n'
    (tmp_path / "x.txt").write_text(told, encoding="utf-8")
    assert [each.text for each in read_endless_sky(tmp_path)] == [
        "First he came.\nThen he went.",
        "Later.",
    ]


def test_empty_lines_and_doubled_spaces_go() -> None:
    assert tidied("one  two\n\n three \n") == "one two\nthree"


def test_own_voices_are_none_of_the_sets_that_are_asked() -> None:
    asked = {text for each in sets_of() for text in (*each.references, *each.queries)}
    mine = list(read_voices())
    assert len(mine) > 200
    assert not asked & {each.text for each in mine}
    assert not {each.name for each in sets_of()} & {each.author for each in mine}
    assert json.dumps(mine[0].text)
