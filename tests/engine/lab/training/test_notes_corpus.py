"""The notes corpus: **kern, styles, near tunes, and the file of works."""

import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from engine.lab.training import corpus
from engine.lab.training.corpus import notes_build, notes_sources
from engine.lab.training.corpus.notes_kern import KernError, read_kern
from engine.lab.training.corpus.notes_near import without_near
from engine.lab.training.corpus.notes_read import claims_rights, together
from engine.lab.training.corpus.notes_sources import NotesMissingError
from engine.lab.training.corpus.notes_styles import COMPOSERS, dance_of, style_of
from engine.lab.training.corpus.notes_works import NotesWorks, by_style
from engine.media.audio.codec.score import TICKS, Key, Metre, Score
from engine.media.audio.codec.scores import decode, write_xml
from engine.meta.episodes import is_reserved

KERN = (
    """!!!COM: Somebody
!!!OPR: Missa Brevis
!!!OTL: Kyrie
**kern\t**kern
*k[b-]\t*k[b-]
*M4/2\t*M4/2
=1\t=1
1B-\t2b-
.\t4a
.\t8g 8b
.\t8f#
[1c\t*^
""".replace("[1c\t*^\n", "")
    + """*\t*^
[1c\t1cc\t2ee
.\t.\t2ff
=2\t=2\t=2
0c]\t0c\t0r
*\t*v\t*v
==\t==
*-\t*-
"""
)
REEL = "GABd gdBd|edBA GABd|egfa gedB|AGFD E2D2|"
OTHER = "c2ec gcec|Bdfa gfed|cBAG FAcf|edBd c2c2|"


def tune(body: str, key: str = "G", title: str = "Our Reel", rhythm: str = "reel") -> str:
    return f"X:1\nT:{title}\nR:{rhythm}\nM:4/4\nL:1/8\nK:{key}\n{body}\n\n"


def score_of_abc(body: str, key: str = "G") -> Score:
    return decode(tune(body, key).encode(), "a.abc")


def test_kern_is_read_with_splits_ties_and_flats() -> None:
    score, records = read_kern(KERN)
    assert records["OPR"] == "Missa Brevis"
    assert score.title == "Kyrie"
    assert score.metres == (Metre(0, 4, 2),)
    assert score.keys == (Key(0, -1),)
    low = score.notes[score.notes["part"] == 1]
    assert low["pitch"].tolist() == [58, 60]
    assert low["duration"].tolist() == [4 * TICKS, 12 * TICKS]  # tied over the bar line
    high = score.notes[score.notes["part"] == 0]
    assert [(int(n["onset"]) / TICKS, int(n["pitch"])) for n in high] == [
        (0, 70),
        (2, 69),
        (3, 67),
        (3, 71),
        (3.5, 66),
        (4, 72),
        (4, 76),
        (6, 77),
        (8, 60),
    ]


@pytest.mark.parametrize("text", ["", "**text\nla\n*-\n", "**kern\t**kern\n4c\n*-\t*-\n"])
def test_what_is_no_kern_is_refused(text: str) -> None:
    with pytest.raises(KernError):
        read_kern(text)


@pytest.mark.parametrize(
    ("path", "about", "style"),
    [
        ("monteverdi/madrigal.4.2.mxl", {}, "Claudio Monteverdi, madrigals, book 4"),
        ("bach/bwv300.mxl", {}, "Johann Sebastian Bach, chorales BWV 250 to 438 in major"),
        ("bach/bwv846.mxl", {}, "Johann Sebastian Bach, keyboard and other works"),
        ("haydn/opus1no1/movement1.mxl", {}, "Joseph Haydn"),
        ("ryansMammoth/A.abc", {"R": "SLIPJIG"}, "Ryan's Mammoth Collection, slip jigs in major"),
        ("oneills1850/1.abc", {"T": "A -- Reel"}, "O'Neill's Music of Ireland, reels in major"),
        ("oneills1850/1.abc", {"T": "Reels are fun"}, ""),
        ("airdsAirs/book2.abc", {}, "Aird's Airs, volume 2, in 4/4"),
        ("miscFolk/americanfifeopus.abc", {}, "Colonial and Civil War American Fife Music"),
    ],
)
def test_styles(path: str, about: dict[str, str], style: str) -> None:
    found = style_of(PurePosixPath(path), score_of_abc(REEL), about).name
    assert found == (style or "O'Neill's Music of Ireland, tunes in 4/4 in major")


def test_a_dance_is_named_by_the_tune() -> None:
    assert dance_of({"R": " double jig "}) == "double jig"
    assert dance_of({"T": "The Jig of Slurs"}) == ""


def test_near_tunes_are_one_and_the_reserved_one_stays() -> None:
    long = REEL + OTHER
    scores = [score_of_abc(long), score_of_abc(OTHER + OTHER), score_of_abc(long, key="A")]
    scores[2] = scores[0].transposed(2)
    assert without_near(scores, [False, False, True])[-1] == 2
    assert without_near([scores[0], scores[2]], [False, True]) == [1]
    assert without_near([scores[0], score_of_abc("CEGc BdfB|" * 4)], [False, False]) == [0, 1]


def package(folder: Path) -> None:
    """A wheel of two folders, as small as can be."""
    packages = folder / "packages"
    packages.mkdir(parents=True)
    inside = notes_sources.INSIDE
    rights = write_xml(score_of_abc(REEL)).replace(
        b"<part-list>",
        b"<identification><rights>All Rights Reserved</rights></identification><part-list>",
    )
    with zipfile.ZipFile(packages / "music21-10.5.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{inside}ryansMammoth/a.abc", tune(REEL) + tune(OTHER, title="B"))
        wheel.writestr(f"{inside}ryansMammoth/b.abc", tune(REEL, title="Again") + tune("GABc|"))
        wheel.writestr(f"{inside}haydn/op1/movement1.xml", write_xml(score_of_abc(OTHER[:20] * 3)))
        wheel.writestr(f"{inside}haydn/op1/movement2.xml", rights)
        wheel.writestr(f"{inside}haydn/op1/movement3.mxl", b"no archive")
        wheel.writestr(f"{inside}trecento/a.abc", tune(REEL))
        wheel.writestr("music21/evil.py", "raise SystemExit")


def test_the_corpus_is_built_listed_and_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "_run_instruments", lambda verb, place: None)
    package(tmp_path / "notes")
    corpus.run("build", "audio", tmp_path)
    corpus.run("list", "audio", tmp_path)
    assert "music21/ryansMammoth" in capsys.readouterr().out
    assert not (tmp_path / "notes/unpacked/music21/music21/evil.py").exists()
    works = NotesWorks(tmp_path / "notes" / "works.npz")
    assert [work.title for work in works.works if work.source == "ryansMammoth"] == [
        "Our Reel",
        "B",
    ]
    assert not any(work.source == "trecento" for work in works.works)
    first = next(work for work in works.works if work.source == "ryansMammoth")
    score = works.score(first)
    assert np.array_equal(score.notes, score_of_abc(REEL).notes)
    assert score.keys == (Key(0, 1),)
    assert first.part == ("reserved" if is_reserved(first.style) else first.part)
    corpus.run("build", "audio", tmp_path)  # goes on from what was parsed
    assert len(NotesWorks(tmp_path / "notes" / "works.npz")) == len(works)


def test_voices_that_are_tunes_of_their_own_are_one_piece() -> None:
    both = together([score_of_abc(REEL), score_of_abc(OTHER)])
    assert len(both.parts) == 2
    assert len(both) == len(score_of_abc(REEL)) + len(score_of_abc(OTHER))


def test_a_claimed_right_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    for text, claimed in (("All Rights Reserved", True), ("CC-SA-BY", False), ("", False)):
        path.write_text(f"<score-partwise><rights>{text}</rights></score-partwise>")
        assert claims_rights(path) is claimed


def test_a_missing_package_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotesMissingError, match="--medium audio"):
        notes_build.build(tmp_path)


def test_a_reserved_composer_reserves_every_style_of_that_name() -> None:
    name = COMPOSERS["mozart"]
    assert is_reserved(name)
    work = style_of(PurePosixPath("mozart/k1/movement1.mxl"), score_of_abc(REEL), {})
    assert work.composer == name
    assert by_style([]) == {}
