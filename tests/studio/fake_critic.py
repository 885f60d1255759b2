"""Learning and judging as a scripted engine does it: it says what it was given."""

import json
from dataclasses import asdict
from pathlib import Path

from engine.protocol import (
    Failure,
    FailureKind,
    FeatureShown,
    JudgeRequest,
    JudgeResult,
    LearnRequest,
    Medium,
    Named,
    NamedStyle,
    NearStyle,
    Said,
    StyleResult,
    Taste,
    WorkReport,
)

FEATURES = (("warmth", "冷暖", "b*"), ("edges", "边线密度", "%"), ("lightness", "明度", "L*"))
DIRECTIONS = (("warmer", "更暖"), ("with fewer edges", "线条更疏"), ("lighter", "更明亮"))


def answer(job: LearnRequest | JudgeRequest) -> StyleResult | JudgeResult:
    return learn(job) if isinstance(job, LearnRequest) else judge(job)


def learn(job: LearnRequest) -> StyleResult:
    """A style that holds the request; a taste a feature, the weaker the later, none forgotten."""
    about = asdict(job)
    count = len(job.ratings) + len(job.likes) + len(job.pairs) + len(job.marks)
    assert count or job.pin, "the engine refuses to learn from nothing"
    assert all(Path(path).read_bytes() for path in job.beside)
    names = {path: Path(path).stem for path in about["ratings"]}
    for path in names:
        sidecar = json.loads(Path(path).with_suffix(".json").read_text("utf-8"))
        assert sidecar["file"] == Path(path).name
    data = Path(job.style).read_bytes() + b" taught " + json.dumps(about, sort_keys=True).encode()
    Path(job.out).write_bytes(data)
    tastes = []
    for place, ((code, chinese, _unit), (english, said)) in enumerate(
        zip(FEATURES, DIRECTIONS, strict=True)
    ):
        if code in job.forget:
            continue
        strength = job.pin.get(code, (0.9, -0.5, 0.2)[place])
        tastes.append(
            Taste(
                code=code,
                name=Named(english=code, chinese=chinese),
                direction=Named(english=english, chinese=said),
                strength=strength,
                certainty=(0.97, 0.8, 0.62)[place],
            )
        )
    return StyleResult(
        job_id=job.job_id,
        path=job.out,
        digest="0",
        seconds=0.1,
        references_used=1,
        ratings_used=count,
        tastes=tuple(tastes),
    )


def untaught(job: LearnRequest) -> Failure:
    return Failure(
        job_id=job.job_id,
        kind=FailureKind.BAD_INPUT,
        message="No rated work can be read",
        remedy="Rate works that are there.",
        code="no_rated_works",
        details={"first": "3.png is gone"},
    )


def judge(job: JudgeRequest) -> JudgeResult:
    works = tuple(report(path, place, job) for place, path in enumerate(job.works))
    match = sum(one.match for one in works) / len(works)
    diversity = 1 + 0.7 * (len(works) - 1)
    return JudgeResult(
        job_id=job.job_id, works=works, match=match, diversity=diversity, seconds=0.1
    )


def near_style(styles: tuple[NamedStyle, ...], number: int) -> NearStyle | None:
    """Some style, and the one after it."""
    for style in styles:
        assert Path(style.path).read_bytes()
    if not styles:
        return None
    index = number % len(styles)
    if len(styles) == 1:
        return NearStyle(name=styles[0].name, index=0, share=1.0)
    other = styles[(index + 1) % len(styles)].name
    return NearStyle(name=styles[index].name, index=index, share=0.7, next=other, next_share=0.2)


def report(path: str, place: int, job: JudgeRequest) -> WorkReport:
    """The longer the name, the better the match: the same work has the same report."""
    number = sum(map(ord, Path(path).stem))
    nearest = Path(job.references[number % len(job.references)].path).name
    lines = job.medium is Medium.TEXT
    return WorkReport(
        path=path,
        match=0.5 + number % 50 / 100,
        quality=0.9,
        novelty=0.3 + number % 30 / 100,
        copied=0.0 if number % 2 else 0.1,
        nearest=nearest,
        style=near_style(job.styles, number),
        features=tuple(
            FeatureShown(
                code=code,
                name=Named(english=code, chinese=chinese),
                unit=unit,
                value=40.0 + at,
                reference=30.0,
                gap=(2.4, -0.6, 0.1)[at],
            )
            for at, (code, chinese, unit) in enumerate(FEATURES)
        ),
        said=(
            Said(
                code="differs",
                english="in longer lines than your references" if lines else "warmer than yours",
                chinese="与参考相比更暖",
            ),
            Said(code="nearest", english=f"nearest to {nearest}", chinese=f"最接近{nearest}"),
        ),
    )
