"""The lineage of the work that is looked at, as a tree beside it; every line of it leads on."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from studio.i18n import t
from studio.state.lineage import Node, NodeKind, tree_of
from studio.state.session import Session
from studio.views.medium_view import MediumViews
from studio.widgets import icons
from studio.widgets.base import Panel, column, label

_NODE = Qt.ItemDataRole.UserRole
_ICON, _SIGN = QSize(28, 20), QSize(16, 16)
_ICONS = {NodeKind.BRIEF: "pencil", NodeKind.STYLE: "sprout"}


class LineagePanel(Panel):
    read_asked = Signal(int)  # a reference

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._workspace, self._views = session, session.workspace, views
        self._intro, self._nothing = label("dim", wrap=True), label("dim", wrap=True)
        self.tree = QTreeWidget()
        self.tree.setObjectName("Plain")
        self.tree.setHeaderHidden(True)
        self.tree.setIconSize(_ICON)
        self.tree.setIndentation(16)
        self.tree.setWordWrap(True)
        self.tree.setMinimumHeight(420)
        self.tree.itemActivated.connect(self._on_activated)
        self.tree.itemClicked.connect(self._on_activated)
        parts = column(self._intro, self.tree, self._nothing, None)
        parts.setContentsMargins(16, 4, 16, 16)
        parts.setStretch(1, 1)
        self.setLayout(parts)
        self._shown: tuple[object, ...] = ()
        for fact in (self._workspace.current_changed, self._workspace.judged):
            fact.connect(self._show)
        self._workspace.work_changed.connect(lambda _id: self._show())
        self._workspace.project_changed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        self._intro.setText(t("lineage.intro"))
        self._nothing.setText(t("lineage.nothing"))
        self.tree.setAccessibleName(t("lineage.heading"))
        self.tree.setToolTip(t("lineage.hint"))
        self._show()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        """Only while somebody looks; the reading is done on another thread."""
        current, project = self._workspace.current, self._workspace.project
        self.tree.setVisible(current is not None)
        self._nothing.setVisible(current is None)
        if current is None or not self.isVisible():
            self.tree.clear()
            return
        media, background = self._workspace.media, self._workspace.background

        def show(root: Node) -> None:
            if project is self._workspace.project and current == self._workspace.current:
                self._fill(root)

        background.run(
            lambda: tree_of(project, media, current), show, self._workspace.report, in_order=True
        )

    def _fill(self, root: Node) -> None:
        self.tree.clear()
        item = self._item(root)
        self.tree.addTopLevelItem(item)
        item.setExpanded(True)
        for place in range(item.childCount()):
            if (child := item.child(place)) is not None:
                child.setExpanded(True)
        self.tree.setCurrentItem(item)

    def _item(self, node: Node) -> QTreeWidgetItem:
        item = QTreeWidgetItem([node.words])
        item.setData(0, _NODE, node)
        hint = f"lineage.{node.kind.value}_hint"
        item.setToolTip(0, node.words if node.kind is NodeKind.GROUP else t(hint))
        item.setIcon(0, self._icon(node))
        for child in node.children:
            item.addChild(self._item(child))
        return item

    def _icon(self, node: Node) -> QIcon:
        """A small picture, where the medium has one."""
        if name := _ICONS.get(node.kind):
            return QIcon(icons.icon(name).pixmap(_SIGN))
        image = self._views[self._workspace.medium].thumb(node.digest) if node.digest else None
        return QIcon() if image is None or image.isNull() else QIcon(QPixmap.fromImage(image))

    def _on_activated(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        node = item.data(0, _NODE)
        assert isinstance(node, Node)
        if node.kind is NodeKind.WORK:
            self._workspace.select(node.id)
        elif node.kind is NodeKind.REFERENCE:
            self.read_asked.emit(node.id)
        elif node.brief is not None:
            self._workspace.set_brief(node.brief)
