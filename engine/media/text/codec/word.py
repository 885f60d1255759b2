"""Documents of word processors → their words: .docx of any kind, .odt, .rtf.

What a reader sees counts: deleted, moved-away and hidden words are left out, and so are tables of
contents and the small characters above others that tell how they are read.
"""

import posixpath
from collections.abc import Callable, Iterator

from lxml import etree
from striprtf.striprtf import rtf_to_text

from engine.core.archive import Archive
from engine.core.errors import BadInput
from engine.media.text.codec.draft import FLAWED, KEPT_CHARACTERS, Draft

MOST_READ = 4 * KEPT_CHARACTERS  # of a document, before it is tidied
_OLE = b"\xd0\xcf\x11\xe0"  # old Word files, and what Word wraps a document in that has a password
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MAIN = "/officeDocument"  # how the type of the relationship with the main part ends
_WORDS = ("wordprocessingml/2006/main", "ooxml/wordprocessingml/main")  # Transitional, Strict
_SILENT = {"del", "moveFrom", "rt", "Fallback", "instrText", "delText", "pPr"}
_SIGNS = {"noBreakHyphen": "-", "softHyphen": "", "br": "\n", "cr": "\n", "tab": " ", "ptab": " "}
_OFF = ("0", "false", "off")
_TITLES = ("title", "heading 1", "heading1", "1")
_ODT_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_COUNTS = frozenset(map(str, range(100)))
_ODT_SILENT = {"tracked-changes", "table-of-content", "note", "annotation", "ruby-text"}


def read_word(data: bytes, name: str) -> Draft:
    """A .docx; raises BadInput also for the format of before it."""
    if data.startswith(_OLE) and _LOCKED in data:
        raise BadInput("locked_text", name=name)
    if data.startswith(_OLE):
        raise BadInput("old_word", name=name)
    archive = Archive(data, name)
    main = _main_part(archive)
    if main is None:
        raise BadInput("damaged_text", name=name)
    document = archive.xml(main)
    styles = archive.find(posixpath.join(posixpath.dirname(main), "styles.xml"))
    names = _style_names(archive.xml(styles)) if styles else {}
    draft = from_word(document, names)
    return Draft(draft.text, draft.title, (FLAWED,) if archive.flawed else ())


def _main_part(archive: Archive) -> str | None:
    """What the package says is its document, wherever it lies and whatever it is called."""
    if relations := archive.find("_rels/.rels"):
        for relation in archive.xml(relations).iter("{*}Relationship"):
            if relation.get("Type", "").endswith(_MAIN):
                return archive.find(relation.get("Target", "").lstrip("/"))
    return archive.find("word/document.xml")


def _style_names(styles: etree._Element) -> dict[str, str]:
    """The names of a document's styles by their identifiers, which differ with the language."""
    return {
        _value(style, "styleId"): _value(child, "val").lower()
        for style in styles.iter("{*}style")
        for child in style.iterchildren("{*}name")
    }


def from_word(document: etree._Element, styles: dict[str, str]) -> Draft:
    """The paragraphs of the main part, a line each."""
    lines: list[str] = []
    title = ""
    unfinished = ""  # words of paragraphs whose ends were deleted
    length = 0
    for paragraph in _paragraphs(document):
        if length > MOST_READ:
            break
        style = _style(paragraph, styles)
        if style.startswith("toc"):
            continue
        line = unfinished + "".join(_pieces(paragraph))
        if _has_deleted_end(paragraph):
            unfinished = line
            continue
        unfinished = ""
        if not line and _is_all_unseen(paragraph):
            continue
        if not title and not "".join(lines).strip() and style in _TITLES:
            title = line.strip()
        else:
            lines.append(line)
            length += len(line)
    return Draft("\n".join([*lines, unfinished] if unfinished else lines), title)


def _paragraphs(root: etree._Element) -> Iterator[etree._Element]:
    """Those that are seen, of the tables and boxes too; no table of contents that Word keeps."""
    stack = [root]
    while stack:
        element = stack.pop()
        name = _local(element)
        if name in _SILENT or (name == "sdt" and _is_contents(element)):
            continue
        if name == "p" and _is_words(element):
            yield element
        stack.extend(reversed(element))


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    """The words of one paragraph, without those of boxes that are anchored in it."""
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        name = _local(element)
        if name in _SILENT or (name == "p" and _is_words(element)):
            continue
        if name == "r" and _is_hidden(element):
            continue
        if not _is_words(element):
            stack.extend(reversed(element))
        elif name == "t":
            yield element.text or ""
        elif name == "sym":
            yield _symbol(element)
        elif name in _SIGNS:
            yield _SIGNS[name] if _local(element.getparent()) == "r" else ""
        else:
            stack.extend(reversed(element))


def _symbol(element: etree._Element) -> str:
    """A character of a font; those of picture fonts lie where Unicode has none."""
    code = _value(element, "char")
    try:
        sign = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return "" if "\ue000" <= sign <= "\uf8ff" else sign


def _is_contents(element: etree._Element) -> bool:
    gallery = next(element.iterfind("{*}sdtPr//{*}docPartGallery"), None)
    return gallery is not None and "table of contents" in _value(gallery, "val").lower()


def _is_hidden(run: etree._Element) -> bool:
    signs = run.iterfind("{*}rPr/{*}vanish")
    return any(_value(sign, "val").lower() not in _OFF for sign in signs)


def _is_all_unseen(paragraph: etree._Element) -> bool:
    """Whether it has words, all of them deleted or hidden: the whole paragraph is."""
    return any(_local(each) in ("t", "delText") and each.text for each in paragraph.iter())


def _has_deleted_end(paragraph: etree._Element) -> bool:
    marks = "{*}pPr/{*}rPr/{*}del", "{*}pPr/{*}rPr/{*}moveFrom"
    return any(paragraph.find(mark) is not None for mark in marks)


def _style(paragraph: etree._Element, names: dict[str, str]) -> str:
    style = paragraph.find("{*}pPr/{*}pStyle")
    if style is None:
        return ""
    identifier = _value(style, "val")
    return names.get(identifier, identifier.lower())


def _value(element: etree._Element, name: str) -> str:
    """An attribute, in whichever namespace."""
    for key, value in element.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def _local(element: etree._Element | None) -> str:
    tag = element.tag if element is not None else ""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _is_words(element: etree._Element) -> bool:
    tag = element.tag
    return isinstance(tag, str) and tag[1:].partition("}")[0].endswith(_WORDS)


def read_open_document(data: bytes, name: str) -> Draft:
    """An .odt."""
    archive = Archive(data, name)
    content = archive.find("content.xml")
    if content is None:
        raise BadInput("damaged_text", name=name)
    manifest = archive.find("META-INF/manifest.xml")
    if manifest and any(archive.xml(manifest).iter("{*}encryption-data")):
        raise BadInput("locked_text", name=name)
    lines: list[str] = []
    title, length = "", 0
    for paragraph in _open_paragraphs(archive.xml(content)):
        if length > MOST_READ:
            break
        line = "".join(_open_pieces(paragraph))
        length += len(line)
        style = _value(paragraph, "style-name").lower()
        is_title = style == "title" or _local(paragraph) == "h"
        if is_title and not title and not "".join(lines).strip():
            title = line.strip()
        else:
            lines.append(line)
    return Draft("\n".join(lines), title, (FLAWED,) if archive.flawed else ())


def _open_paragraphs(root: etree._Element) -> Iterator[etree._Element]:
    stack = [root]
    while stack:
        element = stack.pop()
        if _local(element) in _ODT_SILENT:
            continue
        if element.tag in (_ODT_TEXT + "p", _ODT_TEXT + "h"):
            yield element
        else:
            stack.extend(reversed(element))


def _open_pieces(element: etree._Element) -> Iterator[str]:
    """White space counts only where elements stand for it."""
    signs: dict[str, Callable[[etree._Element], str]] = {
        "line-break": lambda _: "\n",
        "tab": lambda _: " ",
        "s": lambda e: (
            " " * min(100, int(_value(e, "c") or 1) if _value(e, "c").isdecimal() else 1)
        ),
    }
    yield element.text or ""
    for child in element:
        name = _local(child)
        if name in signs:
            yield signs[name](child)
        elif name and name not in _ODT_SILENT:
            yield from _open_pieces(child)
        yield child.tail or ""


def read_rich_text(data: bytes, name: str) -> Draft:
    """An .rtf."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise BadInput("damaged_text", name=name)
    try:
        return Draft(rtf_to_text(data.decode("latin-1"), errors="ignore"))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise BadInput("damaged_text", name=name) from error
