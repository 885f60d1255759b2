"""Earlier styles of the project and their shares: what lies between them becomes the style."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import listed, t
from studio.project.project import Project
from studio.project.rows import StyleRow
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.medium_view import MediumView, MediumViews
from studio.widgets import theme
from studio.widgets.base import Elided, Panel, column, row
from studio.widgets.buttons import TextButton
from studio.widgets.fold import Fold
from studio.widgets.notice import Notice
from studio.widgets.slider import QuietSlider
from studio.widgets.thumb import middle

_SIDE_PX, _SHOWN, _WHOLE = 28, 3, 100


class _Strip(QWidget):
    """The first references of a style, small."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images: list[QImage] = []
        self.setFixedSize(QSize(_SHOWN * (_SIDE_PX + 2), _SIDE_PX))

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, image in enumerate(self.images[:_SHOWN]):
            box = QRectF(place * (_SIDE_PX + 2), 0, _SIDE_PX, _SIDE_PX)
            painter.fillRect(box, QColor(theme.colours().raised))
            if not image.isNull():
                painter.drawImage(box, image, middle(image))


class _Share(Panel):
    """One style: its references and its share."""

    def __init__(
        self, project: Project, view: MediumView, style: StyleRow, share: int, now: bool
    ) -> None:
        super().__init__()
        self._view, self.style_row, self._now = view, style, now
        self._references = [project.references.get(key) for key in style.reference_weights]
        self._strip, self._name = _Strip(self), Elided("small")
        self.slider = QuietSlider(0, _WHOLE, share)
        beside = column(self._name, self.slider, gap=0)
        line = row(self._strip, beside)
        line.setStretch(1, 1)
        self.setLayout(line)
        self.show_images()
        self.retranslate()

    def retranslate(self) -> None:
        names = listed(short_names([each.name for each in self._references]))
        words = t("blend.now") if self._now else names
        self._name.set_text(words)
        self._name.setToolTip(names)
        self.slider.setAccessibleName(t("blend.share_of", name=words))
        self.slider.setToolTip(t("what.blend_share"))

    def show_images(self) -> None:
        """Where the medium has small pictures."""
        found = [self._view.thumb(each.digest) for each in self._references[:_SHOWN]]
        self._strip.images = [image for image in found if image is not None]
        self._strip.setVisible(bool(self._strip.images))
        self._strip.update()


class BlendPanel(Panel):
    """Folded, and only there when the project has more than one style to choose from."""

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._views = session, views
        self._shares: list[_Share] = []
        self._rows = column(gap=theme.GRID_PX * 2)
        self.blend = TextButton()
        self.notice = Notice(self)
        body = QWidget()
        body.setLayout(column(self._rows, self.blend, self.notice))
        self.fold = Fold(body)
        self.setLayout(column(self.fold))
        self.blend.clicked.connect(self._on_blend)
        session.blending.changed.connect(self._on_style_changed)
        session.adaptation.changed.connect(self._on_style_changed)
        for controller in session.controllers.values():
            controller.preview_ready.connect(self._on_ready)
        self.retranslate()
        self._on_style_changed()

    def shares(self) -> list[QuietSlider]:
        return [share.slider for share in self._shares]

    def retranslate(self) -> None:
        self.fold.set_words(t("blend.heading"))
        self._show()

    def _show(self) -> None:
        blending = self._session.blending
        words = t("blend.busy") if blending.is_busy else t("blend.button")
        self.blend.set_words(words, t("what.blend"))
        idle = not (blending.is_busy or self._session.adaptation.is_busy)
        self.blend.setEnabled(idle and any(slider.value() for slider in self.shares()))
        self.notice.show_text(blending.problem.text if blending.problem else "")

    def _on_style_changed(self) -> None:
        """The choices, newest first; the shares stay where the artist left them."""
        choices = self._session.blending.choices()
        if tuple(share.style_row for share in self._shares) != choices:
            left = {share.style_row.id: share.slider.value() for share in self._shares}
            for old in self._shares:
                self._rows.removeWidget(old)
                old.hide()
                old.deleteLater()
            now = frozenset(self._session.adaptation.weights)
            self._shares = []
            for place, style in enumerate(choices):
                share = left.get(style.id, _WHOLE // 2 if place < 2 else 0)
                is_now = frozenset(style.reference_weights) == now
                project, view = self._session.workspace.project, self._views[style.medium]
                line = _Share(project, view, style, share, is_now)
                line.slider.valueChanged.connect(self._show)
                self._shares.append(line)
                self._rows.addWidget(line)
        self.setVisible(len(choices) > 1 and self._session.adaptation.style is not None)
        self._show()

    def _on_ready(self, _digest: str) -> None:
        for share in self._shares:
            share.show_images()

    def _on_blend(self) -> None:
        shares = {share.style_row.id: float(share.slider.value()) for share in self._shares}
        self._session.blending.start(shares)
