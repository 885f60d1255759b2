"""The recombining generator: for languages that no model here has learned."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="recombining",
    version=1,
    medium="text",
    name=Named(english="Recombining the references", chinese="重组参考原文"),
    fields=("count", "seed", "form", "length", "temperature", "top_p", "prompt", "copy_limit"),
    forms=("free verse", "prose"),
)
