"""What decides a run of the outer loop."""

import math
from dataclasses import dataclass

OPTIMIZERS = ("adamw", "sgd", "muon")
DECAYS = ("cosine", "linear", "late")
HELD = 0.7  # the share of the steps before a late decay begins


@dataclass(frozen=True, slots=True)
class OuterConfig:
    """rate falls from `rate` to `rate * final_share` after a linear warm-up.

    optimizer: "adamw", or "sgd" without momentum, which takes `rate` of the meta-gradient as it
    is (Reptile's own outer step), or "muon", whose AdamW part takes `rate * adamw_share`.
    decay: "cosine", "linear", or "late", which holds the rate and then falls linearly (so a run of
    unknown length can be ended at any time: Hägele et al. 2024).
    """

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
    optimizer: str = "adamw"
    decay: str = "cosine"
    adamw_share: float = 1.0
    beta2: float = 0.999

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS or self.decay not in DECAYS:
            raise ValueError(
                f"optimizer {self.optimizer!r}, decay {self.decay!r}: "
                f"choose among {OPTIMIZERS} and {DECAYS}"
            )

    def rate_at(self, step: int) -> float:
        """The outer learning rate of step 0..steps-1."""
        if step < self.warmup_steps:
            return self.rate * (step + 1) / self.warmup_steps
        share = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        left = {
            "cosine": 0.5 * (1 + math.cos(math.pi * share)),
            "linear": 1 - share,
            "late": min(1.0, (1 - share) / (1 - HELD)),
        }[self.decay]
        return self.rate * (self.final_share + (1 - self.final_share) * left)
