"""Make the fonts of assets/fonts: `python packaging/fonts.py PACKAGE COLLECTION`.

The first argument is the unpacked npm package @fontsource/source-sans-3, the second Debian's
NotoSansCJK-Regular.ttc (package fonts-noto-cjk). Both are under the SIL Open Font License, whose
reserved names a changed copy may not carry: ours are called Maquette Sans and Maquette Sans CJK.
Needs fonttools and brotli, which the studio itself does not.
"""

import sys
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


def gb2312() -> str:
    """Every character of GB2312: symbols, kana and the 6,763 Chinese characters."""
    rows = range(0xA1, 0xF8)
    pairs = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", "ignore") for pair in pairs)


def rename(font: TTFont, family: str, style: str) -> None:
    """Give the font our own name and keep its copyright and licence lines."""
    names = {1: family if style != "SemiBold" else f"{family} SemiBold", 2: "Regular"}
    names |= {3: f"{family} {style}", 4: f"{family} {style}", 16: family, 17: style}
    names[6] = f"{family.replace(' ', '')}-{style}"
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in (0, 11, 13, 14)]
    for name_id, text in names.items():
        table.setName(text, name_id, 3, 1, 0x409)


def latin(package: Path, style: str) -> None:
    """Latin and Latin Extended of one weight, merged into one file."""
    parts = [
        str(package / "files" / f"source-sans-3-{part}-{WEIGHTS[style]}-normal.woff2")
        for part in ("latin", "latin-ext")
    ]
    font = Merger().merge(parts)
    setattr(font["OS/2"], "usWeightClass", WEIGHTS[style])  # noqa: B010 - a field of the table
    font.flavor = None
    rename(font, "Maquette Sans", style)
    font.save(OUT / f"MaquetteSans-{style}.ttf")


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


def chinese(collection: Path) -> None:
    """The simplified Chinese face, cut down to GB2312."""
    font = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE)
    options = subset.Options(
        layout_features=[],
        drop_tables=["vhea", "vmtx", "BASE"],
        hinting=False,
        desubroutinize=False,
    )
    options.name_IDs = [0, 11, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(text=gb2312() + EXTRA + "".join(map(chr, range(0x20, 0x7F))))
    cutter.subset(font)
    to_truetype(font)
    rename(font, "Maquette Sans CJK", "Regular")
    font.save(OUT / "MaquetteSansCJK-Regular.ttf")


def licence(text: str, collection: Path) -> None:
    """The licence once for each source, under its own copyright line."""
    body = text[text.index("This Font Software is licensed") :]
    noto = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE)["name"].getDebugName(0)
    source_sans = TTFont(OUT / "MaquetteSans-Regular.ttf")["name"].getDebugName(0)
    for name, copyright_line in (("MaquetteSans", source_sans), ("MaquetteSansCJK", noto)):
        (OUT / f"{name}-OFL.txt").write_text(f"{copyright_line}\n\n{body}", "utf-8")


def main() -> None:
    package, collection = map(Path, sys.argv[1:3])
    OUT.mkdir(parents=True, exist_ok=True)
    for style in WEIGHTS:
        latin(package, style)
    chinese(collection)
    licence((package / "LICENSE").read_text("utf-8"), collection)
    for file in sorted(OUT.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
