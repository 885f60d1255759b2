"""JPEG XL for Pillow, decoded by pylibjxl, of which there is a build for most systems, not for all.

libjxl turns a picture upright by itself, so that its EXIF is left out: it would be turned again. Of
an animation pylibjxl gives the last frame.
"""

from PIL import Image, ImageFile

try:
    import pylibjxl  # pyright: ignore[reportMissingImports]
except ImportError:
    pylibjxl = None

FORMAT = "JXL"
_CODESTREAM, _CONTAINER = b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by the number of channels


class NoDecoder(Exception):
    """pylibjxl has no build for this system."""


def register() -> None:
    """Lets Pillow open JPEG XL. Opening raises NoDecoder where there is none; damage raises
    RuntimeError."""
    Image.register_open(FORMAT, _JpegXl, _is_jpeg_xl)
    Image.register_decoder(FORMAT, _Decoder)


def _is_jpeg_xl(head: bytes) -> bool:
    return head.startswith((_CODESTREAM, _CONTAINER))


class _JpegXl(ImageFile.ImageFile):
    """Opening reads the size alone, so that limits apply before pixels are decoded."""

    format, format_description = FORMAT, "JPEG XL"

    def _open(self) -> None:
        if pylibjxl is None:
            raise NoDecoder
        assert self.fp is not None
        found = pylibjxl.probe(self.fp.read())
        self._size = found["width"], found["height"]
        self._mode = _MODES[found["channels"]]
        whole = (0, 0, *self._size)
        self.tile = [ImageFile._Tile(FORMAT, whole, 0, (self.info,))]


class _Decoder(ImageFile.PyDecoder):
    """args: the `info` of the picture, which is given its colour profile."""

    _pulls_fd = True

    def decode(self, buffer: object) -> tuple[int, int]:
        assert self.fd is not None and pylibjxl is not None
        levels, beside = pylibjxl.decode(self.fd.read(), metadata=True)
        if profile := beside.get("icc"):
            self.args[0]["icc_profile"] = profile
        self.set_as_raw(levels.tobytes())
        return -1, 0
