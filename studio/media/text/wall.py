"""The wall of texts: well-set pages, words as they come, and the place to write them over."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.protocol import Preview, TextBrief
from studio.i18n import t
from studio.media.text import forms
from studio.media.text.controller import text_controller_of
from studio.media.text.copied_words import copied_words
from studio.media.text.pages import Page, Pages
from studio.media.text.parts import TextParts
from studio.media.text.text_editor import TextEditor
from studio.project.rows import WorkRow
from studio.state.orders import copied_of
from studio.state.session import Session
from studio.views.wall import Wall
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton

_FRAME_MS = 50  # words come faster than anyone reads
_AT_ONCE = 3  # texts that are set anew in one frame: the window must not wait for more


class TextWall(Wall):
    edits_works = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("PlainWall")
        self._workspace, self._edits = session.workspace, session.edits
        self._settings, self._controller = session.settings, text_controller_of(session)
        self._asked: TextBrief | None = None
        self._grown: dict[int, str] = {}
        self._late: dict[int, None] = {}  # texts that have grown since they were shown, in order
        self._written: int | None = None  # the work that is being written over
        self._hung: tuple[int, ...] = ()
        self.pages, self.writing = Pages(self), TextEditor(self)
        self.parts = TextParts(self.pages)
        self.note, self._hint, self.restore = label("dim"), label("dim"), TextButton("link")
        self._under = QWidget(self)
        line = row(None, self.note, self._hint, self.restore, None, gap=16)
        line.setContentsMargins(16, 0, 16, 8)
        line.addStrut(24)
        self._under.setLayout(line)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.pages)
        self._stack.addWidget(self.writing)
        lines = column(gap=0)
        lines.addLayout(self._stack, 1)
        lines.addWidget(self._under)
        self.setLayout(lines)
        self._soon = QTimer(self, singleShot=True, interval=_FRAME_MS)
        self._soon.timeout.connect(self.grown)
        self.restore.clicked.connect(self._on_restore)
        self.writing.textChanged.connect(self._controller.drafts.touch)
        self.pages.edit_asked.connect(self.edit_asked)
        self.pages.size_changed.connect(self.looked)
        self.pages.set_vertical(session.settings.settings.vertical)
        self._show_under()
        self.retranslate()

    def retranslate(self) -> None:
        self.pages.setAccessibleName(t("stage.pages"))
        self.pages.setToolTip(t("what.pages"))
        self.writing.setAccessibleName(t("stage.writing_field"))
        self.writing.setToolTip(t("stage.writing_hint"))
        self._hint.setText(t("stage.writing_hint"))
        self.restore.set_words(t("stage.restore"), t("what.restore"))
        self._show_under()

    @property
    def canvas(self) -> QWidget:
        return self.pages

    def focus_home(self) -> QWidget:
        return self.writing if self.is_editing else self.pages

    def forget(self) -> None:
        self._hung = ()

    # ---- works that grow -----------------------------------------------------------------------

    def begin(self, asked: TextBrief | None) -> None:
        self.drop_growth()
        self._asked = asked

    def take(self, preview: Preview) -> None:
        if self._grown.get(preview.index) == preview.text:
            return
        self._grown[preview.index] = preview.text
        self._late[preview.index] = None
        if not self._soon.isActive():
            self._soon.start()

    def has_growth(self) -> bool:
        return any(self._grown.values())

    def show_growth(self) -> None:
        caption = t("stage.first_look") if self._asked is None else ""
        lines = forms.lines(self._asked.form) if self._asked else 0
        count = self._asked.count if self._asked else 1
        places = range(max(count, *(key + 1 for key in self._grown)))
        pages = self.pages.pages()
        goes_on = len(pages) == len(places) and all(page.grows for page in pages)
        now = list(self._late)[:_AT_ONCE] if goes_on else list(places)
        for key in now:
            self._late.pop(key, None)
        self._show_pages(
            tuple(
                Page(self._grown.get(key, ""), caption, lines, grows=True)
                if key in now
                else pages[key]
                for key in places
            )
        )
        if self._late:
            self._soon.start()

    def drop_growth(self) -> None:
        self._soon.stop()
        self._grown, self._late = {}, {}

    # ---- finished works ------------------------------------------------------------------------

    def hang(self, works: tuple[int, ...]) -> bool:
        pages = [self._page(work_id, captioned=len(works) > 1) for work_id in works]
        ready = tuple(page for page in pages if page)
        if len(ready) == len(works):
            self._show_pages(ready, works)
        return len(ready) == len(works)

    def show_reference(self, reference_id: int) -> bool:
        """The whole text of a reference, to be read."""
        reference = self._workspace.project.references.get(reference_id)
        text = self._controller.texts.get(reference.digest)
        if text is not None:
            words = text.words or t("reference.no_preview")
            self._show_pages((Page(words, t("reference.named", name=reference.name)),))
        return text is not None

    def _page(self, work_id: int, captioned: bool) -> Page | None:
        work = self._workspace.project.works.get(work_id)
        text = self._controller.texts.get(work.shown_digest)
        if text is None:
            return None
        caption = t("stage.caption", id=work.id, seed=work.seed) if captioned else ""
        stars = " ".join("★" * work.rating) if captioned else ""
        return Page(text.words, f"{caption}   {stars}".rstrip())

    def _show_pages(self, pages: tuple[Page, ...], works: tuple[int, ...] = ()) -> None:
        self._hung = works
        self.pages.show_pages(pages)
        self._show_under()

    def _show_under(self) -> None:
        """One calm line: what was copied; or, while a text is written over, the way out."""
        writing = self.is_editing
        self._hint.setVisible(writing)
        edited = writing and bool(self._workspace.project.works.get(self._written or 0).edit)
        self.restore.setVisible(edited)
        self.note.setVisible(not writing)
        self.note.setText(self._copied() if len(self._hung) == 1 else "")

    def _copied(self) -> str:
        work = self._workspace.project.works.get(self._hung[0])
        return copied_words(copied_of(self._workspace.project.works.sidecar(work.id)))

    # ---- writing -------------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        return self._written is not None

    def edit(self, work_id: int) -> None:
        """Let the artist change the words of this work."""
        text = self._controller.texts.get(self._workspace.project.works.get(work_id).shown_digest)
        if text is not None:
            self._written = work_id
            self.writing.begin(text.words, self.pages.size_px())
            self._controller.drafts.begin(self._workspace.project, work_id, self.writing.words)
            self._stack.setCurrentWidget(self.writing)
            self.writing.setFocus()
            self._show_under()
            self.looked.emit()

    def finish_editing(self) -> None:
        """Keep what was written as a new version."""
        if self._written is not None:
            self._leave_with(self._written, self.writing.words())

    def _on_restore(self) -> None:
        if (work_id := self._written) is not None:
            made = self._workspace.project.blob(self._workspace.project.works.get(work_id).digest)
            self._leave_with(work_id, made.decode("utf-8", "replace"))

    def _leave_with(self, work_id: int, words: str) -> None:
        """Back to the pages; a draft goes only when its words are kept otherwise."""
        self._written = None
        self._stack.setCurrentWidget(self.pages)
        shown = self._controller.texts.get(self._workspace.project.works.get(work_id).shown_digest)
        same = shown is not None and words == shown.words
        kept = same or self._edits.edit(work_id, words)
        self._controller.drafts.end(kept=kept)
        self._show_under()
        self.looked.emit()

    # ---- ways of looking, and actions ----------------------------------------------------------

    def set_vertical(self, vertical: bool) -> None:
        self.pages.set_vertical(vertical)
        self._settings.update(vertical=vertical)
        self.looked.emit()

    def zoom(self, steps: int) -> None:
        self.pages.larger(steps)

    def toggle_fit(self) -> None:
        self.pages.home()

    def lets_works_go(self) -> bool:
        return True

    def act(self, name: str, work_id: int | None) -> None:
        if name == "vertical":
            self.set_vertical(not self.pages.is_vertical)

    def is_on(self, name: str) -> bool:
        return name == "vertical" and self.pages.is_vertical

    def offers(self, name: str, work: WorkRow | None) -> bool:
        if name == "vertical":
            return self.pages.speaks_chinese()
        return name in ("edit", "again")
