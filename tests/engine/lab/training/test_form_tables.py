"""The recipes behind the tables of the forms: what they learn from a handful of works."""

from engine.lab.training.corpus import rhymes, tunes, words
from engine.lab.training.corpus.works import Work
from engine.media.text.forms.rhymes import rhyme_book

DREAM = (
    "昨夜雨疏风骤。浓睡不消残酒。试问卷帘人，却道海棠依旧。知否。知否。应是绿肥红瘦。",
    "常记溪亭日暮。沉醉不知归路。兴尽晚回舟，误入藕花深处。争渡。争渡。惊起一滩鸥鹭。",
)


def ci(text: str) -> Work:
    return Work("test", "李清照", ("李清照",), "zh", "词", "如梦令", "", text)


def test_a_tune_is_learned_from_its_works() -> None:
    row = tunes.learn([ci(text) for text in DREAM], 33, rhyme_book())
    assert row["pattern"] == "6。6。5，6。2。2。6。"
    assert row["rhymes"] == "aa.aaaa"
    assert row["rhyme_tones"] == "仄仄.仄仄仄仄"
    assert row["copies"] == [[5, 4]]


def test_marks_of_a_pattern_are_three() -> None:
    assert tunes.pattern("何处？“山、水”；云！") == "xx。x、x，x。"


def test_the_rhymes_of_the_guangyun_all_have_a_class_and_a_part() -> None:
    assert [len(rhymes.CLASSES[tone].split()) for tone in rhymes.TONES] == [30, 29, 30, 17]
    for names in rhymes.CLASSES.values():
        assert all(rhymes.part_of(rhyme) < 19 for rhyme in names.replace(" ", ""))


def test_the_book_knows_what_every_reader_knows() -> None:
    book = rhyme_book()
    assert ("阳", "平") in book.keys("classes", "光")
    assert book.keys("classes", "东") != book.keys("classes", "冬")
    assert book.keys("parts", "东") & book.keys("parts", "冬")
    assert book.tones["看"] == {"平", "仄"}
    assert not book.keys("classes", "月")


def test_what_rhymes_is_the_last_stressed_vowel_and_the_rest() -> None:
    known = {"water": ["W", "AO1", "T", "ER0"], "tatter": ["T", "AE1", "T", "ER0"]}
    assert words.rhyme(known["water"]) == "AO T ER"
    assert words.with_endings("tatter'd", known) == [*known["tatter"], "D"]
    assert words.with_endings("xylqua", known) is None
