"""What pictures need in a session: their decoded forms, and the picture that works start from."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from engine.protocol import MAX_SIDE_PX, Medium, Use
from studio.client.background import Background
from studio.client.inspector import Inspector
from studio.media.image import reading, uses
from studio.media.image.pictures import size_of
from studio.media.image.start_picture import FoundPicture, StartPicture
from studio.media.image.uses import Size
from studio.project.project import Project
from studio.state.digest_cache import DigestCache
from studio.state.foreign_files import SortedCache
from studio.state.generation import new_seed
from studio.state.medium import MediumController
from studio.state.png import decode
from studio.state.services import MediumServices
from studio.state.session import Session

THUMB_PX, THUMBS_KEPT = 320, 100_000_000  # bytes: three times what a large screen shows
SIZES_KEPT = 600
PICTURES_KEPT, CANVASES_KEPT = uses.ALTERNATIVES + 2, 2  # alternatives hang side by side


class PictureCaches:
    """Of a project's pictures: small ones, whole works, and sizes. What an artist brought is shown
    as the engine reads it: upright, in its own colours.

    `canvases` are pictures to be painted on, no larger than a work can be, and `masks` what was
    painted; `sizes` are widths and heights in pixels, (0, 0) of what is no picture.
    """

    def __init__(self, background: Background, inspector: Inspector, parent: QObject) -> None:
        self._background, self._inspector, self._parent = background, inspector, parent
        self.thumbs = self._shown(THUMB_PX, THUMBS_KEPT, QImage.sizeInBytes)
        self.canvases = self._shown(MAX_SIDE_PX, CANVASES_KEPT, lambda _image: 1)
        self.pictures: DigestCache[bytes, QImage] = DigestCache(
            background, decode, QImage(), PICTURES_KEPT, parent
        )
        self.masks: DigestCache[bytes, QImage] = DigestCache(
            background, decode, QImage(), CANVASES_KEPT, parent
        )
        self.sizes: SortedCache[Size] = SortedCache(
            DigestCache(
                background, lambda data: size_of(data) or (0, 0), (0, 0), SIZES_KEPT, parent
            ),
            DigestCache(
                inspector.threads,
                lambda file: reading.size(inspector, file),
                (0, 0),
                SIZES_KEPT,
                parent,
            ),
            parent,
        )

    def attach(self, project: Project) -> None:
        for cache in (self.thumbs, self.canvases, self.sizes):
            cache.attach(project)
        for cache in (self.pictures, self.masks):
            cache.read_from(project.blob)

    def _shown(
        self, side_px: int, keep: int, cost: Callable[[QImage], float]
    ) -> SortedCache[QImage]:
        inspector, parent = self._inspector, self._parent
        return SortedCache(
            DigestCache(
                self._background, lambda data: decode(data, side_px), QImage(), keep, parent, cost
            ),
            DigestCache(
                inspector.threads,
                lambda file: reading.picture(inspector, file, side_px),
                QImage(),
                keep,
                parent,
                cost,
            ),
            parent,
        )


class ImageController(MediumController):
    def __init__(self, services: MediumServices) -> None:
        super().__init__(services.workspace)
        self._workspace, self._maker = services.workspace, services.maker
        self.caches = PictureCaches(services.workspace.background, services.inspector, self)
        self.caches.pictures.ready.connect(self.content_ready)
        self.caches.thumbs.ready.connect(self.preview_ready)
        self.start = StartPicture(services.workspace, services.inspector)
        self.start.begun.connect(self.begun)

    def attach(self, project: Project) -> None:
        self.caches.attach(project)

    # ---- variations ----------------------------------------------------------------------------

    def vary(self, work_id: int) -> None:
        """More pictures like this one, at once, in the style it was made in."""
        digest = self._workspace.project.works.get(work_id).digest
        start = {"use": Use.VARY, "content": digest, "mask": "", "strength": 1.0}
        self._maker.again(work_id, **start)

    def swap(self) -> None:
        """Alternatives for the marked region of the brief's picture, at once."""
        self._maker.make_from(uses.swapped(self._workspace.brief, new_seed()))

    def can_swap(self) -> bool:
        """Whether nothing lacks but perhaps the mask, which is still being painted."""
        return self._maker.lacking() in ("", "mask")

    def vary_reference(self, reference_id: int) -> None:
        """Pictures like this reference, in the style of all of them."""
        digest = self._workspace.project.references.get(reference_id).digest
        self.start.measure(digest, self._vary_found)

    def _vary_found(self, found: FoundPicture) -> None:
        brief = replace(self._workspace.brief, seed=new_seed())
        self._maker.make_from(uses.begun(brief, Use.VARY, *found))


def image_controller_of(session: Session) -> ImageController:
    """The session's controller of pictures."""
    controller = session.controllers[Medium.IMAGE]
    assert isinstance(controller, ImageController)
    return controller
