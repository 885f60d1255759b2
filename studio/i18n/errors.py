"""Errors with words for the artist.

Every text says what happened, what was kept and what to do. English and Chinese stand in
`i18n/errors.en.json` and `i18n/errors.zh.json` under `error.<key>`.
"""

import json
from functools import cache
from pathlib import Path

from studio.i18n import filled

_I18N = Path(__file__).parent


class MaquetteError(Exception):
    """An error with words for the artist: `key` and `params` name its text in any language.

    `str(error)` is the English text; the window shows `t(error.catalogue_key, **error.params)`.
    """

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    @property
    def catalogue_key(self) -> str:
        return f"error.{self.key}"

    def text(self, language: str = "en") -> str:
        """The sentence in `language` ("en" or "zh")."""
        template = catalogue(language)[self.catalogue_key]
        return filled(template, self.params)

    def __str__(self) -> str:
        return self.text()


@cache
def catalogue(language: str) -> dict[str, str]:
    """The error texts of one language, by `error.<key>`."""
    return json.loads((_I18N / f"errors.{language}.json").read_text(encoding="utf-8"))
