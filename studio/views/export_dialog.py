"""Which works leave, as what, under which names, and to where; all of it is remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QLayout,
    QMenu,
    QRadioButton,
    QWidget,
)

from studio.i18n import t
from studio.project.rows import WorkRow
from studio.state.export_format import PATTERN, ExportFormat, ExportOptions
from studio.state.export_names import FIELDS, file_stem, heading_of, safe_name
from studio.state.session import Session
from studio.state.settings import ExportChoice
from studio.views.dialogs import PlainDialog
from studio.views.export_presets import ExportPresets
from studio.widgets.base import Elided, column, label, row
from studio.widgets.buttons import FIELD_GAP, TextButton
from studio.widgets.inputs import Choice, LineField, NumberField
from studio.widgets.segments import Segments
from studio.widgets.slider import QuietSlider

SHAPES = ("files", "zip", "sheet", "page")
_OF_ONE_FILE = {"zip": ".zip", "sheet": ".pdf", "page": ""}
_PERCENT = (100, 50, 200, 400, 0)  # 0: the longer side is given instead
_LEAST_PX, _MOST_PX, _USUAL_PX = 16, 16_384, 2048
_WIDTH_PX = 560


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What the artist asked for. target: a folder for "files", else what is to be made there."""

    shape: str
    works: tuple[int, ...]
    target: Path
    options: ExportOptions


class ExportDialog(PlainDialog):
    """After `exec`, `order` holds what was asked for, or None."""

    def __init__(
        self, session: Session, choices: Mapping[str, Sequence[int]], parent: QWidget | None = None
    ) -> None:
        """`choices`: "this", "selected", "kept" works, and "all_kept" of every medium; empty ones
        are not offered, the last one only where works of several media can stand together."""
        super().__init__(t("export.title"), _WIDTH_PX, parent)
        self._session, self._project = session, session.workspace.project
        self._medium = session.workspace.medium
        self._rules = session.workspace.media[self._medium]
        self._choices = {name: list(ids) for name, ids in choices.items() if ids}
        self.order: ExportOrder | None = None
        self._folder = session.settings.folder(self._purpose)
        self._make_parts()
        self._lay_out()
        self._recall(session.settings.settings.exports.get(self._medium, ExportChoice()))
        self._connect()
        self._show()

    @property
    def _purpose(self) -> str:
        return f"export.{self._medium}"

    # ---- building ------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.which = QButtonGroup(self)
        self.radios: dict[str, QRadioButton] = {}
        for place, (name, ids) in enumerate(self._choices.items()):
            radio = QRadioButton(t(f"export.{name}", n=len(ids)))
            radio.setAccessibleName(radio.text())
            self.which.addButton(radio, place)
            self.radios[name] = radio
        next(iter(self.radios.values())).setChecked(True)
        self.shape = Segments(tuple(range(len(SHAPES))))
        self.shape.setMinimumWidth(_WIDTH_PX - 140)  # the words stand whole
        self.shape.set_words(t("export.as"), [t(f"export.as_{each}") for each in SHAPES])
        self.format, self.quality = Choice(), QuietSlider(50, 100, 92)
        self.format.setAccessibleName(t("export.format"))
        for each in self._formats():
            self.format.addItem(t(f"export.format_{each.value}"), each)
        self.quality.setAccessibleName(t("export.quality"))
        self.quality_words = label("dim")
        self.sizes, self.side = Choice(), NumberField(_LEAST_PX, _MOST_PX)
        self.sizes.setAccessibleName(t("export.size"))
        for percent in _PERCENT:
            self.sizes.addItem(t(f"export.size_{percent}"), percent)
        self.side.setValue(_USUAL_PX)
        self.side.setSuffix(" px")
        self.side.setAccessibleName(t("export.side"))
        self.clear_paper = QCheckBox(t("export.clear_paper"))
        self.clear_paper.setAccessibleName(t("export.clear_paper"))
        self.clear_paper.setToolTip(t("export.clear_paper_hint"))
        self.pattern, self.insert = LineField(), TextButton("field")
        self.pattern.setAccessibleName(t("export.name"))
        self.insert.set_words(t("export.insert"))
        self.insert.setText(f"{FIELD_GAP}{self.insert.text()}{FIELD_GAP}")
        fields = QMenu(self)
        for name in FIELDS:
            fields.addAction(t(f"export.field_{name}")).triggered.connect(
                lambda _on=False, name=name: self.pattern.insert(f"{{{name}}}")
            )
        self.insert.setMenu(fields)
        self.example, self.hint = Elided("dim"), label("small", wrap=True)
        self.sidecars = QCheckBox(t("export.with_sidecars"))
        self.sidecars.setAccessibleName(t("export.with_sidecars"))
        self.place, self.change = Elided(), TextButton()
        self.change.set_words(t("export.change"))
        self.presets = ExportPresets(
            self._session.settings, self._session.workspace, self.show_choice, self.choice, self
        )
        self.cancel, self.export = TextButton(), TextButton("primary")
        self.cancel.set_words(t("dialog.cancel"))
        self.export.setDefault(True)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnMinimumWidth(0, 76)
        grid.setColumnStretch(1, 1)
        self._parts: dict[str, tuple[QWidget, ...]] = {}
        sized = row(self.sizes, self.side, gap=8)
        sized.setStretch(0, 1)
        quality = row(self.quality_words, self.quality, gap=8)
        quality.setStretch(1, 1)
        named = row(self.pattern, self.insert, gap=8)
        named.setStretch(0, 1)
        into = row(self.place, self.change, gap=8)
        into.setStretch(0, 1)
        which = column(*self.radios.values(), gap=8)
        for name, what in (
            *(("which", which), ("as", column(self.shape))),
            *(("format", column(self.format)), ("quality", quality), ("size", sized)),
            *(("paper", column(self.clear_paper)), ("name", column(named, self.example, gap=4))),
            *(("sidecars", column(self.sidecars, self.hint, gap=2)), ("into", into)),
        ):
            text, room = label("dim"), QWidget()
            room.setLayout(what)
            words = "" if name in ("paper", "sidecars", "quality") else t(f"export.{name}")
            text.setText(words)
            line = grid.rowCount()
            top = Qt.AlignmentFlag.AlignTop if name in ("which", "name") else Qt.AlignmentFlag(0)
            grid.addWidget(text, line, 0, top or Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(room, line, 1)
            self._parts[name] = (text, room)
        self.put(grid)
        self.put_buttons(self.cancel, self.export, left=self.presets.button)
        if (layout := self.layout()) is not None:  # as high as what is shown
            layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)

    def _connect(self) -> None:
        self.which.idClicked.connect(lambda _place: self._show())
        self.shape.chosen.connect(lambda _place: self._show())
        for box in (self.format, self.sizes):
            box.currentIndexChanged.connect(lambda _index: self._show())
        self.quality.valueChanged.connect(lambda _value: self._show())
        self.side.valueChanged.connect(lambda _value: self._show())
        self.pattern.textChanged.connect(lambda _text: self._show())
        self.sidecars.toggled.connect(lambda _on: self._show())
        self.change.clicked.connect(self._on_change)
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self._on_export)

    def _formats(self) -> list[ExportFormat]:
        """What the works can be written as."""
        ids = {
            work_id
            for name, chosen in self._choices.items()
            if name != "all_kept"
            for work_id in chosen
        }
        works = [self._project.works.get(work_id) for work_id in ids]
        controller = self._session.controllers[self._medium]
        offered = self._rules.export_formats
        return [each for each in offered if controller.can_export(each, works)]

    # ---- what is chosen ------------------------------------------------------------------------

    def _recall(self, choice: ExportChoice) -> None:
        """A format that these works cannot have stays the first one."""
        self.shape.set_value(SHAPES.index(choice.shape) if choice.shape in SHAPES else 0)
        self.format.setCurrentIndex(max(0, self.format.findData(choice.format)))
        self.quality.setValue(choice.quality)
        percent = 0 if choice.side_px else choice.percent
        self.sizes.setCurrentIndex(max(0, self.sizes.findData(percent)))
        self.side.setValue(choice.side_px or _USUAL_PX)
        self.clear_paper.setChecked(choice.clear_paper)
        self.pattern.setText(choice.pattern)
        self.sidecars.setChecked(choice.sidecars)
        if choice.folder and Path(choice.folder).is_dir():
            self._folder = Path(choice.folder)

    def show_choice(self, choice: ExportChoice) -> None:
        self._recall(choice)
        self._show()

    def choice(self) -> ExportChoice:
        """What is shown now, as it is remembered."""
        options = self.options()
        return ExportChoice(
            shape=self.chosen_shape(),
            format=options.format,
            quality=options.quality,
            percent=int(self.sizes.currentData()) or 100,
            side_px=0 if self.sizes.currentData() else self.side.value(),
            clear_paper=self.clear_paper.isChecked(),
            pattern=options.pattern,
            sidecars=options.sidecars,
            folder=str(self._folder),
        )

    def wanted(self) -> ExportFormat:
        return ExportFormat(self.format.currentData())  # Qt keeps the bare string

    def chosen_shape(self) -> str:
        return SHAPES[self.shape.value()]

    def works(self) -> list[int]:
        return list(self._choices.values())[self.which.checkedId()]

    def options(self) -> ExportOptions:
        wanted, percent = self.wanted(), int(self.sizes.currentData())
        return ExportOptions(
            format=wanted,
            quality=self.quality.value(),
            percent=(percent or 100) if wanted.is_picture else 100,
            side_px=self.side.value() if wanted.is_picture and not percent else 0,
            clear_paper=wanted.has_alpha and self.clear_paper.isChecked(),
            pattern=self.pattern.text().strip() or PATTERN,
            sidecars=self.sidecars.isChecked(),
        )

    # ---- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        shape, wanted = self.chosen_shape(), self.wanted()
        files = shape in ("files", "zip")
        if "all_kept" in self.radios:
            self.radios["all_kept"].setVisible(not files)
            if files and self.radios["all_kept"].isChecked():
                next(iter(self.radios.values())).setChecked(True)
        shown = {
            "which": len(self.radios) > 1,
            "format": files,
            "quality": files and wanted.has_quality,
            "size": files and wanted.is_picture,
            "paper": files and wanted.has_alpha,
            "name": shape != "sheet",
            "sidecars": shape != "sheet",
        }
        for name, parts in self._parts.items():
            for part in parts:
                part.setVisible(shown.get(name, True))
        self.side.setVisible(not self.sizes.currentData())
        self.quality_words.setText(t("export.quality_is", n=self.quality.value()))
        self.hint.setText(t("export.sidecars"))
        self.place.set_text(str(self._folder))
        self.export.set_words(t("export.button", n=len(self.works())))
        self.example.set_text(self._example())

    def _example(self) -> str:
        """The name of the first file, and what comes beside it."""
        work, options = self._first(), self.options()
        stem = file_stem(options.pattern, self._project, self._rules_of(work), work)
        suffix = options.format if self.chosen_shape() != "page" else ""
        names = [f"{stem}.{suffix}" if suffix else stem]
        names += [f"{stem}.json"] if options.sidecars and suffix else []
        return t("export.example", names=t("export.and").join(names))

    def _first(self) -> WorkRow:
        return self._project.works.get(self.works()[0])

    def _rules_of(self, work: WorkRow):
        return self._session.workspace.media[work.medium]

    def _on_change(self) -> None:
        name = QFileDialog.getExistingDirectory(self, t("export.into"), str(self._folder))
        if name:
            self._folder = Path(name)
            self._show()

    # ---- done ----------------------------------------------------------------------------------

    def _on_export(self) -> None:
        shape, options = self.chosen_shape(), self.options()
        self.order = ExportOrder(shape, tuple(self.works()), self._target(shape), options)
        settings = self._session.settings
        settings.remember_folder(self._purpose, self._folder)
        last = replace(self.choice(), folder="")  # remembered above, by its purpose
        settings.update(exports=settings.settings.exports | {str(self._medium): last})
        self.accept()

    def _target(self, shape: str) -> Path:
        """The folder, or a name in it that nothing has yet."""
        if shape == "files":
            return self._folder
        title = heading_of(self._project, self._session.workspace.media, self._first())
        stem = safe_name(t(f"export.name_{shape}", title=title))
        target, number = self._folder / f"{stem}{_OF_ONE_FILE[shape]}", 1
        while target.exists():
            number += 1
            target = self._folder / f"{stem} ({number}){_OF_ONE_FILE[shape]}"
        return target
