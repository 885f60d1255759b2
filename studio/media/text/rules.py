"""The files and briefs of texts."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from engine.protocol import TEXT_FILES, GeneratorInfo, Medium, TextBrief
from studio import i18n
from studio.i18n import knows, listed, t
from studio.media.samples import MOST, by_artist, most_of_one
from studio.media.text import forms, mood as moods
from studio.media.text.excerpt import draw_excerpt, size_that_fits
from studio.media.text.words import made as text_made, text_of
from studio.project.project import Project
from studio.project.rows import NewReference
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.feedback import Feedback
from studio.state.medium import MediumRules, Pasted, told
from studio.state.mood import Mood
from studio.state.titles import file_name
from studio.widgets.theme import ASSETS

_TOLD = {"form", "prompt", "keywords", "acrostic", "script"}
_POETS = {"en": "shakespeare", "zh": "wang"}  # whose texts one would like to read first


class TextRules(MediumRules):
    medium = Medium.TEXT
    files = TEXT_FILES
    shown_as = "words"
    tries_moods = 3
    export_formats = (ExportFormat.TXT, ExportFormat.MD, ExportFormat.DOCX, ExportFormat.PDF)

    def __init__(self, samples: Path = ASSETS / "samples" / "texts") -> None:
        self._samples = samples

    def claims(self, source: Pasted) -> bool:
        return isinstance(source, str)

    def pasted(self, source: Pasted, number: int) -> NewReference:
        assert isinstance(source, str)
        return NewReference(
            f"{file_name(text_of(source).opening)}.txt", source.encode(), self.medium
        )

    def file_suffix(self, data: bytes) -> str:
        return ".txt"

    def encode(self, data: bytes, options: ExportOptions) -> bytes:
        from studio.media.text.export import encode_text  # Word and PDF: at the first export

        words = data.decode("utf-8", "replace")
        return encode_text(words, f".{options.format}", vertical=options.vertical)

    def carried(
        self, data: bytes, about: Mapping[str, Any], as_sound: bool
    ) -> tuple[ExportFormat, bytes]:
        return ExportFormat.TXT, data

    def title(self, data: bytes) -> str:
        return text_of(data.decode("utf-8", "replace")).opening.strip("，。、；：！？,.;:!?—… ")

    def draw(self, painter: QPainter, box: QRectF, data: bytes, about: Mapping[str, Any]) -> None:
        """As many lines as there is room for, in letters that let all of it in where they may."""
        text = text_of(data.decode("utf-8", "replace").strip("\n"))
        size_px = size_that_fits(box, text)
        draw_excerpt(painter, box, text, size_px, QColor("black"))

    def samples(self) -> list[Path]:
        """In the language of the window, where there are some."""
        poet = by_artist(self._samples, self.suffixes).get(_POETS[i18n.language()])
        return poet[:MOST] if poet else most_of_one(self._samples, self.suffixes)

    def trimmed(self, brief: TextBrief) -> TextBrief:
        return forms.trimmed(brief)

    def served(self, brief: TextBrief, generator: GeneratorInfo) -> TextBrief:
        form = brief.form if forms.is_served(brief.form, generator) else forms.AS_REFERENCES
        return super().served(replace(brief, form=form), generator)

    def words_of(self, brief: TextBrief) -> str:
        form = t(f"form.{brief.form}") if knows(f"form.{brief.form}") else brief.form
        begins = t("asked.begins", words=brief.prompt) if brief.prompt else ""
        words, acrostic = listed(brief.keywords), brief.acrostic
        return told(brief, (form or t("form.own"), begins, words, acrostic), _TOLD)

    def mood_of(self, gaps: Mapping[str, float], data: bytes) -> Mood:
        """By its words: what the critic measures of texts says nothing of light and warmth."""
        return moods.mood_of(data.decode("utf-8", "replace"))

    def in_mood(self, brief: TextBrief, mood: Mood) -> TextBrief:
        return moods.in_mood(brief, mood)

    def timing_key(self, brief: TextBrief) -> str:
        return f"texts of {brief.form}"

    def feature_space(self, project: Project, feedback: Feedback) -> str:
        """The language of what was rated, or else of what there is."""
        works = project.works
        rated = [works.get(work_id).shown_digest for work_id in feedback.works()[:1]]
        made = [row.shown_digest for row in works.all(self.medium)[:1]]
        if digests := rated or made:
            return "zh" if text_made(project.blob(digests[0])).is_chinese else "en"
        references = project.references.all(self.medium)[:1]
        known = (project.working_state.language_of(row.digest) for row in references)
        return next(known, "") or "en"

    def language(self, feature_space: str) -> str:
        return feature_space
