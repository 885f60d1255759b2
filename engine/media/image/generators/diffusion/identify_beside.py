"""What works beside a picture model, told from headers alone: a ControlNet (Zhang et al. 2023), the
weights of an IP-Adapter (Ye et al. 2023), a model that describes pictures (BLIP, Li et al. 2022).

A ControlNet is a folder of `diffusers` or one file, an IP-Adapter one file with the folder of its
image encoder near it, BLIP a folder of `transformers`.
"""

from dataclasses import replace
from pathlib import Path

from engine.core.errors import BadInput
from engine.core.pretrained.added import CAPTION, CONTROL, IMAGE_PROMPT, AddedModel
from engine.core.pretrained.headers import (
    Header,
    damaged,
    folder_header,
    licence_of,
    read_header,
    read_json,
    weight_files,
)
from engine.media.image.generators.diffusion import families

CONFIG = "config.json"
CONTROL_CLASS, CAPTION_TYPE = "ControlNetModel", "blip"
ENCODERS = ("image_encoder", "../image_encoder", "../models/image_encoder")  # from an IP-Adapter
GUIDES = {  # what a ControlNet reads, by words of its name
    "guide_edges": ("canny",),
    "guide_soft": ("softedge", "soft_edge", "hed", "pidi", "scribble", "lineart", "sketch"),
    "guide_tile": ("tile",),
}
_UNMADE = ("depth", "normal", "pose", "seg", "mlsd", "ip2p", "shuffle", "inpaint", "qr", "color")
_HINT = r"^(control_model\.)?input_hint_block\.0\.weight$"
_EMBEDDING = r"^controlnet_cond_embedding\.conv_in\.weight$"
_TEXT = r"attn2\.to_k\.weight$"
_PROMPT, _READER = r"^ip_adapter\.\d+\.to_k_ip\.weight$", r"^image_proj\.proj\.weight$"


def kind_of(path: Path, header: Header | None = None) -> str:
    """CONTROL, IMAGE_PROMPT or CAPTION; "" for anything else. header: of a file."""
    if header is None:
        config = _config(path)
        if config.get("_class_name") == CONTROL_CLASS:
            return CONTROL
        return CAPTION if config.get("model_type") == CAPTION_TYPE else ""
    if header.has(_HINT) or header.has(_EMBEDDING):
        return CONTROL
    return IMAGE_PROMPT if header.has(_PROMPT) else ""


def _config(folder: Path) -> dict[str, object]:
    try:
        return read_json(folder / CONFIG, folder.name) if (folder / CONFIG).exists() else {}
    except BadInput:
        return {}


def identify_beside(path: Path, kind: str) -> AddedModel:
    """Raises BadInput for half of one, for one that fits no family that is known, and for one that
    reads what nothing here can make."""
    if kind == CAPTION:
        return _caption(path)
    if kind == IMAGE_PROMPT:
        return _image_prompt(path)
    return _control(path)


def _row(
    path: Path, kind: str, family: str, header: Header, files: tuple[str, ...] = ()
) -> AddedModel:
    return AddedModel(
        id="",
        name=path.resolve().stem if path.is_file() else path.resolve().name,
        medium="image",
        kind=kind,
        family=family,
        licence=licence_of(path if path.is_dir() else path.parent, header.metadata),
        parameters=header.numbers,
        bytes=header.bytes,
        source=str(path.resolve()),
        digest="",
        files=files,
    )


def _control(path: Path) -> AddedModel:
    header = folder_header(path, path.name) if path.is_dir() else read_header(path)
    family = families.WIDTHS.get(header.width(_TEXT), "")
    if family not in families.WITH_UNET:
        name = families.name_of(family) if family else "?"
        raise BadInput("control_base", name=path.name, base=name)
    files = tuple(each.name for each in weight_files(path)) if path.is_dir() else ()
    row = _row(path, CONTROL, family, header, files)
    words = f"{path.resolve().parent.name} {row.name}".lower()
    for guide, named in GUIDES.items():
        if any(each in words for each in named):
            return replace(row, remarks=(guide,))
    if unmade := next((each for each in _UNMADE if each in row.name.lower()), ""):
        raise BadInput("control_guide", name=row.name, guide=unmade)
    return replace(row, remarks=("guide_edges", "control_guessed"))


def _image_prompt(path: Path) -> AddedModel:
    header = read_header(path)
    family = families.WIDTHS.get(header.width(_PROMPT), "")
    if family not in families.WITH_UNET or not header.has(_READER):
        raise BadInput("image_prompt_kind", name=path.name)
    width = header.width(_READER)
    encoder = next((e for e in ENCODERS if _reads(path.parent / e, width)), "")
    if not encoder:
        raise BadInput("image_encoder_missing", name=path.name, width=width)
    inner = path.resolve().parent / encoder
    more = folder_header(inner, inner.name)
    files = (path.name, *(f"{encoder}/{each.name}" for each in weight_files(inner)))
    row = _row(path, IMAGE_PROMPT, family, header, files)
    return replace(
        row,
        source=str(path.resolve().parent),
        parameters=header.numbers + more.numbers,
        bytes=header.bytes + more.bytes,
        remarks=("reads_references",),
    )


def _reads(folder: Path, width: int) -> bool:
    """Whether it is an image encoder that ends in so many numbers."""
    return _config(folder).get("projection_dim") == width


def _caption(path: Path) -> AddedModel:
    header = folder_header(path, path.name)
    if not header.has(r"^text_decoder\.", r"^vision_model\."):
        raise damaged(path.name, "its part that reads pictures, or that writes, is missing")
    files = tuple(each.name for each in weight_files(path))
    return replace(_row(path, CAPTION, CAPTION_TYPE, header, files), remarks=("describes",))
