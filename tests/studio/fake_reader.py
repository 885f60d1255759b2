"""What a scripted engine says of files: it reads UTF-8, PNG, JPEG, and takes all else for music."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

from engine.protocol import (
    Failure,
    FailureKind,
    InspectRequest,
    InspectResult,
    Medium,
    Remark,
    SketchRequest,
)
from tests.studio import fake_music

TRADITIONAL = set("時難憶滿淚語楚見雨聞聲來雲處還靜飛殘語歸翠徑舉頭")


def answer(request: InspectRequest) -> InspectResult | Failure:
    data, job = Path(request.path).read_bytes(), request.job_id
    if request.medium is Medium.TEXT:
        return words(job, data, request.path)
    if request.medium is Medium.IMAGE:
        return picture(request, data)
    if request.sound:
        Path(request.out_dir).mkdir(parents=True, exist_ok=True)
        path = Path(request.out_dir) / "sound.wav"
        path.write_bytes(data)
        return InspectResult(job_id=job, sound=str(path))
    sketch = fake_music.answer_sketch(SketchRequest(job_id=job, path=request.path)).sketch
    return InspectResult(
        job_id=job, sketch=replace(sketch, notes=() if sketch.peaks else sketch.notes)
    )


def unreadable(request: InspectRequest) -> Failure:
    return refused(request.job_id, "decoder_crashed", request.path)


def words(job: str, data: bytes, path: str) -> InspectResult | Failure:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").strip("\n")
    except UnicodeDecodeError:
        return refused(job, "not_a_text", path)
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in text)
    script = "traditional" if TRADITIONAL & set(text) else "simplified"
    return InspectResult(
        job_id=job,
        text=text,
        language="zh" if chinese else "en",
        script=script if chinese else "",
        remarks=(mended(Path(path).name),) if "\ufffd" in text else (),
    )


def mended(name: str) -> Remark:
    return Remark(name=name, message="mended", code="text_mended", details={"name": name})


def picture(request: InspectRequest, data: bytes) -> InspectResult | Failure:
    if data.startswith(b"\xff\xd8\xff"):
        data = png_of(data)
    if not data.startswith(b"\x89PNG"):
        return refused(request.job_id, "damaged_picture", request.path)
    path = Path(request.out_dir) / "picture.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    return InspectResult(job_id=request.job_id, picture=str(path), width_px=width, height_px=height)


def png_of(jpeg: bytes) -> bytes:
    """Empty where it is damaged."""
    from PIL import Image, UnidentifiedImageError  # the samples alone are JPEG

    out = BytesIO()
    try:
        Image.open(BytesIO(jpeg)).convert("RGB").save(out, "PNG")
    except (UnidentifiedImageError, OSError):
        return b""
    return out.getvalue()


def refused(job: str, code: str, path: str) -> Failure:
    name = Path(path).name
    return Failure(
        job_id=job,
        kind=FailureKind.BAD_INPUT,
        message=f"{name} cannot be read",
        code=code,
        details={"name": name, "formats": "TXT"},
    )
