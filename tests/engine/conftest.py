"""What the engine's tests share. `engine` is imported before torch: it says how OpenMP's threads
wait, which is read when torch is loaded."""

from collections.abc import Iterator

import engine  # noqa: F401

# isort: split
import pytest
import torch

from tests.engine.handmade import adapted, painting


@pytest.fixture(autouse=True, scope="module")
def single_thread() -> Iterator[None]:
    """These tensors are small: a second thread costs more than it brings."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True, scope="session")
def no_language_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the developer has installed changes no test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAQUETTE_MODELS", str(tmp_path_factory.mktemp("no_models")))
        yield


@pytest.fixture(scope="session")
def style() -> dict[str, torch.Tensor]:
    """The tensors of a style of one painting."""
    return adapted([painting()])
