"""What a session offers to the controllers of its media, and how it gets them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from studio.client.inspector import Inspector
from studio.client.job_queue import JobQueue
from studio.state.make_controller import MakeController
from studio.state.medium import MediumController, MediumRules
from studio.state.project_controller import ProjectController
from studio.state.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MediumServices:
    workspace: Workspace
    edits: ProjectController
    maker: MakeController
    jobs: JobQueue
    inspector: Inspector


class MediumParts(Protocol):
    """What the registry of media gives a session of each."""

    @property
    def rules(self) -> MediumRules: ...
    @property
    def controller(self) -> Callable[[MediumServices], MediumController]: ...
