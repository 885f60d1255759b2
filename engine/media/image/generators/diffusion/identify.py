"""Which diffusion model lies at a path, from its headers alone: a folder of `diffusers`, one file
of safetensors, a LoRA file, or what works beside a model (`identify_beside`)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.errors import BadInput
from engine.core.pretrained.added import LOW_RANK, MODEL, AddedModel
from engine.core.pretrained.headers import (
    PICKLES,
    Header,
    damaged,
    folder_header,
    licence_of,
    read_header,
    read_json,
    weight_files,
)
from engine.media.image.generators.diffusion import families
from engine.media.image.generators.diffusion.identify_beside import identify_beside, kind_of

INDEX = "model_index.json"
LIBRARIES = ("diffusers", "transformers")  # nothing else is imported for a model
SOUNDS = ("audio", "acestep")  # in the names of pipelines that make none
UNUSED = ("safety_checker", "feature_extractor", "image_encoder")
_HINTS = {  # of file names
    "sdxl": ("sdxl", "_xl", "-xl", "pony", "illustrious"),
    "sd15": ("sd15", "sd1.5", "v1-5", "v1.5", "sd_1"),
    "sd3": ("sd3",),
    "flux2": ("flux2", "flux.2", "klein"),
    "zimage": ("z-image", "zimage", "z_image"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the headers say. denoiser: its parameters; distilled: it was made for few steps."""

    row: AddedModel
    denoiser: int
    distilled: bool = False


def claims(path: Path) -> bool:
    """Whether it looks like a picture model, a LoRA file, or what works beside one."""
    if path.is_dir():
        said = _class_of(path).lower()
        is_picture = (path / INDEX).exists() and not any(each in said for each in SOUNDS)
        return is_picture or bool(kind_of(path))
    if path.suffix.lower() in (".ckpt", ".pt", ".pth"):
        return True
    if path.suffix.lower() != ".safetensors":
        return False
    is_part = (path.parent / "config.json").exists()  # of a folder, mostly of a language model
    try:
        header = read_header(path)
    except BadInput:
        return not is_part  # of one file alone nothing else is known
    known = not is_part and (families.of_single_file(header) or families.is_low_rank(header))
    return bool(known or kind_of(path, header))


def identify(path: Path) -> Found:
    """Raises BadInput for what is no model, half of one, pickled, or of an unknown family."""
    if not path.exists():
        raise BadInput("model_missing", path=str(path))
    if path.is_dir():
        kind = "" if (path / INDEX).exists() else kind_of(path)
        return _beside(path, kind) if kind else _folder(path)
    if path.suffix.lower() in PICKLES:
        raise BadInput("model_pickle", name=path.name, file=path.name)
    header = read_header(path)
    if kind := kind_of(path, header):
        return _beside(path, kind)
    if families.is_low_rank(header):
        return _low_rank(path, header)
    return _single_file(path, header)


def _beside(path: Path, kind: str) -> Found:
    row = identify_beside(path, kind)
    return Found(row, row.parameters)


def _class_of(folder: Path) -> str:
    try:
        return str(read_json(folder / INDEX, folder.name).get("_class_name", ""))
    except BadInput:
        return ""


def parts_of(folder: Path) -> dict[str, tuple[str, str]]:
    """Name of each part → (library, class). Raises BadInput where one would run code of its own."""
    index = read_json(folder / INDEX, folder.name)
    found: dict[str, tuple[str, str]] = {}
    for name, value in index.items():
        is_part = isinstance(value, list) and len(value) == 2
        if name.startswith("_") or name in UNUSED or not is_part or value[0] is None:
            continue
        library, kind = str(value[0]), str(value[1])
        if library not in LIBRARIES and library != "stable_diffusion":
            raise BadInput("model_code", name=folder.name, part=name)
        found[name] = (library, kind)
    return found


def _folder(path: Path) -> Found:
    index = read_json(path / INDEX, path.name)
    said = str(index.get("_class_name", "?"))
    parts = parts_of(path)
    headers: dict[str, Header] = {}
    for name in parts:
        if not (path / name).is_dir():
            raise BadInput("model_part", name=path.name, part=name)
        if _has_weights(name):
            headers[name] = folder_header(path / name, path.name)
    denoiser = next((headers[name] for name in ("unet", "transformer") if name in headers), None)
    if denoiser is None:
        raise unknown(path.name, said)
    family = families.of_denoiser(denoiser)
    named = next((f.id for f in families.FAMILIES.values() if said in f.pipelines), "")
    if named and family and family != named:
        told, is_one = families.name_of(named), families.name_of(family)
        raise BadInput("model_mismatch", name=path.name, said=told, found=is_one)
    if family not in families.FAMILIES or not named:
        raise unknown(path.name, families.name_of(family) if family else said)
    if "vae" not in headers or "text_encoder" not in headers:
        raise BadInput("model_part", name=path.name, part="vae, text_encoder")
    files = [str(each.relative_to(path)) for part in headers for each in weight_files(path / part)]
    total = sum(each.numbers for each in headers.values())
    row = AddedModel(
        id="",
        name=path.resolve().name,
        medium="image",
        kind=MODEL,
        family=family,
        licence=licence_of(path, denoiser.metadata),
        parameters=total,
        bytes=sum((path / each).stat().st_size for each in files),
        source=str(path.resolve()),
        digest="",
        files=tuple(files),
        remarks=_remarks(path.name, family, denoiser),
    )
    return Found(row, denoiser.numbers, _is_distilled(path.name, family, index))


def _has_weights(part: str) -> bool:
    return not part.startswith(("tokenizer", "scheduler"))


def _is_distilled(name: str, family: str, index: dict[str, Any]) -> bool:
    if not families.FAMILIES[family].few_steps:
        return False
    words = name.lower()
    is_short = "turbo" in words or ("klein" in words and "base" not in words)
    return bool(index.get("is_distilled", is_short))


def _single_file(path: Path, header: Header) -> Found:
    family = families.of_single_file(header)
    if family not in families.FAMILIES:
        if not family:
            raise BadInput("not_a_picture_model", name=path.name)
        raise unknown(path.name, families.name_of(family))
    denoiser = {
        name: tensor
        for name, tensor in header.tensors.items()
        if not name.startswith((*families.AROUND, "model_ema."))
    }
    part = replace(header, tensors=denoiser)
    row = _row_of_file(path, header, MODEL, family)
    told = "borrows" if header.has(r"^(first_stage_model|vae)\.") else "denoiser_only"
    if not families.is_read_from_one_file(header, family):
        told = "folder_only"
    found = replace(row, remarks=(*_remarks(path.stem, family, part), told))
    return Found(found, part.numbers, _is_distilled(path.stem, family, {}))


def _low_rank(path: Path, header: Header) -> Found:
    family = families.of_low_rank(header)
    if family not in families.FAMILIES:
        said = families.name_of(family) if family else header.metadata.get("ss_sd_model_name", "?")
        raise BadInput("lora_base", name=path.name, base=said, known=known_names())
    row = _row_of_file(path, header, LOW_RANK, family)
    return Found(replace(row, remarks=_misnamed(path.stem, family)), header.numbers)


def _row_of_file(path: Path, header: Header, kind: str, family: str) -> AddedModel:
    return AddedModel(
        id="",
        name=path.stem,
        medium="image",
        kind=kind,
        family=family,
        licence=licence_of(path.parent, header.metadata),
        parameters=header.numbers,
        bytes=header.bytes,
        source=str(path.resolve()),
        digest="",
    )


def _remarks(name: str, family: str, denoiser: Header) -> tuple[str, ...]:
    if not denoiser.dtypes <= {"F64", "F32", "F16", "BF16"}:
        raise damaged(name, "its weights are quantised, in a way that is not read here")
    return _misnamed(name, family)


def _misnamed(name: str, family: str) -> tuple[str, ...]:
    """ "misnamed" where the file's name speaks of another family than its tensors."""
    named = [key for key, words in _HINTS.items() if any(w in name.lower() for w in words)]
    return ("misnamed",) if named and family not in named else ()


def unknown(name: str, family: str) -> BadInput:
    return BadInput("model_family", name=name, family=family, families=known_names())


def known_names() -> str:
    return ", ".join(each.name for each in families.FAMILIES.values())
