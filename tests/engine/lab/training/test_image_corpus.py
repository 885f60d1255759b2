"""The image corpus: who made what, what is kept, what is read back; made-up pictures only."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.lab.training import corpus
from engine.lab.training.corpus import image_build, image_drawing
from engine.lab.training.corpus.image_clip_art import creator, read_open_clip_art
from engine.lab.training.corpus.image_drawing import (
    RendererMissingError,
    Seen,
    details,
    encode,
    open_picture,
    shrink,
    too_plain,
    too_poor,
    trim,
)
from engine.lab.training.corpus.image_paintings import read_paintings
from engine.lab.training.corpus.image_sources import SOURCES
from engine.lab.training.corpus.image_styles import (
    Found,
    owner,
    plain_name,
    read_crawl,
    read_lomiri,
    read_plasma,
    read_set,
    read_wesnoth,
    series,
    stanzas,
)
from engine.lab.training.corpus.image_works import ImageWorks, WorksWriter
from engine.lab.training.corpus.sources import SourceMissingError
from engine.meta.episodes import is_reserved

COPYRIGHT = """Format: x

Files: *
Copyright: 2010, The Maintainers
License: GPL-2+

Files: nature/Dune.jpg
 nature/Rain*.jpg
Copyright: 2007-2009, Marco Cogoni <cogoni@example.org>
 2011, Another
License: CC-BY-SA-4.0
 and its long text
"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg"><metadata><dc:creator><cc:Agent>
<dc:title>{name}</dc:title></cc:Agent></dc:creator>
<cc:license rdf:resource="http://web.resource.org/cc/{licence}"/></metadata></svg>"""


def picture(seed: int, size: tuple[int, int] = (90, 60)) -> Image.Image:
    """Smooth colours, unlike those of another seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def found(path: Path, style: str, kind: str = "painting") -> Found:
    return Found(path, style, style, kind, "CC0-1.0")


def build_from(folder: Path, rows: list[Found]) -> ImageWorks:
    with WorksWriter(folder / "works.zip") as writer:
        image_build.add_source(writer, Seen(), "made-up", rows)
    return ImageWorks(folder / "works.zip")


def saved(folder: Path, *seeds: int, size: tuple[int, int] = (90, 60)) -> list[Path]:
    paths = [folder / f"{seed}.png" for seed in seeds]
    for seed, path in zip(seeds, paths, strict=True):
        picture(seed, size).save(path)
    return paths


def test_pictures_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [found(path, "A") for path in saved(tmp_path, 1, 2)]
    works = build_from(tmp_path, rows)
    assert len(works) == 2
    for work in works.works:
        pixels = works.pixels(work)
        assert pixels.shape == (work.height, work.width, 3)
        original = np.asarray(picture(int(work.title)), dtype=int)
        assert np.abs(pixels.astype(int) - original).mean() < 3
        tensor = works.decode(work)
        assert tensor.shape == (3, work.height, work.width)
        assert tensor.dtype == torch.float32
        assert -1 <= tensor.min() < tensor.max() <= 1


def test_styles_and_their_parts(tmp_path: Path) -> None:
    names = [f"artist {i}" for i in range(200)]
    kept = next(n for n in names if is_reserved(n))
    free = next(n for n in names if not is_reserved(n))
    first, second, third = saved(tmp_path, 1, 2, 3)
    rows = [found(first, kept), found(second, free), found(third, free)]
    works = build_from(tmp_path, rows)
    assert set(works.by_style("reserved")) == {kept}
    assert set(works.by_style()) == {kept, free}
    assert len(works.by_style()[free]) == 2
    assert {w.part for w in works.by_style("reserved")[kept]} == {"reserved"}


def test_details_share_the_role_of_their_picture(tmp_path: Path) -> None:
    rows = [found(path, "A") for path in saved(tmp_path, 5, size=(1000, 700))]
    works = build_from(tmp_path, rows)
    assert [w.detail for w in works.works] == [0, 1, 2]
    assert len({w.is_support for w in works.works}) == len({w.sha256 for w in works.works}) == 1
    assert (works.works[0].width, works.works[0].height) == (512, 358)
    assert (works.works[1].width, works.works[1].height) == (512, 512)


def test_a_style_has_no_more_than_its_share(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(image_build, "MOST_CLIP_ART", 2)
    monkeypatch.setattr(image_build, "LEAST_CLIP_ART", 2)
    rows = [found(path, "A", "clip art") for path in saved(tmp_path, 1, 2, 3, 4, size=(300, 200))]
    rows.append(found(saved(tmp_path, 5)[0], "one drawing only", "clip art"))
    assert [work.style for work in build_from(tmp_path, rows).works] == ["A", "A"]


def test_poor_broken_and_repeated_files_are_left_out(tmp_path: Path) -> None:
    good, again = saved(tmp_path, 1, 2)
    picture(1, (180, 120)).save(again, "WEBP", quality=80)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    Image.new("RGB", (90, 60), "red").save(tmp_path / "flat.png")
    picture(3, (90, 20)).save(tmp_path / "small.png")
    names = ("broken", "empty", "flat", "small")
    rows = [found(p, "A") for p in (good, again, *(tmp_path / f"{n}.png" for n in names))]
    assert len(build_from(tmp_path, rows)) == 1


def test_the_same_shape_in_another_colour_is_another_picture() -> None:
    seen, red, blue = Seen(), picture(1), picture(1)
    blue = Image.merge("RGB", blue.split()[::-1])
    assert [seen.has(red), seen.has(blue), seen.has(red)] == [False, False, True]


def test_a_failed_build_leaves_the_old_file(tmp_path: Path) -> None:
    build_from(tmp_path, [found(path, "A") for path in saved(tmp_path, 1)])
    before = (tmp_path / "works.zip").read_bytes()
    with pytest.raises(RuntimeError), WorksWriter(tmp_path / "works.zip"):
        raise RuntimeError
    assert (tmp_path / "works.zip").read_bytes() == before
    assert not list(tmp_path.glob("*.partial"))


def test_another_format_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("engine.lab.training.corpus.image_works.FORMAT_VERSION", 99)
    with WorksWriter(tmp_path / "works.zip"):
        pass
    monkeypatch.undo()
    with pytest.raises(ValueError, match="build it anew"):
        ImageWorks(tmp_path / "works.zip")


def test_margins_go_and_long_sides_shrink() -> None:
    sheet = Image.new("RGB", (400, 300), "white")
    sheet.paste(picture(1, (100, 60)), (50, 200))
    assert trim(sheet).size == (110, 70)
    assert trim(Image.new("RGB", (40, 40), "white")).size == (40, 40)
    assert shrink(picture(1, (2048, 100))).size == (512, 25)
    assert shrink(picture(1, (80, 50))).size == (80, 50)
    assert details(picture(1, (700, 700))) == []


def test_flat_drawings_are_kept_exactly() -> None:
    drawing = Image.new("RGB", (200, 200), "white")
    drawing.paste("red", (50, 50, 150, 150))
    assert encode(drawing)[1] == "webp"
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    assert encode(Image.fromarray(noise))[1] in {"jpg", "webp"}
    assert not too_poor(drawing)
    assert too_plain(drawing)
    assert not too_plain(Image.fromarray(noise))


def test_the_missing_renderer_is_named(monkeypatch) -> None:
    monkeypatch.setattr(image_drawing, "RENDERER", "no-such-renderer")
    with pytest.raises(RendererMissingError, match="librsvg2-bin"):
        open_picture(b"<svg/>", "a.svg")


def test_the_last_matching_paragraph_names_the_owner() -> None:
    rules = stanzas(COPYRIGHT)
    known = owner(rules, "nature/RainDrops.jpg")
    assert known is not None
    assert (known.holder, known.licence) == ("Marco Cogoni", "CC-BY-SA-4.0")
    other = owner(rules, "abstract/Silk.png")
    assert other is not None
    assert other.holder == "The Maintainers"
    assert owner([], "x") is None


def test_names_are_compared_by_their_words() -> None:
    assert plain_name("Rollandin Françesco (a@b.fr)") == plain_name("Francesco Rollandin")
    assert series("canyon12") == series("canyon3a") == "canyon"
    assert series("blobs-l") == series("blobs-d") == "blobs"
    assert series("42") == "42"


def test_clip_art_by_artist_without_icons_and_unclear_licences(tmp_path: Path) -> None:
    base = tmp_path / "usr/share/openclipart/svg"
    rows = {
        "food/a.svg": ("Patricia Fidi", "PublicDomain"),
        "food/b.svg": ("patricia FIDI", "PublicDomain"),
        "food/c.svg": ("Patricia Fidi", "PublicDomain"),
        "food/d.svg": ("", "PublicDomain"),
        "food/e.svg": ("Somebody", "GPL"),
        "computer/icons/f.svg": ("Somebody", "PublicDomain"),
    }
    for name, (artist, licence) in rows.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(SVG.format(name=artist, licence=licence), encoding="utf-8")
    kept = {one.path.stem: one.style for one in read_open_clip_art(tmp_path)}
    fidi = "Patricia Fidi"
    assert kept == {"a": fidi, "b": fidi, "c": fidi, "d": "Open Clip Art, food"}
    assert creator(b"<svg/>") == ""


def test_portraits_are_styles_of_people_and_campaigns(tmp_path: Path) -> None:
    base = tmp_path / "usr/share/games/wesnoth/1.16/data"
    for name in ("images/portraits/elves/a.png", "images/story/b.png", "images/units/c.png"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        picture(1).save(base / name)
    core = {one.style for one in read_wesnoth("wesnoth-1.16-data")(tmp_path)}
    assert core == {"Wesnoth, portraits, elves", "Wesnoth, story"}
    campaign = {one.style for one in read_wesnoth("wesnoth-1.16-ei")(tmp_path)}
    assert campaign == {
        "Wesnoth The Eastern Invasion, portraits",
        "Wesnoth The Eastern Invasion, story",
    }


def test_wallpapers_by_the_artist_of_their_card(tmp_path: Path) -> None:
    folder = tmp_path / "usr/share/wallpapers/Hills"
    (folder / "contents/images").mkdir(parents=True)
    for size in ((64, 48), (320, 200)):
        picture(1, size).save(folder / f"contents/images/{size[0]}.png")
    card = {"KPlugin": {"Authors": [{"Name": "An Artist"}], "License": "CC-BY-SA-4.0"}}
    (folder / "metadata.json").write_text(json.dumps(card), encoding="utf-8")
    (one,) = read_plasma(tmp_path)
    assert (one.style, one.licence, one.path.stem) == ("An Artist", "CC-BY-SA-4.0", "320")


def test_photographs_by_the_artist_of_the_copyright_file(tmp_path: Path) -> None:
    (tmp_path / "usr/share/doc/x").mkdir(parents=True)
    text = "Files: 16.04/life.jpg\nCopyright: Aitzol B, 2018\nLicense: CC-BY-4.0\n"
    (tmp_path / "usr/share/doc/x/copyright").write_text(text, encoding="utf-8")
    picture(1).save(tmp_path / "life.jpg")
    picture(1).save(tmp_path / "other.jpg")
    (one,) = read_lomiri(tmp_path)
    assert (one.style, one.licence) == ("Aitzol B", "CC-BY-4.0")


def test_a_set_is_one_style_or_one_for_each_series(tmp_path: Path) -> None:
    for name in ("bee1.png", "bee2.png", "fox.png"):
        picture(1).save(tmp_path / name)
    assert {one.style for one in read_set("S", "", "painting", "MIT")(tmp_path)} == {"S"}
    several = read_set("S", "", "painting", "MIT", by_series=True)(tmp_path)
    assert {one.style for one in several} == {"S, bee", "S, fox"}


def test_title_paintings_name_their_artists(tmp_path: Path) -> None:
    for name in ("title_denzi_dragon.png", "title_white_noise_orb.png", "floor.png"):
        picture(1).save(tmp_path / name)
    assert [one.spelling for one in read_crawl(tmp_path)] == ["denzi", "white noise"]


def test_paintings_by_folder_or_by_the_beginning_of_the_name(tmp_path: Path) -> None:
    (tmp_path / "Somebody").mkdir()
    for name in ("Katsushika-Hokusa-Poppies.png", "Odd-One.png", "Somebody/a.png"):
        picture(1).save(tmp_path / name)
    styles = [one.style for one in read_paintings(tmp_path)]
    assert styles == ["Katsushika Hokusai", "Odd-One", "Somebody"]


def test_the_list_names_every_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus.run("list", "image", tmp_path)
    shown = capsys.readouterr().out
    assert all(source.package in shown and source.licence in shown for source in SOURCES)


def test_building_without_sources_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceMissingError, match="corpus fetch --medium image"):
        corpus.run("build", "image", tmp_path)


def test_every_source_has_a_reader() -> None:
    assert set(image_build.READERS) == {source.name for source in SOURCES}
