"""A MusicGen of random numbers as a folder, with a tokenizer made here."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WHY = "the group `diffusion` is not installed"
transformers: Any = pytest.importorskip("transformers", reason=WHY)

CODES, BOOKS, WIDTH = 32, 4, 32


def folder(place: Path, name: str = "tiny-musicgen") -> Path:
    """The same each time."""
    text = transformers.T5Config(
        vocab_size=64, d_model=16, d_kv=8, d_ff=16, num_layers=2, num_heads=2
    )
    sound = transformers.EncodecConfig(
        sampling_rate=4000,
        audio_channels=1,
        num_filters=4,
        hidden_size=8,
        upsampling_ratios=[5, 4, 4],
        codebook_size=CODES,
        codebook_dim=8,
        target_bandwidths=[1.0],
        num_lstm_layers=1,
        normalize=False,
        chunk_length_s=None,
    )
    decoder = transformers.MusicgenDecoderConfig(
        vocab_size=CODES,
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        ffn_dim=32,
        num_codebooks=BOOKS,
        max_position_embeddings=256,
        pad_token_id=CODES,
        bos_token_id=CODES,
    )
    config = transformers.MusicgenConfig(
        text_encoder=text.to_dict(), audio_encoder=sound.to_dict(), decoder=decoder.to_dict()
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.MusicgenForConditionalGeneration(config).eval()
    model.generation_config.pad_token_id = CODES
    model.generation_config.bos_token_id = CODES
    model.generation_config.decoder_start_token_id = CODES
    path = place / name
    model.save_pretrained(path)
    words = ["<pad>", "</s>", "<unk>", "a", "song", "of", "the", "sea", "stone"]
    inner = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>")
    )
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    made.save_pretrained(path)
    return path
