"""What Maquette says of models that artists bring: `python packaging/own_models.py`.

Makes twelve files and folders as such models have them, asks `engine models inspect` of each, and
writes docs/own-models-inspected.md. Only headers are made, with the names by which each is told and
the sizes of those that are published: behind them is nothing, and little of a disk is used.
"""

import io
import json
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
OUT = ROOT / "docs" / "own-models-inspected.md"
Shape = tuple[int, ...]
LDM, CLIP = "model.diffusion_model.", "cond_stage_model.transformer.text_model."


def weights(path: Path, rows: dict[str, Shape], numbers: float = 0.0, **about: str) -> Path:
    """A safetensors file in half precision, with one more tensor up to so many numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header: dict[str, object] = {"__metadata__": about} if about else {}
    place = 0
    for name, shape in rows.items():
        size = 2
        for side in shape:
            size *= side
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [place, place + size]}
        place += size
    if rest := max(0, int(numbers) - place // 2):
        prefix = next(iter(rows)).split(".0.", 1)[0]
        offsets = [place, place + 2 * rest]
        header[f"{prefix}.rest"] = {"dtype": "F16", "shape": [rest], "data_offsets": offsets}
        place += 2 * rest
    data = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(data).to_bytes(8, "little") + data)
        file.truncate(8 + len(data) + place)
    return path


def index(folder: Path, kind: str, **parts: tuple[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind, **parts}))
    for name in parts:
        (folder / name).mkdir(exist_ok=True)
    return folder


def config(folder: Path, **said: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(said))
    return folder


def card(folder: Path, licence: str) -> None:
    (folder / "README.md").write_text(f"---\nlicense: {licence}\n---\nA model.\n")


def stable_diffusion(place: Path) -> Path:
    folder = index(
        place / "stable-diffusion-v1-5",
        "StableDiffusionPipeline",
        unet=("diffusers", "UNet2DConditionModel"),
        vae=("diffusers", "AutoencoderKL"),
        text_encoder=("transformers", "CLIPTextModel"),
        tokenizer=("transformers", "CLIPTokenizer"),
        scheduler=("diffusers", "PNDMScheduler"),
    )
    rows: dict[str, Shape] = {
        "down_blocks.0.resnets.0.norm1.weight": (320,),
        "conv_in.weight": (320, 4, 3, 3),
        "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    }
    weights(folder / "unet" / "diffusion_pytorch_model.safetensors", rows, 860e6)
    weights(folder / "vae" / "diffusion_pytorch_model.safetensors", {"x.0.y": (2,)}, 84e6)
    weights(folder / "text_encoder" / "model.safetensors", {"x.0.y": (2,)}, 123e6)
    card(folder, "creativeml-openrail-m")
    return folder


def misnamed(place: Path) -> Path:
    rows: dict[str, Shape] = {
        LDM + "input_blocks.0.0.weight": (320, 4, 3, 3),
        LDM + "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        "first_stage_model.encoder.conv_in.weight": (128, 3, 3, 3),
    }
    return weights(place / "watercolour_v1-5.safetensors", rows, 3.47e9)


def flux(place: Path) -> Path:
    rows: dict[str, Shape] = {"single_stream_modulation.lin.weight": (64, 64)}
    said = {"modelspec.license": "apache-2.0"}
    return weights(place / "flux-2-klein-4b.safetensors", rows, 4e9, **said)


def lora(place: Path) -> Path:
    layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    rows: dict[str, Shape] = {
        f"{layer}.lora_down.weight": (16, 768),
        f"{layer}.lora_up.weight": (320, 16),
    }
    said = {"modelspec.license": "cc0-1.0"}
    return weights(place / "ink-wash.safetensors", rows, 9.5e6, **said)


def old_lora(place: Path) -> Path:
    rows: dict[str, Shape] = {
        "lora_unet_x_attn2_to_k.lora_down.weight": (4, 1024),
        "lora_unet_x_attn2_to_k.lora_up.weight": (320, 4),
    }
    return weights(place / "charcoal-sd2.safetensors", rows)


def controlnet(place: Path) -> Path:
    folder = config(place / "control_v11p_sd15_canny", _class_name="ControlNetModel")
    rows: dict[str, Shape] = {
        "controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
        "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    }
    weights(folder / "diffusion_pytorch_model.safetensors", rows, 361e6)
    card(folder, "openrail")
    return folder


def ip_adapter(place: Path) -> Path:
    folder = place / "ip-adapter"
    encoder = config(folder / "image_encoder", projection_dim=1024)
    weights(encoder / "model.safetensors", {"x.0.y": (2,)}, 632e6)
    rows: dict[str, Shape] = {
        "ip_adapter.1.to_k_ip.weight": (320, 768),
        "image_proj.proj.weight": (3072, 1024),
    }
    card(folder, "apache-2.0")
    return weights(folder / "ip-adapter_sd15.safetensors", rows, 22e6)


def blip(place: Path) -> Path:
    folder = config(place / "blip-captioning-base", model_type="blip")
    rows: dict[str, Shape] = {"text_decoder.0.x": (2,), "vision_model.0.x": (2,)}
    weights(folder / "model.safetensors", rows, 247e6)
    card(folder, "bsd-3-clause")
    return folder


def musicgen(place: Path) -> Path:
    folder = config(place / "musicgen-small", model_type="musicgen", decoder={"hidden_size": 1024})
    rows: dict[str, Shape] = {
        "decoder.model.decoder.embed_tokens.0.weight": (2049, 1024),
        "audio_encoder.x": (2,),
        "text_encoder.x": (2,),
    }
    weights(folder / "model.safetensors", rows, 590e6)
    card(folder, "cc-by-nc-4.0")
    return folder


def acestep(place: Path) -> Path:
    folder = index(
        place / "acestep-v15-turbo",
        "AceStepPipeline",
        transformer=("diffusers", "AceStepTransformer1DModel"),
        condition_encoder=("ace_step", "AceStepConditionEncoder"),
        vae=("diffusers", "AutoencoderOobleck"),
        text_encoder=("transformers", "Qwen3Model"),
        tokenizer=("transformers", "Qwen2Tokenizer"),
        scheduler=("diffusers", "FlowMatchEulerDiscreteScheduler"),
    )
    config(folder / "transformer", model_version="turbo")
    rows: dict[str, Shape] = {"proj_in_conv.weight": (2048, 192, 2), "time_embed_r.0.x": (2,)}
    weights(folder / "transformer" / "diffusion_pytorch_model.safetensors", rows, 1.6e9)
    for part, numbers in (("condition_encoder", 0.6e9), ("vae", 0.17e9)):
        file = folder / part / "diffusion_pytorch_model.safetensors"
        weights(file, {"x.0.y": (2,)}, numbers)
    weights(folder / "text_encoder" / "model.safetensors", {"x.0.y": (2,)}, 0.6e9)
    card(folder, "mit")
    return folder


def half(place: Path) -> Path:
    path = flux(place / "downloads")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    return path


def pickled(place: Path) -> Path:
    path = place / "mystery.ckpt"
    path.write_bytes(b"\x80\x04")
    return path


MADE = {
    "A folder of Stable Diffusion 1.5": stable_diffusion,
    "A checkpoint of Stable Diffusion XL under the name of another family": misnamed,
    "The transformer of FLUX.2 klein in one file": flux,
    "A LoRA file with names of kohya's tools": lora,
    "A LoRA file for a base that is not read here": old_lora,
    "A ControlNet": controlnet,
    "An IP-Adapter beside its image encoder": ip_adapter,
    "A model that describes pictures": blip,
    "MusicGen": musicgen,
    "ACE-Step 1.5": acestep,
    "Half a download": half,
    "A pickled checkpoint": pickled,
}

PICTURES = {
    "own-models": "The page of models",
    "own-models-chinese": "The page of models in Chinese",
    "own-model-found": "A checkpoint that was found",
    "own-model-project": "A project over a picture model",
}


def said_of(path: Path) -> str:
    """By the command line, what goes wrong too."""
    from engine.__main__ import main

    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        main(["models", "inspect", str(path)])
    return said.getvalue().strip()


def written() -> str:
    from engine.core.device import describe, pick_device

    parts = [
        "# What `engine models inspect` says",
        "",
        "Of twelve made files: the names by which each kind is told, the sizes of published "
        "ones, and nothing behind them. `python packaging/own_models.py` makes them and writes "
        "this page; seconds and memory are estimates for the machine that it ran on "
        f"({describe(pick_device())}, with other work beside it).",
        "",
        "The page of models with tiny models of most kinds, a checkpoint that was found, and a "
        "project over a tiny picture model. Its numbers are random, so its works are noise: the "
        "pictures show the window (`packaging/own_model_screenshots.py`).",
        "",
        *(f"![{title}](screenshots/{name}.png)" for name, title in PICTURES.items()),
    ]
    with tempfile.TemporaryDirectory() as name:
        for title, make in MADE.items():
            path = make(Path(name))
            parts += [
                "",
                f"## {title}",
                "",
                "```",
                f"$ python -m engine models inspect {path.name}",
            ]
            parts += [said_of(path).replace(f"{name}/", ""), "```"]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    OUT.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{OUT.relative_to(ROOT)}\n")
