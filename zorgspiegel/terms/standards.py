"""Delivery standards as data: a Frictionless Data Package descriptor, plus our rules.

One YAML file per standard in `definitions/standards/`. Everything that a sender sees (the check, the
documentation, the template, the SQL example, the package for a second opinion) comes from that one file.
Keys of Frictionless keep Frictionless' spelling; ours are marked in the docstrings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zorgspiegel.terms.findings import Severity
from zorgspiegel.terms.periods import Period


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Fault(StrEnum):
    """Kinds of faults that every standard can have; each standard gives each kind its own code."""

    EXTENSION = "extension"
    NAME = "name"
    ZIP = "zip"
    SIZE = "size"
    VIRUS = "virus"
    ENCODING = "encoding"
    STRUCTURE = "structure"
    COLUMNS = "columns"
    HEADER = "header"
    EMPTY_FILE = "empty_file"
    SENDER = "sender"
    PERIOD = "period"
    SAME_FILE = "same_file"
    UNREADABLE = "unreadable"
    REQUIRED = "required"
    LENGTH = "length"
    CHARACTERS = "characters"
    RANGE = "range"
    CODE_LIST = "code_list"
    DATE = "date"
    UNIQUE = "unique"
    PERSONS = "persons"
    FORBIDDEN_COLUMN = "forbidden_column"
    TOO_MANY_REJECTED = "too_many_rejected"


FAULT_NUMBERS: dict[Fault, int] = {
    Fault.EXTENSION: 1,
    Fault.NAME: 2,
    Fault.ZIP: 3,
    Fault.SIZE: 4,
    Fault.VIRUS: 5,
    Fault.ENCODING: 6,
    Fault.COLUMNS: 7,
    Fault.HEADER: 8,
    Fault.EMPTY_FILE: 9,
    Fault.SENDER: 10,
    Fault.PERIOD: 11,
    Fault.SAME_FILE: 12,
    Fault.STRUCTURE: 13,
    Fault.UNREADABLE: 14,
    Fault.PERSONS: 15,
    Fault.TOO_MANY_REJECTED: 16,
    Fault.REQUIRED: 20,
    Fault.LENGTH: 21,
    Fault.CHARACTERS: 22,
    Fault.RANGE: 23,
    Fault.UNIQUE: 24,
    Fault.CODE_LIST: 25,
    Fault.DATE: 26,
    Fault.FORBIDDEN_COLUMN: 40,
}
"""The number behind a standard's prefix, unless the standard says otherwise. Numbers from 50 are for its own
rules."""

FILE_FAULTS = frozenset(fault for fault, number in FAULT_NUMBERS.items() if number < 20) | {
    Fault.FORBIDDEN_COLUMN
}
"""Faults of the file as a whole: always B. The others are faults of a row and default to R."""


class Code(_Model):
    """One code. Dates are ISO, inclusive; None = the limit of the list."""

    code: str
    label: str
    geldig_vanaf: date | None = None
    geldig_tot: date | None = None


class CodeList(_Model):
    """A code list with its source. Every code is valid from/to the list's own dates unless it has its own."""

    id: str
    title: str
    bron: str
    versie: str
    geldig_vanaf: date
    geldig_tot: date | None = None
    codes: tuple[Code, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_code_once(self) -> CodeList:
        seen = [(code.code, code.geldig_vanaf) for code in self.codes]
        if len(set(seen)) != len(seen):
            raise ValueError("a code stands in the list twice with the same first day; remove one of them")
        return self

    def valid(self, period: Period | None) -> tuple[str, ...]:
        """The codes that are valid on at least one day of the period; all of them when the period is not
        known."""
        return tuple(dict.fromkeys(code.code for code in self.codes if self._is_valid(code, period)))

    def _is_valid(self, code: Code, period: Period | None) -> bool:
        if period is None:
            return True
        first = code.geldig_vanaf or self.geldig_vanaf
        last = code.geldig_tot or self.geldig_tot
        return first <= period.last_day and (last is None or last >= period.first_day)


class Constraints(_Model):
    """Constraints of Frictionless Table Schema, as far as we use them. A pattern always means the whole
    value."""

    required: bool = False
    unique: bool = False
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    minLength: int | None = None  # noqa: N815 - Frictionless' spelling
    maxLength: int | None = None  # noqa: N815 - Frictionless' spelling
    minimum: int | None = None
    maximum: int | None = None

    @model_validator(mode="after")
    def _portable_pattern(self) -> Constraints:
        # The same pattern runs in RE2 (DuckDB), Java (Spark) and Python (frictionless, the plain twin).
        if self.pattern is not None:
            re.compile(self.pattern)
            if re.search(r"\\[dwsDWSbBAZz]|\(\?", self.pattern) or self.pattern.startswith("^"):
                raise ValueError("write plain classes such as [0-9]; no \\d, \\w, \\b, lookaround or ^ and $")
        return self


class FieldDef(_Model):
    """One column. `codelist`, `partial`, `persons`, `codes` and `example` are ours."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    title: str
    description: str
    type: Literal["string", "integer", "number", "date"]
    constraints: Constraints = Constraints()
    codelist: str | None = None
    """Id of a list in `definitions/codelists/`: only codes that are valid in the period are allowed."""
    partial: bool = False
    """A date of which day, or day and month, may be 00 (unknown). It stays text: JJJJMM00 is not a day."""
    holds: Literal["bsn", "birth_date", "postcode6", "free_text"] | None = None
    """What the column lawfully holds, so that the search for person data does not trip over it."""
    codes: dict[Fault, str] = {}
    """Codes of this column's faults where they differ from the standard's."""
    severity: Severity | None = None
    """Severity of this column's faults where it is not R."""
    example: str | None = None
    """An invented value for documentation and templates."""
    measure: Literal["count", "sum", "average"] | None = None
    """In aggregates: how the column comes from source rows (SQL example). None = a dimension."""

    @model_validator(mode="after")
    def _one_kind_of_limit(self) -> FieldDef:
        if self.partial and self.type != "date":
            raise ValueError("partial: true is only for type date")
        if self.constraints.enum and self.codelist:
            raise ValueError("give enum or codelist, not both")
        return self

    @property
    def longest(self) -> int | None:
        """The most characters that a right value can have; None = no limit given."""
        return 8 if self.type == "date" else self.constraints.maxLength


class Schema(_Model):
    """Frictionless Table Schema."""

    fields: tuple[FieldDef, ...] = Field(min_length=1)
    primaryKey: tuple[str, ...] = ()  # noqa: N815 - Frictionless' spelling

    @model_validator(mode="after")
    def _names(self) -> Schema:
        names = [field.name for field in self.fields]
        if len({name.lower() for name in names}) != len(names):
            raise ValueError("two columns have the same name (capitals do not count)")
        if unknown := set(self.primaryKey) - set(names):
            raise ValueError(f"primaryKey names a column that is not there: {', '.join(sorted(unknown))}")
        return self


class Resource(_Model):
    """One record kind. `kind`, `least`, `most`, `position` and `derived` are ours."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    description: str
    table: Schema = Field(alias="schema")
    kind: str | None = None
    """Value of the first column by which lines of this kind are known, in a file with several kinds."""
    least: int = 0
    most: int | None = None
    position: Literal["first", "last"] | None = None
    derived: dict[str, str] = {}
    """Names for expressions over one row, usable in rules: `begin: coalesce(Start_daadwerkelijk, ...)`."""

    @property
    def fields(self) -> tuple[FieldDef, ...]:
        """The columns, in order."""
        return self.table.fields

    def field(self, name: str) -> FieldDef:
        """The column with this name; KeyError when there is none."""
        return next((f for f in self.fields if f.name == name), None) or _missing(name)


def _missing(name: str) -> FieldDef:
    raise KeyError(name)


class Rule(_Model):
    """One rule of a standard: what must be true, and what to tell the sender when it is not.

    `must` is an expression (check/expressions.py). It is broken only where it is *false*: an empty or
    unreadable value makes it unknown, and unknown is no fault (that the value is missing or wrong is another
    finding).

    scope "row":   over one row of `resource`.
    scope "group": over the rows of `resource` that share `by`; with aggregates (count, sum, distinct, ...).
                   A row in which one of those is empty belongs to no group.
    scope "file":  over whole record kinds: `max(sluit.Som) == sum(detail.Bedrag)`.
    `unique`:      instead of `must`: these columns together may occur once; the first row is not reported.
    `same`:        instead of `must`: rows that share `by` must have the same values here.
    `vorige(...)`: around an aggregate: the same over the previous delivery. Not given = not checked.
    """

    code: str = Field(pattern=r"^[A-Z]{1,5}[0-9]{3}$")
    severity: Severity
    scope: Literal["row", "group", "file"] = "row"
    resource: str | None = None
    field: str | None = None
    must: str | None = None
    unique: tuple[str, ...] | Literal["row"] | None = None
    same: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    when: str | None = None
    """Only rows for which this is true take part."""
    what: str
    why: str
    mend: str
    source: str
    datalek: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> Rule:
        if [self.must is not None, self.unique is not None, bool(self.same)].count(True) != 1:
            raise ValueError("give one of must, unique and same")
        if (self.scope == "group") != bool(self.by):
            raise ValueError(
                "by, the columns that make a group, goes with scope: group and the other way round"
            )
        return self


class FileRules(_Model):
    """What the file itself must be like."""

    name: str | None = None
    """Pattern of the file name; named groups gemeente, jaar, halfjaar, volgnummer are read from it."""
    name_example: str | None = None
    forms: tuple[Literal["csv", "xlsx", "xml"], ...] = ("csv",)
    separators: tuple[Literal[";", ","], ...] = (";",)
    encodings: tuple[Literal["utf-8", "windows-1252"], ...] = ("utf-8",)
    header: bool = True
    max_mb: int = 200
    zip: bool = True
    zip_max_files: int = 4


class SqlExample(_Model):
    """A script of our own that makes a delivery: `tables` and `demo` build a small source, `select` the
    records.

    Written in the common part of SQLite and PostgreSQL. `{{name}}` is a parameter with its demo value.
    """

    note: str
    parameters: dict[str, str] = {}
    tables: str
    demo: str
    select: dict[str, str]
    """Query per resource; its columns are that resource's columns, in order."""
    views: str = ""


class Standard(_Model):
    """A delivery standard, with everything that follows from it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str
    description: str
    layout: Literal["officieel", "eigen"]
    """Whose layout this is. `eigen` = ours, and never to be presented as the official one."""
    layout_note: str
    source: str
    geldig_vanaf: int
    geldig_tot: int | None = None
    regime: Literal["personen", "aggregaat"]
    """`personen`: rows are about persons, with BSN. `aggregaat`: nothing about a person may be in it."""
    sender: Literal["gemeente", "zorgverzekeraar", "zorgkantoor", "zorgaanbieder", "regio"]
    period: Literal["jaar", "halfjaar", "kwartaal", "maand", "peildatum"]
    sender_field: str | None = None
    """Column (resource.Column) that must hold the code of the sender's account."""
    prefix: str = Field(pattern=r"^[A-Z]{1,5}$")
    codes: dict[Fault, str] = {}
    severities: dict[Fault, Severity] = {}
    max_rejected_percent: int = 5
    warning: str | None = None
    """A sentence that stands with every figure from this standard."""
    file: FileRules = FileRules()
    resources: tuple[Resource, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()
    sql: SqlExample | None = None

    @model_validator(mode="after")
    def _whole(self) -> Standard:
        kinds = [resource.kind for resource in self.resources]
        if len(kinds) > 1 and None in kinds:
            raise ValueError("with more than one record kind every resource needs its kind")
        names = {resource.name for resource in self.resources}
        for rule in self.rules:
            if rule.resource is None and len(names) > 1 and rule.scope != "file":
                raise ValueError(f"rule {rule.code} must say which resource it is about")
            if rule.resource is not None and rule.resource not in names:
                raise ValueError(
                    f"rule {rule.code} is about {rule.resource!r}; known: {', '.join(sorted(names))}"
                )
        return self

    @property
    def has_kinds(self) -> bool:
        """Whether lines of several kinds stand in one file, known by their first column."""
        return self.resources[0].kind is not None

    def resource(self, name: str | None) -> Resource:
        """The record kind with this name; the only one when name is None."""
        found = [r for r in self.resources if name in {None, r.name}]
        assert len(found) == 1 or name is None, f"{self.id} has no record kind {name}"
        return found[0]

    def code(self, fault: Fault, field: FieldDef | None = None) -> str:
        """The code of a kind of fault: the column's own, else the standard's own, else prefix and fixed
        number."""
        if field is not None and fault in field.codes:
            return field.codes[fault]
        return self.codes.get(fault) or f"{self.prefix}{FAULT_NUMBERS[fault]:03d}"

    def severity(self, fault: Fault, field: FieldDef | None = None) -> Severity:
        """How bad a kind of fault is: the column's own, else the standard's, else B for the file and R for a
        row."""
        if field is not None and field.severity is not None:
            return field.severity
        return self.severities.get(fault) or (Severity.B if fault in FILE_FAULTS else Severity.R)

    def codelist_ids(self) -> Iterator[str]:
        """Ids of the code lists that the columns name, each once."""
        yield from dict.fromkeys(f.codelist for r in self.resources for f in r.fields if f.codelist)
