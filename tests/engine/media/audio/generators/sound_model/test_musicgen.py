"""MusicGen over random weights: written as the library writes, adapted, made again; bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("transformers", reason="the group `diffusion` is not installed")

from engine.core.errors import BadInput
from engine.core.preference_tensors import PREFIX
from engine.core.pretrained import added
from engine.core.pretrained.learned import Learned, Rated, preferred
from engine.core.progress import finished
from engine.core.style import Tensors
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.sound_model import learned as learning
from engine.media.audio.generators.sound_model.generator import SoundGenerator
from engine.media.audio.generators.sound_model.model_jobs import claims, identify, inspected
from engine.media.audio.generators.sound_model.musicgen import Codes, MusicGen, written
from engine.media.audio.generators.sound_model.musicgen_base import MusicGenBase, load
from engine.media.audio.generators.sound_model.parts import parted
from engine.media.audio.generators.sound_model.wish import RatedSound, Wish
from tests.engine.media.audio.generators.sound_model import tiny_musicgen

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
RATE = 4000


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> MusicGenBase:
    place = tmp_path_factory.mktemp("models")
    row = finished(added.add(identify(tiny_musicgen.folder(place)), place))
    return load(row, CPU, torch.float32)


@pytest.fixture(scope="module")
def style(base: MusicGenBase) -> Tensors:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "STEPS", 40)
        patch.setattr(learning, "SECONDS", 600.0)
        return finished(MusicGen(base).adapt([tone(220), tone(330)], [1.0, 2.0], 1, None))


def tone(hertz: float) -> Sound:
    t = np.arange(2 * RATE) / RATE
    return Sound((0.5 * np.sin(2 * np.pi * hertz * t))[None].astype(np.float32), RATE)


def test_it_writes_what_the_library_writes(base: MusicGenBase) -> None:
    words = "a song of the sea"
    given = base.tokenizer([words], return_tensors="pt")
    with torch.no_grad():
        theirs = base.model.generate(
            **given, do_sample=False, guidance_scale=3.0, max_new_tokens=20
        )[0].numpy()
    plain = Learned(torch.zeros(0, tiny_musicgen.WIDTH), {})
    wish = Wish(0, 12 / base.frames_a_second, words, temperature=0)
    mine = base.decode(finished(written(base, plain, [codes(base)], wish)))
    settled = mine.shape[1] - 320  # the codec hears a little ahead
    assert np.abs(mine[:, :settled] - theirs[:, :settled]).max() < 1e-5


def codes(base: MusicGenBase) -> torch.Tensor:
    return base.encode(tone(220), 2.0)


def test_codes_are_delayed_and_brought_back(base: MusicGenBase) -> None:
    found = torch.arange(12).reshape(4, 3)
    rows = base.delayed(found)
    assert rows.shape == (4, 7)
    assert rows[:, 0].tolist() == [tiny_musicgen.CODES] * 4
    assert rows[2].tolist()[3:6] == [6, 7, 8]
    assert torch.equal(base.undelayed(rows), found)


def test_adapting_lowers_the_loss_on_the_references(base: MusicGenBase, style: Tensors) -> None:
    lesson, heard = MusicGen(base).lesson, [Codes(codes(base))]
    began = learning.begun(base.network, tiny_musicgen.WIDTH, 1, CPU)
    after = learning.measured(Learned.of_tensors(style), lesson, heard, 0)
    assert after < learning.measured(began, lesson, heard, 0)


def test_ratings_move_a_style_towards_what_is_liked_within_the_trust_region(
    base: MusicGenBase, style: Tensors
) -> None:
    model, random = MusicGen(base), torch.Generator().manual_seed(1)
    liked, other = (  # the tiny codec hears no difference between sounds
        Codes(torch.randint(tiny_musicgen.CODES, (4, 30), generator=random)) for _ in range(2)
    )
    before = Learned.of_tensors(style)
    rated = [Rated(liked, 1.0), Rated(other, -1.0)]
    after = finished(preferred(before, model.lesson, rated, learning.LIKED, seed=2))
    assert after is not None
    moved = after.moved()
    taught = style | moved
    gains = [
        float(model.lesson.error(before, one, random) - model.lesson.error(after, one, random))
        for one in (liked, other)
    ]
    assert gains[0] > gains[1]
    assert 0 < model.lesson.change(before, after, [liked, other]) <= model.lesson.trust * 1.01
    assert all(name.startswith(PREFIX) for name in moved)
    half = Learned.of_tensors(taught, 0.5)
    assert torch.allclose(half.tokens, (before.tokens + after.tokens) / 2, atol=1e-3)
    works = [RatedSound(tone(220), 0.5), RatedSound(tone(500), 0.5)]
    assert finished(model.preferred(style, works, seed=2)) == {}
    works[0] = RatedSound(tone(220), 1.0)
    assert moved.keys() == finished(model.preferred(style, works, seed=2)).keys()


def test_the_same_wish_writes_the_same_and_goes_on_from_a_reference(
    base: MusicGenBase, style: Tensors
) -> None:
    learned, prompts = Learned.of_tensors(style), parted(style, "prompts")
    one, again, other = (
        finished(written(base, learned, prompts, Wish(seed, 0.3, nearness=0.5)))
        for seed in (3, 3, 4)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert one.shape == (4, 15)
    assert int(one.max()) < tiny_musicgen.CODES
    sound = finished(MusicGen(base).written(style, Wish(3, 0.3, nearness=0.5)))
    assert np.array_equal(sound, base.decode(one))


def test_styles_blend(base: MusicGenBase, style: Tensors) -> None:
    both = MusicGen(base).blend([style, style], [1 / 3, 2 / 3])
    assert torch.allclose(both["tokens"].float(), style["tokens"].float(), atol=1e-2)
    assert len(parted(both, "prompts")) == 2 * len(parted(style, "prompts"))


def test_a_folder_is_told_by_its_headers(tmp_path: Path) -> None:
    path = tiny_musicgen.folder(tmp_path)
    assert claims(path)
    found = inspected(path, CPU)
    assert (found.family, found.medium, found.remarks) == ("MusicGen", "audio", ("cpu",))
    config = json.loads((path / "config.json").read_text())
    config["decoder"]["hidden_size"] = 99
    (path / "config.json").write_text(json.dumps(config))
    assert refused(path) == "model_damaged"
    config["model_type"] = "encodec"
    (path / "config.json").write_text(json.dumps(config))
    assert claims(path)
    assert refused(path) == "model_family"
    assert not claims(tmp_path)
    assert refused(tmp_path) == "not_a_sound_model"


def test_half_a_download_is_told(tmp_path: Path) -> None:
    path = tiny_musicgen.folder(tmp_path)
    weights = path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert refused(path) == "model_cut_off"
    weights.rename(path / "pytorch_model.bin")
    assert refused(path) == "model_pickle"


def refused(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        identify(path)
    return caught.value.code


def test_a_model_that_is_removed_while_it_is_in_use_is_told(tmp_path: Path) -> None:
    path = tiny_musicgen.folder(tmp_path)
    row = finished(added.add(identify(path), tmp_path))
    generator = SoundGenerator(CPU, tmp_path)
    assert generator.model(row.digest) is generator.model(row.digest)
    (path / "model.safetensors").unlink()
    with pytest.raises(BadInput) as caught:
        generator.model(row.digest)
    assert caught.value.code == "model_gone"
    assert generator.base_digest == ""
