"""A suite as a web page in a folder: the poem on the picture, the piece as its sound.

index.html  index.LANGUAGE.html  the same page in the window's language and in the other one
works/      the works as files, each with its sidecar
"""

import shutil
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from engine.protocol import Medium
from studio.i18n import LANGUAGES, catalogue
from studio.project.project import Project
from studio.state.export import sidecar_bytes, unwritable, write
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.export_names import free_stem, safe_name, title_of
from studio.state.medium import Media
from studio.state.png import decode
from studio.state.suites import Suite
from studio.views.suite_picture import setting_of, words_of

_FILES = {"picture": ExportFormat.PNG, "words": ExportFormat.TXT, "sound": ExportFormat.FLAC}


def write_suite(
    project: Project, media: Media, suite: Suite, target: Path, language: str
) -> tuple[Path, ...]:
    """Write the folder `target`, which must not exist, whole or not at all. On any thread.

    Returns the page's path. Raises ExportError or ProjectError.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        (part / "works").mkdir(parents=True)
        files = _write_works(project, media, suite, part)
        for each in LANGUAGES:
            name = "index.html" if each == language else f"index.{each}.html"
            write(part / name, _page(project, media, suite, files, each, language).encode())
        part.rename(target)
    except OSError as error:
        raise unwritable(error, target.name, 0, len(suite.works)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return (target / "index.html",)


def _write_works(project: Project, media: Media, suite: Suite, folder: Path) -> dict[Medium, str]:
    """The paths in the page, quoted, by medium."""
    taken: set[str] = set()
    found: dict[Medium, str] = {}
    for medium, work_id in suite.works.items():
        work, rules = project.works.get(work_id), media[medium]
        wanted = _FILES[rules.shown_as]
        title = safe_name(title_of(project, rules, work)) or medium.value
        stem = free_stem(title, wanted, taken)
        name = f"{stem}.{wanted}"
        data = rules.encode(project.blob(work.shown_digest), ExportOptions(wanted))
        write(folder / "works" / name, data)
        write(folder / "works" / f"{stem}.json", sidecar_bytes(project, work, name))
        found[medium] = f"works/{quote(name)}"
    return found


def _page(
    project: Project,
    media: Media,
    suite: Suite,
    files: dict[Medium, str],
    language: str,
    first: str,
) -> str:
    words = catalogue(language)
    kinds = {media[medium].shown_as: medium for medium in suite.works}
    title, text, lang = words["suite.title"], "", ""
    if (medium := kinds.get("words")) is not None:
        work = project.works.get(suite.works[medium])
        title = title_of(project, media[medium], work) or title
        text = words_of(project.blob(work.shown_digest))
        lang = ' lang="zh"' if any("\u3400" <= sign <= "\u9fff" for sign in text) else ""
    poem = f'<div class="poem"{lang}>{escape(text)}</div>' if text else ""
    picture, side, light = "", "none", "dark"
    if (medium := kinds.get("picture")) is not None:
        work = project.works.get(suite.works[medium])
        setting = setting_of(decode(project.blob(work.shown_digest)))
        side, light = setting.side, "light" if setting.light else "dark"
        wide, tall = work.width_px, work.height_px
        picture = f'<img src="{files[medium]}" alt="" width="{wide}" height="{tall}">'
    sound = ""
    if (medium := kinds.get("sound")) is not None:
        name = escape(words["medium.audio"])
        sound = f'<audio controls src="{files[medium]}" aria-label="{name}"></audio>'
    links = " ".join(
        f'<a href="{"index.html" if one == first else f"index.{one}.html"}" hreflang="{one}"'
        f' lang="{one}">{words[f"settings.language_{one}"]}</a>'
        for one in LANGUAGES
        if one != language
    )
    return _PAGE.substitute(
        style=Path(__file__).with_name("suite.css").read_text("utf-8"),
        lang={"zh": "zh-Hans"}.get(language, language),
        title=escape(title),
        links=links,
        shape=f"{side} {light}" if picture else "bare",
        picture=picture,
        poem=poem,
        sound=sound,
        made=escape(words["export.made_with"]),
    )


_PAGE = Template("""<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Maquette">
<title>$title</title>
<style>
$style</style>
</head>
<body>
<nav>$links</nav>
<main>
<figure><div class="$shape">$picture
$poem</div></figure>
$sound
</main>
<footer>$made</footer>
</body>
</html>
""")
