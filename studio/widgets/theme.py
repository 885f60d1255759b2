"""Colours, type, space and motion of the window: the one home of each."""

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import QEasingCurve, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from engine.core.assets import assets_folder

ASSETS = assets_folder()
FONT_FILES = (
    "MaquetteSans-Regular.ttf",
    "MaquetteSans-SemiBold.ttf",
    "MaquetteSansCJK-Regular.ttf",
    "MaquetteSerif-Regular.ttf",
    "MaquetteSerifCJK-Regular.ttf",
)
FAMILIES = ["Maquette Sans", "Maquette Sans CJK"]
# Of texts that are works. Rare characters may come from the system's own Song face.
LATIN_SERIF, CHINESE_SERIF = "Maquette Serif", "Maquette Serif CJK"
SONG_FACES = ["Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "serif"]

DARK_INK, LIGHT_INK = "#161412", "#f6f3ec"  # of words on a picture, in both themes

TEXT_PX, MEASURE_EM = 18, 34  # texts on the wall
SMALL_PX, BASE_PX, TITLE_PX, HEAD_PX = 11, 13, 16, 22
GRID_PX, GAP_PX, GROUP_PX, CORNER_PX = 4, 12, 20, 6
MOTION_MS = 150
MOTION_CURVE = QEasingCurve.Type.OutCubic


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour of one theme, as #rrggbb."""

    ground: str  # behind everything, and the neutral wall around pictures
    panel: str
    raised: str  # fields, buttons
    hover: str
    line: str
    edge: str  # the outline of a control; clearer than a separator
    text: str
    dim: str
    accent: str  # primary button, focus, progress; nothing else
    accent_hover: str
    on_accent: str
    disabled: str
    wall: str  # around the work
    mark: str  # the tint over what of a picture is made anew


DARK = Colours(
    ground="#161616",
    panel="#1E1E1E",
    raised="#262626",
    hover="#303030",
    line="#333333",
    edge="#454545",
    text="#E6E3DD",
    dim="#A09C94",
    accent="#E2583E",
    accent_hover="#EC6B52",
    on_accent="#140E0C",
    disabled="#66635E",
    wall="#161616",
    mark="#D63AC0",
)
LIGHT = Colours(
    ground="#F6F3EC",
    panel="#FFFDF8",
    raised="#F1EEE6",
    hover="#E8E4DA",
    line="#DFDAD0",
    edge="#C9C4B8",
    text="#1D1B18",
    dim="#67625A",
    accent="#C4432B",
    accent_hover="#B03A24",
    on_accent="#FFFFFF",
    disabled="#A9A49A",
    wall="#D6D6D6",
    mark="#D63AC0",
)
THEMES = {"dark": DARK, "light": LIGHT}


def colours() -> Colours:
    """The colours in use. They are remembered in the application's palette, not in a variable."""
    ground = QGuiApplication.palette().color(QPalette.ColorRole.Window).name().upper()
    return LIGHT if ground == LIGHT.ground else DARK


def resolve(choice: str) -> str:
    """ "system" becomes "dark" or "light" as the desktop says."""
    if choice in THEMES:
        return choice
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def apply(app: QApplication, choice: str) -> None:
    """Dress the whole application as "dark", "light" or "system"."""
    tint(app, choice)
    dress(app, choice)


def dress(app: QApplication, choice: str) -> None:
    """The style sheet alone, over the colours that `tint` has set."""
    app.setStyleSheet(style_sheet(THEMES[resolve(choice)]))


def tint(app: QApplication, choice: str) -> None:
    """The colours alone, without the style sheet.

    Widgets are built several times as fast before there is a style sheet: with one, each of them is
    matched against its rules whenever it joins a layout."""
    app.setStyle("Fusion")
    app.setPalette(_palette(THEMES[resolve(choice)]))


def load_fonts(app: QApplication) -> None:
    """Use the bundled faces, with tabular figures (they are the faces' default) throughout."""
    for name in FONT_FILES:
        QFontDatabase.addApplicationFont(str(ASSETS / "fonts" / name))
    app.setFont(font())


def font(size_px: int = BASE_PX, strong: bool = False) -> QFont:
    """The interface's face at one of the four sizes."""
    face = QFont(FAMILIES)
    face.setPixelSize(size_px)
    face.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return face


def serif(size_px: int = TEXT_PX, chinese: bool = False) -> QFont:
    """The face of texts; `chinese` takes quotation marks and dashes from the Song face too."""
    own = [CHINESE_SERIF, LATIN_SERIF] if chinese else [LATIN_SERIF, CHINESE_SERIF]
    face = QFont([*own, *SONG_FACES])
    face.setPixelSize(size_px)
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return face


def printed(face: QFont) -> QFont:
    """The face without ligatures and local variants: a PDF does not tell which letters those stand
    for, and nobody could search or copy them."""
    for feature in ("liga", "locl"):
        face.setFeature(QFont.Tag(feature), 0)
    return face


def motion_ms(reduced: bool) -> int:
    """How long things may move: not at all when the artist or the desktop asks for stillness."""
    hints = QGuiApplication.styleHints()
    preference = getattr(hints.accessibility(), "motionPreference", None)
    still = preference is not None and "Reduce" in preference().name
    return 0 if reduced or still else MOTION_MS


def _palette(c: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, name in (
        ((role.Window,), c.ground),
        ((role.Base, role.ToolTipBase), c.panel),
        ((role.AlternateBase, role.Button), c.raised),
        ((role.Mid, role.Midlight, role.Dark), c.line),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), c.text),
        ((role.BrightText,), c.text),
        ((role.PlaceholderText,), c.dim),
        ((role.Highlight, role.Accent), c.accent),
        ((role.HighlightedText,), c.on_accent),
        ((role.Link, role.LinkVisited), c.text),
    ):
        for each in roles:
            palette.setColor(each, QColor(name))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(c.disabled))
    return palette


def style_sheet(c: Colours) -> str:
    """The application's style sheet in the given colours."""
    template = Template((Path(__file__).parent / "style.qss").read_text("utf-8"))
    sizes = {"small": SMALL_PX, "base": BASE_PX, "title": TITLE_PX, "head": HEAD_PX}
    faces = ", ".join(f'"{name}"' for name in FAMILIES)
    icons = (ASSETS / "icons").as_posix()
    shade = "dark" if c is DARK else "light"
    return template.substitute(
        asdict(c), **sizes, corner=CORNER_PX, icons=icons, shade=shade, families=faces
    )


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    rgb = QColor(colour)
    return (
        0.2126 * linear(rgb.redF()) + 0.7152 * linear(rgb.greenF()) + 0.0722 * linear(rgb.blueF())
    )
