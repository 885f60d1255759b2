"""Ratings move the style itself: what is in liked works comes oftener, within a trust region."""

import numpy as np
import pytest
import torch

from engine.core import preference_tensors as liked
from engine.core.style import Style
from engine.feedback import beyond
from engine.feedback.adaptation import MOST_TIMES, adapted, within_trust_region
from engine.feedback.rated import RatedWork
from engine.feedback.taste import Judgements, learned, untaught
from engine.feedback.utilities import utilities
from engine.feedback.worth import explained, worths
from engine.interfaces import LoadedWork
from engine.media.audio import features as music
from engine.media.audio.codec.score import TICKS, notes_of, score_of
from engine.media.audio.events import NoteEvents
from engine.media.audio.generators.score.generator import NotePreferences
from engine.media.audio.generators.score.liking import Liking, liking_of
from engine.media.audio.loading import LoadedMusic
from engine.media.audio.score_tokens import encode, span
from engine.media.audio.theory.grid import quantise
from engine.media.image.events import ColourEvents
from engine.media.image.features import FEATURES
from engine.media.image.generators.transport import mixture
from engine.media.image.generators.transport.generator import TransportPreferences
from engine.media.text.events import TokenEvents
from engine.media.text.features import Words, measure
from engine.media.text.generators.maquette_lm.generator import MAX_NATS, TokenPreferences
from engine.media.text.generators.maquette_lm.weights import shipped as text_base
from engine.media.text.judge import critic_base
from engine.media.text.medium import TextMedium
from engine.media.text.notation import piece
from engine.sequence.adapt import style_of
from engine.sequence.decoder_session import DecoderSession
from tests.engine.feedback.test_learning import measured

CPU = torch.device("cpu")
NOTES = NoteEvents()


def moved_by(style, rated, domain, events, preferences):
    """As all rated works are equally like the references."""
    return adapted(style, rated, np.zeros(len(rated)), domain, events, preferences, CPU)


def as_work(text: str) -> LoadedWork:
    return LoadedWork("", "zh", Words(text, "zh"))


# ---- utilities ---------------------------------------------------------------------------------


def judged(**said) -> np.ndarray:
    """The utilities of six works that are all alike to the critic."""
    works = [measured(np.zeros(len(FEATURES))) for _ in range(6)]
    told = Judgements(works, **{"stars": [], **said})
    return utilities(told, learned(told, "image", FEATURES), FEATURES).whole


def test_works_that_no_feature_tells_apart_please_by_their_ratings() -> None:
    found = judged(stars=[5, 1, 3], likes=[(3, True), (4, False)])
    assert found[0] > found[3] > found[2] > found[4] > found[1]
    assert found[5] == pytest.approx(0)  # of which nothing was said


def test_pairs_set_works_apart() -> None:
    found = judged(pairs=[(0, 1), (0, 2)])
    assert found[0] > 0.1
    assert found[1] == pytest.approx(found[2])
    assert found[1] < -0.1


def test_contradictory_judgements_of_a_work_cancel() -> None:
    sure = judged(stars=[5, 1])
    unsure = judged(stars=[5, 1], likes=[(0, False), (1, True)])
    assert abs(unsure[0] - unsure[1]) < 0.3 * abs(sure[0] - sure[1])


# ---- what events are worth ---------------------------------------------------------------------


def rows(seed: int = 0, count: int = 30) -> list[np.ndarray]:
    """Works of twenty events of four numbers; the first number lies higher in the later works."""
    rng = np.random.default_rng(seed)
    found = [rng.standard_normal((20, 4)) for _ in range(count)]
    for i, row in enumerate(found):
        row[:, 0] += i / count
    return found


def test_what_is_in_liked_works_is_worth_something() -> None:
    found = worths(rows(), np.linspace(-1, 1, 30), np.ones(4))
    assert found is not None
    assert np.abs(found).argmax() == 0
    assert found[0] > 0


def test_the_trust_region_holds() -> None:
    data = rows()
    found = worths(data, 9 * np.linspace(-1, 1, 30), np.ones(4))
    assert found is not None
    found = within_trust_region(found, data, 0.02)
    assert (np.concatenate(data) @ found).var() == pytest.approx(2 * 0.02)


def test_nothing_is_moved_by_ratings_that_say_nothing() -> None:
    assert worths(rows(), np.zeros(30), np.ones(4)) is None
    assert worths(rows()[:1], np.ones(1), np.ones(4)) is None
    assert worths([np.ones((5, 4))] * 3, np.arange(3.0), np.ones(4)) is None


def test_events_tell_what_pleases_or_do_not() -> None:
    by_the_first = np.linspace(-1, 1, 30)
    by_chance = np.random.default_rng(1).standard_normal(30)
    assert explained(rows(), by_the_first, np.ones(4)) > 0.6
    assert explained(rows(), by_chance, np.ones(4)) < 0.4
    assert explained(rows(), np.zeros(30), np.ones(4)) == 0
    assert explained(rows()[:3], np.arange(3.0), np.ones(4)) == 0


# ---- what is beyond the features ---------------------------------------------------------------


def test_what_pleases_beyond_the_features_is_laid_on_events() -> None:
    fifths, seconds = (NOTES.events(t) for t in (tune(7, TICKS), tune(2, TICKS)))
    rated = [RatedWork(MEASURED, fifths, 0.0, 0.5), RatedWork(MEASURED, seconds, 0.0, -0.5)] * 4
    moved = beyond.learned(rated, "audio", NOTES)
    found = beyond.pleases(moved, [seconds, fifths, fifths[:0]], "audio", NOTES)
    assert found[1] > found[2] > found[0]
    assert found.sum() == pytest.approx(0)
    assert (beyond.pleases(moved, [fifths], "zh", NOTES) == 0).all()
    assert beyond.pleases({}, [], "audio", NOTES).tolist() == []
    unmoved = [RatedWork(MEASURED, fifths, 1.0), RatedWork(MEASURED, seconds, -1.0)]
    assert beyond.learned(unmoved, "audio", NOTES) == {}  # features have told all


# ---- scores ------------------------------------------------------------------------------------

MEASURED = music.measure(
    score_of(notes_of([(i * TICKS, TICKS, 60 + i % 5, 0, 80) for i in range(16)]))
)


def tune(step: int, length: int) -> LoadedMusic:
    """Sixteen notes that go up and down by a step."""
    rows = [(i * length, length, 60 + step * (i % 2), 0, 80) for i in range(16)]
    return LoadedMusic(score_of(notes_of(rows)))


def liked_tunes() -> dict[str, torch.Tensor]:
    """Of someone who likes fifths in eighths better than seconds in quarters."""
    fifths, seconds = (NOTES.events(t) for t in (tune(7, TICKS // 2), tune(2, TICKS)))
    row = encode(quantise(tune(7, TICKS // 2).score)).tolist()
    works = [RatedWork(MEASURED, fifths, 1.0), RatedWork(MEASURED, seconds, -1.0)] * 4
    return moved_by(style_of([row], [1.0]), works, "audio", NOTES, NotePreferences())


def test_liked_steps_and_durations_gain() -> None:
    moved = liked_tunes()
    assert liked.domain_of(moved) == "audio"
    steps = moved[liked.STEPS].float()
    assert steps[liked.MOST_STEP + 7] > steps[liked.MOST_STEP + 2]
    liking = liking_of(moved, follow=1)
    assert liking is not None
    after = liking.after([(60, 4)])
    pitches = span("pitch")
    assert after[pitches.start + 67] > after[pitches.start + 62]
    assert (liking.after([]) == liking.tokens).all()


def test_half_followed_is_half_gained() -> None:
    moved = liked_tunes()
    whole, half = (liking_of(moved, follow) for follow in (1.0, 0.5))
    assert isinstance(whole, Liking) and isinstance(half, Liking)
    assert half.tokens == pytest.approx(0.5 * whole.tokens)
    assert liking_of(moved, 0) is None
    assert liking_of({}, 1) is None


def test_adaptation_is_a_pure_function_that_learning_anew_drops() -> None:
    one, again = liked_tunes(), liked_tunes()
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert untaught({"tokens": torch.zeros(1)} | one) == {"tokens": torch.zeros(1)}


def test_a_style_without_notes_is_not_moved() -> None:
    assert moved_by({"texture/grain": torch.zeros(1)}, [], "audio", NOTES, NotePreferences()) == {}


# ---- texts -------------------------------------------------------------------------------------


@pytest.mark.weights
def test_words_of_liked_texts_gain() -> None:
    """With the shipped model: of someone who likes hills and dislikes wine."""
    base = text_base(CPU)
    hills = "山深千嶂远，山静一峰高。", "山高千里静，山下一溪深。", "山山千树远，山外一僧归。"
    wine = "酒尽千杯乐，酒醒一醉迟。", "酒熟千家醉，酒香一室春。", "酒酒千愁去，酒后一人眠。"
    works = [Words(text, "zh") for text in (*hills, *wine)]
    style = style_of(base.tokens.works([piece(hills[0], "zh")]), [1.0])
    medium = TextMedium()
    kept = Style("text", style, (), neutral=tuple(medium.neutral_of_format_1(style, CPU)))
    (own,) = medium.measured_references(kept, "zh", CPU)
    assert own.values == pytest.approx(
        medium.judge("zh", CPU).measure(as_work(hills[0])).measured.values
    )
    assert medium.measured_references(kept, "en", CPU) == ()
    words = TokenEvents(CPU)
    seen = zip(
        measure(works, critic_base(CPU)), (words.events(work) for work in works), strict=True
    )
    rated = [RatedWork(*one, 1.0 if i < len(hills) else -1.0) for i, one in enumerate(seen)]
    moved = moved_by(style, rated, "zh", words, TokenPreferences())
    gained = liked.gains(moved, liked.TOKENS, "zh", 1.0)
    assert gained is not None
    hill, cup = (base.tokens.encode(word)[0] for word in "山酒")
    assert gained[hill] > 0 > gained[cup]
    events = np.concatenate([one.events for one in rated])
    assert gained[events].var(correction=0) <= 2 * MAX_NATS["zh"] * 1.01


def test_gains_of_tokens_change_log_probs() -> None:
    session = object.__new__(DecoderSession)
    session.strength, session.logit_bias = 1.0, torch.tensor([0.0, 1.0, 0.0])
    even = torch.full((2, 3), 1 / 3).log()
    found = session._guided([even]).exp()
    assert found.sum(1) == pytest.approx(torch.ones(2))
    assert found[0, 1] / found[0, 0] == pytest.approx(np.e, rel=1e-5)


def test_gains_are_for_one_kind_of_works() -> None:
    style = {liked.KIND: liked.domain_tensor("zh"), liked.TOKENS: torch.ones(3).half()}
    assert liked.gains(style, liked.TOKENS, "en", 1.0) is None
    assert liked.gains(style, liked.STEPS, "zh", 1.0) is None
    found = liked.gains(style, liked.TOKENS, "zh", 0.5)
    assert found is not None
    assert found.tolist() == [0.5, 0.5, 0.5]


# ---- pictures ----------------------------------------------------------------------------------


def pictures() -> dict[str, torch.Tensor]:
    """A style of a dark and a light reference."""
    return {
        "weights": torch.tensor([1.0, 3.0]),
        "means": torch.tensor([[-0.5] * 3, [0.5] * 3]),
        "deviations": torch.full((2, 3), 0.2),
    }


def painted(light: float, utility: float) -> RatedWork:
    return RatedWork(MEASURED, np.array([[light] * 3, [0.2] * 3], np.float32), utility)


def test_references_of_liked_works_gain_weight() -> None:
    style = pictures()
    works = [painted(-0.4, 1.0), painted(0.4, -1.0)] * 3
    moved = moved_by(style, works, "image", ColourEvents(), TransportPreferences())
    weights = moved[liked.WEIGHTS]
    assert weights.sum() == pytest.approx(1)
    assert weights[0] / weights[1] > 1 / 3
    assert weights[0] / weights[1] < MOST_TIMES**2 / 3 + 1e-3
    assert torch.equal(style["weights"], torch.tensor([1.0, 3.0]))


def test_weights_follow_by_a_share() -> None:
    style = pictures()
    style |= {liked.WEIGHTS: torch.tensor([0.75, 0.25])}
    assert liked.weights_of(style, 0).tolist() == [1, 3]
    assert liked.weights_of(style, 1) == pytest.approx(torch.tensor([0.75, 0.25]))
    half = liked.weights_of(style, 0.5)
    assert half[0] / half[1] == pytest.approx(1.0)


def test_one_reference_has_nothing_to_move() -> None:
    style = {name: tensor[:1] for name, tensor in pictures().items()}
    assert (
        moved_by(
            style,
            [painted(0.1, 1.0), painted(0.2, -1.0)],
            "image",
            ColourEvents(),
            TransportPreferences(),
        )
        == {}
    )


def test_the_nearest_reference_is_the_likest() -> None:
    style = pictures()
    pixels = torch.full((3, 8, 8), 0.4)
    assert mixture.likest(style, pixels) == 1
    assert mixture.nearest(style, torch.full((3,), -0.6), torch.full((3,), 0.2)) == 0
