"""Text with marks in it → the words alone: Markdown and HTML.

Lines of verse stay lines; a blank line stands between stanzas and around headings.
"""

import re
from collections.abc import Iterator

from lxml import etree, html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.media.text.codec.draft import Draft

_SILENT = {"script", "style", "head", "title", "nav", "svg", "math", "template", "rt", "rp"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_APART = {*_HEADINGS, "blockquote", "hr", "section", "article", "ul", "ol", "table", "pre"}
_LINES = {"p", "div", "li", "tr", "dt", "dd", "figure", "figcaption", "body", "header", "footer"}
_LINE, _GAP = "\x01", "\x02"  # the breaks around elements; no HTML contains these
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
MOST_FRONT_LINES = 200  # of a Markdown file's front matter


# The parser strips any white space before a paragraph, not only spaces and tabs as CommonMark says.
_KEPT = str.maketrans({"\u3000": "\ue000", "\u00a0": "\ue001"})
_GIVEN_BACK = str.maketrans({"\ue000": "\u3000", "\ue001": "\u00a0"})


def from_markdown(source: str) -> Draft:
    """Without front matter, HTML and pictures; a heading that opens it is the title."""
    title, lines = _front_matter(source.split("\n"))
    source = "\n".join(_underlined(lines))
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


def _front_matter(lines: list[str]) -> tuple[str, list[str]]:
    """(the title that it names, the lines below it)."""
    if lines[0].rstrip() != "---":
        return "", lines
    title = ""
    for number, line in enumerate(lines[1 : 1 + MOST_FRONT_LINES], 1):
        if line.rstrip() in ("---", "..."):
            return title, lines[number + 1 :]
        key, _, value = line.partition(":")
        if key == "title":
            title = value.strip(" \t\"'")
    return "", lines


def _underlined(lines: list[str]) -> list[str]:
    """A line above a row of "=" is a heading. One above "---" is not: that is a break in verse."""
    result: list[str] = []
    for line in lines:
        under = line.strip()
        below_one = result and result[-1].strip() and (len(result) < 2 or not result[-2].strip())
        if len(under) > 1 and not under.strip("=") and below_one:
            result[-1] = f"# {result[-1].strip()}"
        else:
            result.append(line)
    return result


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "text_special"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def from_html(source: str) -> Draft:
    """The body's words; a heading that opens them is the title.

    Raises ValueError or `etree.LxmlError` for what cannot be parsed."""
    root = _parsed(source)
    text = _words(root)
    heading = next((e for e in root.iter("h1", "h2", "p") if e.text_content().strip()), None)
    if heading is None or heading.tag == "p":
        return Draft(text)
    title = " ".join(heading.text_content().split())
    return Draft(text[len(title) :], title) if text.startswith(title) else Draft(text)


def words_of_html(source: str) -> str:
    """The body's words, headings among them. Raises as `from_html` does."""
    return _words(_parsed(source))


def _parsed(source: str) -> html.HtmlElement:
    """From bytes: of a string lxml looks for a declaration, in quadratic time of its length."""
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True
    )
    body = _DECLARATION.sub("", source)
    body = body if body.strip() else "<p></p>"
    return html.fromstring(body.encode("utf-8", "replace"), parser=parser)


def _words(root: html.HtmlElement) -> str:
    return _broken("".join(_html_pieces(root)))


def _broken(text: str) -> str:
    """The breaks around elements as line feeds: a gap where any of several beside each other is."""
    lines = text.replace(_GAP, f"{_LINE}{_GAP}{_LINE}").split(_LINE)
    pieces: list[str] = []
    gap = False
    for line in lines:
        if _GAP in line:
            gap = True
        elif line.strip(" \n"):
            pieces += ["\n\n" if gap else "\n", line.strip(" \n")]
            gap = False
    return "".join(pieces[1:])


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
