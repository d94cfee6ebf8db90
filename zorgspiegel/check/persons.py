"""Data about persons in a file that may hold totals only: BSN, birth date, full postcode, name.

Two tests per column. In a column that can never rightly hold such a value, one value is enough. In a column
that can (an amount of nine digits is an ordinary thing, and one in eleven passes the elfproef by chance), it
takes a pattern: at least ten values of that form, of which four in five pass. Ten random numbers do that once
in two million files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from zorgspiegel.check.values import is_elfproef_number
from zorgspiegel.terms.standards import FieldDef

ENOUGH = 10
"""So many values of a form before density says anything."""
DENSE = 0.8
"""Share of those values that must pass."""

FORBIDDEN_NAMES = (
    "bsn|burgerservicenummer|sofinummer|voornaam|voornamen|achternaam|geslachtsnaam|naam|clientnaam|voorletters|"
    "roepnaam|adres|straat|straatnaam|huisnummer|email|emailadres|telefoon|telefoonnummer|mobiel|iban|"
    "geboortedatum|geboortedag|postcode"
)
"""Column names (lower case, without other characters) that always mean a person."""

_DAY = "[0-3]?[0-9][-/.][01]?[0-9][-/.](19|20)[0-9]{2}|(19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]"
_COMPACT_DAY = "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_POSTCODE = "[1-9][0-9]{3} ?[A-Za-z]{2}"
_NAME = "([A-Z][.]? ?)*([a-z]{2,4} )*[A-Z][a-z]+(,? +([a-z]{2,4} )*[A-Z][A-Za-z.]*)+"


NUMBER, BARE = "cijfers ", "kaal "
"""Prefixes of columns that `prepared` adds."""


def prepared(table: ir.Table, fields: Sequence[FieldDef], text: str) -> ir.Table:
    """The table with, per column, the value without spaces, dots and dashes, and the number that it is if a
    BSN could be written so (nine digits, or eight where a spreadsheet took the zero away). `text` is the
    prefix of the texts."""
    bare = {BARE + field.name: table[text + field.name].re_replace("[ .-]", "") for field in fields}
    table = table.mutate(**bare).view()
    return table.mutate(
        **{NUMBER + field.name: _number(field, table[BARE + field.name]) for field in fields}
    ).view()


def _number(field: FieldDef, bare: ir.StringValue) -> ir.IntegerValue:
    if field.holds == "free_text":
        bare = bare.re_extract("(^|[^0-9])([0-9]{9})([^0-9]|$)", 2)
    return bare.re_search("^[0-9]{8,9}$").ifelse(bare, ibis.null("string")).try_cast("int64")


def one_is_enough(field: FieldDef, table: ir.Table, text: str) -> ir.BooleanValue | None:
    """True where a value cannot be anything but a person's; None when this column can rightly hold such
    values."""
    found = list(_impossible(field, table, table[text + field.name]))
    return ibis.or_(*found) if found else None


def _impossible(field: FieldDef, table: ir.Table, text: ir.StringValue) -> Iterator[ir.BooleanValue]:
    number, bare = table[NUMBER + field.name], table[BARE + field.name]
    if field.holds == "free_text":
        yield is_elfproef_number(number).fill_null(False)
        return
    if field.holds is not None or field.type == "date":
        return
    if not _may_hold_nine_digits(field):
        yield (bare.length() == 9).fill_null(False) & is_elfproef_number(number).fill_null(False)
        if (field.longest or 99) < 8:
            yield text.re_search(f"^({_COMPACT_DAY})$")
    yield text.re_search(f"^({_DAY})$")
    yield text.re_search(f"^({_POSTCODE})$")
    yield text.re_search(f"^({_NAME})$")


def _may_hold_nine_digits(field: FieldDef) -> bool:
    """Whether nine digits can be a right value here: numbers without a short limit, and agreed codes of
    nine."""
    return field.type in {"integer", "number"} and (field.longest is None or field.longest >= 9)


def dense(field: FieldDef, table: ir.Table) -> tuple[ir.BooleanValue, ir.BooleanValue] | None:
    """(has the form, passes) for the density test; None when the column is declared to hold such values."""
    if field.holds is not None or field.type == "date":
        return None
    number = table[NUMBER + field.name]
    form = number.notnull() & ~table[BARE + field.name].re_search(f"^({_COMPACT_DAY})$")
    return form.fill_null(False), (form & is_elfproef_number(number)).fill_null(False)


def is_forbidden_name(header: str) -> bool:
    """Whether a column name says that the column is about a person."""
    letters = "".join(character for character in header.lower() if character.isalpha())
    return letters in FORBIDDEN_NAMES.split("|")
