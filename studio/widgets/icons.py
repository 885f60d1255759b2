"""Line icons (Lucide, ISC licence), tinted in a colour of the theme and sharp at any scale."""

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.widgets import theme


def draw(painter: QPainter, name: str, box: QRectF, colour: str, filled: bool = False) -> None:
    """Draw an icon into a box; `filled` floods its shape (a set star, a kept heart)."""
    _renderer(name, colour, filled).render(painter, box)


def icon(name: str, filled: bool = False, dim_off: bool = False) -> QIcon:
    """An icon that takes the theme's colours when it is painted; `dim_off` greys it unchecked."""
    return QIcon(_Engine(name, filled, dim_off))


_cache: dict[tuple[str, str, bool], QSvgRenderer] = {}


def _renderer(name: str, colour: str, filled: bool) -> QSvgRenderer:
    key = (name, colour, filled)
    if key not in _cache:
        svg = (theme.ASSETS / "icons" / f"{name}.svg").read_text("utf-8")
        svg = svg.replace("currentColor", colour).replace('stroke-width="2"', 'stroke-width="1.6"')
        if filled:
            svg = svg.replace('fill="none"', f'fill="{colour}"', 1)
        _cache[key] = QSvgRenderer(QByteArray(svg.encode()))
    return _cache[key]


class _Engine(QIconEngine):
    """Renders the vector at the device's own resolution, tinted for the icon's mode."""

    def __init__(self, name: str, filled: bool, dim_off: bool) -> None:
        super().__init__()
        self._name, self._filled, self._dim_off = name, filled, dim_off

    def paint(self, painter: QPainter, rect, mode: QIcon.Mode, state: QIcon.State) -> None:
        c = theme.colours()
        resting = self._dim_off and state == QIcon.State.Off
        colour = c.disabled if mode == QIcon.Mode.Disabled or resting else c.text
        draw(painter, self._name, QRectF(rect), colour, self._filled)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        if size.isEmpty():
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._filled, self._dim_off)


def application_icon() -> QIcon:
    """The window's own mark."""
    return QIcon(str(theme.ASSETS / "icons" / "maquette.svg"))
