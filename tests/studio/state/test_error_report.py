"""A report says where the program failed, and nothing of the artist."""

from pathlib import Path

import pytest

from studio.state import error_report
from studio.state.error_report import as_text, kept

SECRETS = ("ana", "Ana", "Moon", "moon", "月", "secret", "letter", "patience")
LOG = """\
2026-05-01 10:00:00,123 ERROR studio.app.error_hook: uncaught
Traceback (most recent call last):
  File "/home/ana/apps/maquette/studio/views/stage.py", line 12, in show
    work = self.works[self.moon]
  File "C:\\Users\\Ana\\maquette\\engine\\core\\style.py", line 7, in save
  File "/usr/lib/python3.11/json/decoder.py", line 337, in decode
  File "/home/ana/.venv/lib/python3.11/site-packages/torch/nn/module.py", line 1, in forward
  File "/home/ana/secret letter.py", line 3, in patience
KeyError: 'Moon over the river.png'
During handling of the above exception, another exception occurred:
OSError: [Errno 28] No space left on device: '/home/ana/Moon.maquette'
2026-05-01 10:00:01,000 WARNING studio.client.engine_client: skipped: {"text": "the moon 月"}
INFO:engine.service:job with the secret letter
plain line of the moon, in my letter
msgspec.ValidationError: Expected `str`, got "moon"
月亮Error: 月
Errors: the moon"""


def test_nothing_of_the_artist_is_left() -> None:
    words = "\n".join(kept(LOG.splitlines()))
    for secret in SECRETS:
        assert secret not in words, secret


def test_what_helps_is_left() -> None:
    lines = kept(LOG.splitlines())
    assert lines[0] == "2026-05-01 10:00:00,123 ERROR studio.app.error_hook"
    assert "  studio/views/stage.py:12 in show" in lines
    assert "  engine/core/style.py:7 in save" in lines
    assert "  3.11/json/decoder.py:337 in decode" in lines
    assert "  torch/nn/module.py:1 in forward" in lines
    assert "KeyError" in lines
    assert "OSError" in lines
    assert "msgspec.ValidationError" in lines
    assert "INFO engine.service" in lines
    assert lines[-1].endswith("lines left out)")


def test_the_report_of_a_session(
    make_session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot
) -> None:
    log = tmp_path / "maquette.log"
    log.write_text(LOG, "utf-8")
    monkeypatch.setattr(error_report, "log_file", lambda: log)
    session = make_session("normal")
    qtbot.waitUntil(lambda: session.client.hello is not None, timeout=20_000)
    session.settings.update(recent=("/home/ana/Moon.maquette",), folders={"image": "/home/ana"})
    text = error_report.gathered(session)
    assert "device: fake" in text
    assert "KeyError" in text
    assert str(tmp_path) not in text
    assert str(Path.home()) not in text
    for secret in SECRETS:
        assert secret not in text
    assert as_text(text, "") == text
    assert as_text(text, " I clicked. ").startswith("== Words ==\nI clicked.\n\n== Facts ==")


def test_a_log_that_is_not_there_is_no_fault(make_session, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(error_report, "log_file", lambda: tmp_path / "none.log")
    assert "(0 lines left out)" in error_report.gathered(make_session("normal"))
