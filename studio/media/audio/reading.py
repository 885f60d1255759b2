"""Music that an artist brought, as the engine reads it. Slow: for other threads."""

from pathlib import Path

from engine.protocol import Medium, Sketch
from studio.client.inspector import Inspector
from studio.state.foreign_files import Foreign


def sketch(inspector: Inspector, file: Foreign) -> Sketch:
    """What can be drawn before anybody has listened. Raises UnreadableError."""
    with inspector.inspected(file.data, file.name, Medium.AUDIO) as found:
        return found.sketch or Sketch(seconds=0.0)


def sound(inspector: Inspector, file: Foreign) -> bytes:
    """A recording as the bytes of a WAV file. Raises UnreadableError."""
    with inspector.inspected(file.data, file.name, Medium.AUDIO, sound=True) as found:
        return Path(found.sound).read_bytes()
