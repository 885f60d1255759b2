"""What foreign files hold: asked of the engine, which reads them beside its jobs.

No file of the artist's is decoded in the window's process. Asking blocks, so other threads do it.
"""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from engine.protocol import Event, Failure, InspectRequest, InspectResult, Medium, Remark
from studio.client.background import Background
from studio.client.engine_client import EngineClient, EngineError, EngineState
from studio.i18n.errors import MaquetteError

THREADS = 2  # that may wait for the engine
_TRIES = 2  # an engine that ended while it read a file may have ended for another reason
_LONGEST_NAME = 60  # characters; the suffix says how to read


class UnreadableError(MaquetteError):
    """The engine cannot read this file; the sentence is in `failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("reading_refused", detail=failure.message)
        self.failure = failure


@dataclass(slots=True)
class _Asked:
    request: InspectRequest
    answer: Future[InspectResult] = field(default_factory=Future)
    tries: int = 0


class Inspector(QObject):
    """Any thread but the window's may ask; each waits for its own answer, and for the engine."""

    _came = Signal(str)  # the id of a question, into the thread of the window

    def __init__(self, client: EngineClient, folder: Path, parent: QObject | None = None) -> None:
        """`folder` holds files while they are read."""
        super().__init__(parent)
        self._client, self._folder = client, folder
        self.threads = Background(THREADS, self)
        self._asked: dict[str, _Asked] = {}
        self._remarks: dict[str, tuple[Remark, ...]] = {}
        self._lock = threading.Lock()
        self._open = True
        self.rests = False  # nothing is asked: a start failed on what there is to ask
        self._came.connect(self._send)
        client.event_received.connect(self._on_event)
        client.ready.connect(self._on_ready)
        client.crashed.connect(self._on_crashed)

    @contextmanager
    def inspected(
        self, data: bytes, name: str, medium: Medium, *, side_px: int = 0, sound: bool = False
    ) -> Iterator[InspectResult]:
        """What a file holds; what the engine wrote lies there as long as the context lasts.

        Raises UnreadableError; EngineError when there is no engine, or it ended over this; OSError.
        """
        folder = self._folder / uuid4().hex[:12]
        folder.mkdir(parents=True)
        try:
            path = folder / short_name(name)
            path.write_bytes(data)
            found = self._ask(
                InspectRequest(
                    job_id=f"look-{folder.name}",
                    path=str(path),
                    medium=medium,
                    out_dir=str(folder / "out"),
                    side_px=side_px,
                    sound=sound,
                )
            )
            if found.remarks:
                self._remarks[sha256(data).hexdigest()] = _of_file(found.remarks, name)
            yield found
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def remarks_of(self, digest: str) -> tuple[Remark, ...]:
        """What the engine had to say of how a file was read, by its digest."""
        return self._remarks.get(digest, ())

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._asked

    def close(self) -> None:
        """Whoever waits is told that there is no answer."""
        with self._lock:
            self._open = False
            asked, self._asked = list(self._asked.values()), {}
        for one in asked:
            one.answer.set_exception(EngineError("engine_not_ready"))
        self.threads.close()

    def _ask(self, request: InspectRequest) -> InspectResult:
        asked = _Asked(request)
        with self._lock:
            if not self._open or self.rests:
                raise EngineError("engine_not_ready")
            self._asked[request.job_id] = asked
        self._came.emit(request.job_id)
        return asked.answer.result()

    # ---- in the thread of the window ------------------------------------------------------------

    def _send(self, job_id: str) -> None:
        asked = self._asked.get(job_id)
        if asked is None:
            return
        if self._client.state is EngineState.READY:
            asked.tries += 1
            self._client.send(asked.request)
        elif self._client.state is EngineState.FAILED:
            self._fail(job_id, self._client.failure or EngineError("engine_not_ready"))

    def _on_ready(self, _hello: object) -> None:
        for job_id in tuple(self._asked):
            self._send(job_id)

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, InspectResult | Failure) or event.job_id not in self._asked:
            return
        with self._lock:
            asked = self._asked.pop(event.job_id, None)
        if asked is None:
            return
        if isinstance(event, Failure):
            asked.answer.set_exception(UnreadableError(event))
        else:
            asked.answer.set_result(event)

    def _on_crashed(self, error: EngineError) -> None:
        given_up = self._client.state is EngineState.FAILED
        for job_id, asked in tuple(self._asked.items()):
            if given_up or asked.tries >= _TRIES:
                self._fail(job_id, error)

    def _fail(self, job_id: str, error: EngineError) -> None:
        with self._lock:
            asked = self._asked.pop(job_id, None)
        if asked is not None:
            asked.answer.set_exception(error)


def short_name(name: str) -> str:
    """A name that every disk takes, with the suffix that says how to read the file."""
    path = Path(Path(name).name or "one")
    return f"{path.stem[:_LONGEST_NAME]}{path.suffix[:16]}"


def _of_file(remarks: tuple[Remark, ...], name: str) -> tuple[Remark, ...]:
    """They speak of the file by the name that it was read under, which may be a shorter one."""
    return tuple(replace(r, name=name, details={**r.details, "name": name}) for r in remarks)
