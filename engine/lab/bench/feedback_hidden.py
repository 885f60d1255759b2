"""Numbers that simulated raters may like, and that the critic does not have."""

import re

import numpy as np
import torch
from torch import Tensor

from engine.interfaces import Content
from engine.media.audio.codec.score import Score
from engine.media.audio.features import melody
from engine.media.audio.loading import LoadedMusic
from engine.media.image.features import lab
from engine.media.text.features import Words

_NATURE = "山水月花风云雨雪日天江河海林树草木石松竹鸟春秋夜星露霜烟波泉溪湖"
_PEOPLE = "人君我客子妾郎王吾友故"
_NUMBERS = "一二三四五六七八九十百千万两双数半"
_ASKING = "何谁岂安焉孰几那"
_WATER = "江河海湖溪波流清深洗浪泪洲浦汉沙湘渡沧浮渔泛"


def hidden_of(content: Content) -> list[float]:
    """Of any work."""
    if isinstance(content, Tensor):
        return hidden_of_picture(content)
    if isinstance(content, Words):
        return hidden_of_text(content)
    assert isinstance(content, LoadedMusic)
    return hidden_of_score(content)


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


def hidden_of_text(work: Words) -> list[float]:
    """Shares of characters of nature, of people, of numbers, of questions, of water."""
    letters = re.sub(r"\W", "", work.text)
    return [
        sum(letter in kind for letter in letters) / max(1, len(letters))
        for kind in (_NATURE, _PEOPLE, _NUMBERS, _ASKING, _WATER)
    ]


def hidden_of_score(played: LoadedMusic) -> list[float]:
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
