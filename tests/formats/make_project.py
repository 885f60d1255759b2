"""Writes the fixture of the current project format: run once for each new format, then keep it.

python tests/formats/make_project.py
"""

from pathlib import Path

from engine.messages import Medium, PictureBrief, TextBrief
from studio import said
from studio.database import FORMAT
from studio.project import Project

if __name__ == "__main__":
    project = Project.create(Path(__file__).with_name(f"project-{FORMAT}.maquette"))
    wave = project.add_reference("Wave 波.png", b"the bytes of a wave", weight=1.5)
    gone = project.add_reference("Gone.png", b"set aside")
    project.remove_reference(gone.id)
    style = project.add_style(b"the bytes of a style", {"seed": 3}, {wave.id: 1.5})
    for seed in (1834, 1835):
        work = project.add_work(
            f"work {seed}".encode(),
            {"seed": seed},
            style_id=style.id,
            seed=seed,
            width_px=512,
            height_px=352,
        )
        project.rate(work.id, 2)
    project.rate(work.id, 5)
    project.set_kept(work.id, True)
    project.save_brief(PictureBrief(seed=1834, invention=0.5))
    moon = project.add_reference("Moon 月.txt", "床前明月光".encode(), Medium.TEXT, weight=0.5)
    voice = project.add_style(b"the bytes of a voice", {"seed": 4}, {moon.id: 0.5}, Medium.TEXT)
    poem = project.add_work("疑是地上霜".encode(), {"seed": 9}, style_id=voice.id, seed=9)
    project.edit(poem.id, project.put("舉頭望明月".encode()))
    project.save_brief(TextBrief(form="五绝", keywords=("月",)))
    taught = {"taught": "0", "ratings": 3, "tastes": []}
    project.add_style(b"the bytes of a style, taught", taught, {wave.id: 1.5}, parent_id=style.id)
    older, newer = (work.id for work in reversed(project.works(Medium.IMAGE)))
    project.judge(said.like(Medium.IMAGE, older), False)
    project.judge(said.pair(Medium.IMAGE, newer, older), newer)
    project.judge(said.mark(Medium.TEXT, poem.id, said.Place(start=0, end=1)), True)
    project.save_medium(Medium.TEXT)
    project.close()
