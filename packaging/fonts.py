"""Make the fonts of assets/fonts: `python packaging/fonts.py sans|serif PACKAGE COLLECTION`.

The package is the unpacked npm package @fontsource/source-sans-3 or @fontsource/source-serif-4,
the collection Debian's NotoSansCJK-Regular.ttc or NotoSerifCJK-Regular.ttc (fonts-noto-cjk). All
are under the SIL Open Font License, whose reserved names a changed copy may not carry: ours are
called Maquette Sans, Maquette Serif, Maquette Sans CJK and Maquette Serif CJK.
Needs fonttools and brotli, which the studio itself does not.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

OUT = Path(__file__).parents[1] / "assets" / "fonts"
SIMPLIFIED_CHINESE = 2  # the font's index in the collection
MAX_ERROR_UNITS = 3.0  # of 1000 to the em: a twenty-fifth of a pixel at 13 px
MAXP_FIELDS = (
    *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"),
    *("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours"),
)
WEIGHTS = {"Regular": 400, "SemiBold": 600}
# Beyond GB2312: what the interface itself draws.
EXTRA = "★☆·…—–×→←↑↓≈✓“”‘’「」《》、。，：；？！（）"
VERTICAL_FORMS = "".join(map(chr, (*range(0xFE10, 0xFE1A), *range(0xFE30, 0xFE50))))
SCRIPTS = OUT.parent / "weights" / "text" / "script.json"


def charset(name: str, rows: range) -> str:
    """Every character of a set of two bytes a character, such as gb2312 and big5."""
    pairs = (bytes((row, cell)) for row in rows for cell in range(0x40, 0xFF))
    return "".join(pair.decode(name, "ignore") for pair in pairs)


def interface_characters() -> str:
    return charset("gb2312", range(0xA1, 0xF8)) + EXTRA


def text_characters() -> str:
    """What texts are written in: both scripts, and whatever the generator changes between them."""
    both = json.loads(SCRIPTS.read_text("utf-8"))
    pairs = "".join(one + "".join(others) for one, others in both.items())
    rows = range(0xA1, 0xFA)
    old_forms = charset("euc_jp", rows)  # 疎, 暎 and others that old books have
    return interface_characters() + charset("big5", rows) + old_forms + pairs + VERTICAL_FORMS


@dataclass(frozen=True)
class Kind:
    """One pair of faces: ours, the names of its sources, and how much of them we keep."""

    family: str
    package: str  # the files' names begin so
    weights: tuple[str, ...]
    characters: str


def kind(name: str) -> Kind:
    if name == "sans":
        return Kind("Sans", "source-sans-3", ("Regular", "SemiBold"), interface_characters())
    return Kind("Serif", "source-serif-4", ("Regular",), text_characters())


def rename(font: TTFont, family: str, style: str) -> None:
    """Give the font our own name and keep its copyright and licence lines."""
    names = {1: family if style != "SemiBold" else f"{family} SemiBold", 2: "Regular"}
    names |= {3: f"{family} {style}", 4: f"{family} {style}", 16: family, 17: style}
    names[6] = f"{family.replace(' ', '')}-{style}"
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in (0, 11, 13, 14)]
    for name_id, text in names.items():
        table.setName(text, name_id, 3, 1, 0x409)


def latin(made: Kind, package: Path, style: str) -> None:
    """Latin and Latin Extended of one weight, merged into one file."""
    parts = [
        str(package / "files" / f"{made.package}-{part}-{WEIGHTS[style]}-normal.woff2")
        for part in ("latin", "latin-ext")
    ]
    font = Merger().merge(parts)
    setattr(font["OS/2"], "usWeightClass", WEIGHTS[style])  # noqa: B010 - a field of the table
    font.flavor = None
    rename(font, f"Maquette {made.family}", style)
    font.save(OUT / f"Maquette{made.family}-{style}.ttf")


def to_truetype(font: TTFont) -> None:
    """Cubic outlines become quadratic: Qt draws CFF faces much too heavy on a dark ground."""
    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, MAX_ERROR_UNITS, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for field in MAXP_FIELDS:
        setattr(limits, field, 1 if field == "maxZones" else 0)
    setattr(font["post"], "formatType", 3.0)  # noqa: B010 - a field of the table: no glyph names
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font.sfntVersion = "\000\001\000\000"


def chinese(made: Kind, collection: Path) -> None:
    """The simplified Chinese face, cut down to the characters that are used."""
    font = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE)
    options = subset.Options(
        layout_features=[],
        drop_tables=["vhea", "vmtx", "BASE"],
        hinting=False,
        desubroutinize=False,
    )
    options.name_IDs = [0, 11, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(text=made.characters + "".join(map(chr, range(0x20, 0x7F))))
    cutter.subset(font)
    to_truetype(font)
    rename(font, f"Maquette {made.family} CJK", "Regular")
    font.save(OUT / f"Maquette{made.family}CJK-Regular.ttf")


def licence(made: Kind, text: str, collection: Path) -> None:
    """The licence once for each source, under its own copyright line."""
    body = text[text.index("This Font Software is licensed") :]
    noto = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE)["name"].getDebugName(0)
    ours = f"Maquette{made.family}"
    source = TTFont(OUT / f"{ours}-Regular.ttf")["name"].getDebugName(0)
    for name, copyright_line in ((ours, source), (f"{ours}CJK", noto)):
        (OUT / f"{name}-OFL.txt").write_text(f"{copyright_line}\n\n{body}", "utf-8")


def main() -> None:
    made, package, collection = kind(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    OUT.mkdir(parents=True, exist_ok=True)
    for style in made.weights:
        latin(made, package, style)
    chinese(made, collection)
    licence(made, (package / "LICENSE").read_text("utf-8"), collection)
    for file in sorted(OUT.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
