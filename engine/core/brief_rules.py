"""What a medium declares of its brief, in one object: limits, files, and command-line options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic

import msgspec

from engine.protocol import BriefT, FileKind, max_bytes, suffixes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A command-line option of `generate`. name: without the hyphens in front ("top-p"); it fills
    the field of that name ("top_p") unless the medium reads it otherwise.

    parse: what becomes of each word; it raises ValueError or argparse.ArgumentTypeError.
    several: it takes one or more words. switch: it takes none, and is true where it is given.
    source: it may name a file that works are made from (see BriefRules.sources).
    """

    name: str
    help: str = ""
    parse: Callable[[str], object] = str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    several: bool = False
    switch: bool = False
    source: bool = False

    @property
    def key(self) -> str:
        """The name as a field has it."""
        return self.name.replace("-", "_")


SHARED_OPTIONS = (
    Option(name="count", parse=int, metavar="N"),
    Option(name="seed", parse=int),
    Option(name="strength", parse=float, metavar="0..2"),
    Option(name="follow", parse=float, metavar="0..1", help="your ratings"),
    Option(name="candidates", parse=int, metavar="N", help="made for each that is shown"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefRules(Generic[BriefT]):
    """works: what the medium makes, in the plural, for people. kind: the class of its briefs.

    check: raises BadInput for a brief that cannot be met. sources: the files that a brief's works
    are made from, paths by the name of the field. files: those that are taken as references.
    options: beside SHARED_OPTIONS. from_options: the brief of the options that were given, values
    by their keys; it raises BadInput.
    """

    works: str
    kind: type[BriefT]
    check: Callable[[BriefT], None]
    sources: Callable[[BriefT], dict[str, str]]
    files: tuple[FileKind, ...]
    options: tuple[Option, ...]
    from_options: Callable[[Mapping[str, object]], BriefT]

    @property
    def suffixes(self) -> tuple[str, ...]:
        return suffixes_of(self.files)

    def max_bytes(self, name: str) -> int:
        """How large the file called `name` may be."""
        return max_bytes(self.files, name)

    def takes(self, option: Option) -> bool:
        return any(option.name == own.name for own in (*SHARED_OPTIONS, *self.options))


def as_given(kind: type[BriefT]) -> Callable[[Mapping[str, object]], BriefT]:
    """The `from_options` of a medium whose options are fields of its brief, name by name."""

    def from_options(given: Mapping[str, object]) -> BriefT:
        return msgspec.convert(dict(given), kind)

    return from_options
