"""Texts through the state: they come in, are learned from, made, edited, exported."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from engine.messages import Copied, Medium, PictureBrief, Script, TextBrief
from studio import forms, intake
from studio.adapting import StyleState
from studio.export import FORMATS, Format, export_works
from studio.making import copied_of
from studio.project import Project
from studio.session import Session
from studio.timings import Timings
from studio.views.copy_words import copy_words
from tests.studio.test_session import ROOM

POEM = "息夫人\n莫以今時寵，難忘舊日恩。\n看花滿眼淚，不共楚王言。\n"


@pytest.fixture
def texts(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(3):
        (folder / f"wang-wei-{number}.txt").write_text(POEM + str(number), "utf-8")
    return sorted(folder.iterdir())


@pytest.fixture
def session(qtbot, make_session, texts) -> Session:
    """A session that has learned from three texts."""
    one = make_session()
    one.add_sources(texts)
    qtbot.waitUntil(lambda: one.adaptation.style is not None, timeout=8000)
    return one


def make(qtbot, session: Session, count: int = 2) -> None:
    session.set_brief(replace(session.brief, count=count, form="五绝"))
    before = len(session.project.works())
    session.make()
    qtbot.waitUntil(lambda: len(session.project.works()) == before + count, timeout=8000)
    qtbot.waitUntil(lambda: not session.making.is_busy, timeout=8000)


# ---- coming in ---------------------------------------------------------------------------------


def test_a_mixed_drop_sorts_itself(tmp_path, texts, pictures) -> None:
    other = tmp_path / "notes.xyz"
    other.write_bytes(b"?")
    taken = intake.collect([*texts, *pictures, other], ROOM)
    assert [item.medium for item in taken.items] == [Medium.TEXT] * 3 + [Medium.IMAGE] * 3
    assert "notes.xyz" in taken.problems[0].text
    assert taken.medium(Medium.IMAGE) is Medium.IMAGE
    assert intake.collect(texts, ROOM).medium(Medium.IMAGE) is Medium.TEXT


def test_each_medium_has_room_of_its_own(texts, pictures) -> None:
    taken = intake.collect([*texts, *pictures], {Medium.IMAGE: 1, Medium.TEXT: 2})
    assert [item.medium for item in taken.items].count(Medium.TEXT) == 2
    assert [problem.params["total"] for problem in taken.problems] == [3, 3]


def test_pasted_words_are_a_text_named_by_their_beginning() -> None:
    mime = QMimeData()
    mime.setText("  明月幾時有？把酒問青天。\n不知天上宮闕  ")
    found, problems = intake.sources(mime)
    (item,) = intake.collect(found, ROOM).items
    assert not problems
    assert item.name == "明月幾時有 把酒問青天.txt"
    assert item.data.decode().endswith("不知天上宮闕")
    mime.setText("  \n ")
    assert intake.sources(mime)[1][0].key == "tray.empty_paste"


def test_a_link_is_no_text() -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/wave.jpg")])
    mime.setText("https://example.org/wave.jpg")
    assert intake.sources(mime)[1][0].key == "tray.link"


# ---- two media side by side --------------------------------------------------------------------


def test_what_is_dropped_decides_what_is_worked_on(qtbot, session, pictures) -> None:
    assert session.medium is Medium.TEXT
    style = session.adaptation.style
    assert style is not None
    assert style.medium is Medium.TEXT
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.medium is Medium.IMAGE, timeout=8000)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    assert session.adaptation.style.medium is Medium.IMAGE
    assert len(session.references()) == 3
    assert len(session.project.references()) == 6
    session.show_medium(Medium.TEXT)
    assert session.adaptation.style == style, "nothing is learned twice"
    assert session.project.medium() is Medium.TEXT


def test_each_medium_keeps_its_brief_and_its_work(qtbot, session, pictures) -> None:
    make(qtbot, session)
    shown = session.current
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.medium is Medium.IMAGE, timeout=8000)
    assert session.current is None
    assert session.brief.medium is Medium.IMAGE
    session.set_brief(replace(session.brief, tile=True))
    session.show_medium(Medium.TEXT)
    assert (session.current, session.brief.form) == (shown, "五绝")
    session.history.undo()
    assert session.medium is Medium.IMAGE, "an undo shows what it changes"
    assert not session.brief.tile


def test_works_of_the_other_medium_do_not_push_in(qtbot, session, pictures) -> None:
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.show_medium(Medium.TEXT)
    added = []
    session.works_added.connect(added.append)
    session.make()
    session.show_medium(Medium.IMAGE)
    qtbot.waitUntil(lambda: len(session.project.works(Medium.TEXT)) == 4, timeout=8000)
    qtbot.waitUntil(lambda: not session.making.is_busy, timeout=8000)
    assert not added
    session.show_medium(Medium.TEXT)
    assert session.current == session.project.works(Medium.TEXT)[0].id


# ---- made, edited, exported --------------------------------------------------------------------


def test_words_are_shown_as_they_come_and_kept(qtbot, session) -> None:
    grown: list[str] = []
    session.growing.connect(lambda _job, shown: grown.append(shown[0].text))
    make(qtbot, session)
    assert grown == sorted(grown, key=len)
    assert len(grown) > 10
    newest = session.project.works(Medium.TEXT)[0]
    words = session.project.blob(newest.digest).decode()
    assert words.count("\n") == 1
    copied = copied_of(session.project.sidecar(newest.id))
    assert copied == Copied(run=0, words="", source="", share=0.0)


def test_an_edit_is_a_new_version_and_can_be_undone(qtbot, session) -> None:
    make(qtbot, session, count=1)
    (work,) = session.project.works()
    session.edit(work.id, "other words")
    edited = session.project.work(work.id)
    assert session.project.blob(edited.shown_digest) == b"other words"
    assert edited.digest == work.digest
    session.edit(work.id, "third words")
    session.history.undo()
    assert session.project.work(work.id) == edited
    session.history.undo()
    assert session.project.work(work.id) == work
    session.edit(work.id, session.project.blob(work.digest).decode())
    assert not session.project.work(work.id).edit, "the first version is no edit"


def test_edits_outlive_the_window(qtbot, session) -> None:
    make(qtbot, session, count=1)
    session.edit(1, "other words")
    session.project.close()
    again = Project.open(session.project.path)
    assert again.blob(again.work(1).shown_digest) == b"other words"
    again.close()


@pytest.mark.parametrize("wanted", FORMATS[Medium.TEXT])
def test_the_edited_text_leaves(qtbot, session, tmp_path, wanted: Format) -> None:
    make(qtbot, session)
    session.edit(1, "明月來相照。\n孤雲何處行。")
    paths = export_works(session.project, [1, 2], tmp_path / "out", wanted, vertical=True)
    assert [path.suffix for path in paths] == [f".{wanted}"] * 2
    about = json.loads(paths[0].with_suffix(".json").read_text("utf-8"))
    assert about["made_with_ai"] is True
    assert about["copied"]["source"] == "wang-wei-3"
    if wanted is Format.TXT:
        assert paths[0].read_text("utf-8") == "明月來相照。\n孤雲何處行。\n"


def test_wishes_without_a_place_are_not_sent() -> None:
    wish = TextBrief(form="浣溪沙", length=200, tones=True, acrostic="月")
    assert forms.trimmed(wish) == replace(wish, length=0, tones=False)
    free = replace(wish, form="古体")
    assert forms.trimmed(free) == replace(free, tones=False)
    picture = PictureBrief(tile=True)
    assert forms.trimmed(picture) is picture


def test_what_was_copied_in_one_line() -> None:
    assert copy_words(None) == ""
    assert copy_words(Copied(run=0, words="", source="", share=0.0)) == "Nothing copied"
    five = Copied(run=5, words="明月來相照", source="wang-wei-3", share=0.1)
    expected = "Longest shared run: 5 characters, “明月來相照”, from wang-wei-3"
    assert copy_words(five) == expected
    words = Copied(run=9, words="and so they went along the river to", source="", share=0.1)
    assert copy_words(words).startswith("Longest shared run: 9 words, “and so they went along")
    learned = replace(five, learned_run=14, learned_words="空山新雨後，天氣晚來秋")
    more = (
        "14 characters, “空山新雨後，天氣晚來秋”, seem to stand in what the generator learned from"
    )
    assert copy_words(learned) == f"{expected} · {more}"
    assert copy_words(replace(learned, run=0, words="", source="")) == more


def test_a_voice_that_only_recombines_says_so(session) -> None:
    adaptation = session.adaptation
    assert adaptation.caution is None
    lineage = {**adaptation.style.lineage, "memory_only": "français"}
    adaptation.style = replace(adaptation.style, lineage=lineage)
    caution = adaptation.caution
    assert caution is not None
    assert "never learned this language (français)" in caution.text


def test_texts_have_times_of_their_own(tmp_path) -> None:
    timings = Timings(tmp_path / "timings.json")
    text = TextBrief(count=2)
    timings.learn("CPU", PictureBrief(count=1), 9.0)
    assert timings.estimate_s("CPU", text) is None
    timings.learn("CPU", text, 3.0)
    assert timings.estimate_s("CPU", replace(text, count=4)) == pytest.approx(6.0)


def test_the_first_chinese_texts_decide_the_script(qtbot, session, tmp_path) -> None:
    assert session.brief.script is Script.TRADITIONAL
    session.set_brief(replace(session.brief, script=Script.SIMPLIFIED))
    session.add_sources(["床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"])
    qtbot.waitUntil(lambda: len(session.references()) == 4, timeout=8000)
    assert session.brief.script is Script.SIMPLIFIED, "later ones change no wish"
