"""Which of the project's styles works are nearest to; nothing is said where there is one alone."""

from collections import Counter
from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from engine.protocol import NearStyle, WorkReport
from studio.i18n import t
from studio.widgets.base import Elided, Panel, column, label


def is_told_apart(near: NearStyle | None) -> bool:
    """Whether there was a choice."""
    return near is not None and bool(near.next)


class NearStyleLine(Panel):
    """Of one work: the style by its references, how surely, and the one that is next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._near: NearStyle | None = None
        self._words, self.name, self.beside = label("small"), Elided(), Elided("small")
        self.setLayout(column(self._words, self.name, self.beside, gap=0))
        self.retranslate()

    def show_near(self, near: NearStyle | None) -> None:
        self._near = near
        self.retranslate()

    def retranslate(self) -> None:
        near = self._near
        self.setVisible(is_told_apart(near))
        self._words.setText(t("report.style"))
        self._words.setToolTip(t("report.style_hint"))
        if near is not None and is_told_apart(near):
            share, other = round(100 * near.share), round(100 * near.next_share)
            self.name.set_text(near.name)
            self.beside.set_text(t("report.style_next", share=share, next=near.next, other=other))


def counted(reports: Iterable[WorkReport]) -> str:
    """Of several works: how many are nearest to each style, most first; "" without a choice."""
    near = [one.style for one in reports if one.style is not None and is_told_apart(one.style)]
    found = Counter(style.name for style in near)
    if not found:
        return ""
    each = [t("overview.style", name=name, n=count) for name, count in found.most_common()]
    return t("overview.styles", each=" · ".join(each))
