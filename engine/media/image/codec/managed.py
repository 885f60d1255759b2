"""Pictures of any mode, with whatever they say of their colours → 8-bit sRGB with its alpha.

What a file says counts in this order: the codes of H.273, an embedded profile, gamma and
primaries, the colour space that a camera names in EXIF. Where nothing is said it is sRGB.
"""

import io
import struct

import numpy as np
from PIL import ExifTags, Image, ImageCms

from engine.media.image.codec import colour
from engine.media.image.codec.colour import Meaning

_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}  # of profiles: our modes
_NCLX = b"colrnclx"  # where AVIF and HEIF say their codes
_ADOBE = "R03"  # the interoperability index of Adobe RGB


class Colours:
    """What a file says beside its profile: the chunks of a PNG, the codes in an AVIF or HEIF."""

    def __init__(self, data: bytes, chunks: dict[bytes, bytes] | None = None) -> None:
        self.chunks = chunks or {}
        at = -1 if self.chunks else data[:65536].find(_NCLX) + len(_NCLX)
        is_coded = at >= len(_NCLX) and len(data) >= at + 4
        self.codes = struct.unpack_from(">HH", data, at) if is_coded else None


def to_srgb(picture: Image.Image, said: Colours) -> tuple[Image.Image, bool]:
    """(RGB, or RGBA where it has an alpha channel; whether its profile, if any, was sound)."""
    alpha = _alpha(picture)
    plain = _eight_bits(picture)
    profile = said.chunks.get(b"iCCP") or picture.info.get("icc_profile")
    meaning = colour.of_png(said.chunks) if b"cICP" in said.chunks or not profile else None
    if meaning is None and not profile:
        meaning = colour.of_codes(*said.codes) if said.codes else _of_camera(picture)
    sound = True
    if meaning is not None:
        plain = _meant(plain.convert("RGB"), meaning)
    elif profile and b"cICP" not in said.chunks:
        plain, sound = _profiled(plain, profile)
    if plain.mode == "LAB":
        plain = _from_lab(plain)
    plain = plain.convert("RGB")
    if alpha is not None:
        plain.putalpha(alpha)
    return plain, sound


def _alpha(picture: Image.Image) -> Image.Image | None:
    """The alpha channel, or that of a colour that stands for nothing."""
    key = picture.info.get("transparency")
    if picture.mode.startswith("I") and isinstance(key, int):
        numbers = np.asarray(picture)
        return Image.fromarray(np.where(numbers == key, 0, 255).astype(np.uint8))
    if picture.has_transparency_data and picture.mode not in ("F", "I"):
        return picture.convert("RGBA").getchannel("A")
    return None


def _eight_bits(picture: Image.Image) -> Image.Image:
    """RGB, L, CMYK or LAB, without alpha, of the numbers as they stand."""
    if picture.mode.startswith(("I", "F")):
        return _scaled(picture)
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("L", "LA", "La"):
        return picture.convert("LA").getchannel("L")
    return picture if picture.mode in ("CMYK", "LAB") else picture.convert("RGBA").convert("RGB")


def _scaled(picture: Image.Image) -> Image.Image:
    """16-bit and floating greys, by their nominal range (or their own, where they exceed it)."""
    grey = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=1.0, neginf=0.0)
    brightest = float(grey.max())
    nominal = (1.0, 255.0, 65535.0) if picture.mode == "F" else (65535.0,)
    top = next((top for top in nominal if brightest <= top), brightest)
    return Image.fromarray((np.clip(grey / top, 0, 1) * 255).round().astype(np.uint8))


def _profiled(picture: Image.Image, profile: bytes) -> tuple[Image.Image, bool]:
    """Through a profile. A damaged one says nothing, nor does one for other kinds of numbers: the
    plain conversion is the better guess."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space: str = source.profile.xcolor_space  # pyright: ignore[reportAttributeAccessIssue]
        mode = _SPACES.get(space)
        if mode is None or (mode == "CMYK") != (picture.mode == "CMYK"):
            return picture, False
        if mode == "L" and picture.mode != "L":
            return picture, False
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(
            picture.convert(mode),
            source,
            target,
            renderingIntent=_INTENT,
            outputMode="RGB",
            flags=_FLAGS,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture, False
    return converted or picture, True


def _from_lab(picture: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    return converted or picture


def _meant(picture: Image.Image, meaning: Meaning) -> Image.Image:
    """In bands, so that a large picture takes no more memory than a small one."""
    numbers = np.array(picture)
    for top in range(0, len(numbers), 256):
        band = numbers[top : top + 256].astype(np.float32) / 255
        numbers[top : top + 256] = (meaning.to_srgb(band) * 255).round().astype(np.uint8)
    return Image.fromarray(numbers)


def _of_camera(picture: Image.Image) -> Meaning | None:
    try:
        index = picture.getexif().get_ifd(ExifTags.IFD.Interop).get(1)
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
        return None
    return colour.adobe() if str(index).strip("\0") == _ADOBE else None
