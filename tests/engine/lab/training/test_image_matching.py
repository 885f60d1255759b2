"""Meta-training of the matching network, on made-up pictures and a made-up VGG16."""

from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from engine.lab.training import image_matching as training, matching_data as data
from engine.lab.training.image_data import StyleWorks
from engine.lab.training.loop import OuterLoop
from engine.lab.training.matching_network import (
    DESCRIPTOR,
    VGG_CHANNELS,
    MatchingNetwork,
    PatchEncoder,
    PlainStages,
    Start,
    load_network,
    matching_network,
    weights_file,
)
from engine.lab.training.weights import save_weights
from engine.media.image.generators.painter.features import BLOCKS, FeatureNet
from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.meta.errors import WrongCheckpointError


@pytest.fixture
def features() -> FeatureNet:
    return made_up_features(VGG_CHANNELS)


def made_up_features(widths: tuple[int, ...]) -> FeatureNet:
    torch.manual_seed(3)
    blocks, inputs = [], 3
    for width, count in zip(widths, BLOCKS, strict=True):
        layers = []
        for _ in range(count):
            layers.append((torch.randn(width, inputs, 3, 3) * 0.05, torch.zeros(width)))
            inputs = width
        blocks.append(tuple(layers))
    return FeatureNet(tuple(blocks))


class Tiny(PlainStages):
    """One convolution of 4 channels."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.widths = (4,)
        self.inward = nn.Conv2d(3, 4, 3, padding=1, padding_mode="replicate")

    def forward(self, x: Tensor) -> list[Tensor]:
        return [torch.relu(self.inward(x))]


def striped(step: int, phase: int) -> Image.Image:
    row = bytes(255 * ((x + phase) // step % 2) for x in range(80)) * 60
    return Image.frombytes("L", (80, 60), row).convert("RGB")


@pytest.fixture
def episodes(monkeypatch: pytest.MonkeyPatch) -> data.Episodes:
    monkeypatch.setattr(data, "SIDES", (24,))
    monkeypatch.setattr(data, "PIXELS_A_STEP", 2 * 4 * 24 * 24)  # two episodes
    styles = [
        StyleWorks(str(k), "painting", [striped(k, 0), striped(k, 2)], [striped(k, 1)])
        for k in (3, 5)
    ]
    return data.Episodes(styles)


def test_an_episode_is_one_style_at_one_scale_and_repeats(episodes: data.Episodes) -> None:
    one, two, other = (episodes.batch(0, step, 0) for step in (1, 1, 2))
    assert len(one) == 2
    for a, b in zip(one, two, strict=True):
        assert a.soft.shape == a.sharp.shape == (1 + data.SUPPORTS, 3, 24, 24)
        assert torch.equal(a.soft, b.soft)
    assert not torch.equal(one[0].soft, other[0].soft)


def test_what_was_painted_before_is_made_of_the_others() -> None:
    red, blue = torch.zeros(3, 24, 24), torch.zeros(3, 24, 24)
    red[0], blue[2] = 1, 1
    painted = data.painted_before(torch.stack([red, blue, blue]))
    assert torch.allclose(painted[:, :-4, :-4], blue[:, :-4, :-4], atol=0.05)


def test_attention_is_on_what_looks_alike_and_sums_to_one() -> None:
    network = MatchingNetwork(PatchEncoder(Tiny()))
    support = torch.randn(5, DESCRIPTOR)
    attention = network.attention(support[2:3] + 0.01, support)
    assert attention.argmax() == 2
    assert attention.exp().sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("start", ["random", "vgg16"])
def test_descriptors_see_their_patch_and_more(start: Start, features: FeatureNet) -> None:
    encoder = matching_network(start, features).encoder
    picture = torch.rand(1, 3, 33, 40) * 2 - 1
    before = encoder(picture)
    assert before.shape == (1, DESCRIPTOR, 33, 40)
    picture[0, :, 16 + PATCH_PX // 2 + 2, 20] *= -1  # outside of the patch around (16, 20)
    assert not torch.allclose(before[..., 16, 20], encoder(picture)[..., 16, 20])


def test_the_loss_falls_on_a_fixed_batch(episodes: data.Episodes, tmp_path) -> None:
    features = made_up_features((4, 4, 4))
    torch.manual_seed(0)
    learner = training.MatchingLearner(MatchingNetwork(PatchEncoder(Tiny())), features)
    batch = episodes.batch(0, 0, 0)
    config = replace(training.CONFIG, steps=12, warmup_steps=1, rate=0.02, ema_decay=0.0)
    loop = OuterLoop(learner, lambda step, rank, ranks: batch, config, tmp_path)
    before = float(learner.backward(batch))
    loop.run()
    assert float(learner.backward(batch)) < 0.9 * before
    assert 0 < training.watched_share(learner, [batch]) < 2


@pytest.mark.parametrize("start", ["random", "vgg16"])
def test_weights_come_back_where_they_have_moved_to(
    start: Start, features: FeatureNet, tmp_path
) -> None:
    network = matching_network(start, features)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    learner = training.MatchingLearner(network, features)
    loop = OuterLoop(learner, lambda *_: [], training.CONFIG, tmp_path)
    training.ship(loop, start, {}, tmp_path)
    path = weights_file(start, tmp_path)
    picture = torch.rand(1, 3, 20, 20)
    again = load_network(path, start).encoder(picture)
    assert torch.allclose(again, network.encoder(picture), atol=0.02)
    with pytest.raises(WrongCheckpointError, match="no matching network"):
        load_network(path, "vgg16" if start == "random" else "random")
    save_weights(path, {}, {})
    path.with_suffix(".json").unlink()
    with pytest.raises(WrongCheckpointError, match="card"):
        load_network(path, start)
