"""What is handed to artists: what it holds, and what the systems are told of it."""

import configparser
import plistlib
from pathlib import Path

import pytest
from lxml import etree

import engine
import studio
from tests.packaging.scripts import script

ROOT = Path(__file__).resolve().parents[2]


contents, descriptors, lock = script("contents"), script("descriptors"), script("lock")
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def test_there_is_one_version() -> None:
    assert contents.version(ROOT) == engine.__version__ == studio.__version__


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/protoc", False),
        ("torch/include/ATen/ATen.h", False),
        ("torch\\lib\\torch_cpu.lib", False),
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True),
        ("PySide6/Qt/lib/libQt6QmlModels.so.6", True),  # the decoder of sound is linked to it
        ("PySide6/Qt6VirtualKeyboard.dll", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
        ("assets/weights/text/joint.safetensors", True),
    ],
)
def test_what_nothing_opens_is_left_out(name: str, needed: bool) -> None:
    assert contents.is_needed(name) is needed


def test_the_application_holds_its_weights_and_not_the_labs() -> None:
    places = {f"{place}/{Path(file).name}" for file, place in contents.assets(ROOT)}
    assert "assets/weights/text/joint.safetensors" in places
    assert "assets/samples/images/hokusai-great-wave.jpg" in places
    assert not any("weights/meta" in place or "bench" in place for place in places)
    assert contents.is_shipped("engine.media.text")
    assert not contents.is_shipped("engine.lab.bench")


def test_the_desktop_opens_projects() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    entry.read_string(descriptors.desktop_entry())
    told = entry["Desktop Entry"]
    assert told["Exec"] == "maquette %f"
    types = etree.fromstring(descriptors.mime_package().encode())
    globs = {
        each.get("type"): each.find(f"{MIME}glob").get("pattern")  # pyright: ignore
        for each in types.iter(f"{MIME}mime-type")
    }
    assert globs == {
        "application/x-maquette": "*.maquette",
        "application/x-maquette-style": "*.style",
    }
    assert told["MimeType"] == "application/x-maquette;"


def test_macos_is_told_the_same() -> None:
    plist = plistlib.loads(plistlib.dumps(descriptors.info_plist("1.2.3")))
    (document,) = plist["CFBundleDocumentTypes"]
    declared = {each["UTTypeIdentifier"] for each in plist["UTExportedTypeDeclarations"]}
    assert set(document["LSItemContentTypes"]) <= declared
    assert plist["CFBundleShortVersionString"] == "1.2.3"


ENTRY = "torch==2.13.0 \\\n    --hash=sha256:aa\nzipp==1.0 \\\n    --hash=sha256:bb\n"


def test_another_build_of_a_locked_release_is_admitted_once_and_stays(tmp_path: Path) -> None:
    wheel = tmp_path / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl"
    wheel.write_bytes(b"wheel")
    once = lock.admit(ENTRY, wheel)
    assert lock.admit(once, wheel) == once
    assert once.count("--hash") == 3
    assert once.index("zipp") > once.rindex("--hash", 0, once.index("zipp"))
    assert lock.keep_foreign_hashes(ENTRY, once) == once
    assert lock.keep_foreign_hashes(ENTRY.replace("2.13.0", "2.14.0"), once).count("--hash") == 2


def test_a_release_that_is_not_locked_is_not_admitted(tmp_path: Path) -> None:
    wheel = tmp_path / "torch-2.12.0+cpu-cp311-cp311-linux_x86_64.whl"
    wheel.write_bytes(b"wheel")
    with pytest.raises(SystemExit, match=r"torch 2\.12\.0 is not in the lock"):
        lock.admit(ENTRY, wheel)
