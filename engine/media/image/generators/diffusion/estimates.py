"""What a model will cost here, told before anything of it is loaded."""

import torch

from engine.core.device import free_bytes, operations_a_second, steady_dtype
from engine.core.pretrained.added import LOW_RANK, MODEL
from engine.core.pretrained.libraries import lacking
from engine.media.image.generators.diffusion.families import FAMILIES
from engine.media.image.generators.diffusion.identify import Found

PROGRAM_BYTES = 700 * 2**20  # Python, torch and the libraries
WORK_BYTES = 3 * 2**29  # of activations, for 512 × 512 in 16 bits; more by the area
REACHED = 0.5  # of what matrix products reach, the layers between them counted in


def memory_bytes(found: Found, device: torch.device) -> int:
    """While it draws one picture at the side that it was trained at."""
    width = steady_dtype(device).itemsize
    if found.row.kind == LOW_RANK:
        return found.row.parameters * 4
    if found.row.kind != MODEL:
        return found.row.parameters * width
    side = FAMILIES[found.row.family].side_px
    work = WORK_BYTES * (side / 512) ** 2 * width / 2
    small = min(1.0, found.denoiser / FAMILIES[found.row.family].parameters)
    return int(found.row.parameters * width + PROGRAM_BYTES + work * small)


def seconds(found: Found, device: torch.device) -> float:
    """Of one picture: operations of all steps, by what this device reaches. 0 of what
    is no model of its own."""
    if found.row.kind != MODEL:
        return 0.0
    family = FAMILIES[found.row.family]
    is_short = found.distilled and family.few_steps
    passes = family.few_steps if is_short else 2 * family.steps
    operations = family.operations * 1e12 * found.denoiser / family.parameters
    return passes * operations / (REACHED * operations_a_second(device))


def remarks(found: Found, device: torch.device) -> tuple[str, ...]:
    """Those of the headers, and what this machine adds."""
    told = [*found.row.remarks, *lacking()]
    if found.row.kind != MODEL:
        return tuple(told)
    if device.type == "cpu":
        told.append("cpu")
    stored = found.row.bytes / max(1, found.row.parameters)
    if steady_dtype(device).itemsize > stored * 1.1:
        told.append("widened")
    return tuple(told)


def free(device: torch.device) -> int:
    return free_bytes(device)
