"""Pre-training on scores: what the model is shown, that it learns, that steps find a start."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks, digest, write_works
from engine.lab.training.score import prepare, watched
from engine.lab.training.score_data import ScoreLibrary, Tokenised, moved, tokenised, tokens_of
from engine.lab.training.score_eval import probes
from engine.lab.training.score_low_rank import style
from engine.lab.training.sequence import CONFIG, SequenceLearner
from engine.lab.training.sequence_eval import author_table
from engine.media.audio.codec.score import Key, Metre, Part, Score, Tempo, notes_of, score_of
from engine.media.audio.generators.score.weights import OPENING, WEIGHTS_FILE
from engine.media.audio.score_tokens import END, HEADER, IDS, MANY, NAMES, VOCABULARY, decode, span
from engine.sequence.model import TransformerConfig
from engine.sequence.weights import load_model

PITCHES = span("pitch")
SMALL = TransformerConfig(
    vocabulary=VOCABULARY, layers=1, width=32, heads=2, hidden=48, context=1024
)


def melody(seed: int, bars: int) -> Score:
    """Quarter notes up and down a scale, in 3/4 and then in 4/4."""
    rng = np.random.default_rng(seed)
    half = 3 * (bars // 2)
    count = half + 4 * (bars - bars // 2)
    steps = np.cumsum(rng.choice([-2, -1, 1, 2], count)) % 12
    rows = [(i * 480, 480, 60 + int(p), 0, 80) for i, p in enumerate(steps)]
    metres = [Metre(0, 3, 4), Metre(half * 480, 4, 4)]
    return score_of(notes_of(rows), metres, [Key(0, 0)], [Tempo(0, 120.0)], [Part()])


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> NotesWorks:
    """A corpus of a dozen made-up styles."""
    path = tmp_path_factory.mktemp("corpus") / "works.npz"
    scores = [melody(i, 8 if i % 3 else 60) for i in range(120)]
    rows = [
        NotesWork(
            source="made-up",
            style=f"style {i % 12}",
            spellings=(),
            kind="tunes",
            licence="none",
            title=str(i),
            path="",
            sha256=digest(score),
            notes=len(score),
            bars=len(score.bars()),
            parts=(("", 0),),
            index=i,
        )
        for i, score in enumerate(scores)
    ]
    write_works(path, rows, scores)
    return NotesWorks(path)


def library(works: NotesWorks) -> ScoreLibrary:
    return ScoreLibrary.of(tokenised(works, works.by_style()))


def test_a_passage_is_its_bars_with_their_metre(works: NotesWorks) -> None:
    row = tokens_of(works, works.works[0])  # 30 bars of 3/4, 30 of 4/4
    whole = Tokenised.of(row)
    assert len(whole.bars) == 60
    later = whole.passage(40, 5)
    metres = [NAMES[t][1] for t in later if NAMES[t][0] == "metre"]
    assert metres == [(4, 4)] and END not in later
    assert [t for t in later if t in span("left")] == [MANY] * 5
    score, full = decode(later.tolist()), decode(row.tolist())
    begin = full.bars()[40].tick
    notes = full.notes[(full.notes["onset"] >= begin)][: len(score)]
    assert np.array_equal(score.notes["pitch"], notes["pitch"])
    assert np.array_equal(score.notes["onset"], notes["onset"] - begin)
    last = whole.passage(57, 3)
    assert last[-1] == END and [NAMES[t][1] for t in last if t in span("left")] == [2, 1, 0]


def test_sequences_are_works_of_one_style_and_always_the_same(works: NotesWorks) -> None:
    shown = library(works)
    batch = shown.batch(0, 7, 0, 3, 1024)
    assert batch.shape == (3, 1024) and np.array_equal(batch, shown.batch(0, 7, 0, 3, 1024))
    assert not np.array_equal(batch, shown.batch(0, 8, 0, 3, 1024))
    assert (batch[:, 0] == OPENING).all()
    assert (batch[:, 1] == IDS["special", "start"]).all()


def test_moving_keeps_everything_but_the_pitches(works: NotesWorks) -> None:
    row = tokens_of(works, works.works[1])
    higher = moved(row, 5)
    pitched = np.isin(row, PITCHES)
    assert (higher[pitched] == row[pitched] + 5).all() and (higher[~pitched] == row[~pitched]).all()
    assert moved(row, 0) is row


def test_probes_ask_for_works_that_are_not_shown(works: NotesWorks) -> None:
    found = probes(works, works.by_style(), styles=4, queries=2, context=2048, numbers=(0, 2))
    assert len({p.author for p in found}) == 4
    for probe in found:
        assert probe.contexts[0] == (OPENING,) and len(probe.head) == HEADER
        text = " ".join(map(str, probe.contexts[1]))
        assert " ".join(map(str, probe.body)) not in text
        assert probe.units == sum(NAMES[t][0] == "duration" for t in probe.body)


@pytest.mark.slow
def test_the_model_learns_and_its_best_is_kept(works: NotesWorks, tmp_path: Path) -> None:
    loop = prepare(works, tmp_path, resume=False, shape=SMALL)
    loop.config = replace(loop.config, steps=50, evaluate_every=50, warmup_steps=2, rate=1e-2)
    seen = probes(works, works.by_style(), styles=6, queries=1, context=1024, numbers=(1,))

    def nats() -> float:
        assert isinstance(loop.learner, SequenceLearner)
        return float(np.mean(list(author_table(loop.learner.model, seen).values())))

    before = nats()
    loop.run()
    assert nats() < before - 1
    if watched(works, SMALL.context):
        assert (tmp_path / "best.safetensors").exists()


@pytest.mark.weights
def test_without_a_checkpoint_it_goes_on_from_what_is_shipped(
    works: NotesWorks, tmp_path: Path
) -> None:
    loop = prepare(works, tmp_path, resume=True)
    assert isinstance(loop.learner, SequenceLearner)
    mine, shipped = loop.learner.model.state_dict(), load_model(WEIGHTS_FILE).state_dict()
    assert all(torch.equal(mine[name], tensor) for name, tensor in shipped.items())
    assert loop.config.rate == CONFIG.rate / 2


def test_a_task_for_the_steps_shows_and_asks(works: NotesWorks) -> None:
    draw = partial(style, library(works))
    for seed in range(5):
        context, whole = draw(np.random.default_rng(seed))
        assert whole[: len(context)] == context and len(whole) > len(context) + HEADER
        assert context[0] == OPENING
