"""What works beside a tiny picture model, of random numbers: a ControlNet as a folder and as one
file, an IP-Adapter with its image encoder, and a BLIP that says something about any picture."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.engine.media.image.generators.diffusion.tiny_pipelines import diffusers, transformers

SEEN = 24  # numbers that the image encoder ends in
SIDE = 32


def control_network(unet: Any, seed: int = 3) -> Any:
    """Its last layers are not zero, as they are where training begins: it says something."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = diffusers.ControlNetModel.from_unet(
            unet, load_weights_from_unet=False, conditioning_embedding_out_channels=(8, 16)
        )
        for each in made.parameters():
            if not each.any():
                torch.nn.init.normal_(each, std=0.2)
    return made


def control(unet: Any, path: Path) -> Path:
    control_network(unet).save_pretrained(path)
    return path


def control_file(unet: Any, path: Path) -> Path:
    """In one file, in the shape that the library takes for a UNet."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        made = diffusers.ControlNetModel.from_unet(unet, load_weights_from_unet=False)
    save_file(made.state_dict(), path)
    return path


def image_tensors(unet: Any) -> dict[str, torch.Tensor]:
    """Of a plain IP-Adapter, with its makers' names."""
    random = torch.Generator().manual_seed(4)
    width = unet.config.cross_attention_dim
    rows = {
        "image_proj.proj.weight": torch.randn(4 * width, SEEN, generator=random),
        "image_proj.proj.bias": torch.randn(4 * width, generator=random),
        "image_proj.norm.weight": torch.rand(width, generator=random),
        "image_proj.norm.bias": torch.randn(width, generator=random),
    }
    names = [name for name in unet.attn_processors if not name.endswith("attn1.processor")]
    for place, name in enumerate(names):
        sides = unet.get_submodule(name.removesuffix(".processor")).to_k.weight.shape
        for side in "kv":
            key = f"ip_adapter.{2 * place + 1}.to_{side}_ip.weight"
            rows[key] = 0.1 * torch.randn(sides, generator=random)
    return rows


def image_prompt(unet: Any, place: Path, name: str = "ip-adapter") -> Path:
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.safetensors"
    save_file(image_tensors(unet), path)
    config = transformers.CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        projection_dim=SEEN,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        encoder = transformers.CLIPVisionModelWithProjection(config)
    encoder.save_pretrained(place / "image_encoder")
    return path


def captions(path: Path) -> Path:
    sides = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[DEC]", "a", "sea", "under", "the", "moon"]
    text = transformers.BlipTextConfig(
        vocab_size=len(words),
        num_attention_heads=2,
        encoder_hidden_size=16,
        max_position_embeddings=64,
        bos_token_id=4,
        pad_token_id=0,
        eos_token_id=3,
        sep_token_id=3,
        **sides,
    )
    seen = transformers.BlipVisionConfig(
        num_attention_heads=2, image_size=SIDE, patch_size=8, **sides
    )
    config = transformers.BlipConfig(
        text_config=text.to_dict(), vision_config=seen.to_dict(), projection_dim=16
    )
    with torch.random.fork_rng():
        torch.manual_seed(6)
        model = transformers.BlipForConditionalGeneration(config)
    model.save_pretrained(path)
    inner = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        bos_token="[DEC]",
    ).save_pretrained(path)
    return path
