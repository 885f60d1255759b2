"""What decides a run of the outer loop."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OuterConfig:
    """rate falls from `rate` to `rate * final_share` by a cosine after a linear warm-up."""

    steps: int
    rate: float = 1e-3
    final_share: float = 0.01
    warmup_steps: int = 20
    weight_decay: float = 0.0
    clip_norm: float = 10.0
    ema_decay: float = 0.99
    bf16: bool = False
    log_every: int = 20
    evaluate_every: int = 200
    checkpoint_every: int = 200
    tensorboard: bool = False

    def rate_at(self, step: int) -> float:
        """The outer learning rate of step 0..steps-1."""
        if step < self.warmup_steps:
            return self.rate * (step + 1) / self.warmup_steps
        share = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * share))
        return self.rate * (self.final_share + (1 - self.final_share) * cosine)
