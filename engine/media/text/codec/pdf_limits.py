"""Limits for pdfminer, which believes what files declare: how much a stream unpacks to, how wide a
row is, how many codes a range has, that references lead somewhere. Importing this module puts them
in place.
"""

import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pdfminer import cmapdb, pdffont, pdftypes
from pdfminer.utils import apply_png_predictor, apply_tiff_predictor

MAX_STREAM_BYTES = 30 * 2**20
MAX_ROW_BYTES = 2**20  # of the tables that predictors work on
MAX_CODES = 2**17  # of a range: twice as many as a font can have
_CHUNK_BYTES = 512  # a fault loses at most what these unpack to


def inflated(data: bytes) -> bytes:
    """What a stream unpacks to, as far as it is sound, and not beyond MAX_STREAM_BYTES."""
    inflater, content = zlib.decompressobj(), bytearray()
    for start in range(0, len(data), _CHUNK_BYTES):
        room = MAX_STREAM_BYTES - len(content)
        if inflater.eof or room <= 0:
            break
        try:
            content += inflater.decompress(data[start : start + _CHUNK_BYTES], room)
        except zlib.error:
            break
    return bytes(content)


def bounded_range(*bounds: int) -> range:
    return range(*bounds)[:MAX_CODES]


_resolve_one = pdftypes.PDFObjRef.resolve


def resolved(reference: pdftypes.PDFObjRef, default: object = None) -> object:
    """What a reference stands for in the end; `default` where references go round in a ring."""
    seen, found = {reference.objid}, _resolve_one(reference, default)
    while isinstance(found, pdftypes.PDFObjRef):
        if found.objid in seen:
            return default
        seen.add(found.objid)
        found = _resolve_one(found, default)
    return found


def _narrow(predictor: Callable[..., bytes]) -> Callable[..., bytes]:
    """A predictor that refuses rows that no table of a PDF has; its last arguments are colours,
    columns, bits and data."""

    def checked(*numbers: Any) -> bytes:
        colours, columns, bits, _data = numbers[-4:]
        if not 0 < colours * columns * bits <= 8 * MAX_ROW_BYTES:
            raise ValueError("a row of a stream is too wide")
        return predictor(*numbers)

    return checked


_LIMITS: tuple[tuple[object, str, object], ...] = (
    (
        pdftypes,
        "zlib",
        SimpleNamespace(decompress=inflated, decompressobj=zlib.decompressobj, error=zlib.error),
    ),
    (pdftypes, "apply_png_predictor", _narrow(apply_png_predictor)),
    (pdftypes, "apply_tiff_predictor", _narrow(apply_tiff_predictor)),
    (pdftypes.PDFObjRef, "resolve", resolved),
    (pdffont, "range", bounded_range),  # shadows the builtin there
    (cmapdb, "range", bounded_range),
)
for _module, _name, _limited in _LIMITS:
    setattr(_module, _name, _limited)
