"""Every kind of text that an artist may drop in: read rightly, or refused with a reason."""

import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from engine.core.archive import MAX_ENTRIES, MAX_PART_BYTES, MAX_UNPACKED_BYTES
from engine.core.errors import BadInput
from engine.media.text.codec.documents import READERS
from engine.media.text.codec.draft import KEPT_CHARACTERS
from engine.media.text.codec.language import RIGHT_TO_LEFT
from engine.media.text.codec.pdf import MAX_PAGES
from engine.media.text.codec.plain import TextWork, cut, decode, pasted, read, tidy
from engine.protocol import TEXT_SUFFIXES
from tests.engine.made_texts import (
    CONTAINER,
    QUIET_NIGHT,
    QUIET_NIGHT_TRADITIONAL,
    SONNET,
    epub,
    html,
    lyrics,
    open_document,
    pdf,
    pdf_bomb,
    rich_text,
    subtitles,
    word,
    zipped,
)

VERSE = SONNET.split("\n")
OLE = b"\xd0\xcf\x11\xe0" + bytes(600)
WORD_XML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def refused(data: bytes, name: str = "it.txt") -> str:
    with pytest.raises(BadInput) as caught:
        decode(data, name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value.code


# ---- formats -----------------------------------------------------------------------------------


def test_there_is_a_reader_for_every_suffix() -> None:
    assert set(READERS) == set(TEXT_SUFFIXES)


@pytest.mark.parametrize("suffix", TEXT_SUFFIXES)
def test_a_poem_in_each_format(suffix: str) -> None:
    data = {
        ".txt": SONNET.encode(),
        ".md": "  \n".join(VERSE).encode(),
        ".docx": word(VERSE),
        ".pdf": pdf([VERSE]),
        ".epub": epub(["<p>" + "<br/>".join(VERSE) + "</p>"], title=""),
        ".srt": subtitles(VERSE),
        ".vtt": b"WEBVTT\n\n" + subtitles(VERSE),
        ".lrc": lyrics(VERSE),
        ".html": html(VERSE),
        ".htm": html(VERSE),
        ".odt": open_document(VERSE),
        ".rtf": rich_text(VERSE),
    }[suffix]
    assert decode(data, f"sonnet{suffix.upper()}") == TextWork("", SONNET, "en", "")


@pytest.mark.parametrize("suffix", sorted(set(TEXT_SUFFIXES) - {".pdf"}))
def test_a_chinese_poem_with_its_title_in_each_format(suffix: str) -> None:
    lines = QUIET_NIGHT.split("\n")
    data = {
        ".txt": f"静夜思\n{QUIET_NIGHT}".encode(),
        ".md": f"# 静夜思\n\n{QUIET_NIGHT}\n".encode(),
        ".docx": word(lines, title="静夜思"),
        ".epub": epub(["".join(f"<p>{line}</p>" for line in lines)], title="静夜思"),
        ".srt": subtitles(["静夜思", *lines]),
        ".vtt": b"WEBVTT\n\n" + subtitles(["静夜思", *lines]),
        ".lrc": lyrics(lines, title="静夜思"),
        ".html": html(lines, title="静夜思"),
        ".htm": html(lines, title="静夜思"),
        ".odt": open_document(lines, title="静夜思"),
        ".rtf": rich_text(["静夜思", *lines]),
    }[suffix]
    work = decode(data, f"李白 🌙{suffix}")
    assert (work.title, work.text) == ("静夜思", QUIET_NIGHT)
    assert (work.language, work.script) == ("zh", "simplified")


def test_what_the_bytes_say_counts_more_than_the_name() -> None:
    book = epub(["".join(f"<p>{line}</p>" for line in VERSE)], title="")
    for data in (word(VERSE), pdf([VERSE]), book):
        assert decode(data, "letter.txt").text == SONNET
    assert decode(SONNET.encode(), "no suffix").text == SONNET


def test_markdown_without_its_marks() -> None:
    source = (
        '---\ntitle: "The Day"\ndate: 1609\n---\n<!-- a note -->\n'
        "Shall I *compare* thee to a [summer's day](https://example.org)?\n"
        "Thou art **more** lovely ![a rose](rose.png) and `more` temperate.\n\n"
        "* Rough winds\n* darling buds\n\n> And summer\\_s lease\n\n---\n"
    )
    work = decode(source.encode(), "day.md")
    assert work.title == "The Day"
    assert work.text == (
        "Shall I compare thee to a summer's day?\nThou art more lovely  and more temperate.\n\n"
        "Rough winds\n\ndarling buds\n\nAnd summer_s lease"
    )


def test_html_of_a_book() -> None:
    chapter = (
        "<h2>Chapter &nbsp;One</h2><p>It was   the best\n of <i>times</i>,</p><p>it was the worst"
        "<ruby>of<rt>no</rt></ruby> times.</p><script>alert(1)</script><style>p{}</style>"
        "<p class='stanza'>The sea is calm<br/>The tide is full</p><p>Come to the window</p>"
    )
    work = decode(epub([chapter], title="A &amp; B"), "book.epub")
    assert work.title == "A & B"
    assert [line.strip() for line in work.text.split("\n")] == [
        *("Chapter One", "", "It was the best of times,", "it was the worstof times.", ""),
        *("The sea is calm", "The tide is full", "", "Come to the window"),
    ]


def test_of_a_book_the_covers_are_left_out() -> None:
    chapters = [f"<p>{SONNET}</p>", "<p>All rights reserved by the publisher.</p>"]
    assert "reserved" in decode(epub(chapters), "it.epub").text
    assert "reserved" not in decode(epub(chapters, second="copyright"), "it.epub").text
    assert "reserved" in decode(epub(chapters[1:]), "it.epub").text


def test_deleted_words_of_a_document_stay_deleted() -> None:
    body = (
        f'<w:document xmlns:w="{WORD_XML}" xmlns:mc="http://schemas.openxmlformats.org/'
        'markup-compatibility/2006"><w:body><w:p><w:r><w:t>It was the best of</w:t></w:r>'
        "<w:del><w:r><w:delText>worst</w:delText></w:r></w:del><w:r><w:tab/><w:t>times</w:t>"
        "<w:br/><w:t>or not</w:t></w:r><mc:AlternateContent><mc:Fallback><w:r><w:t>twice</w:t>"
        "</w:r></mc:Fallback></mc:AlternateContent></w:p></w:body></w:document>"
    )
    work = decode(zipped({"word/document.xml": body}), "draft.docx")
    assert work.text == "It was the best of times\nor not"


def test_only_what_is_spoken() -> None:
    cues = ["<i>Where are</i>\r\nyou going?", "[door slams]", "{\\an8}- Home.\r\n- Now?", "♪ la ♪"]
    assert decode(subtitles(cues), "film.srt").text == "Where are you going?\nHome.\nNow?"
    assert decode(subtitles(["你要去哪里？", "我要回家，\r\n现在就走。"]), "片.srt").text == (
        "你要去哪里？\n我要回家，现在就走。"
    )


def test_pages_of_prose_are_joined_without_their_numbers() -> None:
    first = [
        "It is a truth universally acknowledged, that a single man in pos-",
        "session of a good fortune, must be in want of a wife. However",
        "little known the feelings or views of such a man may be on his",
        "first entering a neighbourhood.",
        "This truth is so well fixed in the minds of the surrounding fam-",
    ]
    second = ["ilies, that he is considered as the rightful property of someone.", "- 12 -"]
    text = decode(pdf([first, second]), "novel.pdf").text
    assert "12" not in text
    assert text.split("\n")[0].startswith("It is a truth")
    assert "a single man in possession of a good fortune" in text
    assert "surrounding families, that he" in text
    assert len(text.split("\n")) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [QUIET_NIGHT, QUIET_NIGHT_TRADITIONAL, SONNET])
def test_encodings_of_unicode(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), "it.txt").text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", QUIET_NIGHT),
        ("gb18030", QUIET_NIGHT_TRADITIONAL),
        ("gb2312", QUIET_NIGHT[:11]),
        ("big5", "床前明月光，疑是地上霜。"),
        ("big5", "舉頭望明月，低頭思故鄉。"),
        ("cp1252", "“Where are you going?” she said — and left the café…"),
        ("latin-1", "He went to the café and that was the end of the façade."),
        ("mac-roman", SONNET),
    ],
)
def test_encodings_of_before(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), "old.txt").text == text


def test_a_work_is_at_most_so_long() -> None:
    chapter = "".join(f"<p>{line}</p>" for line in VERSE) * 300
    for data, name in (
        ((SONNET + "\n").encode() * 2000, "it.txt"),
        (word(VERSE * 300), "it.docx"),
        (epub([chapter, "<p>The end of the book it was.</p>"]), "it.epub"),
        (pdf([VERSE * 8] * 60), "it.pdf"),
    ):
        text = decode(data, name).text
        assert KEPT_CHARACTERS / 2 < len(text) <= KEPT_CHARACTERS
        assert text.split("\n")[-1] in VERSE, "whole lines"
    assert cut("One. " * 9000).endswith("One.")
    assert len(cut("长" * 30_000)) == KEPT_CHARACTERS


def test_pages_beyond_the_limit_are_not_read() -> None:
    assert decode(pdf([[]] * (MAX_PAGES - 1) + [VERSE]), "it.pdf").text == SONNET
    assert refused(pdf([[]] * MAX_PAGES + [VERSE]), "it.pdf") == "pdf_without_text"


def test_a_file_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "静夜思 🌙.txt"
    path.write_text(QUIET_NIGHT, encoding="utf-8")
    assert read(path).text == pasted(QUIET_NIGHT, "pasted").text == QUIET_NIGHT


# ---- refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b" \n\t\r\n \xc2\xa0", "no_words"),
        ("\ufeff\u200b\n".encode(), "no_words"),
        (b"1, 2, 3 ... 1000!", "no_words"),
        ("🌊🌊🌊🌊🌊".encode(), "no_words"),
        (b"word", "few_words"),
        (b"Die Nacht ist warm", "few_words"),
        ("月".encode(), "few_words"),
        (bytes(range(256)) * 20, "not_a_text"),
        (b"\0" * 5000, "not_a_text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "not_a_text"),
        (b"{\\rtf1\\ansi hello}", "few_words"),
        (zipped({"a.txt": "hello"}), "not_a_text"),
        (QUIET_NIGHT.encode() + b"\n\x81 \x81 \xff \xfe \x81 \x82 \xff", "mixed_encodings"),
        ("שלום לכל העולם הזה והבא אחריו".encode(), "right_to_left"),
        ("قفا نبك من ذكرى حبيب ومنزل".encode("cp1256"), "right_to_left"),
        ("قفا نبك من ذكرى حبيب ومنزل".encode(), "right_to_left"),
    ],
)
def test_what_is_no_text_to_learn_from(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    ("data", "language"),
    [
        ("古池や蛙飛び込む水の音、閑さや岩にしみ入る蝉の声".encode("shift_jis"), "KANA"),
        ("나 보기가 역겨워 가실 때에는 말없이 고이 보내 드리우리다".encode(), "HANGUL"),
        ("Я помню чудное мгновенье: Передо мной явилась ты".encode("cp1251"), "CYRILLIC"),
        (b"Les sanglots longs des violons de l'automne", "fr"),
        ("Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du".encode(), "de"),
    ],
)
def test_what_the_model_never_learned_is_read_all_the_same(data: bytes, language: str) -> None:
    work = decode(data, "it.txt")
    assert (work.language, work.script) == (language, "")


def test_control_characters_are_removed_and_the_text_survives() -> None:
    marked = "Shall I\x07 compare\x00 thee\x1b to a\u202e summer's\u200b day?\ufffe"
    assert decode(marked.encode(), "it.txt").text.startswith("Shall I compare thee to a summer's")
    assert decode("床前\x00明月光，\ufeff疑是地上霜。".encode(), "it.txt").text == (
        "床前明月光，疑是地上霜。"
    )


@pytest.mark.parametrize(("suffix", "limit"), [(".txt", 10), (".srt", 10), (".docx", 50)])
def test_files_that_are_too_large(suffix: str, limit: int, tmp_path: Path) -> None:
    path = tmp_path / f"large{suffix}"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)  # sparse: takes no room
    with pytest.raises(BadInput) as caught:
        read(path)
    assert (caught.value.code, caught.value.details["limit_mb"]) == ("large_file", limit)
    assert refused(bytes(limit * 2**20 + 1), path.name) == "large_file"


@pytest.mark.parametrize("suffix", [".docx", ".epub", ".pdf"])
def test_damaged_documents(suffix: str) -> None:
    whole = {".docx": word(VERSE), ".epub": epub([SONNET]), ".pdf": pdf([VERSE])}[suffix]
    for data in (SONNET.encode(), whole[:4] + b"garbage" * 9, b"\0" * 99, zipped({"a": "b"})):
        assert refused(data, f"it{suffix}") == "damaged_text"
    if suffix != ".pdf":
        assert refused(whole[: len(whole) // 2], f"it{suffix}") == "damaged_text"


def test_documents_with_a_password() -> None:
    assert refused(pdf([VERSE], password="secret"), "it.pdf") == "locked_text"
    assert refused(OLE + "EncryptedPackage".encode("utf-16-le"), "it.docx") == "locked_text"
    assert "lovely" in decode(epub([SONNET], rights="<rights/>"), "it.epub").text
    encryption = (
        '<encryption><e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherData>'
        '<e:CipherReference URI="OEBPS/{}"/></e:CipherData></e:EncryptedData></encryption>'
    )
    chapter, font = encryption.format("text/chapter%200.xhtml"), encryption.format("serif.otf")
    assert refused(epub([SONNET], encryption=chapter), "it.epub") == "locked_text"
    assert "lovely" in decode(epub([SONNET], encryption=font), "it.epub").text


def test_pictures_of_pages() -> None:
    assert refused(pdf([[], []]), "scan.pdf") == "pdf_without_text"


@pytest.mark.slow
def test_bombs_are_not_unpacked() -> None:
    body = f'<w:document xmlns:w="{WORD_XML}"><w:body/></w:document>'
    huge = zipped({"word/document.xml": body + " " * MAX_PART_BYTES})
    dense = zipped({"word/document.xml": body + " " * (20 * 2**20)})
    many = zipped({f"{k}": "" for k in range(MAX_ENTRIES + 1)})
    for data in (huge, dense, many):
        assert len(data) < 2**20
        assert refused(data, "bomb.docx") == "swollen_text"
    wide = zipped({"word/document.xml": body, "a.png": "", "b.png": ""})
    size = (MAX_UNPACKED_BYTES // 2 + 1).to_bytes(4, "little")
    for picture in (b"a.png", b"b.png"):  # as their entries say
        place = wide.rindex(picture) - 46 + 24
        wide = wide[:place] + size + wide[place + 4 :]
    assert refused(wide, "bomb.docx") == "swollen_text"
    assert refused(pdf_bomb(), "bomb.pdf") in ("damaged_text", "pdf_without_text")
    assert refused(zipped({"META-INF/container.xml": " " * 2**25}), "bomb.epub") == "swollen_text"


def test_entities_are_not_expanded() -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 10)
    )
    text = "<w:p><w:r><w:t>Good words remain here today &a9;</w:t></w:r></w:p>"
    body = (
        f'<!DOCTYPE x [{entities}<!ENTITY file SYSTEM "file:///etc/hostname">]>'
        f'<w:document xmlns:w="{WORD_XML}"><w:body>{text}</w:body></w:document>'
    )
    for source in (body, body.replace("&a9;", "&file;")):
        try:
            work = decode(zipped({"word/document.xml": source}), "bomb.docx")
        except BadInput as error:
            assert error.code == "damaged_text"
        else:
            assert work.text == "Good words remain here today"


def test_a_book_that_names_what_is_not_there() -> None:
    assert refused(zipped({"META-INF/container.xml": CONTAINER}), "it.epub") == "damaged_text"
    data = epub(["<p>gone</p>"]).replace(b"chapter 0.xhtml", b"chapter 9.xhtml")
    assert refused(data, "it.epub") == "damaged_text"


@pytest.mark.parametrize(
    "source",
    [
        "[" * 20_000,
        "*a **b " * 20_000,
        "> " * 50_000,
        "`" * 50_000 + "a",
        "<" * 100_000,
        "- " * 40_000,
        "a\n" * 50_000,
        "[a](" * 20_000,
        "床前\n" * 60_000,
        "--> " * 90_000,
        "(" * 90_000,
    ],
)
def test_odd_sources_are_read_or_refused(source: str) -> None:
    """Those that need more time than their length accounts for would hold up the whole suite."""
    for name in ("a.md", "a.txt", "a.srt"):
        with suppress(BadInput):
            decode(source.encode(), name)


# ---- properties --------------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=400), suffix=st.sampled_from(TEXT_SUFFIXES))
@example(data=b"PK\x03\x04", suffix=".txt")
@example(data=b"%PDF-1.4\n%%EOF", suffix=".txt")
def test_noise_is_read_or_refused(data: bytes, suffix: str) -> None:
    try:
        work = decode(data, f"it{suffix}")
    except BadInput as error:
        assert error.remedy
    else:
        assert work.language not in ("", *RIGHT_TO_LEFT)


SOUND = {
    ".docx": word(VERSE),
    ".epub": epub([f"<p>{SONNET}</p>"]),
    ".pdf": pdf([VERSE]),
    ".srt": subtitles(VERSE),
    ".md": f"# A\n\n{SONNET}".encode(),
    ".txt": QUIET_NIGHT.encode("gb18030"),
}


@settings(deadline=None, max_examples=150)
@given(
    suffix=st.sampled_from(sorted(SOUND)),
    flips=st.lists(st.tuples(st.integers(0, 99_999), st.integers(1, 255)), max_size=8),
    keep=st.floats(0, 1) | st.just(1.0),
)
def test_damage_is_refused_or_borne(suffix: str, flips: list[tuple[int, int]], keep: float) -> None:
    data = bytearray(SOUND[suffix])
    for position, change in flips:
        data[position % len(data)] ^= change
    try:
        decode(bytes(data[: int(len(data) * keep)]), f"it{suffix}")
    except BadInput as error:
        assert "it" in str(error)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
@example("a\x85\u2028b \n \n\n\n c\u3000\n")
@example("\u2000\u0301\u200b")
def test_tidy_once_is_tidy_for_ever(text: str) -> None:
    clean = tidy(text)
    assert tidy(clean) == clean
    assert clean == unicodedata.normalize("NFC", clean)
    assert "\n\n\n" not in clean
    assert " \n" not in clean
    assert not any(unicodedata.category(c) == "Cc" for c in clean if c != "\n")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([*VERSE, "", "O rose"]), min_size=4, max_size=30))
def test_lines_of_verse_stay(lines: list[str]) -> None:
    text = tidy("\n".join([VERSE[0], VERSE[1], *lines]))
    assert decode(text.encode(), "it.txt").text == text
