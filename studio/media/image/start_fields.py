"""What a picture starts from: nothing, or a picture of the artist's, and what becomes of it."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from engine.protocol import PICTURE_SUFFIXES, GeneratorInfo, Medium, PictureBrief, Use
from studio.i18n import t
from studio.media.image import uses
from studio.media.image.controller import image_controller_of
from studio.state import intake
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.titles import short_names
from studio.views.fields import Fields, group, slider_words
from studio.views.file_choice import choose_file
from studio.widgets import theme
from studio.widgets.base import column, label, restyle, row
from studio.widgets.buttons import FIELD_GAP, IconButton, TextButton
from studio.widgets.inputs import Choice
from studio.widgets.notice import Notice
from studio.widgets.slider import LabelledSlider
from studio.widgets.thumb import Thumb

_THUMB_PX = 64


def choose_start(parent: QWidget, settings: SettingsStore) -> Path | None:
    """Ask for the picture to start from; None when it was cancelled."""
    patterns = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
    names = f"{t('start.files')} ({patterns})"
    return choose_file(parent, settings, "start.image", t("start.from_file"), names)


class StartFields(Fields):
    """One line while works are composed from nothing; all else only beside a picture."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._settings = session.workspace, session.settings
        controller = image_controller_of(session)
        self._start, self._caches = controller.start, controller.caches
        self._name, self._facts = label("dim"), label("small")
        self.menu = QMenu(self)
        self.choose = TextButton("field")
        self.thumb = Thumb(_THUMB_PX)
        self.choose.setMenu(self.menu)
        self.thumb.setMenu(self.menu)
        self.thumb.setPopupMode(Thumb.ToolButtonPopupMode.InstantPopup)
        self.use_box = Choice()
        self.clear = IconButton("x", 14)
        self.strength = LabelledSlider(0, 200, 100)
        self.paint = TextButton()
        self.notice = Notice(self)
        self._picture = QWidget()
        beside = column(row(self._facts, None, self.clear), self.use_box, None, gap=2)
        line = row(self.thumb, beside, gap=theme.GAP_PX)
        line.setStretch(1, 1)
        self._picture.setLayout(line)
        head = group(self._name, self.choose, self._picture)
        self.setLayout(column(head, self.strength, self.paint, self.notice))
        self.setAcceptDrops(True)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.menu.aboutToShow.connect(self.fill_menu)
        self.use_box.activated.connect(self._on_use_chosen)
        self.clear.clicked.connect(self._start.clear)
        self.strength.settled.connect(lambda value: self.edited.emit({"strength": value / 100}))
        self.paint.clicked.connect(self._start.mask_asked)
        self._start.problem_changed.connect(self._show_problem)
        self.notice.dismissed.connect(lambda: self._start.set_problem(None))
        for cache in (self._caches.thumbs, self._caches.sizes):
            cache.ready.connect(self._on_ready)

    def serve(self, generator: GeneratorInfo | None) -> None:
        super().serve(generator)
        self.retranslate()

    def _uses(self) -> tuple[Use, ...]:
        """What the generator makes of a picture; nothing where it only composes."""
        generator = self.generator
        if generator is None:
            return uses.OF_A_PICTURE
        return tuple(use for use in uses.OF_A_PICTURE if use in generator.uses)

    def first(self) -> QWidget:
        return self.thumb if uses.has_start(self.brief) else self.choose

    # ---- words ---------------------------------------------------------------------------------

    def retranslate(self) -> None:
        self._name.setText(t("start.name"))
        self.choose.setText(f"{FIELD_GAP}{t('start.nothing')}")
        self.choose.setAccessibleName(t("start.name"))
        self.choose.setToolTip(t("start.hint"))
        self.thumb.set_words(t("start.change"))
        self.clear.set_words(t("start.clear"))
        self.use_box.setAccessibleName(t("start.use"))
        self.use_box.setToolTip(t("what.use"))
        with QSignalBlocker(self.use_box):
            self.use_box.clear()
            for use in self._uses():
                self.use_box.addItem(t(f"use.{use}"), use)
        self.strength.set_words(*slider_words("start.strength"))
        self.paint.set_words(t("start.paint"), t("what.paint"))
        self.show_brief(self.brief)
        self._show_problem()

    def _show_problem(self) -> None:
        problem = self._start.problem
        self.notice.show_text(problem.text if problem else "")

    # ---- facts ---------------------------------------------------------------------------------

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        begun = uses.has_start(brief)
        self.setVisible(bool(self._uses()))
        self.choose.setVisible(not begun)
        self._picture.setVisible(begun)
        self.strength.setVisible(begun and brief.use in uses.WITH_STRENGTH)
        self.paint.setVisible(begun and brief.use is Use.FILL)
        if not begun:
            return
        with QSignalBlocker(self.use_box):
            self.use_box.setCurrentIndex(self.use_box.findData(brief.use))
        self.use_box.setToolTip(t(f"use.{brief.use}_hint"))
        self.strength.show_value(round(brief.strength * 100))
        paint = t("start.repaint") if brief.mask else t("start.paint")
        self.paint.set_words(paint, t("what.paint"))
        self._on_ready(brief.content)

    def _on_ready(self, digest: str) -> None:
        if not digest or digest != self.brief.content:
            return
        image = self._caches.thumbs.get(digest)
        self.thumb.show_image(image) if image is not None else None
        size = self._caches.sizes.get(digest)
        self._facts.setText(t("start.size", width=size[0], height=size[1]) if size else "")

    def _on_use_chosen(self, index: int) -> None:
        use = Use(self.use_box.itemData(index))
        if use is not self.brief.use:
            self._start.set_use(use)

    # ---- where it comes from -------------------------------------------------------------------

    def fill_menu(self) -> None:
        menu, now = self.menu, self._use()
        menu.clear()
        menu.addAction(t("start.from_file")).triggered.connect(self._on_file)
        mime = QGuiApplication.clipboard().mimeData()
        paste = menu.addAction(t("start.from_clipboard"))
        paste.setEnabled(mime is not None and mime.hasImage())
        paste.triggered.connect(lambda: self._on_paste(now))
        current = self._workspace.current
        work = menu.addAction(t("start.from_work"))
        work.setEnabled(current is not None and self._workspace.medium is Medium.IMAGE)
        work.triggered.connect(lambda: self._start.use_work(current or 0, now))
        references = self._workspace.project.references.all(Medium.IMAGE)
        if references:
            menu.addSeparator()
        names = short_names([reference.name for reference in references])
        for reference, name in zip(references, names, strict=True):
            action = menu.addAction(name)
            image = self._caches.thumbs.get(reference.digest)
            if image is not None and not image.isNull():
                action.setIcon(QIcon(QPixmap.fromImage(image.scaled(QSize(48, 48)))))
            action.triggered.connect(
                lambda _on=False, one=reference.id: self._start.use_reference(one, now)
            )

    def _on_paste(self, use: Use) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        picture = intake.picture_in(mime) if mime is not None else None
        if picture is not None:
            self._start.take(picture, use)

    def _use(self) -> Use:
        """What another picture is used for: the same as the one before."""
        return self.brief.use if uses.has_start(self.brief) else self._uses()[0]

    def _on_file(self) -> None:
        path = choose_start(self, self._settings)
        if path is not None:
            self._start.take(path, self._use())

    # ---- dropping ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage():
            event.acceptProposedAction()
            restyle(self.choose, lit=True)

    def dragLeaveEvent(self, event) -> None:
        restyle(self.choose, lit=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Here a picture is no reference, but what the works start from."""
        restyle(self.choose, lit=False)
        event.acceptProposedAction()
        found, problems = intake.sources(event.mimeData())
        if found:
            self._start.take(found[0], self._use())
        elif problems:
            self._start.set_problem(problems[0])
