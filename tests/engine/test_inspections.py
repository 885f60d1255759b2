"""What files hold, to be shown: as the engine reads them, beside its jobs, whatever they are."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from engine.core.decoding.decoder import of_this_process
from engine.media.image.codec import raster
from engine.media.image.medium import ImageMedium
from engine.protocol import (
    AdaptRequest,
    Cancelled,
    CancelRequest,
    Event,
    Failure,
    InspectRequest,
    InspectResult,
    Medium,
    Progress,
    Reference,
)
from engine.service import Service
from tests.engine.core.decoding import odd_decoders
from tests.engine.handmade import encoded, last
from tests.engine.test_worker import Worker

CASES = Path(__file__).parents[1] / "cases" / "files"
POEM = "空山新雨後，天氣晚來秋。\n明月松間照，清泉石上流。"

# A worker whose jobs go on until a file is there, and whose pictures are decoded oddly.
GATED = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from engine import service
from engine.media.image import inspecting
from engine.media.image.codec import raster
from engine.protocol import Progress
from tests.engine.core.decoding import odd_decoders
gate = Path(sys.argv[1])
whole = service.Service._adapt
def adapt(self, job):
    while gate.name != "open" and not gate.exists():
        yield Progress(job_id=job.job_id, done=0, total=1)
        time.sleep(0.02)
    yield from whole(self, job)
service.Service._adapt = adapt
raster.files = inspecting.pixels = SimpleNamespace(read=odd_decoders.picture)
from engine.worker import main
main()
"""


def inspected(path: Path, medium: Medium, out: Path, **wishes) -> Event:
    job = InspectRequest(job_id="a", path=str(path), medium=medium, out_dir=str(out), **wishes)
    return last(Service().run(job))


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., InspectResult]:
    def look(path: Path, medium: Medium, **wishes) -> InspectResult:
        found = inspected(path, medium, tmp_path / "out", **wishes)
        assert isinstance(found, InspectResult), found
        return found

    return look


# ---- texts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "big5", "gb18030"])
def test_a_traditional_poem_stays_traditional(look, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "poem.txt"
    path.write_bytes(POEM.encode(encoding))
    found = look(path, Medium.TEXT)
    assert (found.text, found.language, found.script) == (POEM, "zh", "traditional")


def test_documents_and_odd_encodings_show_their_words(look) -> None:
    assert look(CASES / "ruby.docx", Medium.TEXT).text.startswith("床前明月光")
    assert look(CASES / "stanza-gap.pdf", Medium.TEXT).text.startswith("The curfew tolls")
    assert "\ufffd" not in look(CASES / "j-eucjp.txt", Medium.TEXT).text
    assert look(CASES / "u8-one-bad.txt", Medium.TEXT).remarks[0].code == "text_mended"


# ---- pictures ----------------------------------------------------------------------------------


def shown(found: InspectResult) -> Image.Image:
    with Image.open(found.picture) as picture:
        assert picture.format == "PNG"
        assert not {"icc_profile", "exif"} & set(picture.info)
        return picture.convert("RGB")


@pytest.mark.parametrize("name", ["orient6.png", "orient6.webp"])
def test_a_picture_is_upright(look, name: str) -> None:
    found = look(CASES / name, Medium.IMAGE)
    with Image.open(CASES / name) as stored:
        assert (found.width_px, found.height_px) == (stored.height, stored.width)
    learned = raster.read((CASES / name).read_bytes(), name)
    assert shown(found).size == (learned.pixels.shape[2], learned.pixels.shape[1])


@pytest.mark.parametrize("name", ["adobe-rgb.tif", "adobe-rgba-opaque.png", "gama1.png"])
def test_a_picture_has_the_colours_that_are_learned(look, name: str) -> None:
    learned = raster.to_picture(raster.read((CASES / name).read_bytes(), name).pixels)
    got, wanted = shown(look(CASES / name, Medium.IMAGE)), learned
    assert np.abs(np.asarray(got, int) - np.asarray(wanted, int)).max() <= 1


@pytest.mark.parametrize("form", ["TIFF", "AVIF", "WEBP", "GIF", "BMP", "JPEG"])
def test_every_format_that_is_read_is_shown(look, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form.lower()}"
    path.write_bytes(encoded(Image.new("RGB", (600, 400), (200, 60, 30)), form))
    found = look(path, Medium.IMAGE)
    assert (found.width_px, found.height_px) == (600, 400)
    small = shown(found)
    assert small.width * small.height <= 320**2 * 1.02
    assert np.abs(np.asarray(small, int)[100, 100] - (200, 60, 30)).max() < 12


def test_a_canvas_has_the_size_that_a_mask_is_read_in(look, tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    path.write_bytes(encoded(Image.new("RGB", (3000, 1800)), "JPEG", exif=exif))
    found = look(path, Medium.IMAGE, side_px=1024)
    content = raster.decode(path.read_bytes(), path.name, 1024)
    assert (found.width_px, found.height_px) == (1800, 3000)
    assert shown(found).size == (content.shape[2], content.shape[1])
    mask = encoded(Image.new("L", shown(found).size, 255))
    assert raster.decode_mask(mask, "mask.png", 1024).shape == content.shape[1:]


# ---- music -------------------------------------------------------------------------------------


def test_a_recording_is_outlined_and_played_from_a_file_of_our_own(look) -> None:
    found = look(CASES / "vbr-noxing.mp3", Medium.AUDIO)
    assert found.sketch is not None
    assert found.sketch.seconds == pytest.approx(3, abs=0.1)
    assert found.sketch.peaks and not found.sketch.notes
    wav = Path(look(CASES / "vbr-noxing.mp3", Medium.AUDIO, sound=True).sound).read_bytes()
    assert (wav[:4], wav[8:16]) == (b"RIFF", b"WAVEfmt ")


def test_a_score_shows_its_notes(look) -> None:
    found = look(CASES / "acc-tie.abc", Medium.AUDIO)
    assert found.sketch is not None and found.sketch.notes


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "medium", "code"),
    [
        ("playlist_sdp.wav", Medium.AUDIO, "playlist"),
        ("real.aac", Medium.AUDIO, "foreign_sound"),
        ("song.lrc", Medium.IMAGE, "not_a_picture"),
        ("odd_encryption.pdf", Medium.TEXT, "odd_lock"),
        ("gone.txt", Medium.TEXT, "missing_file"),
    ],
)
def test_a_file_that_cannot_be_read_gets_its_sentence(
    tmp_path: Path, name: str, medium: Medium, code: str
) -> None:
    found = inspected(CASES / name, medium, tmp_path / "out", sound=medium is Medium.AUDIO)
    assert isinstance(found, Failure)
    assert found.code == code
    assert not (tmp_path / "out").exists()


# ---- through processes -------------------------------------------------------------------------


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    """Good ones, and some whose decoder misbehaves."""
    made = {}
    for number, name in enumerate(("good", "crash", "hang", "fair")):
        made[name] = tmp_path / f"{name}.png"
        rows = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        made[name].write_bytes(encoded(Image.fromarray(rows)))
    return made


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


@pytest.fixture
def worker(gate: Path) -> Iterator[Worker]:
    worker = Worker(sys.executable, "-c", GATED, str(gate))
    yield worker
    worker.stop()


def adapt_of(tmp_path: Path, *paths: Path) -> AdaptRequest:
    references = tuple(Reference(path=str(path)) for path in paths)
    return AdaptRequest(job_id="job", references=references, out=str(tmp_path / "a.style"))


def look_at(path: Path, job_id: str) -> InspectRequest:
    out = str(path.with_suffix(".out"))
    return InspectRequest(job_id=job_id, path=str(path), medium=Medium.IMAGE, out_dir=out)


@pytest.mark.process
def test_it_is_answered_while_a_job_runs(worker: Worker, pictures, tmp_path: Path) -> None:
    """The gate stays shut: the job cannot have ended."""
    worker.send(adapt_of(tmp_path, pictures["good"]))
    worker.until(Progress)
    worker.send(look_at(pictures["crash"], "odd"))
    worker.send(look_at(pictures["good"], "fine"))
    refused = worker.until(Failure)
    assert isinstance(refused, Failure)
    assert (refused.job_id, refused.code) == ("odd", "decoder_crashed")
    found = worker.until(InspectResult)
    assert isinstance(found, InspectResult)
    assert found.job_id == "fine"
    assert Path(found.picture).exists()
    worker.send(CancelRequest(job_id="job"))
    assert worker.until(Cancelled) == Cancelled(job_id="job")


@pytest.mark.process
def test_a_cancel_is_answered_while_a_file_hangs(
    worker: Worker, pictures, gate: Path, tmp_path: Path
) -> None:
    gate.touch()
    worker.send(adapt_of(tmp_path, pictures["hang"]))
    progress = worker.until(Progress)
    assert isinstance(progress, Progress)
    assert progress.stage == "reading"
    worker.send(CancelRequest(job_id="job"))
    assert worker.until(Cancelled, Failure) == Cancelled(job_id="job")
    worker.send(look_at(pictures["hang"], "look"))
    worker.until(Progress)
    worker.send(CancelRequest(job_id="look"))
    assert worker.until(Cancelled, Failure) == Cancelled(job_id="look")


@pytest.mark.process
def test_a_crash_refuses_one_reference_and_the_others_go_on(
    pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster, "files", SimpleNamespace(read=odd_decoders.picture))
    job = adapt_of(tmp_path, pictures["good"], pictures["crash"], pictures["fair"])
    reading = ImageMedium().read(job)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            usable, refused = end.value
            break
    assert [each.name for each in usable] == ["good.png", "fair.png"]
    assert [(each.path, each.code) for each in refused] == [
        (str(pictures["crash"]), "decoder_crashed")
    ]
    assert "crash.png" in refused[0].message
    of_this_process().close()
