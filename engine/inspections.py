"""Files that somebody looks at are read beside the jobs, in a thread and a decoding child of their
own: a card in the window does not wait until a style is learned."""

from collections.abc import Callable
from queue import SimpleQueue

from engine.core.decoding.decoder import ChildDecoder
from engine.media import decoders
from engine.protocol import Cancelled, Event, InspectRequest
from engine.service import Service


class Inspections:
    """Inspections in the order in which they were asked for."""

    def __init__(
        self,
        service: Service,
        speak: Callable[[Event], None],
        is_cancelled: Callable[[str], bool],
    ) -> None:
        self._service, self._speak, self._is_cancelled = service, speak, is_cancelled
        self._asked: SimpleQueue[InspectRequest] = SimpleQueue()

    def put(self, request: InspectRequest) -> None:
        self._asked.put(request)

    def work(self) -> None:
        """For ever; the thread of a daemon."""
        while True:
            self._answer(self._asked.get())

    def _answer(self, request: InspectRequest) -> None:
        events = self._service.run(request)
        for event in events:
            if self._is_cancelled(request.job_id):
                events.close()
                self._speak(Cancelled(job_id=request.job_id))
                return
            self._speak(event)


def service_beside(service: Service) -> Service:
    """One whose foreign files are decoded by a child of its own."""
    decoder = ChildDecoder()
    decoder.start(decoders.modules_of())
    return Service(service.device, service.catalogue, decoder)
