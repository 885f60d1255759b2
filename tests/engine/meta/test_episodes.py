import hashlib

import pytest
import torch
from hypothesis import given, strategies as st

from engine.meta.episodes import (
    TaskSampler,
    classification_batch,
    is_reserved,
    is_support,
    split_reserved,
)
from engine.meta.errors import EmptySupportError, TooFewStylesError, TooFewWorksError

WORKS = {f"style {i}": tuple(range(10 * i, 10 * i + 10)) for i in range(8)}


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4), st.integers(2, 8))
def test_support_and_query_never_share_a_work(number, shots, queries, ways):
    sampler = TaskSampler(WORKS, ways=ways, shots=shots, queries=queries, seed=1)
    episode = sampler.episode(number)
    support = [w for works in episode.support for w in works]
    query = [w for works in episode.query for w in works]
    assert len(set(support)) == ways * shots
    assert len(set(query)) == ways * queries
    assert not set(support) & set(query)
    for style, works in zip(episode.styles, episode.support, strict=True):
        assert set(works) <= set(WORKS[style])


def test_an_episode_depends_on_seed_and_number_alone():
    first = TaskSampler(WORKS, ways=3, shots=2, queries=2, seed=5)
    later = TaskSampler(WORKS, ways=3, shots=2, queries=2, seed=5)
    for number in range(7):
        later.episode(number)
    assert first.episode(9) == later.episode(9)
    assert first.episode(9) != TaskSampler(WORKS, ways=3, shots=2, queries=2, seed=6).episode(9)


def test_no_two_ranks_draw_the_same_episode():
    sampler = TaskSampler(WORKS, ways=3, shots=1, queries=1)
    alone = sampler.episodes(4, 6)
    halves = [sampler.episodes(4, 3, rank=rank, ranks=2) for rank in (0, 1)]
    assert halves[0] + halves[1] == alone


def test_fixed_roles_hold_in_every_episode():
    digests = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(80)]
    roomy = {
        name: works
        for name, works in WORKS.items()
        if 2 <= sum(is_support(digests[w]) for w in works) <= 8
    }
    sampler = TaskSampler(roomy, ways=3, shots=2, queries=2, digests=digests)
    for number in range(50):
        episode = sampler.episode(number)
        assert all(is_support(digests[w]) for works in episode.support for w in works)
        assert not any(is_support(digests[w]) for works in episode.query for w in works)


def test_the_reserved_split_is_the_first_byte_of_the_name():
    names = [f"artist {i}" for i in range(2000)]
    training, reserved = split_reserved(names)
    assert len(training) + len(reserved) == 2000
    assert 0.08 < len(reserved) / 2000 < 0.13
    assert all(hashlib.sha256(n.encode()).digest()[0] < 26 for n in reserved)
    assert is_reserved("Zo\u0065\u0308") == is_reserved("Zo\u00eb")  # NFC


def test_bad_task_distributions_say_what_to_do():
    with pytest.raises(TooFewStylesError, match="lower the ways"):
        TaskSampler(WORKS, ways=9, shots=1, queries=1)
    with pytest.raises(TooFewWorksError, match="'style 0' has 10 works, an episode needs 12"):
        TaskSampler(WORKS, ways=2, shots=6, queries=6)
    with pytest.raises(EmptySupportError, match="at least one work"):
        TaskSampler(WORKS, ways=2, shots=0, queries=6)


def test_a_classification_batch_labels_the_classes_of_each_episode():
    sampler = TaskSampler(WORKS, ways=3, shots=2, queries=1)
    episodes = sampler.episodes(0, 4)
    tasks = classification_batch(episodes, torch.arange(80.0)[:, None])
    assert tasks.support_x.shape == (4, 6, 1)
    assert tasks.query_x.shape == (4, 3, 1)
    assert tasks.support_y.tolist() == [[0, 0, 1, 1, 2, 2]] * 4
    assert tasks.support_x[0, 2:4, 0].tolist() == list(map(float, episodes[0].support[1]))
