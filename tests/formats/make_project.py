"""Writes the fixture of the current project format: run once for each new format, then keep it.

python tests/formats/make_project.py
"""

from pathlib import Path

from engine.protocol import Medium, PictureBrief, TextBrief
from studio.project.database import FORMAT
from studio.project.judgements import Place, like, mark, pair
from studio.project.project import Project

if __name__ == "__main__":
    project = Project.create(Path(__file__).with_name(f"project-{FORMAT}.maquette"))
    wave = project.references.add("Wave 波.png", b"the bytes of a wave", weight=1.5)
    gone = project.references.add("Gone.png", b"set aside")
    project.references.remove(gone.id)
    style = project.styles.add(b"the bytes of a style", {"seed": 3}, {wave.id: 1.5})
    for seed in (1834, 1835):
        work = project.works.add(
            f"work {seed}".encode(),
            {"seed": seed},
            style_id=style.id,
            seed=seed,
            width_px=512,
            height_px=352,
        )
        project.works.rate(work.id, 2)
    project.works.rate(work.id, 5)
    project.works.set_kept(work.id, True)
    project.working_state.save_brief(PictureBrief(seed=1834, invention=0.5))
    moon = project.references.add("Moon 月.txt", "床前明月光".encode(), Medium.TEXT, weight=0.5)
    voice = project.styles.add(b"the bytes of a voice", {"seed": 4}, {moon.id: 0.5}, Medium.TEXT)
    poem = project.works.add("疑是地上霜".encode(), {"seed": 9}, style_id=voice.id, seed=9)
    project.works.edit(poem.id, project.put("舉頭望明月".encode()))
    project.working_state.save_brief(TextBrief(form="五绝", keywords=("月",)))
    taught = {"taught": "0", "ratings": 3, "tastes": []}
    project.styles.add(b"the bytes of a style, taught", taught, {wave.id: 1.5}, parent_id=style.id)
    older, newer = (work.id for work in reversed(project.works.all(Medium.IMAGE)))
    project.judgements.add(like(Medium.IMAGE, older), False)
    project.judgements.add(pair(Medium.IMAGE, newer, older), newer)
    project.judgements.add(mark(Medium.TEXT, poem.id, Place(start=0, end=1)), True)
    project.works.set_tags(newer, ("sea", "海"))
    project.working_state.save_medium(Medium.TEXT)
    project.close()
