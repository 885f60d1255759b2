"""What a drop or the clipboard brings: undecoded, ordered as people do, without what is hidden."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from engine.protocol import Medium
from studio.state import intake
from studio.state.medium import PastedPicture
from tests.studio.sessions import ROOM, RULES

TIFF = b"II*\x00 not decoded by anybody here"


def mime(**formats: bytes) -> QMimeData:
    made = QMimeData()
    for form, data in formats.items():
        made.setData(form.replace("_", "/"), data)
    return made


def test_a_picture_of_the_clipboard_stays_the_bytes_that_it_is() -> None:
    (found,), problems = intake.sources(mime(image_tiff=TIFF))
    assert problems == []
    assert found == PastedPicture(TIFF, ".tif")
    taken = intake.collect(RULES, [found], ROOM)
    assert [(item.name, item.data, item.medium) for item in taken.items] == [
        ("1.tif", TIFF, Medium.IMAGE)
    ]


def test_of_several_forms_the_exact_one_is_taken() -> None:
    (found,), _ = intake.sources(mime(image_jpeg=b"lossy", image_png=b"exact"))
    assert found == PastedPicture(b"exact", ".png")


def test_a_picture_without_a_file_is_taken_as_it_is() -> None:
    made = QMimeData()
    made.setImageData(QImage(4, 3, QImage.Format.Format_RGB32))
    (found,), _ = intake.sources(made)
    assert isinstance(found, QImage | PastedPicture)


def test_words_of_a_word_processor_are_words_and_not_their_picture() -> None:
    made = mime(image_png=b"a picture of the words", text_rtf=b"{\\rtf1 words}")
    made.setText("床前明月光")
    assert intake.sources(made) == (["床前明月光"], [])


def test_a_picture_with_its_address_is_a_picture() -> None:
    made = mime(image_png=b"exact", text_html=b"<img src='https://a.example/b.png'>")
    made.setText("https://a.example/b.png")
    assert intake.sources(made)[0] == [PastedPicture(b"exact", ".png")]


@pytest.mark.parametrize("beside", ["._poem 1.txt", ".hidden.txt", "~$poem.docx"])
def test_a_folder_comes_in_order_without_what_is_hidden(tmp_path: Path, beside: str) -> None:
    names = [f"poem {number}.txt" for number in range(1, 13)]
    for name in [*names, beside]:
        (tmp_path / name).write_text(f"words of {name}")
    taken = intake.collect(RULES, [tmp_path], ROOM)
    assert [item.name for item in taken.items] == names[:10]
