"""A figure as data: one table from which drawing, screen, sentence and files come."""

from __future__ import annotations

from dataclasses import dataclass, field

from zorgspiegel.portal import numbers
from zorgspiegel.portal.numbers import Answer, Unit
from zorgspiegel.terms.statuses import CellStatus
from zorgspiegel.terms.topics import FigureKind, Measure


@dataclass(frozen=True)
class Row:
    """One row: its words, its answers in the order of the value columns, and where its mark leads to."""

    key: str
    labels: tuple[str, ...]
    answers: tuple[Answer, ...]
    href: str = ""
    is_own: bool = False
    in_drawing: bool = True
    note: str = ""


@dataclass(frozen=True)
class FigureData:
    """A figure: what it is about, its table, and what has to be said beside it.

    label_columns: names of the columns with words.   value_columns: names of the columns with answers.
    breaks:        keys of rows from which on figures cannot be compared with those before, with the reason.
    """

    id: str
    kind: FigureKind
    title: str
    subtitle: str
    explanation: str
    measure: Measure
    label_columns: tuple[str, ...]
    value_columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sentence: str = ""
    notes: tuple[str, ...] = ()
    breaks: dict[str, str] = field(default_factory=dict, hash=False)
    level: str = ""
    is_invented: bool = False

    @property
    def unit(self) -> Unit:
        """How its values are written."""
        return numbers.UNITS[self.measure]

    def text(self, answer: Answer) -> str:
        """An answer as it is shown."""
        return numbers.text(answer, self.unit)

    def count(self, status: CellStatus) -> int:
        """How many answers have this status."""
        return sum(answer.status is status for row in self.rows for answer in row.answers)

    @property
    def hidden(self) -> int:
        """How many answers are geheim."""
        return self.count(CellStatus.GEHEIM)

    @property
    def unknown(self) -> int:
        """How many answers are onbekend."""
        return self.count(CellStatus.ONBEKEND)

    @property
    def has_something_to_draw(self) -> bool:
        """Whether there is a value at all."""
        return any(answer.shown for row in self.rows if row.in_drawing for answer in row.answers)

    @property
    def own_row(self) -> Row | None:
        """The row of the area that the page is about."""
        return next((row for row in self.rows if row.is_own), None)

    @property
    def table(self) -> list[tuple[Row, list[str]]]:
        """The rows with their answers in words, for the screen."""
        return [(row, [self.text(answer) for answer in row.answers]) for row in self.rows]
