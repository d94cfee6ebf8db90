"""Data about persons in a file that may hold totals only: BSN, birth date, full postcode, name.

Two tests per column. In a column that can never rightly hold such a value, one value is enough. In a column
that can (an amount of nine digits is an ordinary thing, and one in eleven passes the elfproef by chance), it
takes a pattern: at least ten values of that form, of which four in five pass. Ten random numbers do that once
in two million files.
"""

from __future__ import annotations

from collections.abc import Sequence

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


NUMBER = "cijfers "
"""Prefix of the columns that `prepared` adds."""

_LIKE_A_PERSON = f"^({_DAY}|{_POSTCODE}|{_NAME})$"


def prepared(table: ir.Table, fields: Sequence[FieldDef], text: str) -> ir.Table:
    """The table with, per column, the number that its value is if a BSN could be written so; `text` is the
    prefix of the columns with the values as delivered. Nine digits, or eight in a column of numbers (a
    spreadsheet takes the zero away); spaces, dots and dashes do not count."""
    numbers = {NUMBER + field.name: _number(field, table[text + field.name]) for field in fields}
    return table.mutate(**numbers)


def _number(field: FieldDef, text: ir.StringValue) -> ir.IntegerValue:
    if field.holds == "free_text":
        bare = text.re_extract("(^|[^0-9])([0-9]{9})([^0-9]|$)", 2)
    else:
        bare = text.re_replace("[ .-]", "")
    form = "^[0-9]{8,9}$" if _may_hold_nine_digits(field) else "^[0-9]{9}$"
    return bare.re_search(form).ifelse(bare, ibis.null("string")).try_cast("int64")


def one_is_enough(field: FieldDef, table: ir.Table, text: str) -> ir.BooleanValue | None:
    """True where a value cannot be anything but a person's; None when this column can rightly hold such
    values."""
    if field.type == "date" or field.holds not in {None, "free_text"}:
        return None
    delivered, is_bsn = (
        table[text + field.name],
        is_elfproef_number(table[NUMBER + field.name]).fill_null(False),
    )
    if field.holds == "free_text":
        return is_bsn
    like_a_person = delivered.re_search(_LIKE_A_PERSON)
    if _may_hold_nine_digits(field):
        return like_a_person
    if (field.longest or 99) < 8:
        like_a_person = like_a_person | delivered.re_search(f"^({_COMPACT_DAY})$")
    return like_a_person | is_bsn


def _may_hold_nine_digits(field: FieldDef) -> bool:
    """Whether nine digits can be a right value here: numbers without a short limit."""
    return field.type in {"integer", "number"} and (field.longest is None or field.longest >= 9)


def dense(field: FieldDef, table: ir.Table) -> tuple[ir.BooleanValue, ir.BooleanValue] | None:
    """(has the form, passes) where it takes a pattern of values; None for columns where one is enough."""
    if field.holds is not None or not _may_hold_nine_digits(field):
        return None
    number = table[NUMBER + field.name]
    return number.notnull(), is_elfproef_number(number).fill_null(False)


def is_forbidden_name(header: str) -> bool:
    """Whether a column name says that the column is about a person."""
    letters = "".join(character for character in header.lower() if character.isalpha())
    return letters in FORBIDDEN_NAMES.split("|")
