"""What can go wrong in learning to learn. Each message says what to do."""


class MetaError(ValueError):
    """Something the caller can mend."""


class EmptySupportError(MetaError):
    """A support set without any work."""

    def __init__(self, what: str = "the support set") -> None:
        super().__init__(f"{what} is empty: give at least one work to adapt to")


class TooFewWorksError(MetaError):
    """A class (style) that cannot fill its support and query sets."""

    def __init__(self, style: str, have: int, need: int, role: str = "works") -> None:
        super().__init__(
            f"{style!r} has {have} {role}, an episode needs {need}: "
            "add works, drop the style, or ask for fewer shots or queries"
        )


class TooFewStylesError(MetaError):
    """Fewer styles than an episode has ways."""

    def __init__(self, have: int, need: int) -> None:
        super().__init__(f"{have} styles for {need}-way episodes: add styles or lower the ways")


class DivergedError(MetaError):
    """A loss that is no longer a number."""

    def __init__(self, where: str, step: int) -> None:
        super().__init__(
            f"the {where} loss is not finite at step {step}: lower the learning rate or clip "
            "the gradients, and resume from the last checkpoint"
        )


class WrongCheckpointError(MetaError):
    """A checkpoint of another model, learner or format."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(
            f"{path} does not fit: {why}; choose the checkpoint of this model or train it anew"
        )


class UnknownParameterError(MetaError):
    """A subset that names parameters which the model does not have."""

    def __init__(self, pattern: str) -> None:
        super().__init__(
            f"no parameter matches {pattern!r}: list model.named_parameters() and choose among them"
        )
