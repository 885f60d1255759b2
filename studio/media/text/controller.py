"""What texts need in a session: their words, drafts while they are written, documents read."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.protocol import Medium, Script
from studio.client.background import Background
from studio.client.document_reader import DocumentReader
from studio.media.text.drafts import Drafts, restore
from studio.media.text.reading import Text, is_document, is_traditional, read, text_of
from studio.project.project import Project
from studio.project.rows import NewReference
from studio.state.digest_cache import DigestCache
from studio.state.history import History
from studio.state.medium import MediumController
from studio.state.services import MediumServices
from studio.state.session import Session

TEXTS_KEPT = 600


class TextController(MediumController):
    def __init__(self, services: MediumServices) -> None:
        super().__init__(services.workspace)
        self._documents = DocumentReader()
        self._readers = Background(parent=self)  # a slow document holds up other texts only
        self.texts: DigestCache[Text] = DigestCache(
            self._readers, self.read, text_of(""), TEXTS_KEPT, self
        )
        self.texts.ready.connect(self.content_ready)
        self.texts.ready.connect(self.preview_ready)
        self.drafts = Drafts(self)
        self.drafts.failed.connect(services.workspace.report)

    def read(self, data: bytes) -> Text:
        """The words of any file. Slow; call it off the window's thread."""
        return read(data, self._documents.words)

    def attach(self, project: Project) -> None:
        self.texts.read_from(project.blob)

    def restore(self, project: Project, history: History) -> int | None:
        return restore(project, history)

    def examine(self, items: Sequence[NewReference]) -> Mapping[str, Any]:
        """Works are written as the Chinese among the first references is."""
        script = script_of([item.data for item in items], self.read)
        return {} if script is None else {"script": script}

    def close(self) -> None:
        self._documents.close()
        self._readers.close()
        self.drafts.close()


def script_of(texts: Sequence[bytes], read) -> Script | None:
    """By the plain texts, which are quick to read; a document is asked when there are only such.

    None where nothing is Chinese."""
    plain = [data for data in texts if not is_document(data)]
    found = [read(data) for data in plain or texts[:1]]
    chinese = [text.words for text in found if text.is_chinese]
    if not chinese:
        return None
    traditional = 2 * sum(map(is_traditional, chinese)) > len(chinese)
    return Script.TRADITIONAL if traditional else Script.SIMPLIFIED


def text_controller_of(session: Session) -> TextController:
    """The session's controller of texts."""
    controller = session.controllers[Medium.TEXT]
    assert isinstance(controller, TextController)
    return controller
