"""Is every delivered text in its form? Counted by a checker that reads the finished text alone."""

import torch

from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.lab.bench.report import Report, Row
from engine.media.text.forms import violations
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece
from engine.protocol import CHINESE_FORMS, CI_TUNES, ENGLISH_FORMS, TextBrief

SAMPLES = {
    "zh": "空山不见人，\n但闻人语响。\n返景入深林，\n复照青苔上。",
    "en": "The curfew tolls the knell of parting day,\nThe lowing herd winds slowly o'er the lea,",
}


def kept_forms(report: Report, each: int) -> None:
    """A row a language: the share of works without violation, and how many were refused."""
    base = shipped(torch.device("cpu"))
    for language, forms in {"zh": (*CHINESE_FORMS, *CI_TUNES), "en": ENGLISH_FORMS}.items():
        pieces = [WeightedPiece(piece(SAMPLES[language], language))]
        style = finished(adapt(pieces, base))
        kept = asked = 0
        for form in forms:
            brief = TextBrief(count=each, form=form)
            try:
                works = finished(write(style, ["sample"], brief, torch.device("cpu")))
            except BadInput:
                works = []
            asked += each
            kept += sum(not violations(w.text, brief, language) for w in works)
        row = Row(
            bench="text, forms",
            arm=language,
            styles=asked,
            metric="share of asked works delivered in their form",
            value=kept / asked,
        )
        report.add(row)
