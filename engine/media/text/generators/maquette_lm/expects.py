"""How well the model that was trained here expects an artist's references."""

from collections.abc import Sequence

import torch

from engine.media.text.codec.language import language_of
from engine.media.text.codec.script import to_simplified
from engine.media.text.generators.maquette_lm.weights import Shipped
from engine.media.text.notation import piece
from engine.media.text.tokens import LANGUAGES, TEXT

LEAST = 16  # tokens of a text, below which it is not worth reading


def nats_a_character(texts: Sequence[str], base: Shipped) -> float | None:
    """Of references read one after another, each behind those before it; of the first only where it
    is the only one. What has no room in the context is left out. None in a language that the model
    never learned."""
    nats, characters, row = 0.0, 0.0, [base.opening]
    counted: list[tuple[int, int, float]] = []  # where bodies stand in the row, their characters
    for index, text in enumerate(texts):
        language = language_of(text)
        if language not in LANGUAGES:
            return None
        plain = to_simplified(text) if language == "zh" else text
        (tokens,) = base.tokens.works([piece(plain, language, "")])
        begins, room = tokens.index(TEXT) + 1, base.model.config.context - len(row)
        if room < begins + LEAST:
            break
        cut = tokens[: room // 2 if index == 0 and len(texts) > 1 else room]
        if index or len(texts) == 1:
            share = len(cut[begins:]) / max(1, len(tokens[begins:]))
            counted.append((len(row) + begins, len(row) + len(cut), share * len(text)))
        row += cut
    with torch.inference_mode():
        tokens = torch.tensor(row, device=base.model.bias.device)
        log_p = torch.log_softmax(base.model(tokens[None, :-1])[0].float(), -1)
        each = -log_p.gather(1, tokens[1:, None])[:, 0]
    for begins, ends, length in counted:
        nats += float(each[begins - 1 : ends - 1].sum())
        characters += length
    return nats / characters if characters else None
