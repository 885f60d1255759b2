"""Works to choose from: drawn once a medium from the shipped samples, measured, and with numbers
that the critic does not have.

Legend: N works, H hidden numbers.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.audio import adapt as music_adapting
from engine.audio.compose import compose
from engine.audio.hearing import Heard
from engine.audio.weights import shipped as score_base
from engine.critic.contents import Content, Opened, Played
from engine.critic.judges import Judge, judge_of
from engine.critic.measured import Measured
from engine.critic.music import melody
from engine.critic.pictures import lab
from engine.critic.texts import Words
from engine.image.adapt import WeightedPicture, adapt as adapt_pictures
from engine.image.draw import Steps, draw
from engine.image.weights import shipped as picture_prior
from engine.media import image, notes, text
from engine.media.notes_score import Score
from engine.media.script import to_simplified
from engine.messages import Brief, Medium
from engine.progress import finished
from engine.text.adapt import WeightedPiece, adapt as adapt_texts
from engine.text.notation import piece
from engine.text.weights import shipped as text_base
from engine.text.write import write

SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples"
CPU = torch.device("cpu")
PICTURE_PX = (112, 80)
STEPS = Steps(moving=14, settling=3)  # of a picture: those of a first preview
BARS, AT_ONCE = 8, 24
_NATURE = "山水月花风云雨雪日天江河海林树草木石松竹鸟春秋夜星露霜烟波泉溪湖"
_PEOPLE = "人君我客子妾郎王吾友故"
_NUMBERS = "一二三四五六七八九十百千万两双数半"
_ASKING = "何谁岂安焉孰几那"
_WATER = "江河海湖溪波流清深洗浪泪洲浦汉沙湘渡沧浮渔泛"


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """hidden (N, H), standardised. matches (N,): how close each work is to the references."""

    name: str
    kind: str
    judge: Judge
    works: list[Measured]
    hidden: np.ndarray
    matches: np.ndarray


def pool_of(name: str, count: int) -> Pool:
    """The pool of a medium: image, text or audio."""
    kind, references, works, hidden = _MEDIA[name](count)
    judge = judge_of(kind, CPU)
    theirs = [judge.see(Opened("", kind, content)).measured for content in references]
    seen = [judge.see(Opened("", kind, content)).measured for content in works]
    fit = judge.calibration
    matches = [fit.match(fit.distances(work, theirs, judge.features)) for work in seen]
    rows = np.array([hidden(work) for work in works])
    rows = rows[:, rows.std(0) > 1e-6]
    rows = (rows - rows.mean(0)) / rows.std(0)
    return Pool(name, kind, judge, seen, rows, np.array(matches))


Made = tuple[str, Sequence[Content], Sequence[Content], Callable[..., list[float]]]


def _pictures(count: int) -> Made:
    files = sorted((SAMPLES / "images").glob("*.jpg"))
    references = [image.decode(file.read_bytes(), file.name) for file in files]
    prior = picture_prior(CPU)
    style = finished(adapt_pictures([WeightedPicture(r) for r in references], 0, CPU, prior))
    works: list[Tensor] = []
    for first in range(0, count, AT_ONCE):
        brief = Brief(
            count=min(AT_ONCE, count - first),
            seed=first,
            width_px=PICTURE_PX[0],
            height_px=PICTURE_PX[1],
            invention=0.6,
        )
        works += list(finished(draw(style, brief, prior, CPU, STEPS)))
    return "image", references, works, hidden_of_picture


def hidden_of_picture(picture: Tensor) -> list[float]:
    """Warmth of the darkest tenth; light of the middle less that of the rim; the share of nearly
    grey pixels; roughness of the lightest half; the share of warm dark pixels."""
    light, red, yellow = lab(picture)
    dark = light <= light.quantile(0.1)
    height, width = light.shape
    middle = light[height // 4 : -height // 4, width // 4 : -width // 4]
    rough = (light[:, 1:] - light[:, :-1]).abs()
    bright = light[:, 1:] >= light.median()
    return [
        float(yellow[dark].mean()),
        float(middle.mean() - light.mean()),
        float((torch.hypot(red, yellow) < 6).double().mean()),
        float(rough[bright].mean()),
        float(((yellow > 8) & (light < 45)).double().mean()),
    ]


def _texts(count: int) -> Made:
    found = [text.read(file) for file in sorted((SAMPLES / "texts").glob("wang-wei-*"))]
    references = [Words(to_simplified(w.text), "zh", to_simplified(w.title)) for w in found]
    base = text_base(CPU)
    pieces = [WeightedPiece(piece(r.text, "zh", r.title)) for r in references]
    style = finished(adapt_texts(pieces, base))
    brief = Brief(medium=Medium.TEXT, count=count)
    written = finished(write(style, [w.title for w in found], brief, CPU))
    works = [Words(each.text, "zh") for each in written]
    return "zh", references, works, hidden_of_text


def hidden_of_text(work: Words) -> list[float]:
    """Shares of characters of nature, of people, of numbers, of questions, of water."""
    letters = re.sub(r"\W", "", work.text)
    return [
        sum(letter in kind for letter in letters) / max(1, len(letters))
        for kind in (_NATURE, _PEOPLE, _NUMBERS, _ASKING, _WATER)
    ]


def _scores(count: int) -> Made:
    tunes = [notes.read(file) for file in sorted((SAMPLES / "music").glob("*.mid"))]
    heard = [music_adapting.WeightedHeard(Heard((tune,))) for tune in tunes]
    style = finished(music_adapting.adapt(heard, score_base(CPU)))
    brief = Brief(medium=Medium.AUDIO, count=count, length=BARS, temperature=1.1)
    made = finished(compose(style, [tune.title for tune in tunes], brief, CPU))
    works = [Played(each.score) for each in made]
    return "audio", [Played(tune) for tune in tunes], works, hidden_of_score


def hidden_of_score(played: Played) -> list[float]:
    """Shares of repeated pitches and of rising steps; the arch of the melody; where its highest
    note is; how long its last note is."""
    score: Score = played.score
    pitches = melody(score)["pitch"].astype(float)
    steps = np.diff(pitches)
    third = max(1, len(pitches) // 3)
    middle = pitches[third:-third] if len(pitches) > 2 * third else pitches
    ends = np.concatenate([pitches[:third], pitches[-third:]])
    return [
        float((steps == 0).mean()),
        float((steps > 0).mean()),
        float(middle.mean() - ends.mean()),
        float(pitches.argmax() / len(pitches)),
        float(melody(score)["duration"][-1]),
    ]


_MEDIA: dict[str, Callable[[int], Made]] = {
    "image": _pictures,
    "text": _texts,
    "audio": _scores,
}
