"""What the decoding child loads before it is asked. Imports nothing heavy."""

from engine.protocol import Medium

MODULES: dict[Medium, tuple[str, ...]] = {
    Medium.IMAGE: ("engine.media.image.codec.pixels",),
    Medium.TEXT: ("engine.media.text.codec.plain",),
    Medium.AUDIO: ("engine.media.audio.codec.outlines",),
}


def start(*media: Medium) -> None:
    """Have this process's child ready for files of these media, soon; of all without any."""
    from engine.core.decoding import decoder  # numpy: the command line speaks before it is there

    decoder.of_this_process().start(modules_of(*media))


def modules_of(*media: Medium) -> list[str]:
    """Of all media without any."""
    return [name for medium in media or MODULES for name in MODULES[medium]]
