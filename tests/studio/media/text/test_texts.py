"""Texts through the state: they come in, are learned from, made, edited, exported."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QUrl

from engine.protocol import Copied, Medium, Script, TextBrief
from studio.media.text import forms
from studio.media.text.copied_words import copied_words
from studio.media.text.rules import TextRules
from studio.project.project import Project
from studio.state import intake
from studio.state.adaptation import StyleState
from studio.state.export import export_works
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.orders import copied_of
from studio.state.session import Session
from tests.studio.sessions import ROOM, RULES


@pytest.fixture
def session(qtbot, make_session, texts) -> Session:
    """A session that has learned from three texts."""
    one = make_session()
    one.add_sources(texts)
    qtbot.waitUntil(lambda: one.adaptation.style is not None, timeout=8000)
    return one


def make(qtbot, session: Session, count: int = 2) -> None:
    session.workspace.set_brief(replace(session.workspace.brief, count=count, form="五绝"))
    before = len(session.workspace.project.works.all())
    session.maker.make()
    qtbot.waitUntil(
        lambda: len(session.workspace.project.works.all()) == before + count, timeout=8000
    )
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)


# ---- coming in ---------------------------------------------------------------------------------


def test_a_mixed_drop_sorts_itself(tmp_path, texts, pictures) -> None:
    other = tmp_path / "notes.xyz"
    other.write_bytes(b"?")
    taken = intake.collect(RULES, [*texts, *pictures, other], ROOM)
    assert [item.medium for item in taken.items] == [Medium.TEXT] * 3 + [Medium.IMAGE] * 3
    assert "notes.xyz" in taken.problems[0].text
    assert taken.medium(Medium.IMAGE) is Medium.IMAGE
    assert intake.collect(RULES, texts, ROOM).medium(Medium.IMAGE) is Medium.TEXT


def test_each_medium_has_room_of_its_own(texts, pictures) -> None:
    taken = intake.collect(RULES, [*texts, *pictures], {**ROOM, Medium.IMAGE: 1, Medium.TEXT: 2})
    assert [item.medium for item in taken.items].count(Medium.TEXT) == 2
    assert [problem.params["total"] for problem in taken.problems] == [3, 3]


def test_pasted_words_are_a_text_named_by_their_beginning() -> None:
    mime = QMimeData()
    mime.setText("  明月幾時有？把酒問青天。\n不知天上宮闕  ")
    found, problems = intake.sources(mime)
    (item,) = intake.collect(RULES, found, ROOM).items
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
    assert session.workspace.medium is Medium.TEXT
    style = session.adaptation.style
    assert style is not None
    assert style.medium is Medium.TEXT
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.workspace.medium is Medium.IMAGE, timeout=8000)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    assert session.adaptation.style.medium is Medium.IMAGE
    assert len(session.workspace.references()) == 3
    assert len(session.workspace.project.references.all()) == 6
    session.workspace.show_medium(Medium.TEXT)
    assert session.adaptation.style == style, "nothing is learned twice"
    assert session.workspace.project.working_state.medium() is Medium.TEXT


def test_each_medium_keeps_its_brief_and_its_work(qtbot, session, pictures) -> None:
    make(qtbot, session)
    shown = session.workspace.current
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.workspace.medium is Medium.IMAGE, timeout=8000)
    assert session.workspace.current is None
    assert session.workspace.brief.medium is Medium.IMAGE
    session.workspace.set_brief(replace(session.workspace.brief, tile=True))
    session.workspace.show_medium(Medium.TEXT)
    assert (session.workspace.current, session.workspace.brief.form) == (shown, "五绝")
    session.workspace.history.undo()
    assert session.workspace.medium is Medium.IMAGE, "an undo shows what it changes"
    assert not session.workspace.brief.tile


def test_works_of_the_other_medium_do_not_push_in(qtbot, session, pictures) -> None:
    session.add_sources(pictures)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.workspace.show_medium(Medium.TEXT)
    added = []
    session.maker.works_added.connect(added.append)
    session.maker.make()
    session.workspace.show_medium(Medium.IMAGE)
    qtbot.waitUntil(
        lambda: len(session.workspace.project.works.all(Medium.TEXT)) == 4, timeout=8000
    )
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)
    assert not added
    session.workspace.show_medium(Medium.TEXT)
    assert session.workspace.current == session.workspace.project.works.all(Medium.TEXT)[0].id


# ---- made, edited, exported --------------------------------------------------------------------


def test_words_are_shown_as_they_come_and_kept(qtbot, session) -> None:
    grown: list[str] = []
    session.maker.growing.connect(lambda _job, shown: grown.append(shown[0].text))
    make(qtbot, session)
    assert grown == sorted(grown, key=len)
    assert len(grown) > 10
    newest = session.workspace.project.works.all(Medium.TEXT)[0]
    words = session.workspace.project.blob(newest.digest).decode()
    assert words.count("\n") == 1
    copied = copied_of(session.workspace.project.works.sidecar(newest.id))
    assert copied == Copied(run=0, words="", source="", share=0.0)


def test_an_edit_is_a_new_version_and_can_be_undone(qtbot, session) -> None:
    make(qtbot, session, count=1)
    (work,) = session.workspace.project.works.all()
    session.edits.edit(work.id, "other words")
    edited = session.workspace.project.works.get(work.id)
    assert session.workspace.project.blob(edited.shown_digest) == b"other words"
    assert edited.digest == work.digest
    session.edits.edit(work.id, "third words")
    session.workspace.history.undo()
    assert session.workspace.project.works.get(work.id) == edited
    session.workspace.history.undo()
    assert session.workspace.project.works.get(work.id) == work
    session.edits.edit(work.id, session.workspace.project.blob(work.digest).decode())
    assert not session.workspace.project.works.get(work.id).edit, "the first version is no edit"


def test_edits_outlive_the_window(qtbot, session) -> None:
    make(qtbot, session, count=1)
    session.edits.edit(1, "other words")
    session.workspace.project.close()
    again = Project.open(session.workspace.project.path)
    assert again.blob(again.works.get(1).shown_digest) == b"other words"
    again.close()


@pytest.mark.parametrize("wanted", TextRules.export_formats)
def test_the_edited_text_leaves(qtbot, session, tmp_path, wanted: ExportFormat) -> None:
    make(qtbot, session)
    session.edits.edit(1, "明月來相照。\n孤雲何處行。")
    paths = export_works(
        session.workspace.project,
        RULES,
        [1, 2],
        tmp_path / "out",
        ExportOptions(wanted, vertical=True),
    )
    assert [path.suffix for path in paths] == [f".{wanted}"] * 2
    about = json.loads(paths[0].with_suffix(".json").read_text("utf-8"))
    assert about["made_with_ai"] is True
    assert about["copied"]["source"] == "wang-wei-3"
    if wanted is ExportFormat.TXT:
        assert paths[0].read_text("utf-8") == "明月來相照。\n孤雲何處行。\n"


def test_wishes_without_a_place_are_not_sent() -> None:
    wish = TextBrief(form="浣溪沙", length=200, tones=True, acrostic="月")
    assert forms.trimmed(wish) == replace(wish, length=0, tones=False)
    free = replace(wish, form="古体")
    assert forms.trimmed(free) == replace(free, tones=False)


def test_what_was_copied_in_one_line() -> None:
    assert copied_words(None) == ""
    assert copied_words(Copied(run=0, words="", source="", share=0.0)) == "Nothing copied"
    five = Copied(run=5, words="明月來相照", source="wang-wei-3", share=0.1)
    expected = "Longest shared run: 5 characters, “明月來相照”, from wang-wei-3"
    assert copied_words(five) == expected
    words = Copied(run=9, words="and so they went along the river to", source="", share=0.1)
    assert copied_words(words).startswith("Longest shared run: 9 words, “and so they went along")
    learned = replace(five, learned_run=14, learned_words="空山新雨後，天氣晚來秋")
    more = (
        "14 characters, “空山新雨後，天氣晚來秋”, seem to stand in what the generator learned from"
    )
    assert copied_words(learned) == f"{expected} · {more}"
    assert copied_words(replace(learned, run=0, words="", source="")) == more


def test_a_voice_that_only_recombines_says_so(session) -> None:
    adaptation = session.adaptation
    assert adaptation.caution is None
    lineage = {**adaptation.style.lineage, "memory_only": "français"}
    adaptation.style = replace(adaptation.style, lineage=lineage)
    caution = adaptation.caution
    assert caution is not None
    assert "never learned this language (français)" in caution.text


def test_texts_have_times_of_their_own() -> None:
    texts, text = TextRules(), TextBrief(count=2, form="sonnet")
    assert texts.timing_key(text) == "texts of sonnet"
    assert texts.effort(replace(text, count=4)) == 2 * texts.effort(text)


def test_the_first_chinese_texts_decide_the_script(qtbot, session, tmp_path) -> None:
    qtbot.waitUntil(lambda: session.workspace.brief.script is Script.TRADITIONAL, timeout=20_000)
    session.workspace.set_brief(replace(session.workspace.brief, script=Script.SIMPLIFIED))
    session.add_sources(["床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"])
    qtbot.waitUntil(lambda: len(session.workspace.references()) == 4, timeout=8000)
    assert session.workspace.brief.script is Script.SIMPLIFIED, "later ones change no wish"
