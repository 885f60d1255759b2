"""The trained weights that are shipped: half precision safetensors with a model card each."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor

from engine.core.assets import asset
from engine.core.files import sha256
from engine.core.weights_file import load_checked
from engine.lab.training.fewshot_recipes import RECIPES
from engine.meta.errors import WrongCheckpointError
from engine.meta.learner import MetaLearner

WEIGHTS_FOLDER = asset("weights/meta")
CARD_FORMAT = 1


def weights_path(name: str, ways: int) -> Path:
    """Where the weights of a few-shot learner are; one file for those that serve any ways."""
    suffix = "any" if RECIPES[name].any_ways else f"{ways}-way"
    return WEIGHTS_FOLDER / f"{name.lower()}-{suffix}.safetensors"


def save_weights(path: Path, tensors: dict[str, Tensor], card: dict[str, object]) -> None:
    """Write weights in their own precision and `card` as JSON beside them; without a licence of its
    own theirs is the project's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = save({k: t.contiguous() for k, t in tensors.items()})
    licence = {"licence": card.get("licence", "Apache-2.0")}
    whole = {"format": CARD_FORMAT, "sha256": sha256(data), **card, **licence}
    text = json.dumps(whole, indent=1) + "\n"
    for target, content in (
        (path, data),
        (path.with_suffix(".json"), text.encode()),
    ):
        partial = target.with_name(target.name + ".partial")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)


def load_weights(path: Path, learner: MetaLearner) -> MetaLearner:
    """Fill a learner from a file. Raises `WrongCheckpointError`."""
    if not path.exists():
        raise WrongCheckpointError(path, "there is no such file")
    try:
        learner.load_state_dict({k: t.float() for k, t in load_checked(path).items()})
    except SafetensorError as error:
        raise WrongCheckpointError(path, f"it is no safetensors file ({error})") from error
    except RuntimeError as error:
        why = "it was made by a model of other names or shapes"
        raise WrongCheckpointError(path, why) from error
    except ValueError as error:
        raise WrongCheckpointError(path, f"it is damaged: {error}") from error
    return learner


def load_learner(name: str, ways: int) -> MetaLearner:
    """A trained few-shot learner. Raises `WrongCheckpointError`."""
    return load_weights(weights_path(name, ways), RECIPES[name].make(ways))
