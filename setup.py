"""What pyproject.toml cannot say: `assets/` is installed as the package `maquette_assets`, and
`engine.lab` with what only it reads stays in the checkout."""

from setuptools import find_packages, setup

ASSETS = ("critic", "fonts", "icons", "licences", "samples", "weights")
LAB_ONLY = ("samples/audio/*", "samples/glyphs/*", "weights/meta/*")

setup(
    packages=[
        *find_packages(include=["engine*", "studio*"], exclude=["engine.lab*"]),
        "maquette_assets",
    ],
    package_dir={"maquette_assets": "assets"},
    package_data={
        "": ["*.css", "*.json", "*.qss"],
        "maquette_assets": [f"{folder}/**/*" for folder in ASSETS],
    },
    exclude_package_data={"maquette_assets": [*LAB_ONLY]},
)
