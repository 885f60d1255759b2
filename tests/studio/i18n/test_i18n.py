"""Both languages say everything, and the code says nothing by itself."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication, QComboBox, QDialog
from pytestqt.qtbot import QtBot

from studio import i18n
from studio.i18n import catalogue, t
from studio.widgets import theme

STUDIO = Path(i18n.__file__).parents[1]
ENGLISH, CHINESE = catalogue("en"), catalogue("zh")
SPOKEN = ("setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName")
SPOKEN += ("set_words", "set_text", "setTitle", "addItem")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    i18n.set_language("en")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    singular = {key for key in ENGLISH.keys() | CHINESE.keys() if key.endswith(".one")}
    assert ENGLISH.keys() - singular == CHINESE.keys() - singular
    assert all(key.removesuffix(".one") in ENGLISH for key in singular)


def test_both_languages_name_the_same_things() -> None:
    # An engine's own sentence is English: the Chinese line stands before it.
    both = ENGLISH.keys() & CHINESE.keys()
    unlike = {key for key in both if placeholders(ENGLISH[key]) != placeholders(CHINESE[key])}
    assert not unlike


def test_a_singular_says_no_more_than_its_plural() -> None:
    for entries in (ENGLISH, CHINESE):
        for key, text in entries.items():
            if key.endswith(".one"):
                assert placeholders(text) <= placeholders(entries[key.removesuffix(".one")])


def test_latin_letters_and_digits_stand_apart_from_chinese_characters() -> None:
    i18n.set_language("zh")
    assert (
        t("generator.made_by", name="Maquette 自带的语言模型") == "由 Maquette 自带的语言模型学成"
    )
    assert t("generator.made_by", name="乐谱模型") == "由乐谱模型学成"
    assert t("generator.made_by", name="MusicGen") == "由 MusicGen 学成"
    assert (
        i18n.filled("{name}：{n:.1f}{unit}", {"name": "画a", "n": 2, "unit": "秒"}) == "画a：2.0 秒"
    )
    with pytest.raises(KeyError):
        i18n.filled("{name}", {"n": 1})


def test_chinese_is_chinese() -> None:
    same = {"window.title", "settings.language_en", "engine.status", "filter.stars_5"}
    for key, text in CHINESE.items():
        if key not in same and not key.startswith(("export.format_", "list.")):
            assert re.search(r"[\u4e00-\u9fff]|\{", text), key


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for file in STUDIO.rglob("*.py"):
        yield file, ast.parse(file.read_text("utf-8"))


def keys_in(call: ast.Call) -> Iterator[str]:
    """The key of a call of t() as a pattern: what stands in braces may be anything."""
    first = call.args[0]
    for node in ast.walk(first):
        if isinstance(node, ast.JoinedStr):
            parts = (
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                for part in node.values
            )
            yield "".join(str(part) for part in parts)
            return
    for node in ast.walk(first):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)


def test_every_key_in_the_code_exists() -> None:
    unknown = []
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("t", "Problem"):
                unknown += [
                    (file.name, node.lineno, pattern)
                    for pattern in keys_in(node)
                    if not any(re.fullmatch(pattern, key) for key in ENGLISH)
                ]
    assert not unknown


def test_views_say_nothing_by_themselves() -> None:
    for file, tree in sources():
        if file.relative_to(STUDIO).parts[0] not in ("views", "widgets", "media"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SPOKEN:
                for argument in node.args[:1]:
                    text = str(argument.value) if isinstance(argument, ast.Constant) else ""
                    assert not re.search(r"[A-Za-z]{2}", text), (file, node.lineno, text)


def test_one_and_many() -> None:
    assert t("gallery.count", n=1) == "1 work"
    assert t("gallery.count", n=3) == "3 works"
    i18n.set_language("zh")
    assert t("gallery.count", n=1) == "1 件"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        t("no.such.key")


def test_the_bundled_faces_have_every_character(qapp: QApplication) -> None:
    faces = [QRawFont(str(theme.ASSETS / "fonts" / name), 13) for name in theme.FONT_FILES]
    for entries in (ENGLISH, CHINESE):
        signs = set("".join(entries.values())) - {" ", "\n"}
        missing = {s for s in signs if not any(f.supportsCharacter(ord(s)) for f in faces)}
        assert not missing


@pytest.mark.parametrize(
    ("language", "names", "sentences"),
    [("en", "ink, wave", "One. Two."), ("zh", "ink、wave", "One.Two.")],
)
def test_names_and_sentences_follow_each_other_as_the_language_writes(
    language: str, names: str, sentences: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n._speaker, "entries", catalogue(language))
    assert i18n.listed(["ink", "wave"]) == names
    assert i18n.in_a_row(["One.", "", "Two."]) == sentences


def test_each_window_is_told_once_that_the_language_changed(qtbot: QtBot) -> None:
    told: list[str] = []

    class Told(QDialog):
        def changeEvent(self, event: QEvent) -> None:
            if event.type() == QEvent.Type.LanguageChange:
                told.append(self.objectName())
            super().changeEvent(event)

    window = Told()
    window.setObjectName("window")
    dialog = Told(window)
    dialog.setObjectName("dialog")
    QComboBox(window).addItems(["one", "two"])
    qtbot.addWidget(window)
    for one in (window, dialog):
        one.show()
    i18n.set_language("zh")
    i18n.set_language("en")
    assert told == ["window", "dialog"] * 2
