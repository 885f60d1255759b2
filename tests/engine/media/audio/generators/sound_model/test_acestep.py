"""ACE-Step over random weights: written as the library writes, adapted, taught; bad input."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("diffusers", reason="the group `diffusion` is not installed")

from engine.core.errors import BadInput
from engine.core.preference_tensors import PREFIX
from engine.core.pretrained import added
from engine.core.pretrained.learned import Learned
from engine.core.progress import finished
from engine.core.style import Tensors
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.sound_model import acestep, acestep_base, learned as learning
from engine.media.audio.generators.sound_model.acestep import AceStep, Latents, written
from engine.media.audio.generators.sound_model.acestep_base import AceStepBase, load
from engine.media.audio.generators.sound_model.generator import SoundGenerator
from engine.media.audio.generators.sound_model.model_jobs import claims, identify, inspected
from engine.media.audio.generators.sound_model.parts import parted
from engine.media.audio.generators.sound_model.wish import RatedSound, Wish
from engine.media.image.generators.diffusion import model_jobs as pictures
from tests.engine.media.audio.generators.sound_model import tiny_acestep

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
RATE = tiny_acestep.RATE


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "STEPS", 40)
        patch.setattr(learning, "SECONDS", 600.0)
        patch.setattr(acestep_base, "STEPS", 4)
        yield tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def base(place: Path) -> AceStepBase:
    row = finished(added.add(identify(tiny_acestep.folder(place)), place))
    return load(row, CPU, torch.float32)


@pytest.fixture(scope="module")
def style(base: AceStepBase) -> Tensors:
    return finished(AceStep(base).adapt([tone(50), tone(90)], [1.0, 2.0], 1, None))


def tone(hertz: float, seconds: float = 2.0) -> Sound:
    t = np.arange(int(seconds * RATE)) / RATE
    return Sound((0.5 * np.sin(2 * np.pi * hertz * t))[None].astype(np.float32), RATE)


def random_noise(base: AceStepBase, frames: int, seed: int) -> torch.Tensor:
    """That of a work, after the reference and the place in it were drawn."""
    random = torch.Generator().manual_seed(seed)
    torch.randint(1, (1,), generator=random)
    torch.randint(51, (1,), generator=random)
    return torch.randn(1, frames, base.numbers, generator=random)


def test_it_writes_what_the_library_writes(base: AceStepBase) -> None:
    heard = base.encode(tone(50), 2.0)
    assert len(heard) == 50
    plain = Learned(torch.zeros(0, tiny_acestep.WIDTH), {})
    mine = finished(written(base, plain, [heard], Wish(3, 1.0, "a sea")))
    pipe = base.pipe
    pipe.set_progress_bar_config(disable=True)
    with pytest.MonkeyPatch.context() as patch:
        order = torch.arange(1)
        patch.setattr(
            pipe, "prepare_reference_audio_latents", lambda **_: (base._whole(heard), order)
        )
        theirs = pipe(
            prompt="a sea",
            lyrics=acestep_base.LYRICS,
            audio_duration=1.0,
            num_inference_steps=base.steps,
            guidance_scale=acestep_base.GUIDANCE,
            reference_audio=torch.zeros(2, 9),
            latents=random_noise(base, 25, 3),
            output_type="latent",
        ).audios
    assert (mine - theirs).abs().max() < 1e-4


def test_adapting_lowers_the_loss_on_the_references(base: AceStepBase, style: Tensors) -> None:
    lesson = AceStep(base).lesson
    heard = [Latents(base.encode(tone(hertz), 2.0)) for hertz in (50, 90)] * 4
    began = learning.begun(base.network, base.width, 1, CPU)
    found = Learned.of_tensors(style)
    assert learning.measured(found, lesson, heard, 7) < learning.measured(began, lesson, heard, 7)


def test_ratings_move_a_style_within_the_trust_region(base: AceStepBase, style: Tensors) -> None:
    model = AceStep(base)
    works = [RatedSound(tone(50), 1.0, "a sea"), RatedSound(tone(150), -1.0)]
    moved = finished(model.preferred(style, works, seed=2))
    assert all(name.startswith(PREFIX) for name in moved)
    before, after = (Learned.of_tensors(style | moved, follow) for follow in (0.0, 1.0))
    heard = [Latents(base.encode(work.sound, 2.0), work.prompt) for work in works]
    assert 0 < model.lesson.change(before, after, heard) <= model.lesson.trust * 1.01
    alike = [RatedSound(tone(50), 0.5), RatedSound(tone(90), 0.5)]
    assert finished(model.preferred(style, alike, seed=2)) == {}


def test_the_same_wish_writes_the_same_and_goes_on_from_a_reference(
    base: AceStepBase, style: Tensors
) -> None:
    model = AceStep(base)

    def made(seed: int, nearness: float = 0.0) -> np.ndarray:
        return finished(model.written(style, Wish(seed, 0.5, "a sea", nearness=nearness)))

    one, again, other, going_on = made(3), made(3), made(4), made(3, 0.05)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, going_on)
    assert one.shape == going_on.shape == (2, 12 * 16)
    both = model.blend([style, style], [0.5, 0.5])
    assert len(parted(both, "heard")) == 4
    assert finished(model.written(both, Wish(3, 0.5))).shape == (2, 12 * 16)


def test_what_is_known_is_given_and_the_rest_is_silence(base: AceStepBase) -> None:
    heard = base.encode(tone(50), 2.0)
    context = base.told("", 30, heard, heard[:10]).context[0]
    source, is_made = context[:, : base.numbers], context[:, base.numbers :]
    assert torch.allclose(source[:10], heard[:10])
    assert torch.equal(source[10:], base.silence(30)[0, 10:])
    assert not is_made[:10].any()
    assert is_made[10:].all()


def test_a_turbo_model_takes_few_steps_and_is_not_guided(tmp_path: Path) -> None:
    path = tiny_acestep.folder(tmp_path, turbo=True)
    row = finished(added.add(identify(path), tmp_path))
    base = load(row, CPU, torch.float32)
    assert (base.steps, base.guidance()) == (acestep_base.TURBO_STEPS, None)
    generator = SoundGenerator(CPU, tmp_path)
    assert isinstance(generator.model(row.digest), acestep.AceStep)
    (path / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(BadInput) as caught:
        generator.model(row.digest)
    assert caught.value.code == "model_gone"


def test_a_folder_is_told_by_its_headers(tmp_path: Path) -> None:
    path = tiny_acestep.folder(tmp_path)
    assert claims(path)
    assert not pictures.claims(path)
    found = inspected(path, CPU)
    assert (found.family, found.medium, found.remarks) == ("ACE-Step 1.5", "audio", ("cpu",))
    weights = path / "transformer" / "diffusion_pytorch_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    assert refused(path) == "model_cut_off"
    weights.write_bytes(whole)
    index = json.loads((path / "model_index.json").read_text())
    (path / "model_index.json").write_text(json.dumps(index | {"vae": ["my_code", "Vae"]}))
    assert refused(path) == "model_code"
    (path / "model_index.json").write_text(json.dumps(index | {"_class_name": "AudioLDM2Pipeline"}))
    assert refused(path) == "model_family"
    (tmp_path / "first" / "ace_step_transformer").mkdir(parents=True)
    assert claims(tmp_path / "first")
    assert refused(tmp_path / "first") == "model_family"


def refused(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        identify(path)
    return caught.value.code
