"""The judge of pictures: how they are measured, what of them is copied, what is wrong with them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from safetensors import SafetensorError
from torch import Tensor

from engine.core.critic_assets import critic_file
from engine.core.weights_file import load_checked
from engine.interfaces import Feature, LoadedWork, MeasuredWork, Quality
from engine.media.image import copying, features
from engine.media.image.style_encoder import StyleEncoder
from engine.meta.errors import WrongCheckpointError

COPY_SHRINK = 4  # pictures are compared at a quarter of `copying.SCALE_PX`
LEEWAY = 2.0  # how much noisier, or half as sharp, than any reference a work may be


@lru_cache(maxsize=1)
def critic_encoder(device: torch.device) -> StyleEncoder:
    """The critic's own encoder of style. Raises `WrongCheckpointError`."""
    path = critic_file("image_encoder.safetensors")
    try:
        config = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["config"]
        encoder = StyleEncoder(**config)
        encoder.load_state_dict({name: t.float() for name, t in load_checked(path).items()})
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no style encoder of this version") from error
    return encoder.to(device).eval().requires_grad_(False)


@dataclass(frozen=True, slots=True)
class PictureJudge:
    device: torch.device
    domain: str = "image"
    features: tuple[Feature, ...] = features.FEATURES

    def measure(self, work: LoadedWork) -> MeasuredWork:
        pixels = _pixels(work)
        found = features.measure(pixels, critic_encoder(self.device))
        return MeasuredWork(work, found, features.quality(pixels))

    def copied(self, work: LoadedWork, references: Sequence[LoadedWork]) -> list[float]:
        found = []
        for reference in references:
            near = copying.nearest_patches(_pixels(work), [_pixels(reference)], shrink=COPY_SHRINK)
            is_copy = near < copying.COPIED_BELOW
            found.append(float(is_copy.double().mean()) if len(near) else 0.0)
        return found

    def quality(self, work: MeasuredWork, references: Sequence[MeasuredWork]) -> Quality:
        mine, theirs = work.technical, [r.technical for r in references]

        def most(code: str) -> float:
            return max(row[code] for row in theirs)

        sharpest = min(row["sharpness"] for row in theirs) / LEEWAY
        return Quality(
            {
                "flaw_blurred": min(1.0, mine["sharpness"] / max(sharpest, 1e-6)),
                "flaw_noisy": min(1.0, LEEWAY * (most("noise") + 0.01) / (mine["noise"] + 1e-6)),
                "flaw_clipped_light": 1 - max(0.0, mine["clipped"] - most("clipped") - 0.02),
                "flaw_border": min(
                    1.0, LEEWAY * max(1.0, most("border")) / (mine["border"] + 1e-6)
                ),
            }
        )

    def shared_words(self, work: LoadedWork, reference: LoadedWork) -> list[str]:
        return []


def _pixels(work: LoadedWork) -> Tensor:
    assert isinstance(work.content, Tensor)
    return work.content
