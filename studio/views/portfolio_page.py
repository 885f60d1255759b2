"""The page of a portfolio: one HTML document that asks for nothing but the files beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One work. kind: "picture", "words" or "sound"; texts are escaped, paths quoted."""

    kind: str
    title: str
    number: int
    stars: int
    file: str
    small: str
    size: tuple[int, int]  # of what is shown, pixels; (0, 0) of words
    words: str


def page(
    language: str,
    heading: str,
    words: Mapping[str, str],
    sections: Sequence[tuple[str, Sequence[Entry]]],
    others: Sequence[tuple[str, str]],
) -> str:
    """`words`: the catalogue of the language. `sections`: names and works. `others`: languages
    and the files that hold the page in them."""
    links = " ".join(
        f'<a href="{file}" hreflang="{one}" lang="{one}">{words[f"settings.language_{one}"]}</a>'
        for one, file in others
    )
    bodies = []
    for name, entries in sections:
        head = f"<h2>{escape(name)}</h2>" if len(sections) > 1 else ""
        works = "\n".join(_work(entry, words) for entry in entries)
        bodies.append(
            f'<section>{head}\n<div class="{entries[0].kind}">\n{works}\n</div></section>'
        )
    return _PAGE.substitute(
        lang={"zh": "zh-Hans"}.get(language, language),
        heading=escape(heading),
        links=links,
        body="\n".join(bodies),
        made=escape(words["export.made_with"]),
        style=Path(__file__).with_name("portfolio.css").read_text("utf-8"),
    )


def _work(entry: Entry, words: Mapping[str, str]) -> str:
    stars = ""
    if entry.stars:
        name = words["gallery.stars"].format(n=entry.stars)
        stars = f' <span role="img" aria-label="{name}">{"★" * entry.stars}</span>'
    open_file = words["export.page_download"]
    caption = (
        f'<figcaption><a href="{entry.file}" title="{open_file}">{entry.title}</a>'
        f" <small>{entry.number:04d}{stars}</small></figcaption>"
    )
    wide, tall = entry.size
    size = f'width="{wide}" height="{tall}"'
    image = f'<img src="{entry.small}" alt="{entry.title}" {size} loading="lazy">'
    match entry.kind:
        case "words":
            lang = ' lang="zh"' if _HAN.search(entry.words) else ""
            shown = f'<div class="text"{lang}>{entry.words}</div>'
        case "sound":
            sound = f'<audio controls preload="none" src="{entry.file}"></audio>'
            shown = f"{image}\n{sound}"
        case _:
            shown = f'<a href="{entry.file}">{image}</a>'
    return f"<figure>{shown}\n{caption}</figure>"


_PAGE = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Maquette">
<title>$heading</title>
<style>$style</style>
</head>
<body>
<header><h1>$heading</h1><nav>$links</nav></header>
<main>
$body
</main>
<footer>$made</footer>
</body>
</html>
""")
