"""The named features say what their names say."""

import numpy as np
import pytest
import torch

from engine.critic.words import direction_of, name_of
from engine.interfaces import Feature
from engine.media.audio import features as music
from engine.media.audio.codec.score import TICKS, Key, Metre, Score, Tempo, notes_of, score_of
from engine.media.image import features as pictures
from engine.media.text import features as texts

BOTH = (True, False)
EVERY = (pictures.FEATURES, texts.FEATURES["zh"], texts.FEATURES["en"], music.FEATURES)


def of_picture(picture: torch.Tensor) -> dict[str, float]:
    codes = (feature.code for feature in pictures.FEATURES)
    return dict(zip(codes, pictures.values(picture).tolist(), strict=True))


def flat(red: float, green: float, blue: float) -> torch.Tensor:
    rgb = torch.tensor([red, green, blue], dtype=torch.float32)
    return rgb[:, None, None].expand(3, 48, 64).clone()


def tune(*rows: tuple[int, int, int], quarters: float = 120) -> Score:
    """(onset, duration in eighths, pitch) rows in 4/4."""
    eighth = TICKS // 2
    notes = notes_of((o * eighth, d * eighth, p, 0, 80) for o, d, p in rows)
    return score_of(notes, [Metre(0, 4, 4)], [Key(0, 0)], [Tempo(0, quarters)])


def of_tune(score: Score) -> dict[str, float]:
    codes = (feature.code for feature in music.FEATURES)
    return dict(zip(codes, music.values(score).tolist(), strict=True))


SCALE = tune(*((i, 1, p) for i, p in enumerate((60, 62, 64, 65, 67, 69, 71, 72))))


@pytest.mark.parametrize("features", EVERY)
def test_every_feature_has_words_in_both_languages(features: tuple[Feature, ...]) -> None:
    for feature in features:
        words = [
            name_of(feature.code),
            *(direction_of(feature.code, more=m) for m in (True, False)),
        ]
        assert len({word.english for word in words}) == 3
        assert all("\u4e00" <= word.chinese[0] <= "\u9fff" for word in words)


def test_lab_of_known_colours() -> None:
    """sRGB red is L* 53.2, a* 80.1, b* 67.2 (D65)."""
    lab = pictures.lab(flat(1, -1, -1))[:, 0, 0]
    assert lab.tolist() == pytest.approx([53.24, 80.09, 67.2], abs=0.1)
    white = pictures.lab(flat(1, 1, 1))[:, 0, 0]
    assert white.tolist() == pytest.approx([100, 0, 0], abs=0.05)


def test_warm_pictures_are_warmer_and_grey_ones_unsaturated() -> None:
    orange, blue, grey = (of_picture(flat(*c)) for c in ((1, 0, -1), (-1, 0, 1), (0, 0, 0)))
    assert orange["warmth"] > 40 > -40 > blue["warmth"]
    assert grey["saturation"] < 0.1 < orange["saturation"]
    assert grey["palette"] == pytest.approx(1)


def test_symmetry_and_weight() -> None:
    picture = flat(1, 1, 1)
    picture[:, 30:, :20] = -1
    found = of_picture(picture)
    assert found["weight_right"] < -20
    assert found["weight_down"] > 20
    both = torch.cat([picture, picture.flip(2)], 2)
    assert of_picture(both)["mirrored"] == pytest.approx(100)
    assert of_picture(both)["reflected"] < 0
    assert abs(of_picture(both)["weight_right"]) < 2


def test_upright_stripes_and_their_scale() -> None:
    def stripes(period: int) -> torch.Tensor:
        wave = torch.sign(torch.sin(2 * torch.pi * (torch.arange(64) + 0.5) / period))
        return wave.expand(3, 64, 64)

    fine, coarse = stripes(4), stripes(16)
    assert of_picture(fine)["upright"] == pytest.approx(100)
    assert of_picture(fine.transpose(1, 2))["upright"] == pytest.approx(0)
    assert of_picture(coarse)["brush"] > 1.5 * of_picture(fine)["brush"]
    assert of_picture(fine)["edges"] > of_picture(coarse)["edges"]


def test_quality_sees_blur_and_noise() -> None:
    torch.manual_seed(0)
    picture = torch.sign(torch.sin(torch.arange(352) / 5))[None, None].expand(3, 352, 352) * 0.6
    noisy = (picture + 0.3 * torch.randn(3, 352, 352)).clamp(-1, 1)
    blurred = torch.nn.functional.avg_pool2d(picture[None], 9, 1, 4)[0]
    plain, with_noise, soft = map(pictures.quality, (picture, noisy, blurred))
    assert with_noise["noise"] > 2 * plain["noise"]
    assert soft["sharpness"] < 0.6 * plain["sharpness"]
    assert pictures.quality(flat(1, 1, 1))["clipped"] == 1


def test_a_scale_is_major_stepwise_and_closes() -> None:
    found = of_tune(SCALE)
    assert found["minor"] < 0
    assert found["range"] == 12
    assert found["stepwise"] == 100
    assert found["syncopation"] == 0
    assert found["cadence"] == 100
    assert found["density"] == pytest.approx(2)
    assert found["rhythm"] == 0
    assert of_tune(tune((0, 2, 60), (2, 2, 67), quarters=90))["tempo"] == 90


@pytest.mark.process
def test_syncopation_and_open_ends() -> None:
    off = tune((0, 1, 60), (1, 2, 64), (3, 2, 67), (5, 2, 62), (7, 1, 62))
    found = of_tune(off)
    assert found["syncopation"] == pytest.approx(60)
    assert found["cadence"] == 0


def test_the_same_tune_is_like_itself_alone() -> None:
    other = tune(*((i, 1, p) for i, p in enumerate((72, 60, 71, 61, 70, 62, 69, 63))))
    one, again, unlike = (music.measure(s).likeness for s in (SCALE, SCALE, other))
    assert one @ again == pytest.approx(1)
    assert one @ unlike < 0.3


def test_rhymes_echoes_and_repetition() -> None:
    lines = ["My love is like the night", "My heart is full of light", "And so I go away"]
    assert texts.rhymes(lines, "en") == pytest.approx(2 / 3)
    assert texts.echoes(lines, "en") == pytest.approx(2 / 3)
    assert texts.rhymes(["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"], "zh") == 0.5
    assert texts.repetition(["a", "b", "a", "a"]) == 0.5


def test_lines_of_verse_prose_and_chinese() -> None:
    prose = texts.Words(
        "This is one sentence of prose, long enough to be no verse at all, "
        "as it goes on. And here is another one! A third?",
        "en",
    )
    assert len(texts.lines_of(prose)) == 3
    assert texts.lines_of(texts.Words("a line\nanother\n", "en")) == ["a line", "another"]
    assert len(texts.lines_of(texts.Words("春眠不觉晓，处处闻啼鸟。", "zh"))) == 2


def test_what_two_texts_share() -> None:
    one = texts.Words("明月出天山，苍茫云海间。", "zh")
    assert texts.shared_words(one, texts.Words("举头望明月，低头思故乡。", "zh")) == ["明月"]


def test_values_are_finite_for_the_smallest_works() -> None:
    assert np.isfinite(pictures.values(flat(0, 0, 0))).all()
    assert np.isfinite(music.values(tune((0, 1, 60)))).all()
