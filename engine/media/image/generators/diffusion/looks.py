"""LoRA files of the artist's as styles that can be mixed: "id:share", read where they lie.

Files come with names of kohya's tools, of `diffusers` and of `peft`; the library turns all of them
into its own, and this module into adapters beside layers.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from engine.core.errors import BadInput
from engine.core.pretrained import low_rank
from engine.core.pretrained.added import LOW_RANK, AddedModel, added
from engine.core.pretrained.libraries import offline
from engine.core.pretrained.loading import loading
from engine.core.pretrained.low_rank import Pair
from engine.media.image.generators.diffusion import families
from engine.media.image.generators.diffusion.base import Base, Look

MOST_SHARE = 2.0
_NAME = re.compile(
    r"^(?P<part>unet|transformer|text_encoder|text_encoder_2)\.(?P<layer>.+?)"
    r"\.(lora_linear_layer\.|lora\.|lora_)(?P<side>down|up|A|B)(\.\w+)?\.weight$"
)


_OF_PROCESSORS = re.compile(r"\.processor\.(to_[qkv]|to_out)_lora\.")  # kohya's, as it was turned


def _as_layer(match: re.Match[str]) -> str:
    """ ".processor.to_out_lora." → ".to_out.0.lora." """
    return f".{match[1]}{'.0' if match[1] == 'to_out' else ''}.lora."


def shares_of(looks: Sequence[str]) -> dict[str, float]:
    """ "ink:0.8" → {"ink": 0.8}; 1 where nothing is named. Raises BadInput."""
    found: dict[str, float] = {}
    for each in looks:
        name, _, share = each.partition(":")
        try:
            found[name] = float(share or 1.0)
        except ValueError:
            raise BadInput("bad_look", look=each, most=MOST_SHARE) from None
        if not name or not -MOST_SHARE <= found[name] <= MOST_SHARE:
            raise BadInput("bad_look", look=each, most=MOST_SHARE)
    return found


def read_looks(base: Base, looks: Sequence[str], folder: Path) -> list[Look]:
    """Raises BadInput for one that was not added, is gone, or was made for another model."""
    rows = {row.id: row for row in added(folder, "image", LOW_RANK)}
    found: list[Look] = []
    for name, share in shares_of(looks).items():
        if name not in rows:
            raise BadInput("look_unknown", look=name)
        found.append(_read(base, rows[name], share))
    return found


def _read(base: Base, row: AddedModel, share: float) -> Look:
    if row.family != base.family.id:
        raise _other_base(base, row)
    parts = _parts(base, row)
    networks: dict[str, nn.Module | None] = {base.family.denoiser: base.network}
    for part in ("text_encoder", "text_encoder_2"):
        networks[part] = getattr(base.pipe, part, None)
    for part, adapter in parts.items():
        network = networks.get(part)
        for layer, pair in adapter.items():
            if network is None or not low_rank.fits(network, layer, pair):
                raise _other_base(base, row)
    denoiser = parts.pop(base.family.denoiser, {})
    return Look(row.id, row.digest, share, denoiser, parts)


def _other_base(base: Base, row: AddedModel) -> BadInput:
    made_for = families.name_of(row.family)
    return BadInput("lora_other_base", name=row.name, base=made_for, model=base.row.name)


def _parts(base: Base, row: AddedModel) -> dict[str, dict[str, Pair]]:
    """part → layer → its pair, with alpha / rank in `up`."""
    with loading(row):
        rows, alphas = _in_own_names(base, Path(row.source))
    sides: dict[tuple[str, str], dict[str, Tensor]] = defaultdict(dict)
    scales: dict[tuple[str, str], float] = {}
    for name, tensor in rows.items():
        if match := _NAME.match(_OF_PROCESSORS.sub(_as_layer, name)):
            side = "down" if match["side"] in ("down", "A") else "up"
            place = match["part"], match["layer"]
            sides[place][side] = tensor.float()
            alpha = alphas.get(f"{name}.alpha", alphas.get(f"{place[0]}.{place[1]}.alpha"))
            if side == "down" and alpha is not None:
                scales[place] = float(alpha) / len(tensor)
    found: dict[str, dict[str, Pair]] = defaultdict(dict)
    for (part, layer), pair in sides.items():
        if pair.keys() == {"down", "up"}:
            up = scales.get((part, layer), 1.0) * pair["up"]
            found[part][_layer_of(base, part, layer)] = Pair(pair["down"], up)
    if not any(found.values()):
        raise BadInput("model_damaged", name=row.name, reason="no layer of it is known")
    return dict(found)


def _layer_of(base: Base, part: str, layer: str) -> str:
    """Text encoders of newer libraries have no "text_model" in the middle."""
    network = getattr(base.pipe, part, None)
    names = {name for name, _ in network.named_modules()} if network is not None else set[str]()
    short = layer.removeprefix("text_model.")
    return short if layer not in names and short in names else layer


def _in_own_names(base: Base, path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    pipe = type(base.pipe)
    more = {"unet_config": base.pipe.unet.config} if base.family.denoiser == "unet" else {}
    with offline():
        found = pipe.lora_state_dict(
            path, local_files_only=True, use_safetensors=True, return_alphas=True, **more
        )
    if isinstance(found, tuple):
        return dict(found[0]), dict(found[1] or {})
    return dict(found), {}
