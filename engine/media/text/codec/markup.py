"""Text with marks in it → the words alone: Markdown, HTML, Word's XML, subtitles.

Lines of verse stay lines; a blank line stands between stanzas and around headings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html
from markdown_it import MarkdownIt
from markdown_it.token import Token

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SILENT = {"script", "style", "head", "title", "nav", "svg", "math", "template", "rt", "rp"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_APART = {*_HEADINGS, "blockquote", "hr", "section", "article", "ul", "ol", "table", "pre"}
_LINES = {"p", "div", "li", "tr", "dt", "dd", "figure", "figcaption", "body", "header", "footer"}
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"(?m)^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$")
_LINE, _GAP = "\x01", "\x02"  # the breaks around elements; no HTML contains these
_BREAKS = re.compile("[ \n]*[\x01\x02][ \n\x01\x02]*")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_TAG = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_TIME = re.compile(r"(?m)^[ \t]*\d+:\d{2}:\d{2}[,.]\d+[ \t]*-->.*$")
_NOISE = re.compile(r"[\[(（【♪♫][^\])）】]*[\])）】♪♫]?")


@dataclass(frozen=True, slots=True)
class Draft:
    """Words as they came out of a file; `title` where the format says which it is."""

    text: str
    title: str = ""


# The parser strips any white space before a paragraph, not only spaces and tabs as CommonMark says.
_KEPT = str.maketrans({"\u3000": "\ue000", "\u00a0": "\ue001"})
_GIVEN_BACK = str.maketrans({"\ue000": "\u3000", "\ue001": "\u00a0"})


def from_markdown(source: str) -> Draft:
    """Without front matter, HTML and pictures; a heading that opens it is the title."""
    title = ""
    if front := _FRONT.match(source):
        named = _FRONT_TITLE.search(front[1])
        title, source = named[1] if named else "", source[front.end() :]
    tokens = MarkdownIt("commonmark").disable("lheading").parse(source.translate(_KEPT))
    blocks: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline":
            words = _inline(token)
            if before and before.type == "heading_open" and not blocks and not title:
                title = words
            elif words.strip():
                blocks.append(words)
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content)
    return Draft("\n\n".join(blocks).translate(_GIVEN_BACK), title.translate(_GIVEN_BACK).strip())


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "text_special"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def from_html(source: str) -> Draft:
    """The body's words. Raises ValueError or `etree.LxmlError` for what cannot be parsed."""
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True)
    root = html.fromstring(_DECLARATION.sub("", source) or "<p></p>", parser=parser)
    text = "".join(_html_pieces(root))
    return Draft(_BREAKS.sub(lambda found: "\n\n" if _GAP in found[0] else "\n", text))


def _html_pieces(root: etree._Element) -> Iterator[str]:
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else "script"
        tag = tag.rpartition("}")[2].lower()
        if event == "start":
            silent += tag in _SILENT
            if not silent:
                yield _break(tag, element)
                yield _flat(element.text, tag)
        else:
            if not silent:
                yield "\n" if tag == "br" else _break(tag, element)
            silent -= tag in _SILENT
            if not silent and element is not root:
                parent = element.getparent()
                yield _flat(element.tail, parent.tag if parent is not None else "")


def _break(tag: str, element: etree._Element) -> str:
    """A paragraph of several lines is a stanza: it stands apart."""
    if tag in _APART or (tag in ("p", "div") and element.find("br") is not None):
        return _GAP
    return _LINE if tag in _LINES else ""


def _flat(text: str | None, tag: object) -> str:
    return (text or "") if tag == "pre" else re.sub(r"\s+", " ", text or "")


def from_word(document: etree._Element) -> Draft:
    """The paragraphs of word/document.xml, a line each; deleted text and fallbacks are left out."""
    lines: list[str] = []
    title = ""
    open_paragraphs: list[list[str]] = []
    fallbacks = 0
    for event, element in etree.iterwalk(document, events=("start", "end")):
        fallbacks += (event == "start") - (event == "end") if element.tag == FALLBACK else 0
        if fallbacks:
            continue
        if element.tag == WORD + "p" and event == "start":
            open_paragraphs.append([])
        elif element.tag == WORD + "p" and open_paragraphs:
            line = "".join(open_paragraphs.pop())
            if not title and not "".join(lines).strip() and _is_title(element):
                title = line.strip()
            else:
                lines.append(line)
        elif event == "start" and open_paragraphs:
            open_paragraphs[-1].append(_run(element))
    return Draft("\n".join(lines), title)


def _run(element: etree._Element) -> str:
    if element.tag == WORD + "t":
        return element.text or ""
    if element.tag in (WORD + "br", WORD + "cr"):
        return "\n"
    parent = element.getparent()
    in_run = parent is not None and parent.tag == WORD + "r"
    return " " if in_run and element.tag == WORD + "tab" else ""


def _is_title(paragraph: etree._Element) -> bool:
    style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
    name = style.get(WORD + "val", "") if style is not None else ""
    return name.lower().replace(" ", "") in ("title", "heading1", "1")


def from_subtitles(source: str) -> Draft | None:
    """What is spoken, a cue a line; sounds in brackets are left out. None without a single time."""
    cues = _TIME.split(source.replace("\r\n", "\n").replace("\r", "\n"))[1:]
    if not cues:
        return None
    return Draft("\n".join(filter(None, map(_spoken, cues))))


def _spoken(cue: str) -> str:
    lines = [_TAG.sub("", line).strip() for line in cue.strip("\n").split("\n\n")[0].split("\n")]
    lines = [line for line in lines if line and not line.isdigit() and not _NOISE.fullmatch(line)]
    if any(line.startswith(("-", "–", "—")) for line in lines):
        return "\n".join(line.lstrip("-–— ") for line in lines)
    chinese = any("\u4e00" <= c <= "\u9fff" for c in cue)
    return (" " if not chinese else "").join(lines)
