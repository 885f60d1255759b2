"""Errors have words in both languages."""

import string

from studio.i18n.errors import MaquetteError, catalogue


def test_both_languages_say_every_error_with_the_same_parameters() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert english.keys() == chinese.keys()

    def names(text: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    for key, text in english.items():
        assert key.startswith("error.")
        assert names(text) == names(chinese[key]), key


def test_an_error_says_its_words() -> None:
    error = MaquetteError("too_many_references", limit=10)
    assert str(error).startswith("A style is learned from at most 10 references.")
    assert "10" in error.text("zh")
    assert error.catalogue_key == "error.too_many_references"
