"""What texts need in a session: their words, and drafts while they are written."""

from collections.abc import Sequence

from engine.protocol import Medium, Script
from studio.client.inspector import Inspector
from studio.media.text.drafts import Drafts, restore
from studio.media.text.words import Text, made, shown, text_of
from studio.project.project import Project
from studio.state.digest_cache import DigestCache
from studio.state.foreign_files import Foreign, SortedCache
from studio.state.history import History
from studio.state.medium import MediumController
from studio.state.services import MediumServices
from studio.state.session import Session

TEXTS_KEPT = 600


class TextController(MediumController):
    def __init__(self, services: MediumServices) -> None:
        super().__init__(services.workspace)
        self._workspace, self._inspector = services.workspace, services.inspector
        nothing, threads = text_of(""), services.inspector.threads
        self.texts: SortedCache[Text] = SortedCache(
            DigestCache(services.workspace.background, made, nothing, TEXTS_KEPT, self),
            DigestCache(threads, self.read, nothing, TEXTS_KEPT, self),
            self,
        )
        self.texts.ready.connect(self.content_ready)
        self.texts.ready.connect(self.preview_ready)
        self.texts.brought.ready.connect(self._on_read)
        self._before: Script | None = None  # that of the brief, while that of what came is unknown
        self.drafts = Drafts(self)
        self.drafts.failed.connect(services.workspace.report)

    def read(self, file: Foreign) -> Text:
        """The words of any file, as the engine reads it. Slow; call it off the window's thread."""
        return read(self._inspector, file)

    def attach(self, project: Project) -> None:
        self._before = None
        self.texts.attach(project)

    def restore(self, project: Project, history: History) -> int | None:
        return restore(project, history)

    def first_came(self) -> None:
        """Works are written as the Chinese among them is, unless the artist says so meanwhile."""
        self._before = self._script()
        self._decide()

    def _on_read(self, digest: str) -> None:
        text, project = self.texts.get(digest), self._workspace.project
        if text is not None and text.words:
            language = "zh" if text.is_chinese else "en"
            if project.working_state.language_of(digest) != language:
                self._workspace.attempt(
                    lambda: project.working_state.save_language(digest, language)
                )
        self._decide()

    def _decide(self) -> None:
        if self._before is None:
            return
        rows = self._workspace.project.references.all(Medium.TEXT)
        texts = [text for row in rows if (text := self.texts.get(row.digest)) is not None]
        if len(texts) < len(rows):
            return
        before, self._before = self._before, None
        if (script := script_of(texts)) is not None and self._script() is before:
            self._workspace.attempt(
                lambda: self._workspace.briefs.change(Medium.TEXT, script=script)
            )

    def _script(self) -> Script:
        return self._workspace.briefs.of(Medium.TEXT).script

    def close(self) -> None:
        self.drafts.close()


def read(inspector: Inspector, file: Foreign) -> Text:
    with inspector.inspected(file.data, file.name, Medium.TEXT) as found:
        return shown(found.text, found.script)


def script_of(texts: Sequence[Text]) -> Script | None:
    """That of most of the Chinese ones; None where nothing is Chinese."""
    chinese = [text for text in texts if text.is_chinese]
    if not chinese:
        return None
    traditional = 2 * sum(text.script == Script.TRADITIONAL for text in chinese) > len(chinese)
    return Script.TRADITIONAL if traditional else Script.SIMPLIFIED


def text_controller_of(session: Session) -> TextController:
    """The session's controller of texts."""
    controller = session.controllers[Medium.TEXT]
    assert isinstance(controller, TextController)
    return controller
