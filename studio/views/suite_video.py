"""A suite as a video: the text on the picture for as long as the piece lasts, written by Qt.

What Qt can write depends on the system: H.264 where the system has an encoder, else MPEG-4 Part 2,
with AAC. The file appears whole or not at all.
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QByteArray,
    QObject,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter

from studio.project.project import Project
from studio.state.medium import Media
from studio.state.png import decode
from studio.state.problems import Problem
from studio.state.suites import Suite
from studio.views.suite_picture import draw_set, words_of
from studio.widgets.file_decoder import FileDecoder

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QMediaFormat

SUFFIX = ".mp4"
_MOST = QSize(1280, 960)
_FRAMES_A_SECOND, _RATE, _CHANNELS = 5, 44_100, 2
_BYTES_A_SECOND = 2 * _RATE * _CHANNELS
_CHUNK = _BYTES_A_SECOND // 5
_MICRO = 1_000_000


def can_be_video(media: Media, suite: Suite) -> bool:
    """Whether there is something to see and something to hear."""
    return {"picture", "sound"} <= {media[medium].shown_as for medium in suite.works}


def frame_of(project: Project, media: Media, suite: Suite) -> QImage:
    """The picture with the text on it. Encoders want sides that are even."""
    shown = {
        media[medium].shown_as: project.blob(project.works.get(work).shown_digest)
        for medium, work in suite.works.items()
    }
    picture = decode(shown["picture"])
    size = picture.size().scaled(_MOST, Qt.AspectRatioMode.KeepAspectRatio)
    size = QSize(size.width() // 2 * 2, size.height() // 2 * 2)
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    hints = QPainter.RenderHint
    painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
    draw_set(painter, QRectF(image.rect()), picture, words_of(shown.get("words", b"")))
    painter.end()
    return image


class SuiteVideo(QObject):
    """Writes one video; `done` or `failed` comes once. It ends with this object."""

    done = Signal(object)  # Path
    failed = Signal(object)  # Problem

    def __init__(self, image: QImage, sound: bytes, target: Path, parent: QObject) -> None:
        """sound: a recording, as works of music are kept; target: a file that need not exist."""
        super().__init__(parent)
        self._image, self._target = image, target
        self._part = target.with_name(f".{target.stem}.part{SUFFIX}")
        self._pcm = bytearray()
        self._frames_sent = self._bytes_sent = 0
        self._is_over = False
        QTimer.singleShot(0, self, lambda: self._decode(sound))  # whoever made us listens by then

    # ---- the sound -----------------------------------------------------------------------------

    def _decode(self, sound: bytes) -> None:
        from PySide6.QtMultimedia import QAudioFormat

        self._form = QAudioFormat()
        self._form.setSampleRate(_RATE)
        self._form.setChannelCount(_CHANNELS)
        self._form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._decoder = FileDecoder(sound, self._form, self._pcm.extend, self._on_sound)

    def _on_sound(self, is_whole: bool) -> None:
        if is_whole and self._pcm:
            self._record()
        else:
            self._fail("")

    # ---- the video -----------------------------------------------------------------------------

    def _record(self) -> None:
        from PySide6.QtMultimedia import (
            QAudioBufferInput,
            QMediaCaptureSession,
            QMediaRecorder,
            QVideoFrameInput,
        )

        seconds = len(self._pcm) / _BYTES_A_SECOND
        self._frames = max(1, round(seconds * _FRAMES_A_SECOND))
        self._video = QVideoFrameInput(self)
        self._audio = QAudioBufferInput(self._form, self)
        self._recorder, self._session = QMediaRecorder(self), QMediaCaptureSession(self)
        self._session.setVideoFrameInput(self._video)
        self._session.setAudioBufferInput(self._audio)
        self._session.setRecorder(self._recorder)
        self._recorder.setMediaFormat(best_format())
        self._recorder.setQuality(QMediaRecorder.Quality.VeryHighQuality)
        self._recorder.setVideoFrameRate(_FRAMES_A_SECOND)
        self._recorder.setAutoStop(True)
        self._recorder.setOutputLocation(QUrl.fromLocalFile(str(self._part)))
        self._video.readyToSendVideoFrame.connect(self._send_frames)
        self._audio.readyToSendAudioBuffer.connect(self._send_sound)
        self._recorder.errorOccurred.connect(lambda _error, words: self._fail(words))
        self._recorder.recorderStateChanged.connect(self._on_state)
        self._recorder.record()

    def _send_frames(self) -> None:
        """As many as are taken; an empty one is the end."""
        from PySide6.QtMultimedia import QVideoFrame

        while self._frames_sent <= self._frames:
            frame, place = QVideoFrame(), self._frames_sent
            if place < self._frames:
                frame = QVideoFrame(self._image)
                frame.setStartTime(place * _MICRO // _FRAMES_A_SECOND)
                frame.setEndTime((place + 1) * _MICRO // _FRAMES_A_SECOND)
            if not self._video.sendVideoFrame(frame):
                return
            self._frames_sent += 1

    def _send_sound(self) -> None:
        from PySide6.QtMultimedia import QAudioBuffer

        while self._bytes_sent <= len(self._pcm):
            start = self._bytes_sent
            data = QByteArray(bytes(self._pcm[start : start + _CHUNK]))
            at = round(_MICRO * start / _BYTES_A_SECOND)
            buffer = QAudioBuffer(data, self._form, at) if data else QAudioBuffer()
            if not self._audio.sendAudioBuffer(buffer):
                return
            self._bytes_sent = start + _CHUNK if data else len(self._pcm) + 1
            if data and self._bytes_sent > len(self._pcm):
                self._bytes_sent = len(self._pcm)

    def _on_state(self) -> None:
        from PySide6.QtMultimedia import QMediaRecorder

        stopped = self._recorder.recorderState() is QMediaRecorder.RecorderState.StoppedState
        if not stopped or self._is_over:
            return
        try:
            self._part.replace(self._target)
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        self._is_over = True
        self.done.emit(self._target)

    def _fail(self, detail: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
        self.failed.emit(Problem("suite.no_video", {"detail": detail or "…"}))


def best_format() -> "QMediaFormat":
    """Of what this system writes."""
    from PySide6.QtMultimedia import QMediaFormat

    wanted = QMediaFormat(QMediaFormat.FileFormat.MPEG4)
    codecs = wanted.supportedVideoCodecs(QMediaFormat.ConversionMode.Encode)
    order = QMediaFormat.VideoCodec.H264, QMediaFormat.VideoCodec.MPEG4
    wanted.setVideoCodec(next((one for one in order if one in codecs), order[-1]))
    wanted.setAudioCodec(QMediaFormat.AudioCodec.AAC)
    return wanted
