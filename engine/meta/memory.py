"""A memory-augmented network: bind what was seen to its label in an external memory.

Legend: S support works, Q queries, M memory slots of size D, R read heads, W ways, H controller
units; w^r, w^w, w^u read, write and usage weights over the slots.
Santoro et al. (2016), Meta-Learning with Memory-Augmented Neural Networks; the equation numbers
are theirs. Two changes, both usual since: pictures come through the encoder that all learners
share, and a support work comes together with its label rather than one step before it.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import vmap

from engine.meta.errors import EmptySupportError
from engine.meta.learner import MetaLearner, cross_entropy


class Memory(NamedTuple):
    """Everything that changes while a sequence is read."""

    slots: Tensor  # (M, D)
    usage: Tensor  # (M,)
    read: Tensor  # (R, M), the read weights of the step before
    hidden: Tensor  # (H,)
    cell: Tensor  # (H,)


class LeastUsedMemory(nn.Module):
    """The memory and its addressing: least recently used access (section 3.2)."""

    def __init__(
        self, slots: int = 64, size: int = 64, heads: int = 1, decay: float = 0.95
    ) -> None:
        super().__init__()
        self.slots, self.size, self.heads, self.decay = slots, size, heads, decay
        self.write_gate = nn.Parameter(torch.tensor(-3.0))  # α; σ(α): last read, else least used
        self.sharpness = nn.Parameter(torch.tensor(10.0))  # of the softmax in eq. 3

    def read(self, slots: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        """keys (R, D) -> r = Σ_i w^r_i M_i (R, D) and w^r (R, M); eq. 2 to 4."""
        cosines = F.normalize(keys, dim=1) @ F.normalize(slots, dim=1).T
        weights = torch.softmax(self.sharpness * cosines, dim=1)
        return weights @ slots, weights

    def write_weights(self, memory: Memory) -> tuple[Tensor, Tensor]:
        """w^w = σ(α) w^r_before + (1 - σ(α)) w^lu (R, M), eq. 6, and w^lu (R, M)."""
        order = torch.argsort(memory.usage)[: self.heads]
        least = F.one_hot(order, self.slots).to(memory.usage)  # one unused slot a head
        gate = torch.sigmoid(self.write_gate)
        return gate * memory.read + (1 - gate) * least, least

    def write(self, memory: Memory, keys: Tensor, weights: Tensor, least: Tensor) -> Tensor:
        """M_i = M_i + w^w_i k after the least used slots are set to zero: (M, D); eq. 7."""
        kept = memory.slots * (1 - least.sum(0).clamp(max=1))[:, None]
        return kept + weights.T @ keys

    def used(self, usage: Tensor, read: Tensor, write: Tensor) -> Tensor:
        """w^u = γ w^u_before + w^r + w^w: (M,); eq. 5."""
        return self.decay * usage + read.sum(0) + write.sum(0)


class MemoryAugmented(MetaLearner):
    """An LSTM controller over the memory; reads the support set, then answers each query alone."""

    def __init__(
        self, encoder: nn.Module, features: int, ways: int, hidden: int = 64, size: int = 64
    ) -> None:
        super().__init__()
        self.encoder, self.ways, self.hidden = encoder, ways, hidden
        self.memory = LeastUsedMemory(slots=max(64, 2 * ways), size=size)
        self.label = nn.Linear(ways, size, bias=False)  # begins as long as a key, so both count
        nn.init.normal_(self.label.weight, std=size**-0.5)
        self.embed = nn.Linear(features, size)
        self.gates = nn.Linear(2 * size + hidden, 4 * hidden)
        self.key = nn.Linear(hidden, size, bias=False)
        self.direct = nn.Linear(size, size)
        self.out = nn.Linear(hidden + size, ways)

    def start(self, like: Tensor) -> Memory:
        """An almost empty memory."""
        slots = like.new_full((self.memory.slots, self.memory.size), 1e-6)
        usage, hidden = like.new_zeros(self.memory.slots), like.new_zeros(self.hidden)
        read = like.new_zeros(self.memory.heads, self.memory.slots)
        return Memory(slots, usage, read, hidden, hidden)

    def step(self, memory: Memory, work: Tensor, label: Tensor) -> tuple[Tensor, Memory]:
        """One work (D,) with its label (D,) or zeros: logits (W,) and the memory after it."""
        slots, usage, _, hidden, cell = memory
        a, b, c, d = self.gates(torch.cat([work, label, hidden])).chunk(4)
        cell = torch.sigmoid(b + 1) * cell + torch.sigmoid(a) * torch.tanh(c)
        hidden = torch.sigmoid(d) * torch.tanh(cell)
        address = F.normalize(self.direct(work) + self.key(hidden), dim=0)[None]  # (R = 1, D)
        found, read = self.memory.read(slots, address)
        write, least = self.memory.write_weights(memory)
        slots = self.memory.write(memory, address + label, write, least)
        usage = self.memory.used(usage, read, write)
        logits = self.out(torch.cat([hidden, found[0]]))
        return logits, Memory(slots, usage, read, hidden, cell)

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        if support_x.shape[0] == 0:
            raise EmptySupportError
        works = self.embed(self.encoder(support_x))
        labels = self.label(F.one_hot(support_y, self.ways).to(works))
        memory = self.start(works)
        for work, label in zip(works.unbind(), labels.unbind(), strict=True):
            _, memory = self.step(memory, work, label)
        nothing = torch.zeros_like(labels[0])
        return vmap(lambda query: self.step(memory, query, nothing)[0])(
            self.embed(self.encoder(query_x))
        )

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        return cross_entropy(self.predict(support_x, support_y, query_x), query_y)
