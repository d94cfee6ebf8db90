"""What the child is asked to do, and what it answers. Plain data, so that it can go through a pipe as
JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from zorgspiegel.terms.deliveries import Trouble


@dataclass(frozen=True)
class Job:
    """One file to open.

    path:       the file as received; it may have any name.
    name:       its name as the sender gave it: a label, never used as a path.
    folder:     an own, empty folder in which the child may write; `out` is made there.
    width:      columns of the table to make (for a standard with a header: columns of the standard).
    kinds:      names and column names per record kind, for XML.
    """

    path: str
    name: str
    folder: str
    out: str
    header: bool
    width: int
    forms: tuple[str, ...]
    separators: tuple[str, ...]
    encodings: tuple[str, ...]
    max_bytes: int
    zip: bool
    zip_max_files: int
    name_pattern: str | None = None
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    threads: int = 2


@dataclass
class Answer:
    """What was found; `rows` and `header` grow while reading."""

    form: str | None = None
    inner_name: str | None = None
    separator: str | None = None
    encoding: str | None = None
    has_bom: bool = False
    header: list[str] = field(default_factory=list)
    rows: int = 0
    width: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    has_table: bool = False
    has_quoted_newline: bool = False

    def trouble(self, kind: Trouble) -> bool:
        """Whether this trouble was met."""
        return any(problem["trouble"] == kind.value for problem in self.problems)
