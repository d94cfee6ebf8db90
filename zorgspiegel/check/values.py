"""Readings of one cell: empty or not, whole number, date, BSN. As Ibis expressions, the same on every
engine."""

from __future__ import annotations

import functools
import operator

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.standards import FieldDef

WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
"""Weights of the elfproef for a BSN [iStandaarden]."""

TYPES = {"string": "string", "integer": "int64", "number": "decimal(18, 4)", "date": "date"}
"""Type of the standard -> Ibis type of the typed table. A partial date stays text."""


def is_empty(text: ir.StringValue) -> ir.BooleanValue:
    """Empty: nothing between the separators, quoted or not."""
    return text.isnull() | (text == "")


def whole(pattern: str) -> str:
    """A pattern over the whole value. Values never hold line ends where a pattern applies: \\z is not in
    Python."""
    return f"^(?:{pattern})$"


def is_elfproef(text: ir.StringValue) -> ir.BooleanValue:
    """Whether nine digits pass the elfproef of the BSN; unknown when the text is not nine digits.

    999999999 fails it, and by convention means *onbekend*: a rule must ask for that convention first.
    Source: DOMAIN 4.2 (iStandaarden); 000000000 is never a BSN.
    """
    return is_elfproef_number(nine_digits(text))


def nine_digits(text: ir.StringValue) -> ir.IntegerValue:
    """The number that nine digits are; unknown when the text is not nine digits."""
    return text.re_search("^[0-9]{9}$").ifelse(text, ibis.null("string")).try_cast("int64")


def is_elfproef_number(number: ir.IntegerValue) -> ir.BooleanValue:
    """The elfproef of a number of nine digits.

    Written without taking digits apart. With n_k = n // 10**k a digit is n_k - 10 n_(k+1), and -10 is 1
    modulo 11: the weighted sum of digits is the sum of n_k times (weight of place k + weight of place k-1),
    modulo 11.
    """
    right_to_left = WEIGHTS[::-1]
    factors = [
        right_to_left[0],
        *((a + b) % 11 for a, b in zip(right_to_left[1:], right_to_left, strict=False)),
    ]
    parts = [number // 10**place * factor for place, factor in enumerate(factors) if factor]
    return (functools.reduce(operator.add, parts) % 11 == 0) & (number > 0)


def real_date(text: ir.StringValue) -> ir.DateValue:
    """The day that JJJJMMDD names; null when there is no such day."""
    day = text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2)
    return text.re_search("^[0-9]{8}$").ifelse(day, ibis.null("string")).try_cast("date")


def earliest(text: ir.StringValue) -> ir.DateValue:
    """The first day that a date with unknown parts can be: JJJJMM00 -> the 1st, JJJJ0000 -> 1 January."""
    month = (text.substr(4, 4) == "0000").ifelse("01", text.substr(4, 2))
    day = (text.substr(6, 2) == "00").ifelse("01", text.substr(6, 2))
    return real_date(text.substr(0, 4) + month + day)


def is_readable(field: FieldDef, text: ir.StringValue) -> ir.BooleanValue:
    """Whether a value that is not empty can be read as the type of its column (lengths and patterns are other
    rules)."""
    if field.type == "integer":
        return text.re_search("^-?[0-9]{1,18}$")
    if field.type == "number":
        return text.re_search("^-?[0-9]{1,13}(,[0-9]{1,4})?$")
    if field.type == "date":
        return (earliest(text) if field.partial else real_date(text)).notnull()
    return ibis.literal(True)


def typed(field: FieldDef, text: ir.StringValue) -> ir.Value:
    """The cell as a value of its column's type; null when empty or unreadable."""
    filled = text.nullif("")
    if field.type == "integer":
        return is_readable(field, filled).ifelse(filled, ibis.null("string")).try_cast("int64")
    if field.type == "number":
        point = is_readable(field, filled).ifelse(filled, ibis.null("string")).replace(",", ".")
        return point.try_cast(TYPES["number"])
    if field.type == "date" and not field.partial:
        return real_date(filled)
    return filled
