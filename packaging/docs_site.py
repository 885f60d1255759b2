"""The documentation as a small site in both languages: `python packaging/docs_site.py [--out DIR]`.

Reads docs/manual/{en,zh}/N-NAME.md, ARCHITECTURE.md, docs/reliability.md and the READMEs that hold
the benches' tables; writes plain HTML with no script and nothing from elsewhere, for a browser or
for the Help menu. In the manual a name of the window is written by its key in the studio's
catalogue, so that it is never another than the window's:

    [[brief.seed]]           its words, bold          [[make.button:n=4]]   with a number in it
    [[key:make]]             the key of an action     [[keys]]              a table of all keys
"""

import argparse
import html
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from studio import i18n  # noqa: E402
from studio.views.actions import GROUPS, LOOSE  # noqa: E402

MANUAL, SHOTS = ROOT / "docs" / "manual", ROOT / "docs" / "screenshots"
NAME = re.compile(r"\[\[([^\]]+)\]\]")
OUTWARD = re.compile(r"!?\[([^\]]*)\]\((?!https?:)[^)]*\)")  # links into the checkout: words alone
# For whoever works on it; English only. Then the README of each of the engine's packages.
WORKSHOP = {
    "architecture": "ARCHITECTURE.md",
    "reliability": "docs/reliability.md",
    "peers": "docs/peers.md",
    "changes": "CHANGELOG.md",
}
TITLES = {"en": "The manual of Maquette", "zh": "Maquette 手册"}
OTHER = {"en": ("zh", "中文"), "zh": ("en", "English")}
FOR_BUILDERS = {"en": "For builders", "zh": "开发者（英文）"}
STYLE = """
:root { color-scheme: light dark; --paper: #f6f3ec; --text: #1d1b18; --dim: #6b665e;
  --accent: #c4432b; --line: #ddd8cd; }
@media (prefers-color-scheme: dark) { :root { --paper: #161616; --text: #e6e3dd; --dim: #a09c94;
  --accent: #e2583e; --line: #333333; } }
body { margin: 0; background: var(--paper); color: var(--text);
  font: 16px/1.6 "Source Sans 3", "Noto Sans", "Noto Sans CJK SC", system-ui, sans-serif; }
nav { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line);
  padding: 12px 24px; display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; }
nav a { color: var(--dim); text-decoration: none; } nav a:hover, nav a.here { color: var(--text); }
nav a.here { border-bottom: 2px solid var(--accent); } nav .end { margin-left: auto; }
main { max-width: 46rem; margin: 0 auto; padding: 32px 24px 96px; }
h1 { font-size: 32px; font-weight: 600; } h2 { font-size: 22px; font-weight: 600; margin-top: 2em; }
a { color: var(--accent); } img { max-width: 100%; border-radius: 6px; }
kbd, code { font-size: 0.92em; } pre { overflow-x: auto; padding: 12px; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 6px; white-space: nowrap; }
pre { border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0;
  border-bottom: 1px solid var(--line); } th { color: var(--dim); font-weight: 600; }
"""


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the site, as Markdown. name: the file's, without a suffix."""

    name: str
    text: str

    @property
    def title(self) -> str:
        return self.text.splitlines()[0].lstrip("# ")


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the documentation as a site.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "site")
    out: Path = parser.parse_args().out
    files = build(out)
    print(f"{len(files)} pages in {out}")
    return 0


def build(out: Path) -> list[Path]:
    """Writes the site anew. Raises KeyError for a name that the window does not have."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "workshop").mkdir(parents=True)
    shutil.copytree(SHOTS, out / "screenshots")
    (out / "style.css").write_text(STYLE, encoding="utf-8")
    written = [_index(out)]
    for language in TITLES:
        pages = list(manual(language))
        (out / language).mkdir()
        for page in pages:
            links = [(each.title, f"{each.name}.html", each is page) for each in pages]
            other, words = OTHER[language]
            ends = [(FOR_BUILDERS[language], "../workshop/architecture.html")]
            ends.append((words, f"../{other}/{page.name}.html"))
            path = out / language / f"{page.name}.html"
            path.write_text(rendered(page, language, links, ends), encoding="utf-8")
            written.append(path)
    return [*written, *_workshop(out / "workshop")]


def manual(language: str) -> Iterator[Page]:
    """The manual's pages in order, with the window's own names."""
    i18n.set_language(language)
    for file in sorted((MANUAL / language).glob("*.md")):
        text = NAME.sub(lambda found: words_of(found[1]), file.read_text(encoding="utf-8"))
        text = re.sub(r"\]\(([\w-]+\.png)\)", r"](../screenshots/\1)", text)
        yield Page(file.stem, text)


def words_of(name: str) -> str:
    """What stands in the window, as Markdown. Raises KeyError.

    Bold by a tag: between full-width marks and letters CommonMark does not close `**`."""
    if name == "keys":
        return "\n\n".join(_keys_of(group) for group in GROUPS)
    if name.startswith("key:"):
        return _key(name.removeprefix("key:"))
    key, _, values = name.partition(":")
    pairs = (value.split("=") for value in values.split(",") if value)
    words = i18n.t(key, **{k: int(v) for k, v in pairs})
    return f"<strong>{html.escape(words)}</strong>"


def _key(action: str) -> str:
    every = {name: keys for group in GROUPS.values() for name, keys in group.items()}
    key = LOOSE.get(action) or every[action][0]
    return f"<kbd>{html.escape(key)}</kbd>"


def _keys_of(group: str) -> str:
    names = [name for name, keys in GROUPS[group].items() if keys]
    names += [*LOOSE] if group == "look" else []
    rows = "\n".join(f"| {_key(name)} | {i18n.t(f'action.{name}')} |" for name in names)
    return f"## {i18n.t(f'shortcuts.{group}')}\n\n|  |  |\n| --- | --- |\n{rows}"


def rendered(
    page: Page, language: str, links: list[tuple[str, str, bool]], ends: list[tuple[str, str]]
) -> str:
    """A whole HTML page. links: (title, target, whether it is this page)."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(page.text)
    left = "".join(
        f'<a href="{target}"{" class=here" if here else ""}>{html.escape(title)}</a>'
        for title, target, here in links
    )
    right = "".join(f'<a href="{target}">{html.escape(words)}</a>' for words, target in ends)
    title = html.escape(f"{page.title} – {TITLES[language]}")
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f'<link rel="stylesheet" href="../style.css">'
        f'<nav>{left}<span class="end"></span>{right}</nav><main>{body}</main></html>\n'
    )


def _workshop(folder: Path) -> list[Path]:
    readmes = sorted((ROOT / "engine").rglob("README.md"))
    sources = [*(ROOT / name for name in WORKSHOP.values()), *readmes]
    names = [*WORKSHOP, *("-".join(file.relative_to(ROOT).parts[1:-1]) for file in readmes)]
    pages = [
        Page(name, OUTWARD.sub(r"\1", file.read_text(encoding="utf-8")))
        for name, file in zip(names, sources, strict=True)
        if file.exists()
    ]
    written = []
    for page in pages:
        links = [(each.title, f"{each.name}.html", each is page) for each in pages]
        path = folder / f"{page.name}.html"
        ends = [("Manual", "../en/1-start.html"), ("手册", "../zh/1-start.html")]
        path.write_text(rendered(page, "en", links, ends), encoding="utf-8")
        written.append(path)
    return written


def _index(out: Path) -> Path:
    path = out / "index.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Maquette</title>'
        '<link rel="stylesheet" href="style.css"><main><h1>Maquette</h1>'
        '<p><a href="en/1-start.html">The manual</a></p>'
        '<p lang="zh"><a href="zh/1-start.html">手册</a></p></main></html>\n',
        encoding="utf-8",
    )
    return path


if __name__ == "__main__":
    sys.exit(main())
