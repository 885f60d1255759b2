"""How the systems are told what Maquette is, and which files are its own."""

from pathlib import Path
from typing import Any

BUNDLE_ID = "studio.maquette.Maquette"
COMMENT = "Makes studies in the manner of your own works"
# suffix → MIME type, bundle type, name for people, what files begin with (offset, text)
FILE_TYPES = {
    "maquette": ("application/x-maquette", f"{BUNDLE_ID}.project", "Maquette project"),
    "style": ("application/x-maquette-style", f"{BUNDLE_ID}.style", "Maquette style"),
}


def desktop_entry(program: str = "maquette") -> str:
    """maquette.desktop: projects open by a double click."""
    return f"""\
[Desktop Entry]
Type=Application
Name=Maquette
GenericName=Studio for studies
GenericName[zh_CN]=小样工作室
Comment={COMMENT}
Comment[zh_CN]=以你自己作品的手法做小样
Exec={program} %f
Icon=maquette
Terminal=false
Categories=Graphics;AudioVideo;Office;
MimeType={FILE_TYPES["maquette"][0]};
StartupWMClass=maquette
StartupNotify=true
"""


def mime_package() -> str:
    """The shared-mime-info description of both kinds of files. A project is an SQLite file."""
    types = "".join(
        f"""  <mime-type type="{mime}">
    <comment>{name}</comment>
    <icon name="maquette"/>
    <glob pattern="*.{suffix}" weight="60"/>
{'    <sub-class-of type="application/vnd.sqlite3"/>' + chr(10) if suffix == "maquette" else ""}\
  </mime-type>
"""
        for suffix, (mime, _, name) in FILE_TYPES.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
{types}</mime-info>
"""


def info_plist(version: str) -> dict[str, Any]:
    """What macOS reads: projects and styles are Maquette's, projects open in it."""
    declared, documents = [], []
    for suffix, (mime, kind, name) in FILE_TYPES.items():
        declared.append(
            {
                "UTTypeIdentifier": kind,
                "UTTypeDescription": name,
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": [suffix],
                    "public.mime-type": [mime],
                },
            }
        )
        if suffix == "maquette":
            documents.append(
                {
                    "CFBundleTypeName": name,
                    "CFBundleTypeRole": "Editor",
                    "LSItemContentTypes": [kind],
                    "LSHandlerRank": "Owner",
                }
            )
    return {
        "CFBundleDisplayName": "Maquette",
        "CFBundleShortVersionString": version,
        "NSHighResolutionCapable": True,
        "LSMinimumSystemVersion": "12.0",
        "UTExportedTypeDeclarations": declared,
        "CFBundleDocumentTypes": documents,
    }


def windows_version(root: Path, version: str) -> str:
    """Writes build/version_info.txt, which PyInstaller puts into the executable; its path."""
    numbers = tuple(int(part) for part in [*version.split("."), "0", "0", "0"][:4])
    strings = {
        "CompanyName": "Maquette",
        "FileDescription": "Maquette",
        "FileVersion": version,
        "InternalName": "maquette",
        "LegalCopyright": "Apache-2.0",
        "OriginalFilename": "maquette.exe",
        "ProductName": "Maquette",
        "ProductVersion": version,
    }
    rows = ", ".join(f"StringStruct({key!r}, {text!r})" for key, text in strings.items())
    text = f"""VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004,
                    fileType=0x1, subtype=0x0, date=(0, 0)),
  kids=[StringFileInfo([StringTable('040904B0', [{rows}])]),
        VarFileInfo([VarStruct('Translation', [1033, 1200])])])
"""
    path = root / "build" / "version_info.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)
