"""Weights are what their cards say."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from engine.core.assets import assets_folder
from engine.core.files import sha256
from engine.core.weights_file import checked, load_checked

SHIPPED = sorted(
    path
    for folder in ("weights", "critic")
    for path in (assets_folder() / folder).rglob("*.safetensors")
)


@pytest.mark.weights
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_card_names_the_bytes_beside_it(path: Path) -> None:
    """After training anew, `engine.lab.training.weights.save_weights` writes both."""
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert card["sha256"] == sha256(path.read_bytes()), f"put this sha256 into {path.stem}.json"


def test_a_changed_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "joint.safetensors"
    path.write_bytes(b"weights")
    assert checked(path) == path  # nothing is said of it
    path.with_suffix(".json").write_text(json.dumps({"sha256": sha256(b"weights")}))
    assert checked(path) == path
    path.write_bytes(b"weighus")
    with pytest.raises(ValueError, match="card"):
        checked(path)


def test_tensors_are_those_of_the_checked_bytes(tmp_path: Path) -> None:
    path = tmp_path / "joint.safetensors"
    data = save({"a": torch.arange(3.0)})
    path.write_bytes(data)
    path.with_suffix(".json").write_text(json.dumps({"sha256": sha256(data)}))
    assert load_checked(path)["a"].tolist() == [0.0, 1.0, 2.0]
    path.write_bytes(data[:-1] + b"!")
    with pytest.raises(ValueError, match="card"):
        load_checked(path)
