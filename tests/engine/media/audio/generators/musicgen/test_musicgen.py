"""MusicGen over random weights: written as the library writes, adapted, made again; bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("transformers", reason="the group `diffusion` is not installed")

from engine.core.errors import BadInput
from engine.core.pretrained import added
from engine.core.progress import finished
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.musicgen import style as styles
from engine.media.audio.generators.musicgen.base import SoundBase, load
from engine.media.audio.generators.musicgen.generator import SoundGenerator
from engine.media.audio.generators.musicgen.model_jobs import claims, identify, inspected
from engine.media.audio.generators.musicgen.style import SoundStyle, Wish, adapt, blend, written
from tests.engine.media.audio.generators.musicgen import tiny_musicgen

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
RATE = 4000


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> SoundBase:
    place = tmp_path_factory.mktemp("models")
    row = finished(added.add(identify(tiny_musicgen.folder(place)), place))
    return load(row, CPU, torch.float32)


@pytest.fixture(scope="module")
def style(base: SoundBase) -> SoundStyle:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(styles, "STEPS", 40)
        patch.setattr(styles, "SECONDS", 600.0)
        return finished(adapt([tone(220), tone(330)], [1.0, 2.0], base, seed=1))


def tone(hertz: float) -> Sound:
    t = np.arange(2 * RATE) / RATE
    return Sound((0.5 * np.sin(2 * np.pi * hertz * t))[None].astype(np.float32), RATE)


def test_it_writes_what_the_library_writes(base: SoundBase) -> None:
    words = "a song of the sea"
    given = base.tokenizer([words], return_tensors="pt")
    with torch.no_grad():
        theirs = base.model.generate(
            **given, do_sample=False, guidance_scale=3.0, max_new_tokens=20
        )[0].numpy()
    plain = SoundStyle(base.row.digest, torch.zeros(0, tiny_musicgen.WIDTH), {}, (codes(base),))
    wish = Wish(0, 12 / base.frames_a_second, words, temperature=0)
    mine = base.decode(finished(written(base, plain, wish)))
    settled = mine.shape[1] - 320  # the codec hears a little ahead
    assert np.abs(mine[:, :settled] - theirs[:, :settled]).max() < 1e-5


def codes(base: SoundBase) -> torch.Tensor:
    return base.encode(tone(220), 2.0)


def test_codes_are_delayed_and_brought_back(base: SoundBase) -> None:
    found = torch.arange(12).reshape(4, 3)
    rows = base.delayed(found)
    assert rows.shape == (4, 7)
    assert rows[:, 0].tolist() == [tiny_musicgen.CODES] * 4
    assert rows[2].tolist()[3:6] == [6, 7, 8]
    assert torch.equal(base.undelayed(rows), found)


def test_adapting_lowers_the_loss_on_the_references(base: SoundBase, style: SoundStyle) -> None:
    random = torch.Generator().manual_seed(1)
    tokens = 0.1 * torch.randn(style.tokens.shape, generator=random)
    began = SoundStyle(style.digest, tokens, {}, style.prompts)
    told, heard = base.told(""), [codes(base)]
    after = styles._measured(base, told, style, heard)
    assert after < styles._measured(base, told, began, heard)


def test_the_same_wish_writes_the_same_and_goes_on_from_a_reference(
    base: SoundBase, style: SoundStyle
) -> None:
    kept = SoundStyle.of_tensors(style.tensors())
    one, again, other = (
        finished(written(base, kept, Wish(seed, 0.3, nearness=0.5))) for seed in (3, 3, 4)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert one.shape == (4, 15)
    assert int(one.max()) < tiny_musicgen.CODES


def test_styles_blend(style: SoundStyle) -> None:
    both = blend([style, style], [1.0, 2.0])
    assert torch.allclose(both.tokens, style.tokens, atol=1e-5)
    assert len(both.prompts) == 2 * len(style.prompts)


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
    assert generator.base(row.digest) is generator.base(row.digest)
    (path / "model.safetensors").unlink()
    with pytest.raises(BadInput) as caught:
        generator.base(row.digest)
    assert caught.value.code == "model_gone"
    assert generator.base_digest == ""
