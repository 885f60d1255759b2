"""Under the music: back to the start, play or pause, loop, the time; and what is to be known."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.i18n import t
from studio.media.audio.music import clock
from studio.media.audio.player import Player
from studio.views.actions import key_words
from studio.widgets.base import Elided, Panel, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.slider import QuietSlider

_ICON_PX, _VOLUME_PX = 20, 72


class Transport(Panel):
    """Follows the player; what a button means is the wall's to say."""

    play_asked = Signal()
    start_asked = Signal()
    loop_asked = Signal()
    swap_asked = Signal()
    notation_asked = Signal(bool)
    volume_chosen = Signal(int)  # 0 … 100, when the hand has come to rest

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._ready, self._note_text = False, ""
        self.to_start, self.play = IconButton("skip-back"), IconButton("play", _ICON_PX)
        self.loop = IconButton("repeat")
        self.loop.setCheckable(True)
        self.swap = IconButton("arrow-left-right", words=True)
        self.swap.hide()
        self.notation = IconButton("music", words=True, toggle=True)
        self.notation.setCheckable(True)
        self.notation.hide()
        self.time, self.note = label(), Elided("dim")
        self.note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.time.setMinimumWidth(92)
        self.volume = QuietSlider(0, 100, 100)
        self.volume.setFixedWidth(_VOLUME_PX)
        self._loud = label("small")
        tools = row(self.to_start, self.play, self.loop, self.swap, gap=4)
        line = row(tools, self.time, self._loud, self.volume, self.notation, self.note, gap=12)
        line.setContentsMargins(16, 0, 16, 8)
        line.addStrut(36)
        self.setLayout(line)
        self.play.clicked.connect(self.play_asked)
        self.to_start.clicked.connect(self.start_asked)
        self.swap.clicked.connect(self.swap_asked)
        self.loop.clicked.connect(lambda _on: self.loop_asked.emit())
        self.notation.clicked.connect(self.notation_asked)
        self.volume.valueChanged.connect(lambda value: player.set_volume(value / 100))
        self.volume.settled.connect(self.volume_chosen)
        player.changed.connect(self._show)
        player.moved.connect(self.show_time)
        self._seconds = 0.0
        self.retranslate()

    def show_ready(self, ready: bool, seconds: float, note: str = "", two: bool = False) -> None:
        """Whether there is something to hear, how long it is, a remark on it, and whether there
        are two that can be changed over."""
        self.swap.setVisible(two)
        self._ready, self._seconds, self._note_text = ready, seconds, note
        self._show()

    def show_notation(self, offered: bool) -> None:
        """Whether what hangs here can be seen in notation."""
        self.notation.setVisible(offered)

    def show_volume(self, percent: int) -> None:
        """As it was left."""
        self.volume.setValue(percent)

    def retranslate(self) -> None:
        self.to_start.set_words(t("music.to_start"), key_words("to_start"))
        self.loop.set_words(t("music.loop"), key_words("repeat"))
        self.swap.set_words(t("music.change_over"), key_words("swap"))
        self.notation.set_words(t("music.notation"))
        self.notation.setToolTip(t("music.notation_hint"))
        self.time.setAccessibleName(t("music.time"))
        self._loud.setText(t("music.volume"))
        self.volume.setAccessibleName(t("music.volume"))
        self.volume.setToolTip(t("what.volume"))
        self._show()

    def _show(self) -> None:
        player = self._player
        self.play.set_icon("pause" if player.is_playing else "play", filled=True)
        words = t("music.pause") if player.is_playing else t("music.play")
        self.play.set_words(words, key_words("toggle_fit"))
        for tool in (self.play, self.to_start):
            tool.setEnabled(self._ready or player.is_playing)
        self.loop.setChecked(player.loops)
        silent = player.problem is not None
        self.note.set_text(t("music.silent") if silent else self._note_text)
        self.show_time()

    def show_time(self) -> None:
        player = self._player
        whole = player.seconds if player.track is not None else self._seconds
        words = t("music.position", now=clock(player.position_s), whole=clock(whole))
        if words != self.time.text():
            self.time.setText(words if whole else "")
