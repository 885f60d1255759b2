"""The generators that a scripted engine introduces, and how it chooses one."""

from dataclasses import fields

from engine.protocol import (
    AdaptRequest,
    GeneratorInfo,
    Named,
    Remark,
    Suitability,
    TextBrief,
)

TOY = GeneratorInfo(
    id="toy",
    version=1,
    medium="image",
    name=Named(english="Colour fields", chinese="色块"),
    fields=("count", "seed", "width_px", "height_px"),
    uses=("compose",),
)
_ALL = tuple(field.name for field in fields(TextBrief))


def _text(name: str, english: str, chinese: str, *, on_models: bool = False) -> GeneratorInfo:
    return GeneratorInfo(
        id=name,
        version=1,
        medium="text",
        name=Named(english=english, chinese=chinese),
        fields=_ALL,
        forms=("*",),
        on_models=on_models,
    )


OWN = _text("maquette_lm", "Own", "自带模型")
RECOMBINING = _text("recombining", "Recombining", "重组原文")
PRETRAINED = _text("causal_lm", "Pretrained", "预训练模型", on_models=True)
MODEL, LICENCE = "Gemma 3 270M", "Gemma Terms of Use"
BY_BEHAVIOUR = {
    "toy": (TOY,),
    "choosing": (OWN, RECOMBINING, PRETRAINED),  # a model was added, and knows the references
    "gone": (OWN, RECOMBINING, PRETRAINED),
    "unknown": (OWN, RECOMBINING, PRETRAINED),  # none was added, and the other one does not
}
UNKNOWN = Remark(name="", message="english", code="text_unknown_manner")


def chosen(behaviour: str, job: object) -> dict[str, object]:
    """What a StyleResult says of it, by field."""
    if behaviour == "toy":
        return {"generator": TOY.id}
    if behaviour not in BY_BEHAVIOUR or not isinstance(job, AdaptRequest):
        return {}
    if job.generator:
        return {"generator": job.generator}
    own = Suitability(generator=OWN.id, nats=6.2, known=False)
    if behaviour == "unknown":
        return {"generator": OWN.id, "suitability": (own,), "remarks": (UNKNOWN,)}
    best = Suitability(generator=PRETRAINED.id, nats=3.1, known=True)
    named = {"model": MODEL, "licence": LICENCE}
    return {"generator": PRETRAINED.id, **named, "suitability": (best, own)}
