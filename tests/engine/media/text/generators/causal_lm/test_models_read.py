"""Reading models where they lie: headers, weights, vocabularies, and what cannot be read."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.errors import BadInput
from engine.media.text.generators.causal_lm.decoder import Decoder
from engine.media.text.generators.causal_lm.gguf import GgufFile
from engine.media.text.generators.causal_lm.quantized import BLOCKS, NAMES, dequantised
from engine.media.text.generators.causal_lm.sources import Model, model_at
from tests.engine.media.text.generators.causal_lm import tiny_models

GOLDEN = json.loads(Path(__file__).with_name("golden_logits.json").read_text(encoding="utf-8"))


def decoder_of(model: Model) -> Decoder:
    """The whole model in float32, nothing pruned."""
    shape, naming = model.about.shape, model.naming
    weights = dict(naming.outside())
    for layer in range(shape.layers):
        weights |= dict(naming.layer(layer))
    everything = np.arange(shape.vocabulary)
    weights["embedding.weight"] = model.rows(naming.name("embedding", 0, "weight"), everything)
    if not shape.tied:
        weights["head.weight"] = model.rows(naming.name("head", 0, "weight"), everything)
    as_tensors = {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in weights.items()}
    return Decoder(shape, as_tensors)


@pytest.mark.parametrize("family", sorted(tiny_models.CONFIGS))
def test_logits_are_those_of_the_reference_implementation(family: str, tmp_path: Path) -> None:
    """golden_logits.json holds what `transformers` 5.24 says of the same files."""
    decoder = decoder_of(model_at(tiny_models.folder(family, tmp_path)))
    ids = torch.tensor([tiny_models.tokens()])
    logits = (decoder.states(ids) @ decoder.head().T)[0]
    found = torch.stack([logits[i, :6] for i in (0, 20, 39)])
    assert torch.allclose(found, torch.tensor(GOLDEN[family]), atol=3e-5)


@pytest.mark.parametrize("family", sorted(tiny_models.CONFIGS))
def test_texts_after_a_shared_prefix_are_as_if_read_whole(family: str, tmp_path: Path) -> None:
    decoder = decoder_of(model_at(tiny_models.folder(family, tmp_path)))
    rows = torch.tensor([tiny_models.tokens(), tiny_models.tokens()[::-1]])
    rows[1, :12] = rows[0, :12]
    cache = decoder.cache()
    decoder.states(rows[:1, :5], cache)
    prefix = decoder.states(rows[:1, 5:12], cache)
    texts = cache.shared()
    parts = [prefix.expand(2, -1, -1), decoder.states(rows[:, 12:20], texts)]
    parts += [decoder.states(rows[:, i : i + 1], texts) for i in range(20, 40)]
    whole = decoder.states(rows)[:, 5:]
    assert torch.allclose(torch.cat(parts, 1), whole, atol=2e-5)


def test_the_future_does_not_change_the_past(tmp_path: Path) -> None:
    decoder = decoder_of(model_at(tiny_models.folder("gemma3", tmp_path)))
    row = torch.tensor([tiny_models.tokens()])
    other = row.clone()
    other[0, 25:] = 1
    assert torch.allclose(decoder.states(row)[0, :25], decoder.states(other)[0, :25], atol=1e-6)


# ---- quantisations -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [2, 6, 8])
def test_symmetric_blocks_say_scale_times_integer(kind: int) -> None:
    """Q4_0, Q5_0 and Q8_0 with a scale of 0.5, their integers 0 to 31 in order."""
    integers = np.arange(32)
    block = np.zeros(BLOCKS[kind][1], np.uint8)
    block[:2] = np.array([0.5], "<f2").view(np.uint8)
    if kind == 8:
        block[2:] = integers.astype(np.uint8)
        wanted = 0.5 * integers
    else:
        bits = 4 if kind == 2 else 5
        values = integers % (1 << bits)
        low = values & 15
        block[-16:] = (low[:16] | low[16:] << 4).astype(np.uint8)
        if kind == 6:
            fifth = sum(int(v >> 4) << i for i, v in enumerate(values))
            block[2:6] = np.array([fifth], "<u4").view(np.uint8)
        wanted = 0.5 * (values - (8 if kind == 2 else 16))
    assert np.array_equal(dequantised(block, kind), wanted.astype(np.float32))


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_kind_gives_as_many_numbers_as_it_says(kind: int) -> None:
    values, size = BLOCKS[kind]
    raw = np.zeros(size * 3, np.uint8)
    assert dequantised(raw, kind).shape == (values * 3,), NAMES[kind]


# ---- GGUF --------------------------------------------------------------------------------------


def test_a_gguf_header_says_what_it_is(tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "tiny.gguf")
    about = model_at(path).about
    assert about.name == "Tiny Gemma"
    assert about.licence == "cc0-1.0"
    assert about.shape.family == "Gemma 3"
    assert about.shape.layers == 3
    assert not about.instruct


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.3, 0.9, 0.999])
def test_a_file_that_ends_early_says_so(share: float, tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "tiny.gguf")
    data = path.read_bytes()
    path.write_bytes(data[: max(8, int(share * len(data)))])
    with pytest.raises(BadInput) as caught:
        model_at(path)
    assert caught.value.code in ("model_cut_off", "model_damaged")


@pytest.mark.parametrize("seed", range(40))
def test_any_damage_of_a_header_is_one_sentence(seed: int, tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "tiny.gguf")
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(0, 6000, 8):
        data[at] = rng.integers(256)
    path.write_bytes(data)
    try:
        model = model_at(path)
        model.vocabulary()
    except BadInput as error:
        assert error.code.startswith(("model_", "not_a_model"))


def test_counts_that_promise_too_much_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "huge.gguf"
    path.write_bytes(b"GGUF" + b"\x03\0\0\0" + b"\xff" * 16 + bytes(100))
    with pytest.raises(BadInput, match="promises more"):
        GgufFile(path)


def test_an_unknown_family_is_named(tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "t.gguf", **{"general.architecture": "mamba"})
    with pytest.raises(BadInput, match="mamba") as caught:
        model_at(path)
    assert caught.value.code == "model_family"


def test_a_model_without_a_tokenizer_says_so(tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "t.gguf", **{"tokenizer.ggml.tokens": None})
    with pytest.raises(BadInput) as caught:
        model_at(path)
    assert caught.value.code == "model_tokenizer"


def test_an_instruct_model_is_told_by_its_name(tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "t.gguf", **{"general.name": "Tiny 1B Instruct"})
    assert model_at(path).about.instruct


@pytest.mark.parametrize("name", ["pytorch_model.bin", "weights.pt", "model.ckpt"])
def test_pickles_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(tiny_models.CONFIGS["llama"]))
    (tmp_path / name).write_bytes(b"\x80\x04K\x01.")
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(BadInput) as caught:
            model_at(path)
        assert caught.value.code == "model_pickle"


def test_a_folder_without_tensors_of_a_layer_names_one(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    folder = tiny_models.folder("llama", tmp_path)
    tensors = tiny_models.weights("llama")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(KeyError, match=r"layers\.1\.mlp\.up_proj"):
        dict(model_at(folder).naming.layer(1))


def test_a_truncated_safetensors_file_says_so(tmp_path: Path) -> None:
    folder = tiny_models.folder("llama", tmp_path)
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadInput) as caught:
        model_at(folder)
    assert caught.value.code in ("model_cut_off", "model_damaged")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(50)])
def test_another_file_is_not_a_model(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        model_at(path)
    assert caught.value.code in ("not_a_model", "model_unreadable", "model_cut_off")


# ---- vocabularies ------------------------------------------------------------------------------


def test_a_sentencepiece_vocabulary_is_pruned_and_loses_no_text(tmp_path: Path) -> None:
    vocabulary = model_at(tiny_models.gguf(tmp_path / "t.gguf")).vocabulary()
    whole, pruned = vocabulary.pruned(("LATIN", "HAN", "CYRILLIC")), vocabulary.pruned()
    assert len(pruned.rows) < len(whole.rows)
    pieces = [vocabulary.pieces[i] for i in pruned.rows]
    assert "да" not in pieces
    assert "山水" in pieces
    for text in (
        " the sea keeps the light.\n\nrain",
        "山水风月，夜雨。",
        "да нет 🙂 ж",
        "a\n\n***\n\nb",
    ):
        for each in (whole, pruned):
            ids = each.tokenizer.encode(text).ids
            assert each.tokenizer.decode(ids) == text
    assert pruned.tokenizer.encode(" the sea").tokens == ["▁the", "▁sea"]
    assert vocabulary.pieces[pruned.rows[pruned.opening]] == "<bos>"


def test_a_byte_level_vocabulary_is_read_from_its_own_file(tmp_path: Path) -> None:
    pruned = model_at(tiny_models.folder("gpt2", tmp_path)).vocabulary().pruned()
    ids = pruned.tokenizer.encode("the sea, the sea").ids
    assert pruned.tokenizer.decode(ids) == "the sea, the sea"
    assert "Ġsea" in pruned.tokenizer.encode("the sea").tokens
