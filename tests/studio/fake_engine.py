"""A scripted engine for the studio's tests: speaks the protocol, misbehaves on demand.

    python fake_engine.py BEHAVIOUR [MARKER]

normal     three steps with progress and previews, then the result; texts come word by word
           and music note by note
calm       normal, but texts come as slowly as they are read
machine    normal, on a machine with a graphics card and four cores
gone       choosing, but the model of the style was removed before works are made
held       normal, but music is composed one step for every byte in the file MARKER
slow       thirty seconds a job; hears cancel
deaf       thirty seconds a job; does not hear cancel
crash      stops in the middle of every job
crash-once the same, but only while the file MARKER does not exist
stillborn  stops before its greeting
stranger   greets with another protocol
silent     never greets
hanging    greets, and never says anything again
still      answers, but its first job says nothing for ever
noisy      normal, with rubbish on standard output and lines in pieces
held       normal, but the download of a model goes on until it is cancelled
late       normal, and goes on speaking of a job that is over
failing    every job is bad input
untaught   normal, but learns from no ratings
toy        normal, with one small generator that serves few fields
choosing   normal, with generators of texts of which one knows the references
unknown    the same, but none knows them
stubborn   normal, but neither shutdown nor the end of its input ends it
"""

import json
import os
import struct
import sys
import threading
import time
import zlib
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from queue import Queue

from engine.protocol import (
    ENGLISH_FORMS,
    PROTOCOL,
    AdaptRequest,
    BlendRequest,
    Cancelled,
    CancelRequest,
    Copied,
    ExportRequest,
    Failure,
    FailureKind,
    GenerateRequest,
    Hello,
    InspectRequest,
    InspectStyleRequest,
    InspectStyleResult,
    Job,
    JudgeRequest,
    LearnRequest,
    Medium,
    ModelAction,
    ModelsRequest,
    PingRequest,
    Pong,
    Preview,
    Progress,
    Remark,
    ShutdownRequest,
    SketchRequest,
    StyleResult,
    TextBrief,
    WorkFile,
    WorksResult,
    decode,
    encode,
)
from engine.protocol.style_label import unlabelled
from tests.studio import fake_critic, fake_music, fake_reader
from tests.studio.fake_generators import BY_BEHAVIOUR, chosen
from tests.studio.fake_models import FakeModels

POEMS = (
    "空山不見雨，但聞夜泉聲。\n明月來相照，孤雲何處行。",
    "古木生秋草，寒泉落晚山。\n故人從此去，日暮獨空還。",
    "深院人初靜，飛花入夜窗。\n春風吹不盡，殘月滿寒江。",
    "野渡無人語，荒村有犬聲。\n歸來看翠色，一徑入雲行。",
)
VERSES = (
    "When all the quiet hours have gone to sleep,\nAnd summer keeps her promise to the rose,\n"
    "I count the little store that love can keep,\nAnd find it greater than the world supposes.",
    "Thy slow returning shadow on the wall\nSays more of thee than ever painters could;\n"
    "It comes at evening, and it says it all,\nAnd leaves me as I was, misunderstood.",
)
STEPS = 3
CLIPPED = Remark(
    name="kalimba", message="clipped", code="sound_clipped", details={"name": "kalimba"}
)
LONG_S = 30.0


class FakeEngine:
    def __init__(self, behaviour: str, marker: Path | None) -> None:
        self.behaviour = behaviour
        self.marker = marker
        self.jobs: Queue[Job | None] = Queue()
        self.cancelled: set[str] = set()
        self.models = FakeModels()
        self.speaking = threading.Lock()
        self.is_running, self.still = False, 0  # of the behaviour "still"

    def say(self, *messages: object) -> None:
        with self.speaking:
            self.say_alone(*messages)

    def say_alone(self, *messages: object) -> None:
        for message in messages:
            line = encode(message) + "\n"  # pyright: ignore[reportArgumentType]
            if self.behaviour == "noisy":
                sys.stdout.write("a library prints this\n{not json}\n")
                sys.stdout.write(line[:20])
                sys.stdout.flush()
                time.sleep(0.01)
                line = line[20:]
            sys.stdout.write(line)
            sys.stdout.flush()

    def listen(self) -> None:
        for line in sys.stdin:
            request = decode(line)
            if isinstance(request, CancelRequest):
                self.cancelled.add(request.job_id)
            elif isinstance(request, ShutdownRequest):
                break
            elif isinstance(request, PingRequest):
                self.still += self.is_running
                if self.behaviour != "hanging":
                    self.say(Pong(still=self.still))
            elif isinstance(request, InspectRequest):
                failing = self.behaviour == "failing"
                read = fake_reader.unreadable if failing else fake_reader.answer
                self.say(read(request))
            else:
                self.jobs.put(request)  # pyright: ignore[reportArgumentType]
        if self.behaviour == "stubborn":
            time.sleep(LONG_S)
        os._exit(0)

    def run(self) -> None:
        if self.behaviour == "stillborn":
            sys.exit("no libraries here")
        if self.behaviour == "silent":
            time.sleep(LONG_S)
        protocol = 99 if self.behaviour == "stranger" else PROTOCOL
        generators = BY_BEHAVIOUR.get(self.behaviour, ())
        hello = Hello(protocol=protocol, engine_version="0", device="fake", generators=generators)
        if self.behaviour == "machine":
            hello = replace(hello, devices=("cuda", "cpu"), chosen="cpu", threads=4, cores=4)
        self.say(hello)
        threading.Thread(target=self.listen, daemon=True).start()
        while job := self.jobs.get():
            self.work(job)

    def work(self, job: Job) -> None:
        if self.behaviour == "hanging":
            time.sleep(LONG_S)
        if self.behaviour == "still" and self.marker and not self.marker.exists():
            self.marker.touch()
            self.is_running = True
            threading.Event().wait()
        if isinstance(job, ModelsRequest):
            self.keep_models(job)
            return
        if self.behaviour in ("slow", "deaf"):
            self.work_long(job)
            return
        if self.behaviour == "untaught" and isinstance(job, LearnRequest):
            self.say(fake_critic.untaught(job))
            return
        if self.behaviour == "failing":
            self.say(
                Failure(
                    job_id=job.job_id, kind=FailureKind.BAD_INPUT, message="no picture", remedy="x"
                )
            )
            return
        if self.behaviour == "gone" and isinstance(job, GenerateRequest):
            self.say(model_gone(job))
            return
        if isinstance(job, InspectStyleRequest):
            self.say(style_facts(job))
            return
        if isinstance(job, LearnRequest | JudgeRequest):
            self.say(Progress(job_id=job.job_id, done=1, total=2, stage="reading"))
            self.perhaps_crash()
            self.say(fake_critic.answer(job))
            return
        if medium_of(job) is Medium.TEXT:
            self.write(job)
            return
        if isinstance(job, SketchRequest):
            self.say(fake_music.answer_sketch(job))
            return
        if isinstance(job, ExportRequest):
            self.say(Progress(job_id=job.job_id, done=1, total=2, stage="saving"))
            self.perhaps_crash()
            self.say(fake_music.answer_export(job))
            return
        if medium_of(job) is Medium.AUDIO:
            self.compose(job)
            return
        for step in range(1, STEPS + 1):
            self.say(
                Progress(
                    job_id=job.job_id, done=step, total=STEPS, seconds_left=1.0, stage="drawing"
                )
            )
            self.preview(job, step)
            self.perhaps_crash()
        self.say(self.result(job))
        if self.behaviour == "late":
            self.say(Progress(job_id=job.job_id, done=1, total=9))
            self.say(Failure(job_id=job.job_id, kind=FailureKind.ENGINE, message="too late"))

    def write(self, job: Job) -> None:
        """A text job: the words so far of all works, again and again."""
        if isinstance(job, GenerateRequest):
            texts = [text_of(job.brief, index) for index in range(job.brief.count)]
            longest = max(map(len, texts))
            for done in range(1, longest + 1):
                progress = Progress(job_id=job.job_id, done=done, total=longest, stage="writing")
                grown = [
                    Preview(job_id=job.job_id, index=index, text=text[:done])
                    for index, text in enumerate(texts)
                ]
                self.say(progress, *grown)
                self.perhaps_crash()
                time.sleep(0.08 if self.behaviour == "calm" else 0.002)
        self.say(self.result(job))

    def compose(self, job: Job) -> None:
        """A music job: the notes so far of all works, again and again; adapting gives a sound."""
        if isinstance(job, GenerateRequest):
            whole = [fake_music.made(job.brief, index) for index in range(job.brief.count)]
            steps = 20 if self.behaviour == "calm" else STEPS
            for step in range(1, steps + 1):
                share = step / steps
                self.say(Progress(job_id=job.job_id, done=step, total=steps, stage="composing"))
                for index, sketch in enumerate(whole):
                    grown = fake_music.so_far(sketch, share)
                    self.say(Preview(job_id=job.job_id, index=index, sketch=grown))
                self.perhaps_crash()
                self.hold(step)
                time.sleep(0.3 if self.behaviour == "calm" else 0.02)
        elif isinstance(job, AdaptRequest) and job.preview_dir is not None:
            self.say(Progress(job_id=job.job_id, done=1, total=2, stage="adapting"))
            path = Path(job.preview_dir) / "first.flac"
            path.write_bytes(fake_music.wav(0.5))
            sketch = fake_music.sketch_of(5, bars=4)
            self.say(Preview(job_id=job.job_id, index=0, path=str(path), sketch=sketch))
            self.perhaps_crash()
        self.say(self.result(job))

    def hold(self, step: int) -> None:
        """A gate that the test opens: goes on when MARKER has at least `step` bytes."""
        while self.behaviour == "held" and self.marker and size_of(self.marker) < step:
            time.sleep(0.01)

    def keep_models(self, job: ModelsRequest) -> None:
        """ "held": a download goes on until it is cancelled."""
        if job.action in (ModelAction.FETCH, ModelAction.ADD):
            stage = "fetching" if job.action is ModelAction.FETCH else "converting"
            self.say(Progress(job_id=job.job_id, done=3, total=10, seconds_left=70.0, stage=stage))
            self.perhaps_crash()
            if self.behaviour == "held":
                while job.job_id not in self.cancelled:
                    time.sleep(0.01)
                self.models.kept = 80_000_000
                self.say(Cancelled(job_id=job.job_id))
                return
        self.say(self.models.answer(job))

    def work_long(self, job: Job) -> None:
        end = time.monotonic() + LONG_S
        self.say(Progress(job_id=job.job_id, done=0, total=STEPS))
        while time.monotonic() < end:
            if self.behaviour == "slow" and job.job_id in self.cancelled:
                self.say(Cancelled(job_id=job.job_id))
                return
            time.sleep(0.01)

    def perhaps_crash(self) -> None:
        if self.behaviour == "crash-once" and self.marker and not self.marker.exists():
            self.marker.touch()
        elif self.behaviour != "crash":
            return
        sys.stderr.write("a fault in native code\n")
        sys.stderr.flush()
        os._exit(3)

    def preview(self, job: Job, step: int) -> None:
        if isinstance(job, GenerateRequest):
            folder = job.out_dir
        elif isinstance(job, AdaptRequest):
            folder = job.preview_dir
        else:
            folder = None
        if folder is None:
            return
        path = Path(folder) / f"preview-{step}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(8 * step, 6 * step, step))
        self.say(
            Preview(
                job_id=job.job_id, path=str(path), index=0, width_px=8 * step, height_px=6 * step
            )
        )

    def result(self, job: Job) -> StyleResult | WorksResult:
        if isinstance(job, GenerateRequest):
            make = {Medium.TEXT: put_down, Medium.AUDIO: fake_music.play, Medium.IMAGE: draw}
            works = tuple(make[job.brief.medium](job, index) for index in range(job.brief.count))
            return WorksResult(job_id=job.job_id, works=works, seconds=0.1)
        assert isinstance(job, AdaptRequest | BlendRequest)
        Path(job.out).write_bytes(style_bytes(job.job_id))
        music = medium_of(job) is Medium.AUDIO
        used = len(job.references) if isinstance(job, AdaptRequest) else len(job.styles)
        told = StyleResult(
            job_id=job.job_id,
            path=job.out,
            digest="0",
            seconds=0.1,
            references_used=used,
            notes=412 if music else 0,
            sounds=3 if music else 0,
            remarks=(CLIPPED,) if music else (),
        )
        return replace(told, **chosen(self.behaviour, job))  # pyright: ignore[reportArgumentType]


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def style_bytes(job_id: str) -> bytes:
    """Framed as a safetensors file: a header, and no tensors."""
    header = json.dumps({"__metadata__": {"maquette": f"style {job_id}"}}, separators=(",", ":"))
    header += " " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header.encode()


def style_facts(job: InspectStyleRequest) -> InspectStyleResult | Failure:
    """Of a file that this engine wrote; any other is none."""
    data, name = unlabelled(Path(job.path).read_bytes()), Path(job.path).name
    if b'"maquette":"style ' not in data:
        return Failure(
            job_id=job.job_id,
            kind=FailureKind.BAD_INPUT,
            message="no style",
            code="not_a_style",
            details={"name": name},
        )
    return InspectStyleResult(
        job_id=job.job_id,
        medium=Medium.IMAGE,
        generator="fake",
        digest=sha256(data).hexdigest(),
        references=("Mount Fuji.png", "Mount Hakone.png"),
    )


def model_gone(job: GenerateRequest) -> Failure:
    return Failure(
        job_id=job.job_id,
        kind=FailureKind.BAD_INPUT,
        message="english",
        code="model_gone",
        details={"name": "Gemma 3 270M"},
    )


def medium_of(job: Job) -> Medium:
    if isinstance(job, GenerateRequest):
        return job.brief.medium
    return job.medium if isinstance(job, AdaptRequest) else Medium.IMAGE


def text_of(brief: TextBrief, index: int) -> str:
    english = brief.form in ENGLISH_FORMS
    texts = VERSES if english else POEMS
    text = texts[(brief.seed + index) % len(texts)]
    return f"{brief.prompt}{text}" if brief.prompt else text


def put_down(job: GenerateRequest, index: int) -> WorkFile:
    """A text and its sidecar; every second one shares a run of five characters with a reference."""
    seed = job.brief.seed + index
    text = text_of(job.brief, index)
    path = Path(job.out_dir) / f"work-{seed}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    sidecar = path.with_suffix(".json")
    about = {"seed": seed, "made_with_ai": True, "brief": asdict(job.brief)}
    sidecar.write_text(json.dumps(about), encoding="utf-8")
    shared = Copied(run=5, words=text[:5], source="wang-wei-3", share=0.0)
    nothing = Copied(run=0, words="", source="", share=0.0)
    return WorkFile(
        path=str(path),
        sidecar=str(sidecar),
        seed=seed,
        text=text,
        copied=nothing if index % 2 else shared,
    )


def draw(job: GenerateRequest, index: int) -> WorkFile:
    brief = job.brief
    seed = brief.seed + index
    path = Path(job.out_dir) / f"work-{seed}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(brief.width_px, brief.height_px, seed))
    sidecar = path.with_suffix(".json")
    about = {"seed": seed, "made_with_ai": True, "brief": asdict(brief)}
    sidecar.write_text(json.dumps(about), encoding="utf-8")
    return WorkFile(
        path=str(path),
        sidecar=str(sidecar),
        seed=seed,
        width_px=brief.width_px,
        height_px=brief.height_px,
    )


def png(width: int, height: int, seed: int) -> bytes:
    """A plain picture in a colour of the seed."""
    colour = bytes((seed * 53 % 256, seed * 97 % 256, seed * 193 % 256))
    rows = zlib.compress((b"\0" + colour * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


if __name__ == "__main__":
    FakeEngine(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None).run()
