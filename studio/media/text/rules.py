"""The files and briefs of texts."""

from pathlib import Path

from PySide6.QtGui import QImage

from engine.protocol import TEXT_FILES, Medium, TextBrief
from studio import i18n
from studio.media.samples import MOST, by_artist, most_of_one
from studio.media.text import forms
from studio.media.text.export import encode_text
from studio.media.text.reading import decode, text_of
from studio.project.project import Project
from studio.project.rows import NewReference
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.feedback import Feedback
from studio.state.medium import MediumRules
from studio.state.titles import file_name
from studio.widgets.theme import ASSETS

_POETS = {"en": "shakespeare", "zh": "wang"}  # whose texts one would like to read first


class TextRules(MediumRules):
    medium = Medium.TEXT
    files = TEXT_FILES
    export_formats = (ExportFormat.TXT, ExportFormat.MD, ExportFormat.DOCX, ExportFormat.PDF)

    def __init__(self, samples: Path = ASSETS / "samples" / "texts") -> None:
        self._samples = samples

    def claims(self, source: QImage | str) -> bool:
        return isinstance(source, str)

    def pasted(self, source: QImage | str, number: int) -> NewReference:
        assert isinstance(source, str)
        return NewReference(
            f"{file_name(text_of(source).opening)}.txt", source.encode(), self.medium
        )

    def file_suffix(self, data: bytes) -> str:
        return ".txt"

    def encode(self, data: bytes, options: ExportOptions) -> bytes:
        words = data.decode("utf-8", "replace")
        return encode_text(words, f".{options.format}", vertical=options.vertical)

    def samples(self) -> list[Path]:
        """In the language of the window, where there are some."""
        poet = by_artist(self._samples, self.suffixes).get(_POETS[i18n.language()])
        return poet[:MOST] if poet else most_of_one(self._samples, self.suffixes)

    def trimmed(self, brief: TextBrief) -> TextBrief:
        return forms.trimmed(brief)

    def timing_key(self, brief: TextBrief) -> str:
        return f"texts of {brief.form}"

    def feature_space(self, project: Project, feedback: Feedback) -> str:
        """The language of what was rated, or else of what there is."""
        works, references = project.works, project.references.all(self.medium)[:1]
        rated = [works.get(work_id).shown_digest for work_id in feedback.works()[:1]]
        made = [row.shown_digest for row in works.all(self.medium)[:1]]
        digests = rated or made or [row.digest for row in references]
        words = "\n".join(decode(project.blob(digest)) for digest in digests)
        return "zh" if text_of(words).is_chinese else "en"

    def language(self, feature_space: str) -> str:
        return feature_space
