"""Recordings with a sound model of the artist's own: MusicGen (Copet et al. 2023)."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="musicgen",
    version=1,
    medium="audio",
    name=Named(english="A sound model of your own", chinese="自己的声音模型"),
    fields=("count", "seed", "length", "temperature", "top_p", "nearness", "prompt"),
    on_models=True,
)
