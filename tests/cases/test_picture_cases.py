"""Pictures that other programs show: each file of `files` with its colours, and the brothers of
each fault, made here from bytes."""

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pi_heif
import pytest
import torch
from PIL import Image, ImageCms

from engine.core.errors import REMARKS, BadInput
from engine.core.progress import finished
from engine.media.image.codec import jpeg_xl, pixels
from engine.media.image.codec.alpha import DARK
from engine.media.image.codec.colour import HLG_PEAK_NITS, WHITE_NITS, of_codes
from engine.media.image.codec.raster import Picture, decode_mask, read
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.media.image.generators.transport.projections import sample_patches
from tests.engine.handmade import encoded

FILES = Path(__file__).parent / "files"
SEEDS = Path(__file__).parents[1] / "fuzz" / "seeds"
SUFFIXES = (".png", ".jpg", ".tif", ".webp")
GREEN, GREY, WHITE = (60, 190, 90), (128, 128, 128), (255, 255, 255)
CLOSE = 2  # of 255
# The colour (60, 190, 90) in other spaces, as sRGB; no sRGB has so little red.
ADOBE_GREEN, P3_GREEN = (0, 191, 81), (0, 193, 75)
GREY_18 = (146, 146, 146)  # 128 at gamma 1.8
LINEAR_GREY = (188, 188, 188)  # 128 in linear light
PANE = ((20, 30, 200), (200, 30, 40))  # above and below, of the small ones

# file: (height, width), the colours in it, remarks
READ: dict[str, tuple[tuple[int, int], tuple[tuple[int, int, int], ...], tuple[str, ...]]] = {
    "adobe-rgb.tif": ((32, 32), (ADOBE_GREEN,), ()),
    "adobe-rgba-opaque.png": ((32, 32), (ADOBE_GREEN,), ()),
    "p3-palette-trns.png": ((32, 32), (P3_GREEN,), ()),
    "p3-rgba16.png": ((32, 32), (P3_GREEN,), ()),
    "gama1.png": ((32, 32), (LINEAR_GREY,), ()),
    "gray18-L16.png": ((32, 32), (GREY_18,), ()),
    "gray18-LA.png": ((32, 32), (GREY_18,), ()),
    "grey16-trns.png": ((32, 32), ((156, 156, 156), WHITE), ("picture_on_ground",)),
    "l-trns-icc.png": ((32, 32), ((210, 210, 210), DARK), ("picture_on_ground",)),
    "mask-rgba.png": ((160, 256), (WHITE, DARK), ("picture_on_ground",)),
    "badcrc-text.png": ((32, 64), PANE, ()),
    "workflow-itxt.png": ((32, 64), PANE, ()),
    "workflow-ztxt.png": ((32, 64), PANE, ()),
    "orient6.png": ((64, 32), PANE, ()),
    "orient6.webp": ((64, 32), PANE, ()),
}


def levels(picture: Picture) -> np.ndarray:
    """(H, W, 3) in 0 … 255."""
    return (picture.pixels.permute(1, 2, 0).numpy() + 1) * 127.5


@pytest.mark.parametrize("name", sorted(READ))
def test_a_file_shows_what_other_programs_show(name: str) -> None:
    size, colours, remarks = READ[name]
    picture = read((FILES / name).read_bytes(), name)
    pixels = levels(picture)
    assert pixels.shape[:2] == size
    assert picture.remarks == remarks
    assert set(remarks) <= set(REMARKS)
    gaps = np.stack([np.abs(pixels - colour).max(-1) for colour in colours])
    assert gaps.min(0).max() <= CLOSE, "nothing else is in it"
    assert (gaps.min((1, 2)) <= CLOSE).all(), "each of them is in it"


def test_photographs_without_an_end() -> None:
    picture = read((FILES / "noeoi.jpg").read_bytes(), "noeoi.jpg")
    assert picture.pixels.shape == (3, 256, 256)
    assert picture.remarks == ("picture_truncated",)


def test_what_macos_keeps_beside_photographs_is_none() -> None:
    for path in sorted((FILES / "apple4").glob("IMG*")):
        assert np.abs(levels(read(path.read_bytes(), path.name)) - ADOBE_GREEN).max() <= CLOSE


def test_no_file_is_forgotten() -> None:
    names = {path.name for path in FILES.iterdir() if path.suffix in SUFFIXES}
    assert names == {*READ, "noeoi.jpg", "any_valid.tif"}
    assert read((FILES / "any_valid.tif").read_bytes(), "any").pixels.shape == (3, 52, 72)


# ---- colours -----------------------------------------------------------------------------------


def profile(name: str) -> bytes:
    with Image.open(FILES / name) as picture:
        return picture.info["icc_profile"]


def flat(mode: str, size: int = 32) -> Image.Image:
    """GREEN (or GREY) in a mode."""
    if mode == "P":
        return Image.new("RGB", (size, size), GREEN).quantize(8)
    if mode == "PA":
        return Image.new("RGB", (size, size), GREEN).quantize(8).convert("PA")
    if mode == "I;16":
        return Image.fromarray(np.full((size, size), 128 * 257, dtype=np.uint16))
    colour = GREEN if mode.startswith("RGB") else GREY[:1]
    extra = {"RGBA": (255,), "LA": (255,)}.get(mode, ())
    return Image.new(mode, (size, size), (*colour, *extra) if len(mode) > 1 else colour[0])


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I4s", len(content), kind)
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        *(("RGB", form) for form in ("PNG", "TIFF", "JPEG", "WEBP", "AVIF")),
        *(("RGBA", form) for form in ("PNG", "TIFF", "WEBP", "AVIF")),
        *(("P", form) for form in ("PNG", "TIFF")),
    ],
)
def test_a_profile_is_followed_in_every_mode(mode: str, form: str) -> None:
    tolerance = CLOSE if form in ("PNG", "TIFF") else 8
    for name, right in (("adobe-rgb.tif", ADOBE_GREEN), ("p3-rgba16.png", P3_GREEN)):
        options = {"quality": 98} if form in ("JPEG", "WEBP", "AVIF") else {}
        data = encoded(flat(mode), form, icc_profile=profile(name), **options)
        assert np.abs(levels(read(data, "it")) - right).max() <= tolerance, name


@pytest.mark.parametrize(
    ("mode", "form"), [("L", "PNG"), ("LA", "PNG"), ("L", "TIFF"), ("L", "JPEG")]
)
def test_a_grey_profile_is_followed(mode: str, form: str) -> None:
    data = encoded(flat(mode), form, icc_profile=profile("gray18-LA.png"))
    assert np.abs(levels(read(data, "it")) - GREY_18).max() <= CLOSE


def test_sixteen_bits_in_a_tiff() -> None:
    data = encoded(flat("I;16"), "TIFF", icc_profile=profile("gray18-LA.png"))
    assert np.abs(levels(read(data, "it")) - GREY_18).max() <= CLOSE


@pytest.mark.parametrize("damaged", [b"no profile", b"\0" * 200])
def test_a_damaged_profile_is_told(damaged: bytes) -> None:
    picture = read(encoded(flat("RGB"), icc_profile=damaged), "it")
    assert picture.remarks == ("picture_profile",)
    assert np.abs(levels(picture) - GREEN).max() <= 1
    unpacked = with_chunks(encoded(flat("RGB")), chunk(b"iCCP", b"a\0\0not zlib at all"))
    assert read(unpacked, "it").remarks == ("picture_profile",)


@pytest.mark.parametrize(
    ("chunks", "right"),
    [
        ([chunk(b"gAMA", struct.pack(">I", 100_000))], (133, 224, 160)),
        ([chunk(b"gAMA", struct.pack(">I", 45_455))], GREEN),
        ([chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 100_000))], GREEN),
        ([chunk(b"cICP", bytes((12, 13, 0, 1)))], P3_GREEN),
        ([chunk(b"cICP", bytes((1, 13, 0, 1)))], GREEN),
        ([chunk(b"cICP", bytes((1, 8, 0, 1)))], (133, 224, 160)),
        ([chunk(b"cICP", bytes((99, 99, 0, 1)))], GREEN),
        ([chunk(b"gAMA", struct.pack(">I", 0))], GREEN),
        ([chunk(b"gAMA", struct.pack(">I", 50_000)), chunk(b"cHRM", bytes(32))], GREEN),
    ],
)
def test_chunks_of_colour(chunks: list[bytes], right: tuple[int, int, int]) -> None:
    pixels = levels(read(with_chunks(encoded(flat("RGB")), *chunks), "it"))
    assert np.abs(pixels - right).max() <= CLOSE


def test_codes_count_before_a_profile() -> None:
    data = encoded(flat("RGB"), icc_profile=profile("adobe-rgb.tif"))
    coded = with_chunks(data, chunk(b"cICP", bytes((12, 13, 0, 1))))
    assert np.abs(levels(read(coded, "it")) - P3_GREEN).max() <= CLOSE


def test_primaries_of_a_png() -> None:
    points = (31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)  # Display P3
    chunks = chunk(b"gAMA", struct.pack(">I", 45_455)), chunk(b"cHRM", struct.pack(">8I", *points))
    pixels = levels(read(with_chunks(encoded(flat("RGB")), *chunks), "it"))
    assert np.abs(pixels - P3_GREEN).max() <= 4


def test_light_beyond_white_is_rolled_off() -> None:
    for curve in (16, 18):
        meaning = of_codes(9, curve)
        assert meaning is not None
        ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32)[:, None], (1, 3))[None]
        srgb = meaning.to_srgb(ramp)
        assert (np.diff(srgb[0, :, 0]) >= 0).all()
        assert srgb[0, 0].max() < 0.01 and srgb[0, -1].min() > 0.9
        assert np.ptp(srgb[0], axis=1).max() < 0.01, "grey stays grey"
    paper = of_codes(9, 16)
    assert paper is not None
    assert paper.to_light(np.array([0.5807], np.float32))[0] == pytest.approx(1.0, rel=0.02), (
        "203 nits"
    )
    assert HLG_PEAK_NITS > WHITE_NITS


def test_what_a_camera_calls_adobe_rgb() -> None:
    def directory(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(">HHHI", 1, tag, kind, count) + value + bytes(4)

    exif = b"Exif\0\0MM\0*" + struct.pack(">I", 8)
    exif += directory(0x8769, 4, 1, struct.pack(">I", 26))
    exif += directory(0xA005, 4, 1, struct.pack(">I", 44))
    exif += directory(0x0001, 2, 4, b"R03\0")
    data = encoded(flat("RGB"), "JPEG", quality=98, exif=exif)
    assert np.abs(levels(read(data, "it")) - ADOBE_GREEN).max() <= 6
    plain = encoded(flat("RGB"), "JPEG", quality=98, exif=exif.replace(b"R03", b"R98"))
    assert np.abs(levels(read(plain, "it")) - GREEN).max() <= 3


def test_cmyk_with_its_profile_and_lab() -> None:
    assert read(encoded(Image.new("CMYK", (32, 32), (255, 0, 255, 0)), "TIFF"), "it").remarks == ()
    lab = ImageCms.profileToProfile(
        flat("RGB"), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    assert np.abs(levels(read(encoded(lab, "TIFF"), "it")) - GREEN).max() <= 9, "of 8 bits"


# ---- transparency ------------------------------------------------------------------------------


def textured(size: int = 64) -> np.ndarray:
    """(size, size, 3) with something in it everywhere."""
    y, x = np.mgrid[:size, :size] / size
    return (np.stack([np.sin(20 * x + 9 * y), np.cos(17 * y), x * y], -1) * 60 + 128).astype(
        "uint8"
    )


def layer(colours: np.ndarray, opaque: np.ndarray) -> Image.Image:
    return Image.fromarray(np.dstack([colours, opaque.astype(np.uint8) * 255]))


@pytest.fixture
def round_part() -> np.ndarray:
    y, x = np.mgrid[:64, :64]
    return (y - 32) ** 2 + (x - 32) ** 2 < 24**2


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_the_ground_of_a_cut_out_is_not_learned(round_part: np.ndarray, ground: int) -> None:
    colours = textured()
    colours[~round_part] = ground
    picture = read(encoded(layer(colours, round_part)), "it")
    assert picture.remarks == ("picture_cut_out",)
    assert picture.alpha is not None
    assert torch.equal(picture.alpha > 0.5, torch.from_numpy(round_part))
    inside = colours[round_part]
    pixels = levels(picture)
    np.testing.assert_allclose(pixels[round_part], inside, atol=1)
    outside = pixels[~round_part]
    assert (outside.min(0) >= inside.min(0) - 2).all() and (
        outside.max(0) <= inside.max(0) + 2
    ).all()
    weighted = WeightedPicture(picture.pixels, 1.0, picture.alpha)
    np.testing.assert_allclose((weighted.colours.mean(1) + 1) * 127.5, inside.mean(0), atol=1)


def test_patches_of_a_cut_out_lie_in_it_whole(round_part: np.ndarray) -> None:
    opaque = torch.from_numpy(round_part).float()
    marked = torch.where(opaque > 0, torch.zeros(3, 64, 64), torch.ones(3, 64, 64))
    assert sample_patches(marked, 500, 0, opaque).max() == 0
    assert sample_patches(marked, 500, 0).max() == 1
    nothing = torch.zeros(64, 64)
    assert len(sample_patches(marked, 500, 0, nothing)) == 500, "too few: all of them"


@pytest.mark.parametrize(("ink", "ground"), [(255, 32), (230, 32), (0, 255), (90, 255)])
def test_ink_on_nothing_is_seen(ink: int, ground: int) -> None:
    strokes = np.zeros((64, 64), dtype=bool)
    strokes[::8, 4:60] = strokes[1::8, 4:60] = True
    picture = read(encoded(layer(np.full((64, 64, 3), ink, np.uint8), strokes)), "it")
    pixels = levels(picture)
    assert picture.remarks == ("picture_on_ground",) and picture.alpha is None
    assert np.abs(pixels[strokes] - ink).max() <= 1
    assert np.abs(pixels[~strokes] - ground).max() <= 1


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "I;16"])
def test_a_colour_that_stands_for_nothing(mode: str) -> None:
    halves = np.full((64, 64), 40, dtype=np.uint8)
    halves[:, 32:] = 200
    if mode == "I;16":
        picture, key = Image.fromarray(halves.astype(np.uint16) * 257), 200 * 257
    elif mode == "P":
        picture = Image.fromarray(halves).convert("RGB").quantize(2)
        key = picture.getpixel((60, 1))
    else:
        picture = Image.fromarray(halves).convert(mode, dither=Image.Dither.NONE)
        key = {"L": 200, "RGB": (200, 200, 200), "1": 255}[mode]
    if mode == "I;16":
        data = with_chunks(encoded(picture), chunk(b"tRNS", struct.pack(">H", key)))
    elif mode == "1":
        data = with_chunks(encoded(picture), chunk(b"tRNS", struct.pack(">H", 1)))
    else:
        data = encoded(picture, transparency=key)
    found = read(data, "it")
    assert found.remarks == ("picture_on_ground",)
    assert np.abs(levels(found)[:, 36:] - 255).max() <= 1
    assert levels(found)[:, :28].max() < 60


def test_opaque_alpha_says_nothing() -> None:
    for mode in ("RGBA", "LA", "PA"):
        picture = read(encoded(flat(mode), "TIFF" if mode == "PA" else "PNG"), "it")
        assert picture.alpha is None and picture.remarks == ()


@pytest.mark.slow
def test_a_style_of_a_cut_out_knows_no_ground(round_part: np.ndarray) -> None:
    from tests.engine.handmade import CPU, PRIOR, adapt

    colours = textured()
    tables = []
    for ground in (0, 255):
        colours[~round_part] = ground
        picture = read(encoded(layer(colours, round_part)), "it")
        weighted = [WeightedPicture(picture.pixels, 1.0, picture.alpha)]
        tables.append(finished(adapt(weighted, 0, CPU, PRIOR)))
    for key in ("quantiles", "means", "gamuts", "deviations"):
        torch.testing.assert_close(tables[0][key], tables[1][key])


def test_masks_by_alpha_or_lightness() -> None:
    painted = np.zeros((40, 60), dtype=bool)
    painted[10:30, 20:50] = True
    for ink in (0, 127, 255):
        data = encoded(layer(np.full((40, 60, 3), ink, np.uint8), painted))
        assert torch.equal(decode_mask(data, "it") > 0, torch.from_numpy(painted)), ink
    both = np.full((40, 60, 3), 255, np.uint8)
    both[:, :30] = 0
    half = decode_mask(encoded(layer(both, painted)), "it").numpy() > 0
    assert (half == (painted & (np.arange(60) >= 30))).all()
    plain = Image.fromarray((painted * 255).astype(np.uint8))
    assert torch.equal(decode_mask(encoded(plain), "it") > 0, torch.from_numpy(painted))
    case = decode_mask((FILES / "mask-rgba.png").read_bytes(), "it")
    assert 0.05 < case.mean() < 0.07


# ---- flaws -------------------------------------------------------------------------------------


def test_texts_of_any_length_and_with_any_flaw() -> None:
    plain = encoded(flat("RGB"))
    long = zlib.compress(b"x" * 3 * 2**20)
    for more in (
        chunk(b"zTXt", b"parameters\0\0" + long),
        chunk(b"iTXt", b"workflow\0\1\0\0\0" + long),
        chunk(b"tEXt", b"a\0b")[:-4] + b"oops",
        chunk(b"zTXt", b"a\0\0not zlib"),
        chunk(b"pHYs", b"short"),
        chunk(b"prVt", b"\0" * 9) * 50,
        chunk(b"cHRM", b"short"),
        chunk(b"tIME", b""),
    ):
        picture = read(with_chunks(plain, more), "it")
        assert np.abs(levels(picture) - GREEN).max() <= 1
        assert picture.remarks == ()


def test_a_wrong_checksum_of_the_picture_itself_is_told() -> None:
    data = bytearray(encoded(flat("RGB")))
    at = data.index(b"IDAT")
    length = int.from_bytes(data[at - 4 : at], "big")
    data[at + 4 + length] ^= 0xFF
    picture = read(bytes(data), "it")
    assert picture.remarks == ("picture_flawed",)
    assert np.abs(levels(picture) - GREEN).max() <= 1


@pytest.mark.parametrize("keep", [0.4, 0.6, 0.9])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_photograph_that_breaks_off(keep: float, progressive: bool) -> None:
    data = encoded(Image.fromarray(textured(256)), "JPEG", quality=95, progressive=progressive)
    picture = read(data[: int(len(data) * keep)], "it")
    assert picture.remarks == ("picture_truncated",)
    rows = picture.pixels.shape[1]
    assert rows == 256 if progressive else 0.3 * 256 < rows <= 256
    whole = levels(read(data, "it"))[: rows - 8]
    assert np.abs(levels(picture)[: rows - 8] - whole).mean() < (40 if progressive else 3)


def test_even_pictures_that_are_whole_stay_whole() -> None:
    for form in ("PNG", "JPEG", "BMP"):
        assert read(encoded(flat("RGB", 40), form), "it").pixels.shape == (3, 40, 40)


def test_damage_of_newer_formats_is_refused_in_words() -> None:
    whole = encoded(Image.fromarray(textured()), "AVIF")
    for place in range(8, len(whole), max(1, len(whole) // 120)):
        data = bytearray(whole)
        data[place] ^= 0x55
        with contextlib.suppress(BadInput):
            read(bytes(data), "it.avif")
    palette = encoded(Image.fromarray(textured()).quantize(8))
    at = palette.index(b"PLTE")
    length = int.from_bytes(palette[at - 4 : at], "big")
    with pytest.raises(BadInput):
        read(palette[: at - 4] + palette[at + length + 8 :], "it.png")


def test_what_telephones_write() -> None:
    buffer = io.BytesIO()
    Image.fromarray(textured()).save(buffer, "AVIF", quality=90)
    assert read(buffer.getvalue(), "it.avif").pixels.shape == (3, 64, 64)
    assert "HEIF" in Image.OPEN and pi_heif.libheif_version()


def test_jpeg_xl() -> None:
    """Files of the reference encoder: plain, grey with alpha, a photograph that is turned."""
    pytest.importorskip("pylibjxl", reason="has no build for this system")
    files = {path.stem: path.read_bytes() for path in SEEDS.glob("*.jxl")}
    np.testing.assert_array_equal(pixels.read(files["textured"], "it").levels, textured(32))
    grey = pixels.read(files["grey-alpha"], "it").levels
    np.testing.assert_array_equal(grey[..., 1], textured(32)[..., 0])
    assert set(np.unique(grey[..., 3])) == {60, 255}
    turned = pixels.read(files["turned"], "it").levels
    assert turned.shape == (24, 32, 3)
    wanted = np.rot90(textured(32)[:, :24], -1).astype(int)
    assert np.abs(turned - wanted).mean() < 8
    with pytest.raises(BadInput, match="damaged"):
        pixels.read(files["textured"][:200], "it.jxl")


def test_jpeg_xl_by_its_profile() -> None:
    pylibjxl = pytest.importorskip("pylibjxl", reason="has no build for this system")
    stored = Image.open(FILES / "adobe-rgb.tif")
    profile = stored.info["icc_profile"]
    data = pylibjxl.encode(np.array(stored), lossless=True, icc=profile)
    assert (pixels.read(data, "it").levels == ADOBE_GREEN).all()


def test_jpeg_xl_without_a_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg_xl, "pylibjxl", None)
    with pytest.raises(BadInput, match="JPEG XL, for which there is no decoder") as refusal:
        pixels.read((SEEDS / "textured.jxl").read_bytes(), "it.jxl")
    assert refusal.value.code == "no_jpeg_xl"


def test_psd_files_show_their_layers_merged() -> None:
    rows = np.moveaxis(textured(32), -1, 0).tobytes()
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 32, 32, 8, 3)
    data = head + struct.pack(">III", 0, 0, 0) + struct.pack(">H", 0) + rows
    np.testing.assert_allclose(levels(read(data, "it.psd")), textured(32), atol=1)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_png_of_nothing(data: bytes) -> None:
    with pytest.raises(BadInput):
        read(data, "it.png")
