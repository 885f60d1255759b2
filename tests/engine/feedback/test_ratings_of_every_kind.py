"""Likes, pairs and marks beside stars, and ratings that could confuse a learner."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.cli.ratings_file import read_ratings
from engine.core.errors import BadInput
from engine.core.style import Style, load_style
from engine.feedback.likelihood import DISLIKED, LIKED, expanded
from engine.feedback.measurement_cache import MeasurementCache
from engine.feedback.posterior import posterior
from engine.feedback.prior import prior
from engine.feedback.taste import Judgements, MarkedPart, codes_of, learned
from engine.interfaces import LoadedWork, Measured
from engine.media.audio.codec.score import TICKS, Tempo, notes_of, score_of
from engine.media.audio.loading import LoadedMusic
from engine.media.audio.marks import tick_at
from engine.media.image.features import FEATURES
from engine.media.image.medium import ImageMedium
from engine.media.text.features import Words
from engine.protocol import LearnRequest, Mark, Medium, StyleResult
from engine.registry import installed
from engine.service import Service
from tests.engine.feedback.test_learning import SIZE, WARMTH, answers, measured, some_ratings
from tests.engine.handmade import as_picture, encoded

CPU = torch.device("cpu")


def chance(x: np.ndarray, answer: int) -> float:
    return float(np.exp(expanded(prior("image").mean + 0.1, answers(x, [answer])).value))


def test_a_like_is_four_or_five_stars_and_a_dislike_one_or_two() -> None:
    x = np.random.default_rng(0).standard_normal((1, SIZE))
    assert chance(x, LIKED) == pytest.approx(chance(x, 3) + chance(x, 4))
    assert chance(x, DISLIKED) == pytest.approx(chance(x, 0) + chance(x, 1))


def test_likes_teach_what_stars_teach_but_less() -> None:
    data = some_ratings(80)
    told = {0: DISLIKED, 1: DISLIKED, 3: LIKED, 4: LIKED}
    clear = [i for i in range(80) if data.y[i] != 2]
    likes = answers(data.x[clear], [told[int(data.y[i])] for i in clear])
    by_stars, by_likes = (posterior(prior("image"), d) for d in (data, likes))
    assert np.abs(by_likes.weights).argmax() == WARMTH
    assert by_likes.deviations[WARMTH] > by_stars.deviations[WARMTH]


def test_marked_parts_teach_features_that_a_part_can_have() -> None:
    """Parts that are warmer and more contrasted than their works: contrast is cut away with."""
    contrast = codes_of("image").index("contrast")
    rng = np.random.default_rng(0)
    wholes = rng.standard_normal((24, len(FEATURES)))
    parts = wholes + 0.3 * rng.standard_normal(wholes.shape)
    parts[:, [WARMTH, contrast]] += 1.5
    works: list[Measured] = [measured(row) for row in wholes]
    codes = installed().medium(Medium.IMAGE).comparable("image")
    said = Judgements(
        works,
        [],
        parts=[MarkedPart(measured(row), i, True, codes) for i, row in enumerate(parts)],
    )
    taste = learned(said, "image", FEATURES)
    assert taste.count == 24
    assert taste.normal.weights[WARMTH] > 0.3
    assert abs(taste.normal.weights[contrast]) < 0.15
    disliked = Judgements(
        works, [], parts=[MarkedPart(p.measured, p.place, False, p.comparable) for p in said.parts]
    )
    assert learned(disliked, "image", FEATURES).normal.weights[WARMTH] < -0.3


def test_what_is_comparable_exists() -> None:
    for name in Medium:
        medium = installed().medium(name)
        for domain in medium.domains:
            assert medium.comparable(domain) < set(codes_of(domain)), domain


# ---- parts of works ----------------------------------------------------------------------------


def cut(work: LoadedWork, mark: Mark) -> LoadedWork:
    domain = {"image": Medium.IMAGE, "zh": Medium.TEXT, "audio": Medium.AUDIO}[work.domain]
    return installed().medium(domain).cut(work, mark)


def box(*corners: float) -> Mark:
    left, top, right, bottom = corners
    return Mark(path="a.png", liked=True, box=(left, top, right, bottom))


def span(start: float, end: float) -> Mark:
    return Mark(path="a", liked=True, start=start, end=end)


def test_a_region_of_a_picture() -> None:
    pixels = torch.arange(3 * 40 * 60.0).reshape(3, 40, 60)
    work = LoadedWork("a.png", "image", pixels)
    half = cut(work, box(0.5, 0, 1, 1)).content
    assert isinstance(half, torch.Tensor)
    assert torch.equal(half, pixels[:, :, 30:])
    tiny = cut(work, box(0.99, 0.99, 1, 1)).content
    assert isinstance(tiny, torch.Tensor)
    assert torch.equal(tiny, pixels[:, 24:, 44:])


def test_lines_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("空山新雨後，\n\n天氣晚來秋。\n明月松間照。\n", encoding="utf-8")
    work = LoadedWork(str(path), "zh", Words("空山新雨后，\n\n天气晚来秋。\n明月松间照。", "zh"))
    part = cut(work, span(2, 4)).content
    assert isinstance(part, Words)
    assert part.text == "天气晚来秋。\n明月松间照。"
    with pytest.raises(BadInput):
        cut(work, span(1, 2))  # the blank line


def test_bars_of_a_score() -> None:
    """Four bars of four quarters at 120, two seconds each."""
    rows = [(i * TICKS, TICKS, 60 + i, 0, 80) for i in range(16)]
    work = LoadedWork(
        "a.mid", "audio", LoadedMusic(score_of(notes_of(rows), tempos=[Tempo(0, 120.0)]))
    )
    for start, end in ((2, 6), (2.4, 5.5)):
        part = cut(work, span(start, end)).content
        assert isinstance(part, LoadedMusic)
        assert part.score.notes["pitch"].tolist() == list(range(64, 72))
        assert part.score.notes["onset"][0] == 0
    short = cut(work, span(4.1, 4.2)).content
    assert isinstance(short, LoadedMusic)
    assert short.score.notes["pitch"].tolist() == [68, 69, 70, 71]


def test_seconds_become_ticks_across_tempos() -> None:
    rows = [(i * TICKS, TICKS, 60, 0, 80) for i in range(16)]
    tempos = [Tempo(0, 60.0), Tempo(4 * TICKS, 120.0)]
    score = score_of(notes_of(rows), tempos=tempos)
    assert tick_at(score, 3) == pytest.approx(3 * TICKS)
    assert tick_at(score, 5) == pytest.approx(6 * TICKS)


@pytest.mark.parametrize(
    "mark", [box(0.5, 0, 0.5, 1), box(-0.1, 0, 1, 1), box(0, 0.9, 1, 0.2), span(0, 1)]
)
def test_marks_outside_a_picture(mark: Mark) -> None:
    work = LoadedWork("a.png", "image", torch.zeros(3, 40, 60))
    with pytest.raises(BadInput) as caught:
        cut(work, mark)
    assert caught.value.code == "mark_outside"


@pytest.mark.parametrize("mark", [span(9, 12), span(-1, 2), span(3, 3), box(0, 0, 1, 1)])
def test_marks_outside_a_score(mark: Mark) -> None:
    rows = [(i * TICKS, TICKS, 60, 0, 80) for i in range(16)]
    work = LoadedWork("a.mid", "audio", LoadedMusic(score_of(notes_of(rows))))
    with pytest.raises(BadInput):
        cut(work, mark)


# ---- files -------------------------------------------------------------------------------------


def painted(folder: Path, name: str, warmth: float, seed: int) -> str:
    torch.manual_seed(seed)
    pixels = 0.3 * torch.randn(3, 40, 48) + torch.tensor([warmth, 0, -warmth])[:, None, None]
    path = folder / name
    path.write_bytes(encoded(as_picture(pixels)))
    return str(path)


@pytest.fixture
def style_file(tmp_path: Path, style: dict[str, torch.Tensor]) -> Path:
    path = tmp_path / "a.style"
    Style("image", style, ()).save(path)
    return path


def taught(style_file: Path, **said) -> StyleResult:
    out = str(style_file.with_name("t.style"))
    job = LearnRequest(job_id="l", style=str(style_file), out=out, **said)
    result = list(Service(CPU).run(job))[-1]
    assert isinstance(result, StyleResult), result
    return result


@pytest.mark.weights
def test_ratings_of_every_kind_together(tmp_path: Path, style_file: Path) -> None:
    works = [painted(tmp_path, f"{i}.png", 0.5 if i % 2 else -0.5, i) for i in range(8)]
    result = taught(
        style_file,
        ratings={works[0]: 1, works[1]: 5},
        likes={works[2]: False, works[3]: True},
        pairs=((works[5], works[4]),),
        marks=(
            Mark(path=works[7], liked=True, box=(0.0, 0.0, 0.5, 1.0)),
            Mark(path=works[6], liked=True, box=(0.0, 0.0, 2.0, 1.0)),
        ),
    )
    assert result.ratings_used == 6
    assert [refusal.code for refusal in result.refused] == ["mark_outside"]
    warm = [taste for taste in result.tastes if taste.code == "warmth"]
    assert warm and warm[0].strength > 0


@pytest.mark.weights
def test_contradictions_are_both_counted_and_cancel(tmp_path: Path, style_file: Path) -> None:
    works = [painted(tmp_path, f"{i}.png", 0.5 if i % 2 else -0.5, i) for i in range(6)]
    stars = {path: 5 if i % 2 else 1 for i, path in enumerate(works)}
    likes = {path: not i % 2 for i, path in enumerate(works)}
    pairs = ((works[1], works[0]), (works[0], works[1]))
    found = taught(style_file, ratings=stars, likes=likes, pairs=pairs)
    assert found.ratings_used == 14
    plain = taught(style_file, ratings=stars)
    assert max((abs(t.strength) for t in found.tastes), default=0) < 0.6 * max(
        abs(t.strength) for t in plain.tastes
    )


@pytest.mark.weights
def test_works_by_an_older_version_count_as_any(tmp_path: Path, style_file: Path) -> None:
    ratings = {}
    for i in range(4):
        path = painted(tmp_path, f"{i}.png", 0.5 if i % 2 else -0.5, i)
        ratings[path] = 5 if i % 2 else 1
        about = (
            f'{{"file": "{i}.png", "format": 0, "engine_version": "0.0.1", "brief": {{"x": 1}}}}'
        )
        Path(path).with_suffix(".json").write_text(about)
    assert taught(style_file, ratings=ratings).ratings_used == 4


@pytest.mark.weights
def test_learning_drops_what_older_ratings_added(tmp_path: Path, style_file: Path) -> None:
    style = load_style(style_file)
    style.tensors["liked/old"] = torch.zeros(1)
    style.save(style_file)
    result = taught(style_file, likes={painted(tmp_path, "a.png", 0.5, 0): True})
    assert "liked/old" not in load_style(Path(result.path)).tensors


@pytest.mark.weights
def test_a_work_is_measured_once(
    tmp_path: Path, style_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    medium, asked = ImageMedium(), []
    load = medium.load

    def counted(path: str, device: torch.device) -> LoadedWork:
        asked.append(path)
        return load(path, device)

    monkeypatch.setattr(medium, "load", counted)
    cache = MeasurementCache()
    path = painted(tmp_path, "a.png", 0.5, 1)
    mark = Mark(path=path, liked=True, box=(0.0, 0.0, 0.5, 0.5))
    for _ in range(2):
        cache.work(path, medium, CPU)
        cache.part(mark, medium, CPU)
    assert len(asked) == 2
    before = cache.work(path, medium, CPU)
    painted(tmp_path, "a.png", -0.5, 2)  # the file has changed since
    assert cache.work(path, medium, CPU) is not before
    assert len(asked) == 3


@pytest.mark.slow
def test_of_five_thousand_ratings_only_the_new_ones_are_measured(
    tmp_path: Path, style_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All known already but one."""
    load, asked = ImageMedium.load, []

    def counted(self: ImageMedium, path: str, device: torch.device) -> LoadedWork:
        asked.append(path)
        return load(self, path, device)

    paths = [painted(tmp_path, f"{i}.png", 0.02 * i, i) for i in range(4)]
    data = Path(paths[0]).read_bytes()
    for i in range(4, 2500):
        path = tmp_path / f"{i}.png"
        path.write_bytes(data)
        paths.append(str(path))
    ratings = {path: 1 + i % 5 for i, path in enumerate(paths)}
    likes = {path: bool(i % 2) for i, path in enumerate(paths)}
    taught(style_file, ratings=ratings, likes=likes)
    one_more = painted(tmp_path, "new.png", 0.9, 9)
    monkeypatch.setattr(ImageMedium, "load", counted)
    result = taught(style_file, ratings=ratings | {one_more: 5}, likes=likes)
    assert result.ratings_used == 5001
    assert asked == [one_more]


# ---- the file of ratings -----------------------------------------------------------------------


def test_a_file_of_stars_and_one_of_everything(tmp_path: Path) -> None:
    file = tmp_path / "ratings.json"
    file.write_text(
        '{"a.png": 4, "ratings": {"b.png": 1}, "likes": {"c.png": true},'
        '"pairs": [["a.png", "b.png"]], "marks": [{"path": "a.png", "liked": false, "end": 2}]}'
    )
    read = read_ratings(file, Path("works"))
    a, b, c = (str(Path("works") / name) for name in ("a.png", "b.png", "c.png"))
    assert read.ratings == {a: 4, b: 1}
    assert read.likes == {c: True}
    assert read.pairs == ((a, b),)
    assert read.marks == (Mark(path=a, liked=False, end=2.0),)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "nonsense",
        '{"a": 2.5}',
        '{"a": true}',
        '{"likes": {"a": 3}}',
        '{"pairs": [["a"]]}',
        '{"marks": [{"path": "a"}]}',
        '{"ratings": null}',
    ],
)
def test_files_of_something_else(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ratings.json"
    file.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_ratings(file, tmp_path)
    assert caught.value.code == "bad_ratings"
