"""The memory-only voice: the references' own words, put together anew, and nothing else."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from engine.cli import console
from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.core.style import load_style
from engine.media.text.copying import Copying, Source, units_of
from engine.media.text.generators.maquette_lm.write import Written
from engine.media.text.generators.recombining.generate import (
    blend,
    language_of_style,
    style_of,
    texts_of,
    write,
)
from engine.media.text.generators.recombining.parts import END, JOIN, added, parts_of, uncapitalised
from engine.protocol import (
    AdaptRequest,
    BlendRequest,
    Failure,
    GenerateRequest,
    Job,
    Medium,
    Preview,
    Progress,
    Reference,
    StyleResult,
    TextBrief,
    WeightedStyle,
    WorksResult,
)
from engine.service import Service
from tests.engine.handmade import CPU

VERLAINE = (
    "Les sanglots longs\nDes violons\nDe l'automne\nBlessent mon cœur\nD'une langueur\n"
    "Monotone.\n\nTout suffocant\nEt blême, quand\nSonne l'heure,\nJe me souviens\n"
    "Des jours anciens\nEt je pleure.",
    "Il pleure dans mon cœur\nComme il pleut sur la ville ;\nQuelle est cette langueur\n"
    "Qui pénètre mon cœur ?\n\nÔ bruit doux de la pluie\nPar terre et sur les toits !\n"
    "Pour un cœur qui s'ennuie,\nÔ le chant de la pluie !",
)
GOETHE = (
    "Über allen Gipfeln\nIst Ruh,\nIn allen Wipfeln\nSpürest du\nKaum einen Hauch;\n"
    "Die Vögelein schweigen im Walde.\nWarte nur, balde\nRuhest du auch."
)
RUSSIAN = (
    "Я помню чудное мгновенье:\nПередо мной явилась ты,\n"
    "Как мимолётное виденье,\nКак гений чистой красоты."
)
JAPANESE = "古池や蛙飛び込む水の音。\n閑さや岩にしみ入る蝉の声。\n五月雨をあつめて早し最上川。"
NAMES = ("a.txt", "b.txt")


def french(**wishes: object) -> list[Written]:
    brief = TextBrief(**({"count": 2, "seed": 5, "length": 40} | wishes))  # type: ignore[arg-type]
    return finished(write(style_of(VERLAINE, (1.0, 1.0), "fr"), NAMES, brief))


def words(text: str) -> list[str]:
    return units_of(text, "en")


# ---- parts -------------------------------------------------------------------------------------


def test_words_marks_and_elisions_are_parts() -> None:
    parts = parts_of("« De l'automne, aujourd'hui !\n\n¿Qué? (peut-être)…", "fr")
    assert parts == [
        *("De", f"l'{JOIN}", "automne", f"{JOIN},", f"aujourd'{JOIN}", "hui", "!", END),
        *(f"¿{JOIN}", "Qué", f"{JOIN}?", "peut-être", f"{JOIN}…", END),
    ]


def test_letters_are_parts_where_words_do_not_stand_apart() -> None:
    assert parts_of("古池や 蛙", "KANA") == ["古", "池", "や", "蛙", END]


@settings(deadline=None, max_examples=80)
@given(text=st.text("aéΩ я'’-,.!? \n«»", max_size=60))
def test_parts_give_the_text_back(text: str) -> None:
    plain = text.replace("«", "").replace("»", "")
    lines = [" ".join(line.split()) for line in plain.splitlines() if line.split()]
    written, last = "", END
    for part in parts_of(text, "fr"):
        written, last = added(written, last, part, "fr"), part
    assert written == "".join(f"{line}\n" for line in lines)


def test_only_the_capitals_of_beginnings_are_taken() -> None:
    row = parts_of("Sur la Seine.\nParis, sur l'eau\nParis dort. Seine !", "fr")
    natural = uncapitalised([row], "fr")[0]
    assert natural[0] == "sur"
    assert natural.count("Seine") == 2
    german = uncapitalised([parts_of("Warte nur. Der Wald", "de")], "de")[0]
    assert german[-3:-1] == ["der", "Wald"]


# ---- writing -----------------------------------------------------------------------------------


def test_every_word_is_the_references() -> None:
    known = {word for text in VERLAINE for word in words(text)}
    elided = {part for word in known for part in (word, *word.split("'"))}
    for work in (*french(), *french(form="prose"), *french(strength=0.0)):
        assert all(set(word.split("'")) <= elided for word in words(work.text))


@pytest.mark.parametrize("limit", [2, 3, 5, 0])
def test_no_more_is_copied_than_may_be(limit: int) -> None:
    copying = Copying([Source(n, t) for n, t in zip(NAMES, VERLAINE, strict=True)], "en")
    for work in french(copy_limit=limit, count=4):
        assert copying.check(work.text) == work.copied
        assert work.copied.run <= (limit or 8)


def test_the_references_own_form_or_the_one_asked_for() -> None:
    for work in french():
        lengths = [len(words(line)) for line in work.text.split("\n")]
        assert len(lengths) > 6
        assert max(lengths) <= 9
        assert 40 <= sum(lengths) <= 90
        assert work.text[0].isupper()
    for work in french(form="prose"):
        assert "\n" not in work.text
        assert work.text[-1] in ".!?"
    lines = style_of(("Je marche. Tu dors, il pleut. " * 3,), (1.0,), "fr")
    verse = TextBrief(count=1, form="free verse", length=10, copy_limit=40)
    assert "\n" in finished(write(lines, ["x"], verse))[0].text


def test_the_same_brief_gives_the_same_works_alone_or_among_others() -> None:
    both = french(count=2, seed=7)
    assert [w.text for w in french(count=1, seed=8)] == [both[1].text]
    assert both[0].text != both[1].text


def test_the_opening_words_stand_first() -> None:
    for prompt in ("Le soir sur la ville", "Ô bruit doux\nde"):
        assert all(work.text.startswith(prompt) for work in french(prompt=prompt))


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"form": "sonnet"}, "memory_only_form"),
        ({"form": "五绝"}, "memory_only_form"),
        ({"keywords": ("mer",)}, "memory_only_wish"),
        ({"acrostic": "AB"}, "memory_only_wish"),
        ({"length": 2000}, "bad_length"),
    ],
)
def test_what_such_a_voice_cannot_do(wishes: dict, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        french(**wishes)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["un deux trois quatre cinq", "a " * 30, JAPANESE, RUSSIAN])
@pytest.mark.parametrize("form", ["", "prose", "free verse"])
def test_little_to_recombine_ends_all_the_same(text: str, form: str) -> None:
    language = "KANA" if text == JAPANESE else "fr"
    brief = TextBrief(count=1, form=form)
    try:
        works = finished(write(style_of((text,), (1.0,), language), ["x"], brief))
    except BadInput as error:
        assert error.code == "memory_only_small"
    else:
        assert set(works[0].text.replace("\n", "").casefold()) <= set(f"{text} .".casefold())


def test_a_thousand_words_are_made() -> None:
    assert len(words(french(form="prose", length=1000, count=1)[0].text)) >= 1000


# ---- styles ------------------------------------------------------------------------------------


def test_a_style_holds_the_references_and_says_what_it_is() -> None:
    style = style_of(VERLAINE, (2.0, 1.0), "fr")
    assert texts_of(style) == list(VERLAINE)
    assert language_of_style(style) == "fr"
    assert language_of_style({"tokens": style["weights"]}) == ""
    mixed = blend([style, style_of((GOETHE,), (1.0,), "de")], [1.0, 3.0])
    assert texts_of(mixed) == [*VERLAINE, GOETHE]
    assert mixed["weights"].tolist() == pytest.approx([1 / 6, 1 / 12, 3 / 4])
    assert language_of_style(mixed) == "de"
    with pytest.raises(BadInput) as caught:
        blend([style, {"tokens": style["weights"]}], [1.0, 1.0])
    assert caught.value.code == "memory_only_blend"


# ---- through the service -----------------------------------------------------------------------


def run(job: Job) -> list:
    return list(Service(CPU).run(job))


def adapted(folder: Path, works: dict[str, str], name: str = "s.style") -> tuple[list, Path]:
    for each, text in works.items():
        (folder / each).write_text(text, encoding="utf-8")
    references = tuple(Reference(path=str(folder / each)) for each in works)
    job = AdaptRequest(
        job_id="a",
        medium=Medium.TEXT,
        references=references,
        out=str(folder / name),
        preview_dir=str(folder),
    )
    return run(job), folder / name


@pytest.mark.weights
def test_a_language_never_learned_gets_a_voice_that_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, style = adapted(tmp_path, dict(zip(NAMES, VERLAINE, strict=True)))
    result = events[-1]
    assert isinstance(result, StyleResult)
    assert (result.memory_only, result.references_used, result.refused) == ("français", 2, ())
    assert any(isinstance(e, Preview) and e.text for e in events)
    assert console.show(iter([result]), as_json=False) == 0
    assert "never learned this language (français)" in capsys.readouterr().out
    assert any(name.startswith("memory_only/") for name in load_style(style).tensors)
    brief = TextBrief(count=2, seed=3)
    events = run(GenerateRequest(job_id="g", style=str(style), out_dir=str(tmp_path), brief=brief))
    assert isinstance(events[-1], WorksResult)
    for work in events[-1].works:
        assert Path(work.path).read_text(encoding="utf-8").strip() == work.text
        sidecar = json.loads(Path(work.sidecar).read_text(encoding="utf-8"))
        assert sidecar["memory_only"] == "français"
        assert sidecar["copied"]["run"] <= 8
    shares = [e.done / e.total for e in events if isinstance(e, Progress) and e.stage == "writing"]
    assert shares == sorted(shares)


@pytest.mark.weights
def test_beside_learned_languages_it_is_left_out(tmp_path: Path) -> None:
    english = "The sea is calm tonight,\nThe tide is full, the moon lies fair\nUpon the straits."
    events, _ = adapted(tmp_path, {"a.txt": VERLAINE[0], "b.txt": english, "c.txt": GOETHE})
    result = events[-1]
    assert isinstance(result, StyleResult)
    assert (result.memory_only, result.references_used) == ("", 1)
    assert [(Path(r.path).name, r.code) for r in result.refused] == [
        ("a.txt", "other_language"),
        ("c.txt", "other_language"),
    ]


@pytest.mark.weights
def test_styles_of_two_kinds_do_not_blend(tmp_path: Path) -> None:
    _, strange = adapted(tmp_path, {"a.txt": VERLAINE[0]}, "a.style")
    _, other = adapted(tmp_path, {"b.txt": GOETHE}, "b.style")
    _, known = adapted(tmp_path, {"c.txt": "空山不见人，但闻人语响。"}, "c.style")
    for second, expected in ((other, StyleResult), (known, Failure)):
        styles = (WeightedStyle(path=str(strange)), WeightedStyle(path=str(second)))
        result = run(BlendRequest(job_id="b", styles=styles, out=str(tmp_path / "m.style")))[-1]
        assert isinstance(result, expected)
