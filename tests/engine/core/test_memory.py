"""Memory goes back when nothing is to be done."""

import sys

import psutil
import pytest
import torch

from engine.core.memory import give_back

MIB = 2**20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps free pages")
def test_what_was_freed_between_pieces_in_use_goes_back() -> None:
    process = psutil.Process()
    give_back()
    before = process.memory_info().rss
    blocks = [torch.ones(2**14) for _ in range(4000)]  # 64 KiB each: from the heap, not mapped
    kept = blocks[::40]
    del blocks
    give_back()
    assert process.memory_info().rss - before < 80 * MIB
    assert all(bool(block[0] == 1) for block in kept)


def test_it_may_be_called_at_any_time() -> None:
    give_back()
    give_back()
