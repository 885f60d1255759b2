"""What another program is handed of works: files that are written when it asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QMimeData, QUrl

from studio.i18n.errors import MaquetteError
from studio.state.carrying import Carrying
from studio.state.png import decode

OWN = "application/x-maquette-works"  # their numbers; tells our own window whose they are
FILES, WORDS, PICTURE, PNG = "text/uri-list", "text/plain", "application/x-qt-image", "image/png"


class WorkMime(QMimeData):
    """Works of one kind ("picture", "words", "sound"). Whatever cannot be read is left out."""

    def __init__(self, carrying: Carrying, work_ids: Sequence[int], kind: str) -> None:
        super().__init__()
        self._carrying, self._ids, self._kind = carrying, list(work_ids), kind
        self.problem: Exception | None = None  # why something was left out

    def formats(self) -> list[str]:
        if self._kind == "words":
            return [OWN, WORDS, FILES]
        pictures = [PICTURE, PNG] if self._kind == "picture" and len(self._ids) == 1 else []
        return [OWN, FILES, *pictures]

    def hasFormat(self, mimetype: str) -> bool:
        return mimetype in self.formats()

    def retrieveData(self, mimetype: str, preferredType: Any) -> Any:
        try:
            return self._made(mimetype)
        except (MaquetteError, OSError, KeyError) as error:
            self.problem = error
            return None

    def _made(self, mimetype: str) -> Any:
        if mimetype == OWN:
            return QByteArray(" ".join(map(str, self._ids)).encode())
        if not self.hasFormat(mimetype):
            return None
        if mimetype == FILES:
            return [QUrl.fromLocalFile(str(self._carrying.file(one))) for one in self._ids]
        if mimetype == WORDS:
            return QByteArray(self._carrying.words(self._ids).encode())
        data = self._carrying.data(self._ids[0])
        return decode(data) if mimetype == PICTURE else QByteArray(data)


@dataclass(frozen=True, slots=True)
class Copied:
    """What is put on the clipboard: words alone, or files, perhaps with the picture itself."""

    words: str = ""
    files: tuple[Path, ...] = ()
    picture: bytes = b""


def read_copied(carrying: Carrying, work_ids: Sequence[int], kind: str) -> Copied:
    """Slow, and on any thread. Raises MaquetteError or OSError."""
    if kind == "words":
        return Copied(carrying.words(work_ids))  # some would paste a file beside them instead
    files = tuple(carrying.file(one) for one in work_ids)
    alone = kind == "picture" and len(work_ids) == 1
    return Copied(files=files, picture=carrying.data(work_ids[0]) if alone else b"")


def mime_of(copied: Copied) -> QMimeData:
    """Held by Qt: the clipboard outlives what it came from."""
    mime = QMimeData()
    if copied.words:
        mime.setText(copied.words)
        return mime
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in copied.files])
    if copied.picture:
        mime.setImageData(decode(copied.picture))
        mime.setData(PNG, QByteArray(copied.picture))
    return mime
