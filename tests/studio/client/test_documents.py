"""PDF, Word and EPUB in the tray: their words, within limits, and a window that goes on."""

import io
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.protocol import Script
from studio.client.document_reader import MAX_BYTES, DocumentReader
from studio.media.text.controller import script_of
from studio.media.text.export import encode_text
from studio.media.text.reading import Text, read
from studio.widgets import theme
from tests.studio.windows import drop, files

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
VERSE = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:"
CHINESE = "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。"
MAX_BLOCK_MS = 50
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture(autouse=True)
def _fonts(qapp: QApplication) -> None:
    theme.load_fonts(qapp)


def documents() -> dict[str, bytes]:
    made = {f"verse{suffix}": encode_text(VERSE, suffix) for suffix in (".pdf", ".docx")}
    return made | {"verse.epub": epub(VERSE.replace("\n", "<br/>"))}


def epub(body: str) -> bytes:
    parts = {
        "META-INF/container.xml": (
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
        ),
        "book.opf": (
            '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '</manifest><spine><itemref idref="a"/></spine></package>'
        ),
        "a.xhtml": f"<html><body><p>{body}</p></body></html>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.process
def test_the_words_of_documents() -> None:
    reader = DocumentReader()
    for name, data in documents().items():
        words = reader.words(data)
        assert "summer's day" in words, name
        assert "more temperate" in words, name


@pytest.mark.process
def test_words_in_a_tongue_the_engine_refuses_are_shown() -> None:
    greek = "Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος"
    assert DocumentReader().words(encode_text(greek, ".docx")) == greek


@pytest.mark.process
@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"PK\x03\x04 cut off", b"%PDF-" * 9])
def test_what_cannot_be_read_has_no_words(data: bytes) -> None:
    assert DocumentReader().words(data) == ""


@pytest.mark.process
def test_limits() -> None:
    assert DocumentReader(("/no/such/program",)).words(b"%PDF") == ""
    assert DocumentReader(SLEEPS).words(bytes(MAX_BYTES + 1)) == ""
    start = time.monotonic()
    assert DocumentReader(SLEEPS, patience_s=0.3).words(b"%PDF") == ""
    assert time.monotonic() - start < 5.0


@pytest.mark.process
def test_closing_ends_what_is_being_read() -> None:
    reader, told = DocumentReader(SLEEPS), []
    waits = threading.Thread(target=lambda: told.append(reader.words(b"%PDF")))
    waits.start()
    while not reader._running:
        time.sleep(0.01)
    reader.close()
    waits.join(5.0)
    assert told == [""]
    assert reader.words(b"%PDF") == "", "nothing is begun any more"


@pytest.mark.process
def test_the_reader_loads_neither_networks_nor_windows() -> None:
    code = (
        "import sys, engine.media.text.codec.plain as t;"
        "t.shown(open(sys.argv[1], 'rb').read(), 'a');"
        "assert not {'torch', 'numpy', 'PySide6'} & set(sys.modules)"
    )
    sample = Path(__file__).parents[3] / "README.md"
    subprocess.run([sys.executable, "-c", code, str(sample)], check=True, timeout=60)


def test_the_tray_shows_what_documents_say_and_the_window_goes_on(
    qtbot,
    make_window,
    tmp_path: Path,
) -> None:
    one = make_window()
    for name, data in documents().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "long.pdf").write_bytes(encode_text(f"{VERSE}\n" * 2000, ".pdf"))
    names = ("verse.pdf", "verse.docx", "verse.epub", "long.pdf")
    gaps, last = [], [time.perf_counter()]

    def beat() -> None:
        now = time.perf_counter()
        gaps.append(1000 * (now - last[0]))
        last[0] = now

    drop(one, files(*(tmp_path / name for name in names)))
    qtbot.waitUntil(lambda: len(one.references.cards()) == 4, timeout=8000)
    heart = QTimer(one, interval=5)
    heart.timeout.connect(beat)
    heart.start()
    last[0] = time.perf_counter()
    for card in one.references.cards():
        qtbot.waitUntil(lambda card=card: "Shall I" in card.accessibleDescription(), timeout=20_000)
    heart.stop()
    assert sorted(gaps)[int(len(gaps) * 0.99)] < MAX_BLOCK_MS


@pytest.mark.process
def test_a_document_decides_the_script_when_nothing_else_does() -> None:
    document = encode_text(CHINESE, ".docx")
    plain = "举头望明月，低头思故乡。".encode()
    reader = DocumentReader()

    def words(data: bytes) -> Text:
        return read(data, reader.words)

    assert script_of([document], words) is Script.TRADITIONAL
    assert script_of([document, plain], words) is Script.SIMPLIFIED
    assert script_of([b"plain English words"], words) is None
