"""A diffusion model in memory: read where it lies, nothing of it run but its layers.

Legend: N pictures, latents (N, C, h, w), pixels (N, 3, H, W) in [-1, 1].
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.core.device import steady_dtype
from engine.core.errors import BadInput
from engine.core.pretrained.added import AddedModel
from engine.core.pretrained.libraries import check_installed
from engine.core.pretrained.loading import loading
from engine.core.pretrained.low_rank import Adapter, applied
from engine.media.image.generators.diffusion import families
from engine.media.image.generators.diffusion.beside import Beside
from engine.media.image.generators.diffusion.denoisers import DENOISERS, Conditioning
from engine.media.image.generators.diffusion.guides import Guide
from engine.media.image.generators.diffusion.identify import Found, identify
from engine.media.image.generators.diffusion.image_prompt import WITH_WORDS
from engine.media.image.generators.diffusion.pipelines import from_file, from_folder
from engine.media.image.generators.diffusion.schedules import Flow, Noising, Schedule
from engine.media.image.generators.diffusion.style import DiffusionStyle

LEARNED_SIDE_PX = 512  # of what is learned from, where a model names no side of its own
_WHOLE = ("vae", "unet", "transformer")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A LoRA file of the artist's: adapters of the denoiser, and of text encoders by the name of
    their part; share: how much of it."""

    name: str
    digest: str
    share: float
    denoiser: Adapter
    readers: Mapping[str, Adapter] = field(default_factory=dict)


class Base:
    """What all styles over a model share; frozen. sparing: memory was short, so that parts which do
    nothing wait in the computer's memory, and pictures are decoded in tiles. lender: the folder
    that a checkpoint in one file has borrowed from. beside: what works beside the model, as the
    style in use names it."""

    def __init__(
        self,
        pipe: Any,
        found: Found,
        device: torch.device,
        dtype: torch.dtype,
        lender: AddedModel | None = None,
    ) -> None:
        self.pipe, self.row, self.device, self.dtype = pipe, found.row, device, dtype
        self.lender = lender
        self.family = families.FAMILIES[found.row.family]
        self.denoiser = DENOISERS[self.family.id]
        kind = Flow if self.denoiser.is_flow else Noising
        self.schedule: Schedule = kind(pipe.scheduler, self.family.id)
        is_short = found.distilled and self.family.few_steps
        self.steps = self.family.few_steps if is_short else self.family.steps
        self.guidance = 1.0 if is_short else self.family.guidance
        self.sparing = False
        self.beside = Beside()
        self._told: dict[tuple[object, ...], Conditioning] = {}
        for module in self._modules():
            module.requires_grad_(False).eval()

    @property
    def network(self) -> nn.Module:
        return getattr(self.pipe, self.family.denoiser)

    @property
    def _config(self) -> Mapping[str, Any]:
        return getattr(self.pipe, self.family.denoiser).config

    @property
    def scale(self) -> int:
        """Pixels along the side of one place of the latents."""
        packed = 2 if self.family.id == "flux2" else 1
        return 2 ** (len(self.pipe.vae.config.block_out_channels) - 1) * packed

    @property
    def multiple(self) -> int:
        """Sides of pictures are multiples of this, in px."""
        return self.scale * self.denoiser.patch

    @property
    def channels(self) -> int:
        return int(self._config["in_channels"])

    @property
    def side_px(self) -> int:
        """The side that it was trained at; 0 where it names none, and takes any."""
        return int(self._config.get("sample_size") or 0) * self.scale

    def told(self, prompt: str, looks: Sequence["Look"] = ()) -> Conditioning:
        """A prompt as the denoiser reads it; each is encoded once. looks: LoRA files may change how
        it is read."""
        read = [look for look in looks if look.readers and look.share]
        key = (prompt, *((look.digest, look.share) for look in read))
        if key not in self._told:
            with self.using("text"), torch.inference_mode(), self._reading(read):
                found = self.denoiser.encode(self.pipe, prompt, self.device)
            pooled = None if found.pooled is None else found.pooled.clone()
            self._told[key] = Conditioning(found.tokens.clone(), pooled)
        return self._told[key]

    def conditioned(
        self,
        style: DiffusionStyle,
        prompt: str,
        looks: Sequence["Look"] = (),
        guide: Guide | None = None,
        *,
        in_words: bool = False,
    ) -> Conditioning:
        """A prompt with what a style adds to it. in_words: the artist has said what is shown, so
        that references as pictures count for less."""
        told = replace(self.told(prompt, looks).and_also(style.tokens), guide=guide)
        if style.image is None or self.beside.prompt is None:
            return told
        image = replace(style.image, share=WITH_WORDS if in_words else 1.0)
        return replace(told, image=(self.beside.prompt, image))

    def unconditioned(self, like: Conditioning, looks: Sequence["Look"] = ()) -> Conditioning:
        """What guidance leads away from: no words, no references; the same guide."""
        plain = replace(self.told("", looks), guide=like.guide)
        if like.image is None:
            return plain
        prompt, image = like.image
        return replace(plain, image=(prompt, prompt.none(image)))

    @contextmanager
    def _reading(self, looks: Sequence["Look"]) -> Iterator[None]:
        with ExitStack() as stack:
            for look in looks:
                for part, adapter in look.readers.items():
                    stack.enter_context(applied(getattr(self.pipe, part), [(adapter, look.share)]))
            yield

    def predict(self, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        """(N, C, h, w) float32 → the same, differentiable."""
        with torch.inference_mode(False):
            return self.denoiser.predict(self.pipe, x.to(self.dtype), t, told).float()

    def guided(self, x: Tensor, t: Tensor, told: Conditioning, plain: Conditioning) -> Tensor:
        """Away from what is drawn without a prompt (Ho and Salimans 2022, equation 6)."""
        wanted = self.predict(x, t, told)
        if self.guidance <= 1:
            return wanted
        usual = self.predict(x, t, plain)
        return usual + self.guidance * (wanted - usual)

    def to_latents(self, pixels: Tensor) -> Tensor:
        with self.using("vae"), torch.no_grad():
            return self.denoiser.to_latents(self.pipe, pixels.to(self.device)).float()

    def to_pixels(self, latents: Tensor) -> Tensor:
        with self.using("vae"), torch.no_grad():
            return self.denoiser.to_pixels(self.pipe, latents.to(self.device)).clamp(-1, 1)

    # ---- where the parts are -------------------------------------------------------------------

    def spare(self) -> bool:
        """From now on with less memory, and slower. False where it was so already."""
        if self.sparing:
            return False
        self.sparing = True
        self.pipe.vae.enable_tiling()
        for module in self._modules():
            module.to("cpu")
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        log.warning("memory is short: parts of the model wait outside of the device")
        return True

    @contextmanager
    def using(self, part: str) -> Iterator[None]:
        """part: "text", "denoiser" or "vae". Where memory is short, that one alone is loaded."""
        if not self.sparing:
            yield
            return
        modules = self._parts()[part]
        for module in modules:
            module.to(self.device)
        try:
            yield
        finally:
            for module in modules:
                module.to("cpu")

    def _parts(self) -> dict[str, list[nn.Module]]:
        rows: dict[str, list[nn.Module]] = {"text": [], "denoiser": [self.network], "vae": []}
        for name, part in self.pipe.components.items():
            if isinstance(part, nn.Module) and part is not self.network:
                rows["vae" if name == "vae" else "text"].append(part)
        rows["denoiser"] += self.beside.modules()
        return rows

    def _modules(self) -> list[nn.Module]:
        return [module for part in self._parts().values() for module in part]


def load(
    row: AddedModel,
    device: torch.device,
    dtype: torch.dtype | None = None,
    lender: AddedModel | None = None,
) -> Base:
    """Raises BadInput for a model that is gone, changed, damaged, or too large for the memory.

    dtype: by default float32 on a CPU, else the fastest; weights in another one are converted.
    lender: the folder that a checkpoint in one file borrows from, see `pipelines.lender_of`."""
    check_installed()
    if not row.is_there():
        raise BadInput("model_gone", name=row.name)
    found = replace(identify(Path(row.source)), row=row)
    dtype = dtype or steady_dtype(device)
    path = Path(row.source)
    with loading(row):
        if lender is None:
            pipe = from_folder(path, found, dtype)
        else:
            pipe = from_file(path, found, dtype, lender)
            found = replace(found, distilled=identify(Path(lender.source)).distilled)
        for name in _WHOLE:
            if (part := getattr(pipe, name, None)) is not None:
                part.to(dtype)
        base = Base(pipe, found, device, dtype, lender)
        pipe.to(device)
    return base
