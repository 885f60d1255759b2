"""Without the optional libraries it is said what to do, and that differs in the application."""

import sys

import pytest

from engine.core.errors import BadInput
from engine.core.pretrained import libraries


@pytest.mark.parametrize(
    ("frozen", "code", "remark"),
    [
        (False, "no_diffusers", "no_libraries"),
        (True, "no_diffusers_frozen", "no_libraries_frozen"),
    ],
)
def test_what_to_do_without_the_libraries(
    frozen: bool, code: str, remark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _name: None)
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    with pytest.raises(BadInput) as caught:
        libraries.check_installed()
    assert caught.value.code == code
    assert libraries.lacking() == (remark,)
    monkeypatch.setattr(libraries, "find_spec", lambda _name: object())
    libraries.check_installed()
    assert libraries.lacking() == ()
