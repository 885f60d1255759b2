"""What references show, in words, by a captioning model (BLIP, Li et al. 2022) that was added."""

from collections.abc import Generator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.core.pretrained.added import AddedModel
from engine.core.pretrained.libraries import library, offline
from engine.core.pretrained.loading import loading
from engine.core.progress import Advance
from engine.media.image.generators.diffusion.image_prompt import as_seen

MOST_TOKENS = 24
MOST_LETTERS = 200


def described(
    row: AddedModel, pictures: Sequence[Tensor], device: torch.device
) -> Generator[Advance, None, tuple[str, ...]]:
    """One caption for each picture (3, H, W) in [-1, 1], the likeliest words; the model is let go
    again. Yields after each. Raises BadInput for a model that is gone or damaged."""
    transformers, where = library("transformers"), Path(row.source)
    with loading(row), offline():
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, local_files_only=True)
        model = transformers.BlipForConditionalGeneration.from_pretrained(
            where, local_files_only=True, use_safetensors=True
        )
    model = model.to(device, torch.float32).eval()
    side = int(model.config.vision_config.image_size)
    found: list[str] = []
    for place, picture in enumerate(pictures):
        with torch.no_grad():
            ids = model.generate(
                pixel_values=as_seen(picture, side).to(device),
                max_new_tokens=MOST_TOKENS,
                do_sample=False,
            )[0]
        words = tokenizer.decode(ids, skip_special_tokens=True)
        found.append(" ".join(words.split())[:MOST_LETTERS])
        yield Advance(place + 1, len(pictures))
    return tuple(found)
