"""The work in progress as the artist left it: the medium, a brief for each, names and drafts.

These are states, not logs: the newest replaces the one before.
"""

import json
import logging
from dataclasses import asdict

from engine.protocol import Brief, Medium, brief_from_json
from studio.project.document import Document
from studio.project.rows import DEFAULT_MEDIUM

_DRAFT = "draft."
_log = logging.getLogger(__name__)


class WorkingState:
    """Every method is one transaction; it raises a ProjectError when the file cannot do it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def medium(self) -> Medium:
        """The one that was worked on last."""
        left = self._document.meta("medium")
        return Medium(left) if left else DEFAULT_MEDIUM

    def save_medium(self, medium: Medium) -> None:
        self._document.put_meta("medium", medium.value)

    def save_brief(self, brief: Brief, seed_locked: bool = False) -> None:
        """One brief is kept for each medium, and whether its seed is locked."""
        words = json.dumps(asdict(brief), ensure_ascii=False, sort_keys=True)
        self._document.put_meta(f"brief.{brief.medium.value}", words)
        if seed_locked != self.seed_locked(brief.medium):
            self._document.put_meta(f"locked.{brief.medium.value}", "1" if seed_locked else "")

    def seed_locked(self, medium: Medium) -> bool:
        return bool(self._document.meta(f"locked.{medium.value}"))

    def brief(self, medium: Medium) -> Brief | None:
        """The brief as it was left, or None when there is none that this version understands."""
        text = self._document.meta(f"brief.{medium.value}")
        if text is None:
            return None
        try:
            return brief_from_json(json.loads(text))
        except ValueError as error:
            _log.warning("the brief of %s is not understood: %s", self._document.path, error)
            return None

    def save_name(self, digest: str, name: str) -> None:
        """What the artist calls bytes that are no reference: a sound, an opening."""
        self._document.put_meta(f"name.{digest}", name)

    def name_of(self, digest: str) -> str:
        """The name that was saved; "" when there is none."""
        return self._document.meta(f"name.{digest}") or ""

    def save_language(self, digest: str, language: str) -> None:
        """What a reference is written in, as the engine read it."""
        self._document.put_meta(f"language.{digest}", language)

    def language_of(self, digest: str) -> str:
        """The language that was saved; "" when there is none."""
        return self._document.meta(f"language.{digest}") or ""

    def save_draft(self, work_id: int, words: str) -> None:
        """Words that a text work is being written over with, before they are an edit of it."""
        self._document.put_meta(draft_key(work_id), words)

    def drafts(self) -> dict[int, str]:
        """By work id: what was written when the studio ended without being closed."""
        rows = self._document.read(f"SELECT key, value FROM meta WHERE key GLOB '{_DRAFT}*'")
        return {int(row["key"].removeprefix(_DRAFT)): row["value"] for row in rows}

    def drop_draft(self, work_id: int) -> None:
        """The words are an edit now, or are not wanted. Nothing is written when there are none."""
        if self._document.meta(draft_key(work_id)) is not None:
            self._document.change("DELETE FROM meta WHERE key = ?", draft_key(work_id))


def draft_key(work_id: int) -> str:
    return f"{_DRAFT}{work_id}"
