"""What goes wrong while weights are loaded, in a sentence."""

from collections.abc import Generator
from contextlib import contextmanager

import torch

from engine.core.errors import BadInput
from engine.core.pretrained.added import AddedModel
from engine.core.pretrained.headers import damaged

_MOST_LETTERS = 120  # of a library's own words


@contextmanager
def loading(row: AddedModel) -> Generator[None]:
    """Raises BadInput for whatever a library raises within: the model is gone, damaged, or too
    large for the memory. A BadInput passes as it is."""
    try:
        yield
    except BadInput:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise BadInput("model_no_room", name=row.name) from error
    except (OSError, LookupError, ValueError, TypeError, RuntimeError) as error:
        if not row.is_there():
            raise BadInput("model_gone", name=row.name) from error
        reason = (str(error).splitlines() or ["?"])[0]
        raise damaged(row.name, reason[:_MOST_LETTERS]) from error
