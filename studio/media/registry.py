"""The media of the studio, in the order of the window: one line each.

To add a medium, write its folder here and one in the engine, and add its line below.
"""

from collections.abc import Callable
from dataclasses import dataclass

from studio.media.audio.controller import AudioController
from studio.media.audio.rules import AudioRules
from studio.media.audio.view import AudioView
from studio.media.image.controller import ImageController
from studio.media.image.rules import ImageRules
from studio.media.image.view import ImageView
from studio.media.text.controller import TextController
from studio.media.text.rules import TextRules
from studio.media.text.view import TextView
from studio.state.medium import MediumController, MediumRules
from studio.state.services import MediumServices
from studio.state.session import Session
from studio.views.medium_view import MediumView


@dataclass(frozen=True, slots=True)
class MediumEntry:
    """What a medium brings: its rules, its controller in a session, its view in a window."""

    rules: MediumRules
    controller: Callable[[MediumServices], MediumController]
    view: Callable[[Session], MediumView]


MEDIA = (
    MediumEntry(ImageRules(), ImageController, ImageView),
    MediumEntry(TextRules(), TextController, TextView),
    MediumEntry(AudioRules(), AudioController, AudioView),
)
