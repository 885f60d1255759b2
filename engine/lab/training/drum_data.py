"""Mixtures of drums and instruments whose strokes are known: what the drum network learns from.

Patterns for a kit and music for one to four instruments are made by chance, in one of a few tempi,
and played by a SoundFont or by a synthetic kit; a step mixes any two of a tempo, at chance levels,
with a chance filter over each. A third of the mixtures have no drums, so that struck strings,
plucked ones and noise are no drums.
Legend: T frames, C classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.lab.training.synthetic_kit import struck
from engine.media.audio.playing.soundfont import SoundFont
from engine.media.audio.transcription.drum_model import BANDS, CLASSES, FRAMES_HZ, RATE, levels

SECONDS, TEMPI = 12.0, (62, 74, 86, 96, 108, 120, 132, 146, 164, 184)
BARS_MOST = 16
KIT_PROGRAMS = (0, 8, 16, 24, 25, 32, 40)
OWN_SHARE = 0.3  # of the kits are our own
SILENT_SHARE = 0.35  # of the mixtures have no drums
CLASS_OF = {
    **dict.fromkeys((35, 36), 0),
    **dict.fromkeys((37, 38, 39, 40), 1),
    **dict.fromkeys((42, 44, 46, 54, 69, 70, 82), 2),
    **dict.fromkeys((49, 51, 52, 53, 55, 57, 59), 3),
    **dict.fromkeys((41, 43, 45, 47, 48, 50), 4),
}
Stroke = tuple[float, int, float]  # seconds, key, velocity 0 … 1


@dataclass(frozen=True, slots=True)
class Stem:
    """powers (T, B); strokes, none of what is no kit."""

    tempo: int
    powers: np.ndarray
    strokes: tuple[Stroke, ...] = ()


def pattern(rng: np.random.Generator, tempo: int) -> list[Stroke]:
    """Strokes of a kit over SECONDS: a beat of some usual kind with chance strokes, or chance
    alone."""
    steps = int(rng.choice((12, 16), p=(0.25, 0.75)))
    bar_s, four = 240 / tempo, steps // 4
    kick, snare = int(rng.choice((35, 36))), int(rng.choice((37, 38, 38, 38, 39, 40)))
    hat = int(rng.choice((42, 42, 42, 44, 46, 51, 51, 53, 54, 70)))
    spacing = int(rng.choice((1, four // 2, four // 2, four)))
    rock = rng.random() < 0.75
    chance = {
        kick: np.where(np.arange(steps) % (2 * four) == 0, 0.9, rng.choice((0.03, 0.12, 0.25))),
        snare: np.where(np.arange(steps) % (2 * four) == four, 0.9, rng.choice((0.0, 0.04, 0.15))),
        hat: np.where(np.arange(steps) % spacing == 0, 0.95, 0.05),
    }
    if not rock:
        chance = {key: np.full(steps, rng.uniform(0.03, 0.4)) for key in chance}
    left_out = [key for key in chance if rng.random() < 0.12]
    found: list[Stroke] = []
    for bar in range(BARS_MOST):
        fill = rng.random() < 0.2
        for step in range(steps):
            at = (bar + step / steps) * bar_s + rng.normal(0, 0.006)
            if not 0 <= at < SECONDS - 0.3:
                continue
            struck_now = [
                k for k, p in chance.items() if k not in left_out and rng.random() < p[step]
            ]
            if fill and step >= steps // 2 and rng.random() < 0.6:
                struck_now = [int(rng.choice((41, 43, 45, 47, 48, 50, snare)))]
            if step == 0 and rng.random() < 0.25:
                struck_now.append(int(rng.choice((49, 57, 55, 52))))
            if hat == 42 and rng.random() < 0.06:
                struck_now.append(46)
            found += [(at + rng.normal(0, 0.003), k, rng.uniform(0.35, 1)) for k in struck_now]
    return sorted(found)


def music(rng: np.random.Generator, tempo: int) -> list[tuple[int, np.ndarray]]:
    """(program, (K, 4) notes) of one to four instruments, on the beats of a tempo."""
    beat_s, parts = 60 / tempo, []
    scale = np.array([0, 2, 4, 5, 7, 9, 11]) + int(rng.integers(12))
    for _ in range(int(rng.integers(1, 5))):
        middle, spacing = int(rng.integers(34, 80)), float(rng.choice((0.25, 0.5, 0.5, 1, 2)))
        chords = rng.random() < 0.35
        rows, degree = [], 0
        for i in range(int(SECONDS / beat_s / spacing)):
            at = i * spacing * beat_s + rng.normal(0, 0.006)
            if rng.random() < 0.25 or not 0 <= at < SECONDS - 0.5:
                continue
            degree = int(np.clip(degree + rng.integers(-3, 4), -7, 7))
            lasts = spacing * beat_s * rng.choice((0.3, 0.9, 1.5))
            for more in (0, 2, 4) if chords else (0,):
                octave, place = divmod(degree + more, 7)
                pitch = middle // 12 * 12 + 12 * octave + int(scale[place])
                rows.append((at, lasts, min(108, pitch), rng.uniform(0.4, 1)))
        if rows:
            parts.append((int(rng.integers(128)), np.array(rows)))
    return parts


def kit_stem(fonts: Sequence[SoundFont], tempo: int, seed: int) -> Stem:
    rng = np.random.default_rng((seed, 1))
    strokes = pattern(rng, tempo)
    font = fonts[int(rng.integers(len(fonts)))]
    if rng.random() < OWN_SHARE:
        wave = own_kit(strokes, rng)
    else:
        wave = font_kit(font, strokes, int(rng.choice(KIT_PROGRAMS)), float(rng.uniform(-2, 2)))
    return Stem(tempo, levels(_fitted(wave)), tuple(strokes))


def own_kit(strokes: Sequence[Stroke], rng: np.random.Generator) -> np.ndarray:
    """By our own kit, each piece of it higher or lower and shorter by chance."""
    wave = np.zeros(int((SECONDS + 6) * RATE), np.float32)
    sounds: dict[int, np.ndarray] = {}
    for at, key, loud in strokes:
        if key not in sounds:
            whole, speed = struck(key)[: int(3 * RATE)], 2 ** rng.uniform(-0.6, 0.6)
            places = np.arange(0, len(whole) - 1, speed)
            damped = np.exp(-places / RATE * rng.choice((0.0, 3.0, 10.0)))
            sounds[key] = np.interp(places, np.arange(len(whole)), whole) * damped
        first = int(max(at, 0) * RATE)
        sound = sounds[key][: len(wave) - first]
        wave[first : first + len(sound)] += loud**1.6 * sound
    return wave


def font_kit(font: SoundFont, strokes: Sequence[Stroke], program: int, bend: float) -> np.ndarray:
    """bend: semitones."""
    rows = np.array([(max(0.0, at), 0.2, key, loud) for at, key, loud in strokes])
    made = font.drummed(rows, program, bend) if len(rows) else None
    return np.zeros(RATE, np.float32) if made is None else made


def music_stem(fonts: Sequence[SoundFont], tempo: int, seed: int) -> Stem:
    rng = np.random.default_rng((seed, 2))
    font, wave = fonts[int(rng.integers(len(fonts)))], np.zeros(int(SECONDS * RATE), np.float32)
    for program, rows in music(rng, tempo):
        sound = _fitted(font.sounded(rows, program))
        level = float(np.sqrt(np.square(sound).mean())) + 1e-6
        wave += sound * np.float32(rng.uniform(0.3, 1) * 0.05 / level)
    return Stem(tempo, levels(wave))


def _fitted(wave: np.ndarray) -> np.ndarray:
    size = int(SECONDS * RATE)
    return np.pad(wave[:size], (0, max(0, size - len(wave))))


def targets(strokes: Sequence[Stroke], count: int) -> np.ndarray:
    """(T, C): 1 where a piece is struck, half beside it."""
    wanted = np.zeros((count, len(CLASSES)), np.float32)
    for at, key, _ in strokes:
        if key in CLASS_OF:
            frame, place = round(at * FRAMES_HZ), CLASS_OF[key]
            for beside, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
                if 0 <= frame + beside < count:
                    wanted[frame + beside, place] = max(wanted[frame + beside, place], value)
    return wanted


def mixture(
    kits: Sequence[Stem], tunes: Sequence[Stem], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(T, B) powers and (T, C) targets. Powers of sounds that know nothing of one another add."""
    tune = tunes[int(rng.integers(len(tunes)))]
    powers = tune.powers / tune.powers.mean() * _filter(rng)
    wanted = np.zeros((len(powers), len(CLASSES)), np.float32)
    if rng.random() >= SILENT_SHARE:
        near = [k for k in kits if k.tempo == tune.tempo]
        kit = near[int(rng.integers(len(near)))]
        louder = 10 ** (rng.uniform(-12, 14) / 10)
        if rng.random() < 0.12:
            powers = powers * 0
        powers = powers + kit.powers / kit.powers.mean() * louder * _filter(rng)
        wanted = targets(kit.strokes, len(powers))
    if rng.random() < 0.5:
        powers = powers + powers.mean() * 10 ** rng.uniform(-7, -3)
    if rng.random() < 0.2:  # a lossy format, or an old recording
        powers = powers * (np.arange(BANDS) < rng.integers(40, 64)) + 1e-9
    return powers.astype(np.float32), wanted


def _filter(rng: np.random.Generator) -> np.ndarray:
    """(B,) smooth gains of up to 9 dB to either side."""
    knots = rng.uniform(-9, 9, 5) * rng.random()
    return 10 ** (np.interp(np.linspace(0, 4, BANDS), np.arange(5), knots) / 10)
