"""Which parts of a picture came from which reference, as a small map and in words."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QColor, QImage

from studio.i18n import t
from studio.state.titles import short_names

NOWHERE = 255  # where nothing was painted
OWN_HUE, FIRST_HUE, HUE_STEP = 0.0, 210.0, 137.5  # degrees: neighbours in the list are unlike
_NUMBERS = 3  # of a place: source, down, right
_LEAST_SHARE = 0.02  # less is not worth a word


@dataclass(frozen=True, slots=True)
class Origins:
    """names: of the sources, in the map's order. largest: the side of the largest piece, as a
    share of the work's shorter side. has_content: the first source is the artist's own picture."""

    names: tuple[str, ...]
    shares: tuple[float, ...]
    largest: float
    rows: int
    columns: int
    places: bytes
    has_content: bool

    @property
    def words(self) -> str:
        known = sorted(zip(self.shares, self.names, strict=True), reverse=True)
        said = [
            t("report.taken_share", name=name, share=round(100 * share))
            for share, name in known
            if share >= _LEAST_SHARE
        ]
        largest = t("report.taken_largest", share=round(100 * self.largest))
        return f"{' · '.join(said)}\n{largest}"

    def image(self) -> QImage:
        """One pixel a place: a hue for each source, darker down and paler to the right in it, so
        that a piece that came whole is one even slope."""
        drawn = QImage(self.columns, self.rows, QImage.Format.Format_RGB32)
        drawn.fill(QColor(128, 128, 128))
        for at in range(self.rows * self.columns):
            source, down, right = self.places[_NUMBERS * at : _NUMBERS * at + _NUMBERS]
            if source != NOWHERE:
                colour = self._colour(source, down / 255, right / 255)
                drawn.setPixelColor(at % self.columns, at // self.columns, colour)
        return drawn

    def _colour(self, source: int, down: float, right: float) -> QColor:
        number = source - self.has_content
        hue = OWN_HUE if number < 0 else (FIRST_HUE + HUE_STEP * number) % 360
        saturation = 0.08 if number < 0 else 0.75 - 0.5 * right
        return QColor.fromHsvF(hue / 360, saturation, 0.95 - 0.6 * down)


def origins_of(sidecar: Mapping[str, Any]) -> Origins | None:
    """Of a work's sidecar; None where its generator tells nothing of it, or nothing sound."""
    taken = sidecar.get("taken")
    try:
        if not isinstance(taken, Mapping):
            return None
        names = short_names([each["name"] for each in sidecar["style"]["references"]])
        own = [float(taken["content"])] if "content" in taken else []
        shares = [float(each) for each in taken["references"]]
        largest = float(taken["largest"])
        grid = taken["map"]
        rows, columns = int(grid["rows"]), int(grid["columns"])
        places = base64.b64decode(grid["data"])
    except (KeyError, TypeError, ValueError):
        return None
    if len(places) != _NUMBERS * rows * columns or not places:
        return None
    if len(names) != len(shares):  # a blend: its ancestors are styles
        names = [t("report.taken_number", number=n + 1) for n in range(len(shares))]
    has_content = "content" in taken
    if has_content:
        names = [t("report.taken_own"), *names]
    return Origins(tuple(names), (*own, *shares), largest, rows, columns, places, has_content)
