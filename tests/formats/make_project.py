"""Writes the fixture of the current project format: run once for each new format, then keep it.

python tests/formats/make_project.py
"""

from pathlib import Path

from engine.messages import Brief
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
    project.save_brief(Brief(seed=1834, invention=0.5))
    project.close()
