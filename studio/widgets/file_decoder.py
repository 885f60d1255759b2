"""Recordings as samples, through Qt Multimedia, which is loaded with the first one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioFormat


class FileDecoder(QObject):
    """One file on its way to samples: `arrived(bytes)` again and again, then `done(well)` once."""

    def __init__(
        self,
        data: bytes,
        form: "QAudioFormat",
        arrived: Callable[[bytes], None],
        done: Callable[[bool], None],
    ) -> None:
        from PySide6.QtMultimedia import QAudioDecoder

        super().__init__()
        self._arrived, self._done = arrived, done
        self._decoder, self._buffer = QAudioDecoder(self), QBuffer(self)
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._decoder.setAudioFormat(form)
        self._decoder.setSourceDevice(self._buffer)
        self._decoder.bufferReady.connect(self._on_ready)
        self._decoder.finished.connect(lambda: self._end(True))
        self._decoder.error.connect(lambda _error: self._end(False))
        self._decoder.start()

    def stop(self) -> None:
        """No word more."""
        self._done = self._arrived = lambda _: None
        self._decoder.stop()

    def _on_ready(self) -> None:
        while self._decoder.bufferAvailable():
            self._arrived(bytes(self._decoder.read().constData()))

    def _end(self, well: bool) -> None:
        done, self._done = self._done, lambda _: None
        done(well)
