"""What works beside a picture model, taken when a style is adapted, and named by it from then on:
so that the same style draws the same picture, whatever is added later."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from engine.core.errors import BadInput
from engine.core.pretrained.added import (
    CAPTION,
    CONTROL,
    IMAGE_PROMPT,
    AddedModel,
    added,
    with_digest,
)
from engine.core.pretrained.libraries import library, offline
from engine.media.image.generators.diffusion import image_prompt
from engine.media.image.generators.diffusion.guides import Guide, guide_of
from engine.media.image.generators.diffusion.image_prompt import ImagePrompt


@dataclass(frozen=True, slots=True)
class Offered:
    """Of what was added, the first of each kind that fits a family."""

    control: AddedModel | None = None
    prompt: AddedModel | None = None
    captions: AddedModel | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    row: AddedModel
    network: Any

    def guide(self, pixels: Tensor, share: float) -> Guide:
        """pixels (1, 3, H, W) in [-1, 1], of the content."""
        return Guide(self.network, guide_of(self.row.remarks[0], pixels), share)


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Loaded, as a style names them."""

    control: Control | None = None
    prompt: ImagePrompt | None = None

    def modules(self) -> list[nn.Module]:
        return [self.control.network] if self.control else []


def offered(family: str, models: Path) -> Offered:
    def first(kind: str) -> AddedModel | None:
        rows = added(models, "image", kind)
        fitting = (row for row in rows if kind == CAPTION or row.family == family)
        return next((row for row in fitting if row.is_there()), None)

    return Offered(first(CONTROL), first(IMAGE_PROMPT), first(CAPTION))


def opened(
    before: Beside, control: str, prompt: str, network: Any, model: str, models: Path
) -> Beside:
    """control, prompt: digests, or "". before: what is loaded already. Raises BadInput where one is
    gone, damaged, or does not fit the model."""
    return Beside(
        _control(before.control, control, network, model, models) if control else None,
        _prompt(before.prompt, prompt, network, model, models) if prompt else None,
    )


def _control(
    before: Control | None, digest: str, network: Any, model: str, models: Path
) -> Control:
    row = with_digest(digest, models)
    if before is not None and before.row.digest == digest:
        return before
    loaded = load_control(row, network, model)
    return Control(row, loaded.to(network.device, network.dtype).requires_grad_(False).eval())


def _prompt(
    before: ImagePrompt | None, digest: str, network: Any, model: str, models: Path
) -> ImagePrompt:
    row = with_digest(digest, models)
    if before is not None and before.row.digest == digest:
        return before
    return image_prompt.load(row, network, model)


def load_control(row: AddedModel, network: Any, model: str) -> Any:
    """A folder as it says; one file in the shape of the UNet that it stands beside."""
    kind = library("diffusers").ControlNetModel
    try:
        if row.files:
            with offline():
                made = kind.from_pretrained(
                    row.source, local_files_only=True, use_safetensors=True, low_cpu_mem_usage=False
                )
        else:
            made = kind.from_unet(network, load_weights_from_unet=False)
            tensors = library("safetensors.torch").load_file(row.source)
            convert = library("diffusers.loaders.single_file_utils").convert_controlnet_checkpoint
            made.load_state_dict(convert(tensors, made.config))
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        if not row.is_there():
            raise BadInput("model_gone", name=row.name) from error
        raise BadInput("beside_misfit", name=row.name, model=model) from error
    for said in ("block_out_channels", "layers_per_block", "cross_attention_dim"):
        if made.config[said] != network.config[said]:
            raise BadInput("beside_misfit", name=row.name, model=model)
    return made
