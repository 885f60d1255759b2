"""Recordings with a sound model of the artist's own: MusicGen (Copet et al. 2023) or ACE-Step
1.5 (arXiv 2602.00744)."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="sound_model",
    version=1,
    medium="audio",
    name=Named(english="A sound model of your own", chinese="自己的声音模型"),
    fields=("count", "seed", "follow", "length", "temperature", "top_p", "nearness", "prompt"),
    on_models=True,
)
