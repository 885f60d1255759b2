"""Photograph the window for models of one's own, under `xvfb-run`.

The page of models with one of each kind, and a project over a picture model, in a home of its own.
The models are those of the tests: random numbers in the shape of each family, so the works are
noise; the pictures show the window. Needs the groups `dev` and `diffusion`. Writes
docs/screenshots/own-models.png, own-models-chinese.png, own-model-found.png, own-model-project.png.
"""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]
OUT = ROOT / "docs" / "screenshots"
FEW_STEPS = """
import sys
sys.path.insert(0, {root!r})
from engine.media.image.generators.diffusion import adapt
adapt.STEPS, adapt.TOKENS_ALONE = 12, 6
from engine.worker import main
sys.exit(main())
"""


def made(place: Path) -> list[Path]:
    """One of each kind, tiny."""
    import torch
    from safetensors.torch import save_file

    from engine.core.pretrained import low_rank
    from engine.core.pretrained.libraries import library
    from tests.engine.media.audio.generators.sound_model import tiny_acestep, tiny_musicgen
    from tests.engine.media.image.generators.diffusion import tiny_beside, tiny_pipelines

    model = tiny_pipelines.folder("sd15", place)
    kind = library("diffusers").UNet2DConditionModel
    unet = kind.from_pretrained(model / "unet", low_cpu_mem_usage=False)
    paths = [model]
    for name in ("tiny-ink", "tiny-brush"):
        rows: dict[str, torch.Tensor] = {}
        for layer, each in low_rank.layers_of(unet).items():
            stem = f"lora_unet_{layer.replace('.', '_')}"
            rows[f"{stem}.lora_down.weight"] = 0.1 * torch.randn(2, each.in_features)
            rows[f"{stem}.lora_up.weight"] = 0.1 * torch.randn(each.out_features, 2)
        paths.append(place / f"{name}.safetensors")
        save_file(rows, paths[-1], metadata={"modelspec.license": "cc0-1.0"})
    return [
        *paths,
        tiny_beside.control(unet, place / "tiny-canny"),
        tiny_beside.image_prompt(unet, place / "tiny-ip", "tiny-ip-adapter"),
        tiny_beside.captions(place / "tiny-blip"),
        tiny_musicgen.folder(place),
        tiny_acestep.folder(place, turbo=True),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(home)
        paths = made(home / "Models")
        worker = home / "worker.py"
        worker.write_text(FEW_STEPS.format(root=str(ROOT)))
        photograph(home, paths, (sys.executable, "-W", "ignore", str(worker)))


def photograph(home: Path, paths: list[Path], engine: tuple[str, ...]) -> None:
    from own_models import misnamed
    from photographer import Photographer, rest, wait

    from engine.protocol import Medium
    from studio.i18n import set_language
    from studio.views.models_dialog import ModelsDialog

    photographer = Photographer(OUT, engine, ("",), ("",))
    session, window = photographer.session, photographer.window
    wait(lambda: session.client.hello, "the engine")
    page = ModelsDialog(session, window)
    page.show()
    wait(lambda: page.models.result and not page.models.is_busy, "the list")

    def settled(path: Path) -> None:
        page.models.inspect(path)
        wait(lambda: not page.models.is_busy, f"a look at {path.name}")

    for path in paths:
        settled(path)
        assert page.models.found is not None, page.models.problem
        page.models.add(page.models.found)
        wait(lambda: not page.models.is_busy, f"adding {path.name}")
    page.resize(680, 1300)
    for language, suffix in (("zh", "-chinese"), ("en", "")):
        set_language(language)
        rest(0.6)
        photographer.press(page, f"own-models{suffix}")
    page.resize(680, 460)
    settled(misnamed(home / "Models"))
    rest(0.6)
    photographer.press(page, "own-model-found")
    page.close()
    photographer.learn(Medium.IMAGE)
    session.adaptation.choose("diffusion")
    wait(lambda: _is_over_model(session), "a style over the model")
    wait(lambda: session.models.result is not None, "the list once more")
    brief = session.workspace.brief
    wish = replace(brief, count=4, width_px=128, height_px=96, looks=("tiny-ink:0.6",))
    session.workspace.set_brief(replace(wish, prompt="the sea under a mountain"))
    photographer.make()
    rest(1.0)
    photographer.shoot("own-model-project")
    photographer.close()


def _is_over_model(session) -> bool:
    style = session.adaptation.style
    return style is not None and style.lineage.get("generator") == "diffusion"


if __name__ == "__main__":
    main()
