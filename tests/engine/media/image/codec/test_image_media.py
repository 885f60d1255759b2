"""Every kind of picture that an artist may drop in: decoded rightly, or refused with a reason."""

import io
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageCms

from engine.core.errors import BadInput
from engine.core.input_files import MAX_FILE_BYTES, expand, read_bytes
from engine.media.image.codec.pixels import FORMATS, MAX_PIXELS, TRUNCATED, WORKING_SIDE_PX
from engine.media.image.codec.raster import (
    decode,
    encode_png,
    read,
    to_picture,
)
from engine.protocol import PICTURE_SUFFIXES
from tests.engine.handmade import as_picture, colour, encoded, painting, reference_file

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
EXACT, CLOSE = 0.6, 12  # of 255: rounding; what lossy coding and colour management change


def levels(data: bytes) -> np.ndarray:
    """Decoded to (H, W, 3) in 0 … 255."""
    return (decode(data, "it").permute(1, 2, 0).numpy() + 1) * 127.5


def refused(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        decode(data, "it.png")
    assert "it.png" in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value.code


def halves(mode: str = "RGB", size: tuple[int, int] = (32, 24)) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = colour(size[1], size[0], *BLUE)
    picture.paste(RED, (0, 0, size[0] // 2, size[1]))
    return picture.convert(mode)


def assert_halves(pixels: np.ndarray, tolerance: float) -> None:
    assert pixels.shape == (24, 32, 3)
    np.testing.assert_allclose(pixels[:, 2:14].mean((0, 1)), RED, atol=tolerance)
    np.testing.assert_allclose(pixels[:, 18:30].mean((0, 1)), BLUE, atol=tolerance)


def png(width: int, height: int, bits: int, kind: int, rows: bytes) -> bytes:
    """A PNG written by hand, for the kinds that Pillow does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


# ---- decoded rightly ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
def test_plain_pictures_are_decoded_exactly(form: str) -> None:
    assert_halves(levels(encoded(halves(), form)), EXACT)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF"])
def test_lossy_pictures_are_decoded_closely(form: str) -> None:
    assert_halves(levels(encoded(halves(), form)), CLOSE)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(form: str) -> None:
    frames = [colour(24, 32, *RED), colour(24, 32, *BLUE), colour(24, 32, *WHITE)]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(data)) as written:
        assert getattr(written, "n_frames", 1) == 3
    np.testing.assert_allclose(levels(data).mean((0, 1)), RED, atol=CLOSE)


def test_cmyk_jpeg() -> None:
    assert_halves(levels(encoded(halves("CMYK"), "JPEG", quality=95)), 30)


def test_sixteen_bit_grey() -> None:
    ramp = np.linspace(0, 65535, 32).astype(np.uint16)
    picture = Image.fromarray(np.tile(ramp, (24, 1)))
    assert picture.mode == "I;16"
    pixels = levels(encoded(picture))
    for channel in range(3):
        np.testing.assert_allclose(pixels[5, :, channel], ramp / 257, atol=EXACT)


def test_sixteen_bit_colour() -> None:
    row = b"\0" + struct.pack(">HHH", 65535, 32896, 0) * 20
    pixels = levels(png(20, 20, 16, 2, row * 20))
    np.testing.assert_allclose(pixels[3, 3], (255, 128, 0), atol=1)


def test_palettes() -> None:
    assert_halves(levels(encoded(halves().quantize(4))), EXACT)


def test_transparent_palette_entries_lie_on_white() -> None:
    picture = halves().quantize(4)
    index = picture.getpixel((1, 1))
    pixels = levels(encoded(picture, transparency=index))
    np.testing.assert_allclose(pixels[3, 3], WHITE, atol=EXACT)
    np.testing.assert_allclose(pixels[3, 30], BLUE, atol=EXACT)


def test_alpha_lies_on_white() -> None:
    picture = halves("RGBA")
    picture.putalpha(128)
    pixels = levels(encoded(picture))
    np.testing.assert_allclose(pixels[3, 3], (255, 127, 127), atol=1.5)
    picture.putalpha(0)
    np.testing.assert_allclose(levels(encoded(picture)), np.full((24, 32, 3), 255), atol=EXACT)


def test_grey_with_alpha_lies_on_white() -> None:
    picture = Image.new("LA", (20, 20), (0, 64))
    np.testing.assert_allclose(levels(encoded(picture))[3, 3], (191, 191, 191), atol=1.5)


def test_one_bit() -> None:
    picture = Image.new("1", (32, 24))
    picture.paste(1, (0, 0, 16, 24))
    pixels = levels(encoded(picture))
    np.testing.assert_allclose(pixels[3, 3], WHITE, atol=EXACT)
    np.testing.assert_allclose(pixels[3, 30], (0, 0, 0), atol=EXACT)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 1e9])
def test_floating_tiff_by_its_range(top: float) -> None:
    ramp = np.tile(np.linspace(0, top, 32, dtype=np.float32), (24, 1))
    pixels = levels(encoded(Image.fromarray(ramp), "TIFF"))
    np.testing.assert_allclose(pixels[4, :, 1], np.linspace(0, 255, 32), atol=EXACT)


def test_floating_tiff_with_holes() -> None:
    field = np.full((24, 32), 0.5, dtype=np.float32)
    field[0, :3] = (np.nan, np.inf, -np.inf)
    pixels = levels(encoded(Image.fromarray(field), "TIFF"))
    np.testing.assert_allclose(pixels[0, :3, 0], (0, 255, 0), atol=EXACT)
    np.testing.assert_allclose(pixels[5, 5], (128, 128, 128), atol=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_stand_upright(orientation: int) -> None:
    """A camera writes the turned picture and says in EXIF how to turn it back."""
    marked = colour(24, 32, 60, 60, 60)
    marked.paste(RED, (0, 0, 10, 8))
    marked.paste(BLUE, (24, 0, 32, 8))
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = marked.transpose(back[orientation]) if orientation > 1 else marked
    exif = Image.Exif()
    exif[0x0112] = orientation
    for form, options in (("JPEG", {"quality": 95, "subsampling": 0}), ("PNG", {})):
        pixels = levels(encoded(stored, form, exif=exif, **options))
        assert pixels.shape == (24, 32, 3)
        np.testing.assert_allclose(pixels[3, 3], RED, atol=30)
        np.testing.assert_allclose(pixels[3, 29], BLUE, atol=30)


def test_broken_exif_says_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x0131] = "a camera"
    whole = encoded(halves(), "JPEG", exif=exif, quality=95)
    start = whole.index(b"Exif\0\0") + 6
    for position in range(start, start + 40):
        data = bytearray(whole)
        data[position] ^= 0xFF
        assert sorted(decode(bytes(data), "it").shape) == [3, 24, 32]


def test_an_embedded_profile_is_followed() -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert_halves(levels(encoded(halves(), icc_profile=plain)), 2)
    swapped = plain.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"....", b"bXYZ", 1)  # what it calls red is blue
    pixels = levels(encoded(halves(), icc_profile=swapped))
    assert_halves(pixels[:, ::-1], 3)


def test_a_broken_profile_says_nothing() -> None:
    assert_halves(levels(encoded(halves(), icc_profile=b"no profile at all")), EXACT)


def test_large_pictures_are_brought_to_working_size() -> None:
    data = encoded(Image.new("RGB", (4000, 1000), RED), "JPEG")
    _, height, width = decode(data, "it").shape
    assert height * width == pytest.approx(WORKING_SIDE_PX**2, rel=0.01)
    assert width / height == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("name", ["🎨 le tableau.png", "a  b' .PNG", "große Welle 神奈川.png"])
def test_names_with_emoji_and_spaces(tmp_path: Path, name: str) -> None:
    path = reference_file(tmp_path, name)
    assert expand([path], PICTURE_SUFFIXES) == [path]
    assert decode(read_bytes(path), path.name).shape == (3, 40, 48)


# ---- refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"hello", b"\0" * 500, b"\x89PNG\r\n\x1a\n", b"GIF89a", pickle.dumps({"a": [1, 2]})]
)
def test_what_is_no_picture(data: bytes) -> None:
    assert refused(data) in ("not_a_picture", "damaged_picture")


def test_a_pickle_by_the_name_of_a_picture_runs_nothing() -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (pytest.fail, ("the pickle was loaded",))

    assert refused(pickle.dumps(Trap())) == "not_a_picture"


@pytest.mark.parametrize("form", ["ICO", "PPM", "TGA", "PCX"])
def test_formats_off_the_list(form: str) -> None:
    assert form not in FORMATS
    assert refused(encoded(colour(32, 32, *RED), form)) == "not_a_picture"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP"])
def test_of_a_truncated_file_what_is_there_is_read(form: str) -> None:
    data = encoded(as_picture(painting(64, 64)), form)
    whole, part = decode(data, "it"), read(data[: len(data) * 2 // 3], "it")
    rows = part.pixels.shape[1]
    assert part.remarks == (TRUNCATED,)
    assert 24 <= rows < 64
    if form != "BMP":  # which begins at the bottom
        assert (part.pixels[:, : rows - 16] - whole[:, : rows - 16]).abs().mean() < 0.1
    assert refused(data[: len(data) // 12]) in ("damaged_picture", "not_a_picture", "few_pixels")


def test_a_truncated_webp_is_refused() -> None:
    data = encoded(as_picture(painting(64, 64)), "WEBP")
    assert refused(data[: len(data) * 2 // 3]) in ("damaged_picture", "not_a_picture")


def test_forty_megapixels_are_the_limit() -> None:
    bomb = encoded(Image.new("1", (8000, 6000)))
    assert len(bomb) < 100_000
    assert refused(bomb) == "many_pixels"
    assert refused(png(100_000, 100_000, 8, 2, b"")) == "many_pixels"


def test_the_limit_of_pillow_is_put_back() -> None:
    before = Image.MAX_IMAGE_PIXELS
    refused(encoded(Image.new("1", (8000, 6000))))
    decode(encoded(halves()), "it")
    assert before == Image.MAX_IMAGE_PIXELS
    assert MAX_PIXELS == 40_000_000


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (15, 600), (600, 15)])
def test_too_few_pixels(size: tuple[int, int]) -> None:
    assert refused(encoded(Image.new("RGB", size))) == "few_pixels"


def test_a_strip_that_is_thinner_than_a_patch_at_working_size() -> None:
    assert refused(encoded(Image.new("L", (400_000, 16)))) == "few_pixels"


def test_the_least_size_is_taken() -> None:
    assert decode(encoded(Image.new("RGB", (16, 16))), "it").shape == (3, 16, 16)


# ---- files -------------------------------------------------------------------------------------


def code_of_reading(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_bytes(path)
    return caught.value.code


def test_zero_bytes(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    assert code_of_reading(path) == "empty_file"


def test_a_hundred_megabytes_are_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # sparse: takes no room
    assert code_of_reading(path) == "large_file"


def test_a_file_deleted_meanwhile(tmp_path: Path) -> None:
    path = reference_file(tmp_path)
    named = expand([path], PICTURE_SUFFIXES)
    path.unlink()
    assert code_of_reading(named[0]) == "missing_file"


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
def test_impossible_names(tmp_path: Path, name: str) -> None:
    assert code_of_reading(tmp_path / name) in ("missing_file", "unreadable_file")


def test_a_name_too_long_to_look_up() -> None:
    with pytest.raises(BadInput) as caught:
        expand([Path("x" * 5000)], PICTURE_SUFFIXES)
    assert caught.value.code == "unreadable_file"


@pytest.mark.slow
def test_a_folder_of_five_thousand_files(tmp_path: Path) -> None:
    for k in range(5000):
        (tmp_path / f"{k}.png").write_bytes(b"x")
    with pytest.raises(BadInput) as caught:
        expand([tmp_path], PICTURE_SUFFIXES)
    assert caught.value.code == "many_references"
    assert "5000" in str(caught.value)


def test_a_folder_gives_its_pictures_in_order(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpeg", "notes.txt", "c.svg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    assert [p.name for p in expand([tmp_path], PICTURE_SUFFIXES)] == ["a.jpeg", "b.PNG"]


def test_folders_and_lists_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    for paths, code in (([tmp_path], "empty_folder"), ([], "no_references")):
        with pytest.raises(BadInput) as caught:
            expand(paths, PICTURE_SUFFIXES)
        assert caught.value.code == code


# ---- round trips and noise ---------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 9999), height=st.integers(16, 40), width=st.integers(16, 40))
def test_png_round_trip(seed: int, height: int, width: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.rand(3, height, width, generator=generator) * 2.4 - 1.2
    back = decode(encode_png(pixels), "it")
    assert (back - pixels.clamp(-1, 1)).abs().max().item() <= 1 / 255 + 1e-6
    assert encode_png(back) == encode_png(pixels), "a second round changes nothing"


def test_texts_of_a_png() -> None:
    data = encode_png(painting(), texts={"Comment": "made with AI 🎨"})
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.info["Comment"] == "made with AI 🎨"
    assert encode_png(painting()) == encode_png(painting())
    assert to_picture(painting()).size == (80, 64)


SOUND = {
    form: encoded(as_picture(painting(20, 24)), form)
    for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP")
}


@settings(deadline=None, max_examples=150)
@given(
    form=st.sampled_from(sorted(SOUND)),
    flips=st.lists(st.tuples(st.integers(0, 9999), st.integers(1, 255)), max_size=8),
    keep=st.floats(0, 1) | st.just(1.0),
)
def test_damage_is_refused_or_borne(form: str, flips: list[tuple[int, int]], keep: float) -> None:
    data = bytearray(SOUND[form])
    for position, change in flips:
        data[position % len(data)] ^= change
    try:
        pixels = decode(bytes(data[: int(len(data) * keep)]), "it")
    except BadInput as error:
        assert error.code in ("not_a_picture", "damaged_picture", "many_pixels", "few_pixels")
    else:
        assert pixels.isfinite().all()
        assert pixels.abs().max() <= 1


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_noise_is_no_picture(data: bytes) -> None:
    with pytest.raises(BadInput):
        decode(data, "it")
