"""Small good files of the formats of which the cases have none, or only large ones."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

HERE = Path(__file__).parent / "seeds"  # of what nothing here can write
FORMATS = Path(__file__).parents[1] / "formats"
LEVELS = np.indices((24, 32)).sum(0).astype(np.uint8) * 4
VERSE = "The wind is cold upon the hill tonight,\nand all the little boats are gone to sea."
SOUNDS = {
    **{"wav": ("WAV", "PCM_16"), "float.wav": ("WAV", "FLOAT"), "adpcm.wav": ("WAV", "IMA_ADPCM")},
    **{"aiff": ("AIFF", "PCM_16"), "au": ("AU", "PCM_16"), "caf": ("CAF", "PCM_16")},
    **{"alac.caf": ("CAF", "ALAC_16"), "w64": ("W64", "PCM_16"), "rf64": ("RF64", "PCM_16")},
    **{"flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")},
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def pictures(kind: str) -> list[bytes]:
    """kind: of Pillow."""
    grey = Image.fromarray(LEVELS)
    colour = Image.merge("RGB", [grey, grey.rotate(180), grey])
    modes = {
        "PNG": (grey, colour, grey.convert("1"), colour.quantize(8), colour.convert("RGBA")),
        "JPEG": (grey, colour, colour.convert("CMYK")),
        "TIFF": (grey, colour, colour.convert("CMYK"), grey.convert("F"), colour.convert("LAB")),
        "GIF": (colour.quantize(8),),
    }.get(kind, (colour, colour.convert("RGBA")))
    options = _OPTIONS.get(kind, ())
    return [
        *(_saved(picture, kind) for picture in modes),
        *(_saved(colour, kind, **each) for each in options),
    ]


_COMPRESSIONS = ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
_OPTIONS: dict[str, tuple[dict[str, object], ...]] = {
    "TIFF": tuple({"compression": each} for each in _COMPRESSIONS),
    "JPEG": ({"progressive": True},),
    "GIF": ({"save_all": True, "append_images": [Image.new("RGB", (32, 24))]},),
}


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photoshop() -> list[bytes]:
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 24, 32, 8, 3) + struct.pack(">III", 0, 0, 0)
    plain = struct.pack(">H", 0) + LEVELS.tobytes() * 3
    row = b"\x1f" + bytes(32)
    packed = struct.pack(">H", 1) + struct.pack(">H", len(row)) * 72 + row * 72
    return [head + plain, head + packed]


def kept(suffix: str) -> list[bytes]:
    """Files by other programs, of formats that Pillow does not write."""
    return [path.read_bytes() for path in sorted(HERE.glob(f"*{suffix}"))]


def sound(name: str) -> bytes:
    """A third of a second: name is one of `SOUNDS`."""
    rate = 48_000 if name == "opus" else 8000
    tone = np.sin(np.arange(rate // 3) * 440 * 2 * np.pi / rate) * 0.4
    out = io.BytesIO()
    kind, subtype = SOUNDS[name]
    soundfile.write(out, np.stack([tone, tone], 1), rate, format=kind, subtype=subtype)
    return out.getvalue()


def rich_text() -> list[bytes]:
    lines = r"\par ".join(VERSE.split("\n"))
    head = rb"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Times;}}{\info{\title A Song}}"
    return [head + rb"\f0\b1 " + lines.encode() + rb"\u8217?\'e9\emdash {\*\bkmkstart a}}"]


def open_document() -> list[bytes]:
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("text", "text"), ("table", "table"))
    )
    body = "<text:h>Song</text:h>" + "".join(
        f"<text:p>{line}<text:s text:c='2'/><text:tab/></text:p>" for line in VERSE.split("\n")
    )
    content = (
        f"<office:document-content{spaces}><office:body><office:text>{body}"
        "</office:text></office:body></office:document-content>"
    )
    return [
        _zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})
    ]


def _zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def captions() -> list[bytes]:
    cues = "\n\n".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n<i>{line}</i>"
        for n, line in enumerate(VERSE.split("\n"), 1)
    )
    return [cues.encode(), b"WEBVTT\n\nNOTE x\n\n" + cues.replace(",", ".").encode()]


def style() -> list[bytes]:
    import torch

    from engine.core.style import Ancestor, Stamp, Style

    tensors = {"a": torch.arange(24.0).reshape(4, 6), "liked/kind": torch.zeros(3).byte()}
    whole = Style(
        "image",
        tensors,
        (Ancestor("0" * 64, "wave.png", 1.0),),
        generator=Stamp("painter", 1),
        neutral=({"embedding": torch.zeros(8).half()},),
    ).to_bytes()
    return [whole]


def model(folder: Path) -> bytes:
    from tests.engine.media.text.generators.causal_lm import tiny_models

    return tiny_models.gguf(folder / "tiny.gguf").read_bytes()


def frames() -> list[bytes]:
    """What a decoding child answers."""
    from engine.core.decoding import wire
    from engine.media.image.codec.pixels import Pixels

    out = io.BytesIO()
    wire.write(out, Pixels(np.stack([LEVELS] * 3, -1), 32, 24, ("picture_flawed",)))
    return [out.getvalue()]


LINES = (
    b'{"type": "Progress", "job_id": "a", "done": 1.0, "total": 3.0}',
    b'{"type": "CancelRequest", "job_id": "a"}',
    b'{"type": "GenerateRequest", "job_id": "a", "style": "s", "out_dir": "o",'
    b' "brief": {"medium": "text", "count": 2}}',
    b'{"type": "AdaptRequest", "job_id": "a", "references": [{"path": "p"}], "out": "o"}',
)
SETTINGS = (
    b'{"format": 1, "language": "zh", "recent": ["/a.maquette"], "threads": 2, "folders": {"image":'
    b' "/tmp"}, "exports": {"image": {"format": "png", "quality": 80}}, "engine_command": ["x"]}'
)
