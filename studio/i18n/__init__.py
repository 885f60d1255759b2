"""The interface's words. `t("make.button", n=4)` gives "Make 4", or its Chinese.

One flat catalogue a language, each written for itself: NAME.LANG.json files beside this one are
merged. A key with a `.one` sibling uses that when `n` is 1.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter

from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

LANGUAGES = ("en", "zh")
_FOLDER = Path(__file__).parent
_TOUCHING = re.compile("[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")


def catalogue(language: str) -> dict[str, str]:
    """All entries of one language, from `en.json`, `errors.en.json` and so on."""
    entries: dict[str, str] = {}
    for file in sorted(_FOLDER.glob(f"*{language}.json")):
        entries |= json.loads(file.read_text("utf-8"))
    return entries


class _Speaker:
    def __init__(self) -> None:
        self.language = "en"
        self.entries = catalogue("en")


_speaker = _Speaker()


def language() -> str:
    """The language that is spoken now: "en" or "zh"."""
    return _speaker.language


def t(key: str, **params: object) -> str:
    """The words of `key` in the current language. An unknown key or gap raises KeyError."""
    if params.get("n") == 1 and f"{key}.one" in _speaker.entries:
        key = f"{key}.one"
    return filled(_speaker.entries[key], params)


def filled(template: str, params: Mapping[str, object]) -> str:
    """The template with its gaps filled; where a Chinese character would then touch a Latin letter
    or a digit, a space is between them. A gap without a value raises KeyError."""
    if not params:
        return template.format()
    words = ""
    for text, gap, form, conversion in Formatter().parse(template):
        words = _joined(words, text)
        if gap is not None:
            field = f"{{{gap}{'!' + conversion if conversion else ''}:{form}}}"
            words = _joined(words, field.format(**params))
    return words


def _joined(before: str, after: str) -> str:
    ends = before[-1:] + after[:1]
    return before + (" " if _TOUCHING.fullmatch(ends) else "") + after


def listed(words: Iterable[str]) -> str:
    """ "ink, wave", or "墨、浪" in Chinese."""
    return t("list.words").join(words)


def in_a_row(sentences: Iterable[str]) -> str:
    """Sentences one after the other, with a space between where the language has one; empty ones
    are left out."""
    return t("list.sentences").join(filter(None, sentences))


def knows(key: str) -> bool:
    """Whether the catalogue has words for this key."""
    return key in _speaker.entries


def resolve(choice: str) -> str:
    """ "system" becomes the language of the machine, when we speak it."""
    if choice in LANGUAGES:
        return choice
    spoken = QLocale.system().uiLanguages()
    return "zh" if spoken and spoken[0].startswith("zh") else "en"


def set_language(choice: str) -> None:
    """Speak "en", "zh" or what the "system" speaks; open windows are told to change their words."""
    _speaker.language = resolve(choice)
    _speaker.entries = catalogue(_speaker.language)
    if isinstance(app := QApplication.instance(), QApplication):
        for window in filter(_stands_alone, app.topLevelWidgets()):
            if isValid(window):
                QApplication.sendEvent(window, QEvent(QEvent.Type.LanguageChange))


def _stands_alone(widget: QWidget) -> bool:
    """Whether nobody passes events on to it. Lists that drop down and tool tips are no windows:
    they belong to others and may be gone once those have changed their words."""
    kinds = (Qt.WindowType.Window, Qt.WindowType.Dialog)
    return widget.windowType() in kinds and widget.parentWidget() is None
