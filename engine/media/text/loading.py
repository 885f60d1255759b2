"""Files → texts that can be measured."""

from pathlib import Path

from engine.core.decoding.decoder import decoded
from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.sidecars import brief_in, sidecar_of
from engine.interfaces import LoadedWork
from engine.media.text.brief import RULES
from engine.media.text.codec import plain
from engine.media.text.codec.language import name_of
from engine.media.text.codec.plain import TextWork
from engine.media.text.codec.script import to_simplified
from engine.media.text.features import Words
from engine.media.text.tokens import LANGUAGES


def load(path: str) -> LoadedWork:
    """Raises BadInput, naming the file: also for a text in a language without a model."""
    file = Path(path)
    data = read_bytes(file, RULES.max_bytes(file.name))
    words = words_of(decoded(plain.decode, data, file.name), file.name)
    return LoadedWork(path, words.language, words, brief_in(sidecar_of(file)))


def words_of(work: TextWork, name: str) -> Words:
    """A text as it is measured. Raises BadInput for a language without a model."""
    if work.language not in LANGUAGES:
        raise BadInput("other_language", name=name, language=name_of(work.language))
    if work.language == "zh":
        return Words(to_simplified(work.text), "zh", to_simplified(work.title))
    return Words(work.text, "en", work.title)
