"""How well the model that was trained here expects an artist's references."""

from collections.abc import Sequence

import torch

from engine.media.text.codec.language import language_of
from engine.media.text.codec.script import to_simplified
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.notation import piece
from engine.media.text.tokens import LANGUAGES, TEXT


def nats_a_character(texts: Sequence[str], device: torch.device) -> float | None:
    """Of references read one after another, each behind those before it; of the first only where it
    is the only one. None in a language that it never learned."""
    base = shipped(device)
    nats, characters, row = 0.0, 0, [base.opening]
    counted: list[tuple[int, int, int]] = []  # where bodies stand in the row, and their characters
    for index, text in enumerate(texts):
        language = language_of(text)
        if language not in LANGUAGES:
            return None
        plain = to_simplified(text) if language == "zh" else text
        (tokens,) = base.tokens.works([piece(plain, language, "")])
        if len(row) + len(tokens) > base.model.config.context:
            break
        if index or len(texts) == 1:
            begins = len(row) + tokens.index(TEXT) + 1
            counted.append((begins, len(row) + len(tokens), len(text)))
        row += tokens
    with torch.inference_mode():
        tokens = torch.tensor(row, device=device)
        log_p = torch.log_softmax(base.model(tokens[None, :-1])[0].float(), -1)
        each = -log_p.gather(1, tokens[1:, None])[:, 0]
    for begins, ends, length in counted:
        nats += float(each[begins - 1 : ends - 1].sum())
        characters += length
    return nats / characters if characters else None
