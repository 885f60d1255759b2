"""Documents for the tests of texts: the same words in each of the formats."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from urllib.parse import quote

import docx
from pypdf import PdfWriter

QUIET_NIGHT = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
QUIET_NIGHT_TRADITIONAL = "牀前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。"
SONNET = (
    "Shall I compare thee to a summer's day?\n"
    "Thou art more lovely and more temperate:\n"
    "Rough winds do shake the darling buds of May,\n"
    "And summer's lease hath all too short a date:"
)
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def word(lines: Sequence[str], title: str = "") -> bytes:
    document = docx.Document()
    if title:
        document.add_paragraph(title, style="Title")
    for line in lines:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def html(lines: Sequence[str], title: str = "") -> bytes:
    heading = f"<h1>{title}</h1>" if title else ""
    body = f"{heading}<p>{'<br>'.join(lines)}</p>"
    return f"<!DOCTYPE html><html><head><title>no</title></head><body>{body}</body></html>".encode()


def open_document(lines: Sequence[str], title: str = "") -> bytes:
    """An .odt."""
    xmlns = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    paragraphs = "".join(f"<text:p>{line}</text:p>" for line in lines)
    heading = f"<text:h>{title}</text:h>" if title else ""
    body = f"<office:body><office:text>{heading}{paragraphs}</office:text></office:body>"
    content = f"<office:document-content {xmlns}>{body}</office:document-content>"
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def rich_text(lines: Sequence[str]) -> bytes:
    """An .rtf, as TextEdit writes it."""
    signs = "\\par\n".join(lines)
    words = "".join(sign if ord(sign) < 128 else f"\\u{ord(sign)}?" for sign in signs)
    return f"{{\\rtf1\\ansi\\deff0 {{\\fonttbl{{\\f0 Times;}}}}{words}}}".encode("ascii")


def lyrics(lines: Sequence[str], title: str = "") -> bytes:
    head = f"[ti:{title}]\n" if title else ""
    return (head + "".join(f"[00:{k:02d}.00]{line}\n" for k, line in enumerate(lines))).encode()


def zipped(parts: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def epub(
    chapters: Sequence[str], title: str = "Leaves", second: str = "chapter", **more: str
) -> bytes:
    """`chapters` are the insides of their bodies, `second` is how the file of the second is
    called; `more` are parts of META-INF by name."""
    names = [f"{second if k == 1 else 'chapter'} {k}.xhtml" for k in range(len(chapters))]
    items = "".join(
        f'<item id="c{k}" href="text/{quote(name)}" media-type="application/xhtml+xml"/>'
        for k, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{k}"/>' for k in range(len(chapters)))
    package = (
        '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="3.0"><metadata>'
        f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest>"
        f"<spine>{spine}</spine></package>"
    )
    texts = {
        f"OEBPS/text/{name}": '<?xml version="1.0" encoding="utf-8"?>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>no</title></head>'
        f"<body>{chapter}</body></html>"
        for name, chapter in zip(names, chapters, strict=True)
    }
    inf = {f"META-INF/{name}.xml": part for name, part in more.items()}
    parts = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package} | texts | inf
    return zipped({"mimetype": "application/epub+zip", **parts})


def pdf(pages: Sequence[Sequence[str]], password: str = "") -> bytes:
    """Pages of Latin lines in Helvetica, written by hand."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for lines in pages:
        safe = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
        rows = " ".join(f"({line}) Tj T*" for line in safe)
        stream = f"BT /F1 12 Tf 72 720 Td 15 TL {rows} ET".encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources "
            b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
            b"/Encoding /WinAnsiEncoding >> >> >> >>" % len(objects)
        )
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    data = _assembled(objects)
    return _locked(data, password) if password else data


def pdf_bomb() -> bytes:
    """One page whose content unpacks to more than pypdf allows."""
    press = zlib.compressobj(9)
    stream = b"".join(press.compress(b" " * 2**20) for _ in range(100)) + press.flush()
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
    return _assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            content % (len(stream), stream),
        ]
    )


def _assembled(objects: Sequence[bytes]) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, tail)


def _locked(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def subtitles(cues: Sequence[str]) -> bytes:
    blocks = (
        f"{k}\r\n00:00:{k:02d},000 --> 00:00:{k:02d},900\r\n{cue}\r\n"
        for k, cue in enumerate(cues, 1)
    )
    return "\r\n".join(blocks).encode()
