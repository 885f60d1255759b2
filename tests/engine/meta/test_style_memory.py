import pytest
import torch

from engine.meta.errors import EmptySupportError, WrongCheckpointError
from engine.meta.style_memory import StyleMemory


@pytest.fixture
def memory() -> StyleMemory:
    memory = StyleMemory()
    for i, name in enumerate(["ink", "wash", "linocut"]):
        embedding = torch.eye(3)[i].expand(2, -1)
        memory.remember(name, embedding, {"head.weight": torch.full((2, 2), float(i))})
    return memory


def test_the_nearest_style_comes_first(memory):
    names = [name for name, _ in memory.nearest(torch.tensor([[0.1, 1.0, 0.3]]), 2)]
    assert names == ["wash", "linocut"]


def test_adaptation_starts_from_the_near_styles_and_else_from_the_fallback(memory):
    fallback = {"head.weight": torch.full((2, 2), 9.0)}
    near = memory.start_from(torch.tensor([[0.0, 0.0, 1.0]]), fallback)
    torch.testing.assert_close(near["head.weight"], torch.full((2, 2), 2.0))
    between = memory.start_from(torch.tensor([[0.0, 1.0, 1.0]]), fallback)
    torch.testing.assert_close(between["head.weight"], torch.full((2, 2), 1.5))
    far = memory.start_from(torch.tensor([[-1.0, -1.0, -1.0]]), fallback)
    torch.testing.assert_close(far, fallback)


def test_a_memory_survives_its_file(memory, tmp_path):
    memory.save(tmp_path / "styles.safetensors")
    again = StyleMemory.load(tmp_path / "styles.safetensors")
    assert list(again.styles) == list(memory.styles)
    for name, style in memory.styles.items():
        torch.testing.assert_close(again.styles[name].embedding, style.embedding)
        torch.testing.assert_close(again.styles[name].parameters, style.parameters)


def test_what_is_no_memory_is_refused(memory, tmp_path):
    (tmp_path / "text").write_bytes(b"no memory at all")
    with pytest.raises(WrongCheckpointError, match="no style memory"):
        StyleMemory.load(tmp_path / "text")
    with pytest.raises(EmptySupportError, match="references of 'ink'"):
        memory.remember("ink", torch.zeros(0, 3), {})
    memory.forget("ink")
    assert "ink" not in memory.styles
