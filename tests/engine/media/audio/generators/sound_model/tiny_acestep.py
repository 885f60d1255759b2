"""An ACE-Step 1.5 of random numbers as a folder, with a tokenizer made here."""

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

WHY = "the group `diffusion` is not installed"
diffusers: Any = pytest.importorskip("diffusers", reason=WHY)
transformers: Any = pytest.importorskip("transformers", reason=WHY)

WIDTH, NUMBERS, RATE = 32, 8, 400  # frames come 25 a second
SIDES = {
    "hidden_size": WIDTH,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "sliding_window": 8,
}


def folder(place: Path, name: str = "tiny-acestep", *, turbo: bool = False) -> Path:
    """The same each time."""
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the library's VAE
        torch.manual_seed(0)
        pipe = made(turbo=turbo)
    path = place / name
    pipe.save_pretrained(path)
    return path


def made(*, turbo: bool) -> Any:
    conditions = diffusers.AceStepConditionEncoder(
        text_hidden_dim=16,
        timbre_hidden_dim=NUMBERS,
        num_lyric_encoder_hidden_layers=1,
        num_timbre_encoder_hidden_layers=1,
        **SIDES,
    )
    conditions.silence_latent.normal_(std=0.1)
    text = transformers.Qwen3Model(
        transformers.Qwen3Config(
            vocab_size=300,
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=8,
        )
    )
    inner = Tokenizer(models.WordLevel({"<pad>": 0, "<unk>": 1, "sea": 2}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return diffusers.AceStepPipeline(
        vae=diffusers.AutoencoderOobleck(
            encoder_hidden_size=2 * NUMBERS,
            downsampling_ratios=[4, 4],
            channel_multiples=[1, 2],
            decoder_channels=8,
            decoder_input_channels=NUMBERS,
            sampling_rate=RATE,
        ),
        text_encoder=text,
        tokenizer=transformers.PreTrainedTokenizerFast(
            tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>"
        ),
        transformer=diffusers.AceStepTransformer1DModel(
            num_hidden_layers=2,
            in_channels=3 * NUMBERS,
            audio_acoustic_hidden_dim=NUMBERS,
            model_version="turbo" if turbo else "base",
            **SIDES,
        ),
        condition_encoder=conditions,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    )
