"""Texts that other programs read: each file of `files` with what it says, and the brothers of each
fault, made here from bytes."""

import contextlib
import io
import re
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from pdfminer.pdffont import get_widths
from pdfminer.pdftypes import PDFStream
from pdfminer.psparser import LIT

from engine.core.archive import MAX_PART_BYTES, Archive
from engine.core.errors import REMARKS, BadInput
from engine.media.text.codec.documents import READERS
from engine.media.text.codec.plain import TextWork, decode, tidy
from engine.media.text.codec.subtitles import from_lyrics, from_subtitles
from tests.no_blowup import no_blowup

FILES = Path(__file__).parent / "files"
SUFFIXES = tuple(READERS)
ELEGY = (
    "The curfew tolls the knell of parting day,\n"
    "The lowing herd wind slowly over the lea,\n"
    "The ploughman homeward plods his weary way."
)
BOOK = (
    "The curfew tolls the knell of parting day,\nThe lowing herd wind slowly over the lea,\n\n"
    "The ploughman homeward plods his weary way.\n"
    "The plain old moon is in the yard and the dog is barking at it."
)
SPOKEN = "I never said that I would come back here.\nYou did, and you came back anyway, my friend."
SHORT_ELEGY = (
    "The curfew tolls the knell of day,\nthe lowing herd winds over the lea,\n"
    "the ploughman homeward plods his way."
)
AUTUMN = (
    "空山新雨后，天气晚来秋。\n明月松间照，清泉石上流。\n"
    "竹喧归浣女，莲动下渔舟。\n随意春芳歇，王孙自可留。"
)
AUTUMN_TRADITIONAL = (
    "空山新雨後，天氣晚來秋。\n明月松間照，清泉石上流。\n"
    "竹喧歸浣女，蓮動下漁舟。\n隨意春芳歇，王孫自可留。"
)
HAIKU = "古池や蛙飛びこむ水の音\n閑さや岩にしみ入る蝉の声\n夏草や兵どもが夢の跡"
KOREAN = "나 보기가 역겨워 가실 때에는\n말없이 고이 보내 드리우리다\n똠방각하 펲시콜라"
EVENING = (
    "It was a long and wonderful evening by the river and the children of the village went home "
    "along the water in the last of the light, and nobody spoke until they came to the old gate of "
    "the garden where the dog lay asleep.\n"
    "In the morning the boats were gone and the river was as still as the face of a clock that "
    "nobody had wound since the winter before, and the people stood on the bank and looked."
)
MENDED, FLAWED, LICENCE = ("text_mended",), ("text_flawed",), ("text_licence",)

# file: (title, text, remarks)
READ: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # encodings
    "en-cp437.txt": (
        "",
        "The café was naïve and the señor sang of it in the night of the year.",
        (),
    ),
    "en-mac.txt": (
        "",
        "“But soft!” he said; it’s the east, and Juliet is the sun—and more.",
        (),
    ),
    "gb-one-bad.txt": ("", AUTUMN, MENDED),
    "u8-one-bad.txt": ("", AUTUMN, MENDED),
    "u8-cut.txt": ("", AUTUMN.removesuffix("。"), MENDED),
    "j-eucjp.txt": ("", HAIKU, ()),
    "j-iso2022.txt": ("", HAIKU, ()),
    "j-sjis.txt": ("", HAIKU, ()),
    "k-cp949.txt": ("", KOREAN, ()),
    "nul.txt": ("", ELEGY, MENDED),
    "p-utf-32-le.txt": ("", AUTUMN, ()),
    "p-utf16le-odd.txt": ("", AUTUMN, ()),
    "rare-utf-16-le.txt": (
        "",
        "𠮷田镕基先生，喆琊堃昇。\n赵孟頫书，吴玠画。\n㐂闻夭夭，䶮然成章。",
        (),
    ),
    "t-big5.txt": ("", AUTUMN_TRADITIONAL, ()),
    "trad-big5.txt": ("", AUTUMN_TRADITIONAL, ()),
    # characters
    "compat.txt": ("", "金木水火土，日月星辰。\n山水有清音，竹木自成林。", ()),
    "shy.txt": ("", ELEGY, ()),
    # marks
    "gutenberg.txt": ("Elegy", ELEGY, LICENCE),
    "html-named.txt": ("", ELEGY, ()),
    "poem.html": ("", ELEGY, ()),
    "setext.md": ("Elegy", ELEGY, ()),
    "song.lrc": ("", "床前明月光\n疑是地上霜\n举头望明月", ()),
    # subtitles
    "amp.srt": ("", SPOKEN.replace("here.", "here & there."), ()),
    "arrow.srt": ("", SPOKEN, ()),
    "blank-in-cue.srt": ("", SPOKEN.replace("here.", "here. and I meant it then."), ()),
    "nohour.srt": ("", SPOKEN, ()),
    # books
    **{
        f"{name}.epub": ("Elegy", BOOK, ())
        for name in (
            *("backslash", "case", "discovery", "dotroot", "media-upper", "nav-folder", "oeb1"),
            *("protocol", "untitled", "xml-media"),
        )
    },
    "missing-chapter.epub": ("Elegy", BOOK, FLAWED),
    # Word
    "document2.docx": ("", ELEGY, ()),
    "hidden.docx": ("", ELEGY, ()),
    "strict.docx": ("", ELEGY, ()),
    "toc.docx": ("", ELEGY, ()),
    "ruby.docx": ("", "床前明月光，\n疑是地上霜。\n举头望明月，", ()),
    "nbhyphen.docx": (
        "",
        "A well-known line of verse, forever new to me,\nThe lowing herd wind slowly over the lea,",
        (),
    ),
    # PDF
    "bottom-up.pdf": ("", SHORT_ELEGY, ()),
    "fakebold.pdf": ("", SHORT_ELEGY, ()),
    "lig.pdf": (
        "",
        "The first flower of the office field is the\nfinest of them all, and the flame that is\n"
        "in it burns off for the one I love.",
        (),
    ),
    "prose-heads.pdf": ("", EVENING, ()),
    "rt-quote.pdf": ("", "“Curly,” she said—‘and so’… naïve café\nThe second line of it.", ()),
    "stanza-gap.pdf": (
        "",
        "The curfew tolls the knell of day,\nthe lowing herd winds over the lea,\n\n"
        "the lowing herd winds over the lea,\nthe ploughman homeward plods his way.\n\n"
        "The curfew tolls the knell of day,\nthe lowing herd winds over the lea,",
        (),
    ),
    **{
        f"owner-AES-{bits}.pdf": (
            "",
            "The curfew tolls the\nknell of parting day,\n\nthe lowing herd winds\n"
            "slowly over the lea,\n\nhomeward and plods his\nweary way, and leaves",
            (),
        )
        for bits in (128, 256)
    },
    **{f"zh-{kind}.pdf": ("", AUTUMN.rpartition("\n")[0], ()) for kind in ("g", "tj")},
}
REFUSED = {
    "old-doc-named.docx": "old_word",
    "odd_encryption.pdf": "odd_lock",
    "bomb_docx_bz2_lying_header_1900MB.docx": "odd_packing",
}


@pytest.mark.parametrize("name", sorted(READ))
def test_a_file_says_what_other_programs_read_in_it(name: str) -> None:
    work = decode((FILES / name).read_bytes(), name)
    assert (work.title, work.text, work.remarks) == READ[name]
    assert set(work.remarks) <= set(REMARKS)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_file_that_cannot_be_read_is_refused_for_its_own_reason(name: str) -> None:
    assert refused((FILES / name).read_bytes(), name) == REFUSED[name]


def test_no_file_is_forgotten() -> None:
    names = {path.name for path in FILES.iterdir() if path.suffix in SUFFIXES}
    assert names == {*READ, *REFUSED, "redos_md_front_60000.md"}


def refused(data: bytes, name: str = "it.txt") -> str:
    with pytest.raises(BadInput) as caught:
        decode(data, name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value.code


def text(data: bytes, name: str = "it.txt") -> str:
    return decode(data, name).text


# ---- encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encodings", "words"),
    [
        (("gb18030", "gbk", "gb2312", "hz", "utf-16-le", "utf-16-be", "utf-32-be"), AUTUMN),
        (("big5", "big5hkscs", "gb18030", "utf-16"), AUTUMN_TRADITIONAL),
        (("euc_jp", "cp932", "iso2022_jp", "iso2022_jp_2004", "utf-16-le", "utf-32"), HAIKU),
        (("cp949", "utf-16-be"), KOREAN),
        (("euc_kr", "iso2022_kr"), KOREAN.rpartition("\n")[0]),
        (
            ("cp1252", "mac_roman", "latin-1", "cp437", "cp850"),
            "L'été où tu m'as aimée, j'étais déjà loin; ça va, mon âme, où naît la forêt",
        ),
        (
            ("cp1252", "mac_roman"),
            "He said: “naïve façade, señor” — Élan vital, à la carte… O’Brien’s café",
        ),
        (
            ("cp1252", "mac_roman", "cp437", "cp850"),
            "Der Mond ist aufgegangen; der Wald steht schwarz und schweiget, und aus den Wiesen "
            "steiget der weiße Nebel wunderbar über große Bäume",
        ),
        (
            ("cp1251", "koi8_r", "cp866", "mac_cyrillic"),
            "Я помню чудное мгновенье: Передо мной явилась ты",
        ),
        (("cp1253", "iso8859_7"), "Στην αρχή ήταν ο λόγος και ο λόγος ήταν εδώ"),
        (("cp1250",), "Zażółć gęślą jaźń, a potem poszedł do domu i płakał przez całą noc"),
    ],
)
def test_an_encoding_is_known_by_its_characters(encodings: tuple[str, ...], words: str) -> None:
    for encoding in encodings:
        assert text(words.encode(encoding)) == words, encoding


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "euc_jp", "cp932", "cp949"])
def test_one_wrong_byte_anywhere_costs_at_most_two_characters(encoding: str) -> None:
    words = {"big5": AUTUMN_TRADITIONAL, "cp949": KOREAN, "euc_jp": HAIKU, "cp932": HAIKU}
    right = words.get(encoding, AUTUMN)
    data = right.encode(encoding)
    for place in range(2, len(data), 7):
        work = decode(data[:place] + b"\xff" + data[place:], "it.txt")
        lost = sum(right.count(c) - work.text.count(c) for c in set(right))
        assert lost <= 2, (place, work.text)
        assert work.remarks == MENDED


def test_a_text_in_two_encodings_is_read_line_by_line() -> None:
    first, second = AUTUMN.split("\n")[:2]
    work = decode(f"{first}\n".encode() + second.encode("gb18030"), "it.txt")
    assert work.text == f"{first}\n{second}"
    assert work.remarks == ("text_mixed",)


def test_what_a_page_says_of_its_encoding_counts() -> None:
    page = f'<html><head><meta charset="gb2312"></head><body><p>{AUTUMN}</p></body></html>'
    assert text(page.encode("gb18030"), "it.html") == AUTUMN.replace("\n", " ")
    lie = page.replace("gb2312", "iso-8859-1").encode()
    assert text(lie, "it.html") == AUTUMN.replace("\n", " ")


def test_zeros_in_a_text_do_no_harm() -> None:
    assert text(ELEGY.replace("herd", "he\0rd").encode()) == ELEGY
    assert text(ELEGY.encode("utf-16-le") + bytes(64)) == ELEGY
    assert refused(bytes(900)) == "not_a_text"


def test_a_soft_hyphen_is_seen_only_at_the_end_of_a_line() -> None:
    assert tidy("cur\xadfew tolls the kn\xad\nell") == "curfew tolls the kn-\nell"


def test_radicals_and_ligatures_become_what_they_show() -> None:
    assert tidy("⼭⽔⻅⻓⻛ ﬁne oﬀ ﬃ") == "山水见长风 fine off ffi"
    assert tidy(tidy("⻰⾦")) == "龙金"


# ---- marks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "<!DOCTYPE html>\n<html><body><h1>Elegy</h1><p>{}</p></body></html>",
        "\ufeff  <HTML><BODY><H2>Elegy</H2><div>{}</div></BODY></HTML>",
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        "<body><h1>Elegy</h1><p>{}</p></body></html>",
    ],
)
def test_a_page_is_a_page_whatever_its_name(source: str) -> None:
    data = source.format(ELEGY.replace("\n", "<br/>")).encode()
    for name in ("it.txt", "it.html", "it", "it.htm"):
        work = decode(data, name)
        assert (work.title, work.text) == ("Elegy", ELEGY)


def test_a_break_in_verse_makes_no_heading() -> None:
    assert text(f"{ELEGY}\n---\n{ELEGY}".encode(), "it.md").count("curfew") == 2
    assert decode(f"Elegy\n===\n{ELEGY}".encode(), "it.md").title == "Elegy"
    assert "===" in text(f"{ELEGY}\nof all\n===\nand more".encode(), "it.md")


def test_the_licence_of_gutenberg_is_not_learned() -> None:
    head = "The Project Gutenberg eBook of X\n\nTitle: The Elegy\n\n"
    marks = "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n{}\n\n*** END OF THIS PROJECT"
    work = decode((head + marks.format(ELEGY)).encode(), "it.txt")
    assert (work.title, work.text, work.remarks) == ("The Elegy", ELEGY, LICENCE)
    assert decode((head + marks.format(ELEGY).partition("*** END")[0]).encode(), "a").text == ELEGY
    starred = f"{ELEGY}\n*** START OF THE DAY ***\n{ELEGY}"
    assert text(starred.encode()) == starred


# ---- words with times --------------------------------------------------------------------------


def cues(*spoken: str, form: str = "{}\n00:00:0{},000 --> 00:00:0{},900\n{}\n") -> str:
    return "\n".join(form.format(k, k, k, words) for k, words in enumerate(spoken, 1))


def spoken(source: str) -> list[str]:
    draft = from_subtitles(source)
    assert draft is not None
    return draft.text.split("\n")


def test_a_spoken_number_is_no_number_of_a_cue() -> None:
    assert spoken(cues("1984", "What year?", "2", "<i>3</i>")) == ["1984", "What year?", "2", "3"]
    bare = "00:00:01,000 --> 00:00:02,000\nHow many?\n\n00:00:03,000 --> 00:00:04,000\n42\n"
    assert spoken(bare) == ["How many?", "42"]
    assert spoken(cues("one", "two").replace("\n\n", "\n")) == ["one", "two"]


@pytest.mark.parametrize("arrow", ["-->", "->", "→", "–>", " --> "])
@pytest.mark.parametrize("clock", ["00:00:01,000", "0:00:01.00", "00:01,5", "00:00:01:12"])
def test_times_as_programs_write_them(arrow: str, clock: str) -> None:
    assert spoken(f"1\n{clock} {arrow} {clock}\nI am here.\n") == ["I am here."]


def test_entities_and_marks_of_subtitles() -> None:
    assert spoken(cues("Tom &amp; Ann &lt;3 {\\an8}<b>now</b>&nbsp;&#39;t is")) == [
        "Tom & Ann <3 now\xa0't is"
    ]
    said = "WEBVTT - a title\n\nNOTE nobody says this\n\nSTYLE\n::cue {}\n\nname\n" + cues(
        "Hello.", "There.", form="{}\n00:0{}.000 --> 00:0{}.900 align:start\n{}\n\nNOTE unsaid\n"
    )
    assert spoken(said) == ["Hello.", "There."]


def test_songs_are_sung_in_the_order_of_time() -> None:
    draft = from_lyrics(
        "[ti:The Song]\n[ar:Someone]\n[offset:+20]\n[00:12.00][00:30.00]again and again\n"
        "[00:01.00]first <00:01.50>of <00:02>all\n[00:20.00]\n[00:21.50]then\n"
    )
    assert draft.title == "The Song"
    again = "again and again"
    assert draft.text.split("\n") == ["first of all", again, "", "then", again]
    verse = "[1:02] is a verse of the Bible\nthat says nothing of time\nnor of anything else here"
    assert text(verse.encode()) == verse


# ---- documents ---------------------------------------------------------------------------------

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def packed(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def paragraph(inner: str, style: str = "", mark: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}<w:rPr>{mark}</w:rPr></w:pPr>{inner}</w:p>"


def run(words: str, kind: str = "t") -> str:
    return f'<w:r><w:{kind} xml:space="preserve">{words}</w:{kind}></w:r>'


def document(*paragraphs: str, **more: str) -> bytes:
    body = f'<w:document xmlns:w="{_WORD}"><w:body>{"".join(paragraphs)}</w:body></w:document>'
    parts = {"word/document.xml": body}
    if "styles" in more:
        parts["word/styles.xml"] = f'<w:styles xmlns:w="{_WORD}">{more["styles"]}</w:styles>'
    return packed(parts)


FIRST, SECOND = "The curfew tolls the knell", "of parting day, and more of it."


def test_what_was_moved_stands_once() -> None:
    data = document(
        paragraph(f"<w:moveFrom>{run(SECOND)}</w:moveFrom>", mark="<w:moveFrom/>"),
        paragraph(run(FIRST)),
        paragraph(f"<w:moveTo>{run(SECOND)}</w:moveTo>"),
    )
    assert text(data, "it.docx") == f"{FIRST}\n{SECOND}"


def test_a_paragraph_whose_end_was_deleted_goes_on() -> None:
    deleted = paragraph(f"{run(FIRST)}<w:del>{run(' gone', 'delText')}</w:del>", mark="<w:del/>")
    assert text(document(deleted, paragraph(run(f" {SECOND}"))), "it.docx") == f"{FIRST} {SECOND}"


def test_contents_and_hidden_words_are_left_out() -> None:
    contents = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
        f"</w:docPartObj></w:sdtPr><w:sdtContent>{paragraph(run('Contents'))}</w:sdtContent></w:sdt>"
    )
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r>"
    seen = f'<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>{SECOND}</w:t></w:r>'
    styles = (
        '<w:style w:styleId="a7"><w:name w:val="toc 2"/></w:style>'
        '<w:style w:styleId="a3"><w:name w:val="Title"/></w:style>'
    )
    data = document(
        paragraph(run("晚歌"), style="a3"),
        contents,
        paragraph(run("One\t3"), style="a7"),
        paragraph(run(FIRST) + hidden),
        paragraph(seen),
        styles=styles,
    )
    work = decode(data, "it.docx")
    assert (work.title, work.text) == ("晚歌", f"{FIRST}\n{SECOND}")


def test_a_box_of_text_stands_beside_its_paragraph() -> None:
    box = f"<w:r><w:pict><w:txbxContent>{paragraph(run('in a box'))}</w:txbxContent></w:pict></w:r>"
    lines = text(
        document(paragraph(run(FIRST) + box + run(".")), paragraph(run(SECOND))), "it.docx"
    )
    assert lines == f"{FIRST}.\nin a box\n{SECOND}"


def test_a_document_with_a_flaw_is_read_as_far_as_it_goes() -> None:
    whole = document(*(paragraph(run(f"{FIRST} {k}")) for k in range(400)))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entry = archive.getinfo("word/document.xml")
    middle = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    damaged = bytearray(whole)
    damaged[middle : middle + 4] = b"\xff\xff\xff\xff"
    work = decode(bytes(damaged), "it.docx")
    assert work.text.startswith(f"{FIRST} 0\n{FIRST} 1\n")
    assert work.remarks == FLAWED


_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="{}" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def book(
    chapters: dict[str, str], *, media: str = "application/xhtml+xml", guide: str = "", **more: str
) -> dict[str, str]:
    items = "".join(
        f'<item id="c{k}" href="{name}" media-type="{media}"/>' for k, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{k}"/>' for k in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Elegy</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine><guide>{guide}</guide></package>"
    )
    pages = {name: f"<html><body><p>{words}</p></body></html>" for name, words in chapters.items()}
    return {"META-INF/container.xml": _CONTAINER.format("a.opf"), "a.opf": package} | pages | more


@pytest.mark.parametrize(
    "name",
    [
        *("protocol1", "navy", "discovery", "Untitled-1", "stock", "undercover", "subtitle"),
        *("contents of the house", "the-cover-up", "navigation", "autocracy", "titles"),
    ],
)
def test_chapters_of_any_name_are_read(name: str) -> None:
    data = packed(book({f"{name}.xhtml": FIRST, "b.xhtml": SECOND}))
    assert text(data, "it.epub") == f"{FIRST}\n\n{SECOND}"


@pytest.mark.parametrize("name", ["cover", "Title_Page", "toc", "copyright-page1", "halftitle"])
def test_covers_and_contents_are_not_read(name: str) -> None:
    assert text(packed(book({f"{name}.xhtml": SECOND, "b.xhtml": FIRST})), "it.epub") == FIRST


def test_what_the_guide_of_a_book_calls_its_cover_is_not_read() -> None:
    guide = '<reference type="cover" href="one.html"/><reference type="toc" href="two.html#t"/>'
    parts = book({"one.html": SECOND, "two.html": FIRST, "three.html": SECOND}, guide=guide)
    assert text(packed(parts), "it.epub") == f"{FIRST}\n\n{SECOND}"


def test_a_book_without_its_container_or_with_a_broken_chapter() -> None:
    parts = book({"one.html": FIRST, "two.html": SECOND})
    del parts["META-INF/container.xml"]
    assert text(packed(parts), "it.epub") == f"{FIRST}\n\n{SECOND}"
    broken = decode(packed(book({"one.html": FIRST, "two.html": SECOND}) | {"two.html": "\0"}), "b")
    assert (broken.text, broken.remarks) == (FIRST, FLAWED)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_that_an_old_packer_wrote_in_its_own_encoding(encoding: str) -> None:
    stand_in = "ABCDEFGHI"[: len("第一章".encode(encoding))]
    data = packed(book({f"{stand_in}.xhtml": FIRST, "b.xhtml": SECOND}))
    data = data.replace(stand_in.encode(), "第一章".encode(encoding))  # without the flag of UTF-8
    assert Archive(data, "it.epub").find("第一章.xhtml") is not None


def test_spellings_of_a_path() -> None:
    archive = Archive(packed({"a/B%20c.txt": "x", "d\\e.txt": "y"}), "it.epub")
    assert archive.find("./a/b%20C.TXT") == "a/B%20c.txt"
    assert archive.find("D/E.txt") in archive.names
    assert archive.find("a/c.txt") is None


# ---- hostile -----------------------------------------------------------------------------------


def test_what_an_archive_declares_is_not_believed() -> None:
    bomb = packed({"word/document.xml": "<a>" + " " * (MAX_PART_BYTES + 2**20)})
    honest = len(bomb)
    size = (MAX_PART_BYTES + 2**20 + 3).to_bytes(4, "little")
    lying = bomb.replace(size, (40).to_bytes(4, "little"))
    assert lying != bomb and honest < 2**20
    with no_blowup():
        for data in (bomb, lying):
            assert refused(data, "it.docx") == "swollen_text"


@pytest.mark.parametrize("head", ["<?xml", "<?xml version='1.0'", "<!DOCTYPE html", "<p", "<!--"])
@pytest.mark.parametrize("filling", [" ", "a", "?", "-", "\n"])
def test_marks_that_do_not_end_are_read_in_linear_time(head: str, filling: str) -> None:
    page = (head + filling * 300_000).encode()
    with no_blowup(), contextlib.suppress(BadInput):
        text(page, "it.html")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refused(buffer.getvalue(), "it.docx") == "odd_packing"


def test_a_stream_of_a_pdf_is_not_unpacked_without_end() -> None:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    stream = PDFStream({"Filter": LIT("FlateDecode")}, data)
    assert len(stream.get_data()) <= 30 * 2**20
    cut = PDFStream({"Filter": LIT("FlateDecode")}, zlib.compress(b"ab" * 9)[:-3])
    assert cut.get_data().startswith(b"abab")


def test_ranges_and_rows_that_a_pdf_declares_are_not_believed() -> None:
    tracemalloc.start()
    assert len(get_widths([0, 999_999_999, 500])) <= 2**17
    row = {"Filter": LIT("FlateDecode"), "DecodeParms": {"Predictor": 12, "Columns": 10**10}}
    with pytest.raises(ValueError, match="too wide"):
        PDFStream(row, zlib.compress(b"x" * 9)).get_data()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20


def test_references_of_a_pdf_that_go_round_end() -> None:
    whole = (FILES / "lig.pdf").read_bytes()
    for ring in (b"2 0 obj\n2 0 R\nendobj", b"2 0 obj\n3 0 R\nendobj\n3 0 obj\n2 0 R\nendobj"):
        start = time.process_time()
        data = re.sub(rb"(?s)2 0 obj.*?endobj", ring, whole, count=1)
        with contextlib.suppress(BadInput):
            decode(data, "it.pdf")
        assert time.process_time() - start < 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        (FILES / "redos_md_front_60000.md").read_text(),
        "---\n" + "title: " + '"' * 60_000 + "\n---\nwords",
        "---\n" + "---x\n" * 20_000,
        " " * 90_000 + "x",
        ("\u3000" * 45_000) + "x",
        "x" + " " * 90_000 + "y\n" * 3,
        "<pre>" + " " * 90_000 + "x</pre>",
        "<html><pre>" + " \n" * 45_000 + "<b>x</b></pre></html>",
        "[" * 90_000,
        "[0:1]" * 18_000,
        "♪" * 90_000,
        "0" * 90_000 + ":",
        "1:" * 45_000 + "\n-->",
        "<" * 90_000 + "html",
        "<html>" + "<div><b>" * 9_000 + "words",
        "&" * 90_000,
        "=\n" * 45_000,
        "a\n=\n" * 22_000,
        "*** START OF TH" * 6_000,
        "by " + "A " * 45_000,
        "title: " + " " * 90_000,
        "《" * 90_000,
    ],
)
def test_no_source_takes_long(source: str) -> None:
    for name in ("it.md", "it.txt", "it.srt", "it.html", "it.lrc", "it.vtt"):
        start = time.process_time()
        with contextlib.suppress(BadInput):
            decode(source.encode(), name)
        assert time.process_time() - start < 5, name


def test_expressions_of_the_readers_are_bounded() -> None:
    """None has one unbounded repetition inside another."""
    nested = re.compile(r"\([^()]*[+*]\)[+*]|\([^()]*[+*][^()]*\|[^()]*\)[+*]")
    for path in (Path(__file__).parents[2] / "engine/media/text/codec").glob("*.py"):
        assert not nested.search(path.read_text("utf-8")), path.name


def test_remarks_have_words() -> None:
    work = TextWork("", "", "en", "", MENDED)
    assert all(REMARKS[code].format(name="it") for code in work.remarks)


@pytest.mark.parametrize("filling", [b"\xff", b"\xff\xbf", b"\x81 ", b"\x8f\xff-"])
def test_bytes_of_no_encoding_are_read_in_linear_time(filling: bytes) -> None:
    """One line of flaws: each was judged by the whole line."""
    with no_blowup(), contextlib.suppress(BadInput):
        decode(b"Lines " + filling * (60_000 // len(filling)), "it.txt")
