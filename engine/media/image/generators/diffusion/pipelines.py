"""A model's parts, as the library builds them: from a folder, or from a checkpoint in one file and
an added folder of the same family, which lends what the file lacks.

A checkpoint holds a denoiser, and mostly the VAE and the text encoders with it. It never holds a
tokenizer or a configuration: these are the folder's, and so is every part that the file is without.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.core.errors import BadInput
from engine.core.pretrained.added import MODEL, AddedModel, added, with_digest
from engine.core.pretrained.headers import Header, damaged, read_header
from engine.core.pretrained.libraries import library, offline
from engine.media.image.generators.diffusion.families import (
    FAMILIES,
    PLACES,
    Place,
    is_read_from_one_file,
    name_of,
)
from engine.media.image.generators.diffusion.identify import UNUSED, Found, identify, parts_of


def lender_of(row: AddedModel, models: Path, digest: str = "") -> AddedModel | None:
    """The folder that a checkpoint borrows from; None for a folder, which needs none.

    digest: of the folder that a style names; else the first of the same family in the list.
    Raises BadInput where there is none, or for parts that are not read from one file."""
    if row.files:
        return None
    if "folder_only" in row.remarks:
        raise _folder_only(row)
    if digest:
        try:
            return with_digest(digest, models)
        except BadInput as error:
            named, family = str(error.details["name"]), name_of(row.family)
            raise BadInput(
                "model_lender_gone", name=row.name, family=family, folder=named
            ) from error
    for each in added(models, "image", MODEL):
        if each.family == row.family and each.files and each.is_there():
            return each
    raise BadInput("model_file_alone", name=row.name, family=name_of(row.family))


def from_folder(
    path: Path, found: Found, dtype: torch.dtype, given: Mapping[str, Any] | None = None
) -> Any:
    """given: parts that are not loaded from there; of the value None, not at all."""
    more = {**_unused(found.row.family), **(given or {})}
    if found.row.family == "sd3" and "text_encoder_3" not in parts_of(path):
        more |= {"text_encoder_3": None, "tokenizer_3": None}
    with offline():
        return _class_of(found).from_pretrained(
            path,
            local_files_only=True,
            use_safetensors=True,
            dtype=dtype,
            low_cpu_mem_usage=False,
            variant="fp16" if _is_variant(found) else None,
            **more,
        )


def from_file(path: Path, found: Found, dtype: torch.dtype, lender: AddedModel) -> Any:
    """Raises BadInput for a file that lacks tensors, or does not fit the folder."""
    header = read_header(path)
    held = _held(header, found.row)
    build = _with_readers if any(map(_is_reader, held)) else _without_readers
    try:
        pipe = build(path, Path(lender.source), list(held), dtype)
    except (torch.OutOfMemoryError, BadInput):
        raise
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise _misfit(found.row, lender) from error
    is_short = any(_numbers(header, held[name]) < _size(getattr(pipe, name)) for name in held)
    if is_short or not _is_target(header, pipe.scheduler):
        raise _misfit(found.row, lender)  # the library would leave what is missing random
    return pipe


def _with_readers(path: Path, folder: Path, held: list[str], dtype: torch.dtype) -> Any:
    """Text encoders are converted by the whole pipeline's reader only. Every part that the file
    lacks is given to it, so that it looks for none of them by itself."""
    found = identify(folder)
    lent = from_folder(folder, found, dtype, dict.fromkeys(held))
    borrowed = {name: part for name, part in lent.components.items() if part is not None}
    with offline():
        return _class_of(found).from_single_file(
            str(path),
            config=str(folder),
            local_files_only=True,
            torch_dtype=dtype,
            **_unused(found.row.family) | borrowed,
        )


def _without_readers(path: Path, folder: Path, held: list[str], dtype: torch.dtype) -> Any:
    parts = parts_of(folder)
    given: dict[str, Any] = {}
    for name in held:
        named, kind = parts[name]
        with offline():
            given[name] = getattr(library(named), kind).from_single_file(
                str(path),
                config=str(folder),
                subfolder=name,
                local_files_only=True,
                torch_dtype=dtype,
            )
    return from_folder(folder, identify(folder), dtype, given)


def _held(header: Header, row: AddedModel) -> dict[str, Place]:
    """The parts that a checkpoint holds. Raises BadInput where the library would not know one of
    them, and would take the folder's without a word."""
    if not is_read_from_one_file(header, row.family):
        raise _folder_only(row)
    places = PLACES[row.family]
    held = {name: place for name, place in places.items() if _numbers(header, place)}
    unknown = [name for name, place in held.items() if not header.has(place.mark)]
    if any(map(_is_reader, held)):
        unknown += [name for name in places if _is_reader(name) and name not in held]
    if FAMILIES[row.family].denoiser not in held:
        unknown.append(FAMILIES[row.family].denoiser)
    if unknown:
        raise damaged(row.name, f"{unknown[0]} is not there under the usual names")
    return held


def _is_reader(part: str) -> bool:
    return part.startswith("text_encoder")


def _numbers(header: Header, place: Place) -> int:
    return sum(
        tensor.numbers
        for name, tensor in header.tensors.items()
        if name.startswith(place.prefix) and "F" in tensor.dtype
    )


def _size(part: nn.Module) -> int:
    return sum(each.numel() for each in part.parameters())


def _is_target(header: Header, scheduler: Any) -> bool:
    """Files that were trained to predict velocities say so by an empty tensor, if at all."""
    return "v_pred" not in header.tensors or scheduler.config.prediction_type == "v_prediction"


def _folder_only(row: AddedModel) -> BadInput:
    return BadInput("model_folder_only", name=row.name, family=name_of(row.family))


def _misfit(row: AddedModel, lender: AddedModel) -> BadInput:
    return BadInput("model_misfit", name=row.name, folder=lender.name)


def _class_of(found: Found) -> Any:
    return getattr(library("diffusers"), FAMILIES[found.row.family].pipelines[0])


def _unused(family: str) -> dict[str, Any]:
    if family == "sd15":
        return {**dict.fromkeys(UNUSED), "requires_safety_checker": False}
    return {"add_watermarker": False} if family == "sdxl" else {}


def _is_variant(found: Found) -> bool:
    part = FAMILIES[found.row.family].denoiser
    return all(".fp16" in each for each in found.row.files if Path(each).parts[0] == part)
