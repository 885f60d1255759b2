"""Files that an artist brought are read by the engine alone: asked, waited for, given up."""

import ast
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.protocol import Medium
from studio.client.engine_client import EngineClient, EngineError, EngineState
from studio.client.inspector import Inspector, UnreadableError, short_name
from studio.media.audio.files import is_plain_sound
from studio.media.image.pictures import size_of
from studio.media.text.export import encode_text
from studio.state.png import decode
from studio.state.problems import of_error
from studio.widgets import theme
from tests.studio import fake_music

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "files"
POEM = "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。"


@pytest.fixture
def make_inspector(make_client, tmp_path: Path) -> Iterator[Callable[..., Inspector]]:
    made: list[Inspector] = []

    def make(*behaviour: str, client: EngineClient | None = None) -> Inspector:
        made.append(Inspector(client or make_client(*behaviour), tmp_path / "inspected"))
        return made[-1]

    yield make
    for inspector in made:
        inspector.close()


class Asked:
    """A question on another thread, and what came of it."""

    def __init__(self, inspector: Inspector, data: bytes, name: str, medium: Medium) -> None:
        self._inspector, self._data, self._name, self._medium = inspector, data, name, medium
        self.words: str | None = None
        self.script = ""
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._ask)
        self.thread.start()

    def _ask(self) -> None:
        try:
            with self._inspector.inspected(self._data, self._name, self._medium) as found:
                self.words, self.script = found.text, found.script
        except Exception as error:  # noqa: BLE001 - looked at by the test
            self.error = error

    @property
    def is_over(self) -> bool:
        return not self.thread.is_alive()


def test_it_waits_for_the_engine_and_leaves_nothing(qtbot, make_inspector, tmp_path) -> None:
    inspector = make_inspector("normal")
    asked = Asked(inspector, POEM.encode(), "poem.txt", Medium.TEXT)
    qtbot.waitUntil(lambda: not inspector.is_idle)
    assert not asked.is_over
    inspector._client.start()
    qtbot.waitUntil(lambda: asked.is_over)
    assert asked.words == POEM
    assert inspector.is_idle
    assert list((tmp_path / "inspected").iterdir()) == []


def test_a_refusal_is_the_engines_sentence(qtbot, make_inspector) -> None:
    inspector = make_inspector("failing")
    inspector._client.start()
    asked = Asked(inspector, b"?", "odd.pdf", Medium.TEXT)
    qtbot.waitUntil(lambda: asked.is_over)
    assert isinstance(asked.error, UnreadableError)
    assert "odd.pdf" in of_error(asked.error).text


def test_an_engine_that_is_given_up_answers_at_once(qtbot, make_inspector) -> None:
    inspector = make_inspector("stillborn")
    asked = Asked(inspector, b"?", "a.txt", Medium.TEXT)
    inspector._client.start()
    qtbot.waitUntil(lambda: asked.is_over)
    assert isinstance(asked.error, EngineError)
    qtbot.waitUntil(lambda: inspector._client.state is EngineState.FAILED)
    again = Asked(inspector, b"?", "a.txt", Medium.TEXT)
    qtbot.waitUntil(lambda: again.is_over)
    assert isinstance(again.error, EngineError)


def test_closing_lets_go_of_who_waits(make_inspector) -> None:
    inspector = make_inspector("silent")
    asked = Asked(inspector, b"?", "a.txt", Medium.TEXT)
    while inspector.is_idle and not asked.is_over:
        pass
    inspector.close()
    asked.thread.join()
    assert isinstance(asked.error, EngineError)
    late = Asked(inspector, b"?", "a.txt", Medium.TEXT)
    late.thread.join()
    assert isinstance(late.error, EngineError)


def test_what_rests_is_not_asked(make_inspector) -> None:
    inspector = make_inspector("normal")
    inspector.rests = True
    asked = Asked(inspector, b"?", "a.txt", Medium.TEXT)
    asked.thread.join()
    assert isinstance(asked.error, EngineError)


def test_a_name_is_short_and_keeps_its_suffix() -> None:
    assert short_name("静" * 200 + ".epub") == "静" * 60 + ".epub"
    assert short_name("../../etc/passwd") == "passwd"
    assert short_name("") == "one"


@pytest.mark.weights
def test_the_real_engine_reads_documents(qapp, qtbot, make_inspector) -> None:
    theme.load_fonts(qapp)  # with which a PDF is set
    client = EngineClient()
    inspector = make_inspector(client=client)
    try:
        client.start()
        for name, data in {
            "poem.docx": encode_text(POEM, ".docx"),
            "poem.pdf": encode_text(POEM, ".pdf"),
            "poem.txt": POEM.encode("utf-16"),
        }.items():
            asked = Asked(inspector, data, name, Medium.TEXT)
            qtbot.waitUntil(lambda one=asked: one.is_over)
            assert "低頭思故鄉" in (asked.words or ""), name
            assert asked.script == "traditional", name
    finally:
        client.shutdown()
        client.deleteLater()


# ---- nothing of an artist's is decoded in the window's process --------------------------------


@pytest.mark.parametrize(
    "name", ["any_valid.tif", "adobe-rgb.tif", "noeoi.jpg", "orient6.webp", "playlist_sdp.wav"]
)
def test_only_our_own_pictures_and_sounds_are_decoded_here(name: str) -> None:
    data = (CASES / name).read_bytes()
    assert decode(data).isNull()
    assert size_of(data) is None
    assert not is_plain_sound(data)


def test_the_sounds_that_the_engine_writes_are_played(tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    samples = np.zeros((800, 1), np.float32)
    for form in ("WAV", "FLAC"):
        path = tmp_path / f"a.{form.lower()}"
        soundfile.write(path, samples, 8000, format=form)
        assert is_plain_sound(path.read_bytes())
    assert is_plain_sound(fake_music.wav(0.1))
    assert not is_plain_sound(b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\n")


# Which modules may use which decoder of Qt's; every other use is a second reader.
DECODERS = {
    "QImageReader": {"studio/state/png.py"},
    "fromData": set(),
    "loadFromData": set(),
    "QMovie": set(),
    "QMediaPlayer": set(),
    "QAudioDecoder": {"studio/widgets/file_decoder.py"},
}


def test_no_other_module_decodes() -> None:
    found: dict[str, set[str]] = {name: set() for name in DECODERS}
    for path in (ROOT / "studio").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            name = node.id if isinstance(node, ast.Name) else name
            if name in found:
                found[name].add(path.relative_to(ROOT).as_posix())
    assert found == DECODERS
