"""The matching network of scores: what each likeness is worth, and how far votes are trusted.

    python -m engine.lab.bench.audio_notes_matching [EPOCHS]

takes training styles of the corpus, K references and some queries each, maximises by Adam the
likelihood of the queries under the Transformer mixed with the votes, keeps the epoch that is best
on validation styles, and writes `matching.json`. The Transformer reads no references.
Legend: T places of a query, N of its support, F likenesses; parameters as in `Matching`, relative
as a logit.
"""

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.core.device import one_thread
from engine.lab.bench.audio_notes_arms import Points, log_probs, read
from engine.lab.bench.audio_notes_styles import Episode, Query, episodes
from engine.lab.training.corpus.notes_works import WORKS_FILE, NotesWorks
from engine.lab.training.score_data import CORPUS, load_corpus
from engine.media.audio.generators.score.matching import (
    DURATION,
    FORMAT_VERSION,
    LIKENESSES,
    MATCHING_FILE,
    PITCH,
    Matching,
    Places,
    Support,
    likenesses,
    moved,
    shipped_matching,
)
from engine.media.audio.generators.score.weights import OPENING, shipped
from engine.sequence.model import Transformer

REFERENCES, QUERIES, STYLES = 5, 2, 60
EPOCHS, RATES, AT_ONCE = 10, (0.05, 0.02), 4  # the lower rate from the middle on
UNLIKE = -1e9
Parameters = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of token of one query. alike (T, N, F) uint8; hits, moved_hits (T, N): which places
    vote for what came, as it is and moved; known (T, N): which were there by then; p (T,) of the
    Transformer."""

    kind: int
    alike: Tensor
    hits: Tensor
    moved_hits: Tensor
    known: Tensor
    p: Tensor


@dataclass(frozen=True, slots=True)
class Asked:
    """A query's tasks, and its notes."""

    tasks: tuple[Task, ...]
    notes: int


@torch.no_grad()
def asked_of(model: Transformer, query: Query, theirs: Places | None, *, own: bool = True) -> Asked:
    """theirs: the places of the references; own: those of the query itself that came before."""
    before, _ = read(model, [OPENING])
    log_p = log_probs(model, before, query)[1]
    p = log_p.gather(1, torch.tensor(query.body)[:, None])[:, 0].exp()
    mine = Places.of([*query.head, *query.body])
    tasks = (_task(kind, mine, theirs, p, own) for kind in range(3))
    notes = int((mine.kinds == DURATION).sum())
    return Asked(tuple(task for task in tasks if task is not None), notes)


def _task(kind: int, mine: Places, theirs: Places | None, p: Tensor, own: bool) -> Task | None:
    asked = np.flatnonzero(mine.kinds == kind)
    parts = [(theirs, np.flatnonzero(theirs.kinds == kind), -1)] if theirs is not None else []
    parts += [(mine, asked, 0)] if own else []
    if not len(asked) or not sum(len(at) for _, at, _ in parts):
        return None
    when = np.concatenate([at if first == 0 else np.full(len(at), -1) for _, at, first in parts])
    own_mask = np.concatenate([np.full(len(at), first == 0) for _, at, first in parts])
    fields = np.concatenate([places.fields[at] for places, at, _ in parts])
    tokens = np.concatenate([places.tokens[at] for places, at, _ in parts])
    support = Support(fields, tokens, own_mask, np.zeros(len(tokens)))
    right = mine.tokens[asked]
    votes = np.stack([moved(query, support) for query in mine.fields[asked]])
    return Task(
        kind,
        torch.from_numpy(likenesses(mine.fields[asked], fields, own_mask)),
        torch.from_numpy(tokens[None] == right[:, None]),
        torch.from_numpy(votes == right[:, None]),
        torch.from_numpy(when[None] < asked[:, None]),
        p[torch.from_numpy(asked)],
    )


def nats(parameters: Parameters, asked: Asked) -> Tensor:
    """The sum of -ln p over a query."""
    return torch.stack([_nats(parameters, task) for task in asked.tasks]).sum()


def _nats(parameters: Parameters, task: Task) -> Tensor:
    alike = (task.alike.float() @ parameters["weights"][task.kind]).masked_fill(~task.known, UNLIKE)
    evidence = alike.logsumexp(1)
    shares = (alike - evidence[:, None]).exp() * task.known
    votes = (shares * task.hits).sum(1)
    if task.kind == PITCH:
        relative = parameters["relative"][PITCH].sigmoid()
        votes = torch.lerp(votes, (shares * task.moved_hits).sum(1), relative)
    gate = parameters["closed"][task.kind] + parameters["slope"][task.kind] * evidence.clamp(-50)
    trust = gate.sigmoid() * task.known.any(1)
    return -torch.log((1 - trust) * task.p + trust * votes + 1e-12).sum()


def parameters_of(matching: Matching) -> dict[str, Tensor]:
    relative = torch.tensor(matching.relative).logit(1e-6)
    names = ("weights", "closed", "slope")
    found = {name: torch.tensor(getattr(matching, name)).float() for name in names}
    return found | {"relative": relative.float()}


def start() -> dict[str, Tensor]:
    """Everything alike a little, and hardly trusted."""
    values = {
        "weights": torch.full((3, len(LIKENESSES)), 0.5),
        "relative": torch.full((3,), -1.0),
        "closed": torch.full((3,), -4.0),
        "slope": torch.full((3,), 0.2),
    }
    return {name: value.requires_grad_() for name, value in values.items()}


def learn(
    training: Sequence[Asked], validation: Sequence[Asked], epochs: int = EPOCHS, seed: int = 0
) -> tuple[dict[str, Tensor], list[float]]:
    """The parameters that are best on validation, and nats a note there after every epoch."""
    parameters, curve = start(), []
    best = {name: value.detach().clone() for name, value in parameters.items()}
    optimizer = torch.optim.Adam(list(parameters.values()))
    for epoch in range(epochs):
        optimizer.param_groups[0]["lr"] = RATES[2 * epoch >= epochs]
        order = np.random.default_rng((seed, epoch)).permutation(len(training))
        for first in range(0, len(order), AT_ONCE):
            optimizer.zero_grad()
            for i in order[first : first + AT_ONCE]:
                (nats(parameters, training[i]) / training[i].notes / AT_ONCE).backward()
            optimizer.step()
        curve.append(mean_nats(parameters, validation))
        sys.stderr.write(f"epoch {epoch}: {curve[-1]:.4f} nats a note on validation styles\n")
        if curve[-1] == min(curve):
            best = {name: value.detach().clone() for name, value in parameters.items()}
    return best, curve


@torch.no_grad()
def mean_nats(parameters: Parameters, several: Iterable[Asked]) -> float:
    """Nats a note, a mean over queries."""
    return float(np.mean([float(nats(parameters, each)) / each.notes for each in several]))


def over_bars(model: Transformer, episode: Episode, count: int, references: bool) -> Points:
    """An arm of the notes bench: the Transformer without references, with the votes of the places
    of the first `count` of them, and of the query's own; or of its own alone."""
    begun = time.process_time()
    rows = episode.references[:count] if references else ()
    theirs = Places.joined([Places.of(row) for row in rows]) if rows else None
    seconds = time.process_time() - begun
    parameters = parameters_of(shipped_matching())
    with torch.no_grad():
        each = [nats(parameters, asked_of(model, query, theirs)) for query in episode.queries]
    return [(seconds, float(torch.stack(each).sum()))]


def asked_all(model: Transformer, several: Iterable[Episode]) -> list[Asked]:
    """Every query of the episodes, with the references' places and its own."""
    found = []
    for episode in several:
        theirs = Places.joined([Places.of(row) for row in episode.references])
        found += [asked_of(model, query, theirs) for query in episode.queries]
    return found


def card(parameters: Parameters, about: Mapping[str, object]) -> str:
    """What `matching.shipped_matching` reads, with what it was learned from."""
    settled = {name: value.detach() for name, value in parameters.items()}
    settled["relative"] = settled["relative"].sigmoid()
    rounded = {name: value.numpy().round(4).tolist() for name, value in settled.items()}
    document = {"format": FORMAT_VERSION, "likenesses": list(LIKENESSES), **rounded, **about}
    return json.dumps(document, indent=1) + "\n"


def main(epochs: int) -> None:
    works = load_corpus(CORPUS / WORKS_FILE)
    model = shipped(torch.device("cpu")).model
    with one_thread():
        both = {
            part: asked_all(model, _episodes(works, part)) for part in ("training", "validation")
        }
        parameters, curve = learn(both["training"], both["validation"], epochs)
    about = {
        "queries": {part: len(several) for part, several in both.items()},
        "epochs": epochs,
        "nats a note on validation styles": curve,
    }
    MATCHING_FILE.write_text(card(parameters, about), encoding="utf-8")


def _episodes(works: NotesWorks, part) -> list[Episode]:
    groups = works.by_style(part)
    names = np.random.default_rng(0).permutation(sorted(groups))[:STYLES]
    chosen = {name: groups[name] for name in names}
    found = episodes(works, chosen, references=REFERENCES, queries=QUERIES)
    return [episode for episode in found if not episode.halved]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS)
