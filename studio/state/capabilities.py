"""What can be asked of the style that is in use: its generator says which fields it serves."""

from PySide6.QtCore import QObject, Signal

from engine.protocol import Brief, BriefT, GeneratorInfo
from studio.client.engine_client import EngineClient
from studio.state.adaptation import Adaptation
from studio.state.medium import Media
from studio.state.workspace import Workspace


class Capabilities(QObject):
    """The generator of the style that stands, as the engine introduced it.

    None while no style stands, or the engine has not said which generators it has: then everything
    is offered, and nothing is taken out of a brief.
    """

    changed = Signal()

    def __init__(
        self,
        client: EngineClient,
        workspace: Workspace,
        adaptation: Adaptation,
        media: Media,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._client, self._workspace, self._adaptation = client, workspace, adaptation
        self._media = media
        self.generator: GeneratorInfo | None = None
        for fact in (adaptation.changed, client.ready, workspace.medium_changed):
            fact.connect(lambda *_: self._update())

    def of(self, generator: str) -> GeneratorInfo | None:
        """A generator of the engine by its id."""
        known = self._client.hello.generators if self._client.hello is not None else ()
        return next((info for info in known if info.id == generator), None)

    def of_medium(self) -> tuple[GeneratorInfo, ...]:
        """Those that make works of the medium that is worked on."""
        known = self._client.hello.generators if self._client.hello is not None else ()
        return tuple(info for info in known if info.medium == self._workspace.medium)

    def without_claims(self) -> GeneratorInfo | None:
        """A generator that needs to know nothing of the references, and so cannot be wrong."""
        choice = self._adaptation.choice
        for info in self.of_medium() if choice is not None else ():
            if not info.on_models and choice is not None and choice.of(info.id) is None:
                return info
        return None

    def lacks_model(self) -> bool:
        """Whether a generator stands on models, and none was there to be asked."""
        choice, infos = self._adaptation.choice, self.of_medium()
        return any(
            info.on_models and choice is not None and choice.of(info.id) is None for info in infos
        )

    def serves_action(self, name: str) -> bool:
        """Whether works can be made by this action of the window."""
        rules = self._media[self._workspace.medium]
        return self.generator is None or rules.serves_action(self.generator, name)

    def served(self, brief: BriefT) -> BriefT:
        """The brief without what the generator does not serve: the window does not show it."""
        if self.generator is None or self.generator.medium != brief.medium:
            return brief
        return self._media[brief.medium].served(brief, self.generator)

    def served_by(self, brief: Brief, generator: str) -> Brief:
        """The brief without what this generator of the engine does not serve."""
        info = self.of(generator)
        return brief if info is None else self._media[brief.medium].served(brief, info)

    def _update(self) -> None:
        """While a style is learned anew, what was offered before stays."""
        style = self._adaptation.style
        if style is None:
            found = None
        elif self._client.hello is None:
            return
        else:
            found = self.of(str(style.lineage.get("generator", "")))
        if found != self.generator:
            self.generator = found
            self.changed.emit()
