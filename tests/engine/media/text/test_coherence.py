"""What the critic makes of texts that are spoilt."""

import random
from pathlib import Path

import pytest
import torch

from engine.core.assets import asset
from engine.interfaces import LoadedWork, Measured, MeasuredWork
from engine.lab.training.modern_sets import modern_voices
from engine.media.text import clauses
from engine.media.text.codec.script import to_simplified
from engine.media.text.coherence import coherence, exchanged, shuffled
from engine.media.text.copying import units_of
from engine.media.text.features import FEATURES, Words
from engine.media.text.judge import TextJudge, critic_base
from engine.media.text.soundness import Logistic
from engine.protocol import JudgeRequest, JudgeResult, Medium, Reference, TextBrief
from engine.service import Service

CPU = torch.device("cpu")
ENGLISH = "The lamp was lit, and no one came. We sat down to supper; the rain went on."
CHINESE = "灯塔把光伸出去，又收回来，像一个人想握手，又想起自己的手是湿的。"
NOTHING = Measured(*(torch.zeros(0).numpy() for _ in range(3)))
OLD_MODEL = (
    "Emma was not a very pretty young ladies, and a little while Mr. Crawford had heard what was "
    "in the room, or a few minutox, as to whom she had received them; and his wife's intended to "
    "be his own, when they knew herself in his own way, in which it was a very great deal."
)


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_other_orders_have_the_same_words_and_marks(text: str, language) -> None:
    rng = random.Random(0)
    for other in (
        shuffled(text, language, rng),
        exchanged(text, language, 0),
        exchanged(text, language, 1),
        clauses.shuffled(text, language, rng),
        clauses.words_shuffled(text, language, rng),
    ):
        assert other != text
        assert sorted(units_of(other, language)) == sorted(units_of(text, language))
    marks = [i for i, c in enumerate(shuffled(CHINESE, "zh", rng)) if not c.isalnum()]
    assert marks == [i for i, c in enumerate(CHINESE) if not c.isalnum()]


def test_a_text_of_one_clause_has_no_other_order_of_clauses() -> None:
    for other in (clauses.shuffled, clauses.words_shuffled):
        assert other("no stop at all", "en", random.Random(0)) == "no stop at all"


def test_marks_and_capitals_tell_where_a_clause_has_moved() -> None:
    moved = clauses.laid_out(clauses.clauses_of(ENGLISH, "en")[::-1], "en")
    assert moved.startswith("the rain went on. We sat")
    assert clauses.misfits(moved, "en") == pytest.approx(2 / 4)  # its beginning and its end
    stays = clauses.words_shuffled(ENGLISH, "en", random.Random(0))
    assert clauses.misfits(ENGLISH, "en") == clauses.misfits(stays, "en") == 0
    assert clauses.misfits("又收回来，灯塔把光伸出去，", "zh") == pytest.approx(1 / 2)
    assert len(clauses.clauses_of("It is 2:15, he says.", "en")) == 2


@pytest.mark.weights
@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_order_matters_in_a_text_and_not_in_its_words(text: str, language) -> None:
    base = critic_base(CPU)
    real = coherence(Words(text, language), base)
    spoilt = coherence(Words(shuffled(text, language, random.Random(3)), language), base)
    assert real.order > 2 * max(spoilt.order, 0.02)
    assert real == coherence(Words(text, language), base)


@pytest.mark.weights
def test_what_is_said_again_is_counted() -> None:
    base = critic_base(CPU)
    loop = coherence(Words("the rain, the rain, the rain, the rain.", "en"), base)
    assert loop.said_again[0] > 0.5
    assert loop.distinct == pytest.approx(0.25)
    assert coherence(Words(ENGLISH, "en"), base).said_again == (0, 0)
    assert coherence(Words("", "en"), base).units == 0


def test_a_logistic_model_never_overflows() -> None:
    model = Logistic((1000.0,), 0.0)
    assert (model([-10.0]), model([0.0]), model([10.0])) == pytest.approx((0, 0.5, 1))


# ---- quality ------------------------------------------------------------------------------------


def quality(text: str, references: list[str], language: str, brief: TextBrief | None = None):
    def work(words: str) -> MeasuredWork:
        content = Words(words, "zh" if language == "zh" else "en")
        return MeasuredWork(LoadedWork("", language, content, brief), NOTHING)

    judge = TextJudge(language, FEATURES[language], CPU)
    return judge.quality(work(text), [work(each) for each in references])


@pytest.mark.weights
def test_gibberish_is_worth_little_and_real_works_much() -> None:
    texts = modern_voices("asked", "en")["island-miniatures"]
    references, real = texts[:5], texts[5:]
    rng = random.Random(1)
    for text in real:
        found = quality(text, references, "en")
        assert found.known
        assert found.score > 0.5
        assert found.flaws == []
        assert quality(shuffled(text, "en", rng), references, "en").score < 0.2
    loop = quality("She sold it to nobody. " * 9, references, "en")
    assert loop.score < 0.2
    assert "flaw_repetitive" in loop.flaws


@pytest.mark.weights
def test_english_by_the_small_model_is_worth_little() -> None:
    references = modern_voices("asked", "en")["letters-to-the-council"][:5]
    found = quality(OLD_MODEL, references, "en")
    assert found.score < 0.2
    assert "flaw_empty" in found.flaws


@pytest.mark.weights
def test_old_chinese_verse_is_known_and_random_characters_are_not_verse() -> None:
    poems = [
        to_simplified(path.read_text(encoding="utf-8"))
        for path in sorted(asset("samples/texts").glob("wang-wei-*"))
    ]
    assert quality(poems[0], poems[1:], "zh").score > 0.8
    rng = random.Random(2)
    letters = "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(40))
    assert quality(f"{letters[:20]}，{letters[20:]}。", poems, "zh").score < 0.2


@pytest.mark.weights
def test_a_text_that_is_too_short_cannot_be_judged() -> None:
    found = quality("Rain.", modern_voices("asked", "en")["island-miniatures"][:5], "en")
    assert not found.known
    assert set(found.factors) == {"flaw_repetitive", "flaw_form"}


@pytest.mark.weights
def test_references_in_which_no_order_is_found_leave_quality_open() -> None:
    rng = random.Random(5)
    strange = [
        " ".join("".join(rng.choices("aeiouklmnpt", k=5)) for _ in range(20)) for _ in range(4)
    ]
    assert not quality(strange[0], strange[1:], "en").known


@pytest.mark.weights
def test_the_report_says_that_it_cannot_tell(tmp_path: Path) -> None:
    work, reference = tmp_path / "work.txt", tmp_path / "reference.txt"
    work.write_text("Rain on a tin roof.", encoding="utf-8")
    reference.write_text(ENGLISH, encoding="utf-8")
    job = JudgeRequest(
        job_id="j",
        medium=Medium.TEXT,
        references=(Reference(path=str(reference)),),
        works=(str(work),),
    )
    result = [*Service(CPU).run(job)][-1]
    assert isinstance(result, JudgeResult)
    (report,) = result.works
    assert not report.quality_known
    said = {each.code: each for each in report.said}["quality_unknown"]
    assert said.english
    assert said.chinese
