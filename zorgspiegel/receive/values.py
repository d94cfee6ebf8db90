"""Text to values: expressions that type a column of a text table, and count what cannot be typed.

Nothing is guessed. A text that is neither a number nor one of the declared words for "no number" is a fault.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.sources import Layout

DECIMALS = {"count": "int64", "eur": "decimal(18, 2)", "number": "decimal(18, 4)"}

_BETWEEN = "~"
_AT_ONCE = 30
"""Columns in one pattern: engines refuse patterns with more than a thousand repetitions."""
_PATTERNS = {
    # At most 15 digits before the point: more cannot be held exactly by decimal(18, 2).
    "count": r"^-?[0-9]{1,15}$",
    "eur": r"^-?([0-9]{1,15}([.][0-9]{1,2})?|[.][0-9]{1,2})$",
    "number": r"^-?([0-9]{1,13}([.][0-9]*)?|[.][0-9]+)$",
}


def clean(column: ir.StringValue) -> ir.StringValue:
    """Without the spaces around it (StatLine pads); null when nothing is left."""
    return column.strip().nullif("")


def plain_number(column: ir.StringValue, layout: Layout) -> ir.StringValue:
    """The number as text with a point. A comma counts as one only where the layout says so."""
    text = clean(column)
    return text.replace(",", ".") if layout.decimal in {",", "both"} else text


def number(column: ir.StringValue, kind: str, layout: Layout) -> ir.NumericValue:
    """The value, exactly; null where there is no number.

    Only where `faults` or `is_no_number` was asked: a cast alone would also take `1e5`, and round.
    """
    words = layout.missing.words
    if not words and layout.decimal == ".":
        return column.try_cast(DECIMALS[kind])
    text = plain_number(column, layout)
    # CBS writes large negative numbers for "not published": the word wins over the number.
    there = text.lower().isin(words).ifelse(ibis.null("string"), text) if words else text
    return there.try_cast(DECIMALS[kind])


def is_no_number(column: ir.StringValue, kind: str, layout: Layout) -> ir.BooleanValue:
    """True where there stands a text that is neither a number nor a declared word for "no number"."""
    text = plain_number(column, layout)
    words = layout.missing.words
    wrong = text.notnull() & ~text.re_search(_PATTERNS[kind])
    return wrong & ~text.lower().isin(words) if words else wrong


def status(column: ir.StringValue, value: ir.NumericValue, layout: Layout) -> ir.StringValue:
    """getoond, onbekend, niet_van_toepassing or stop: the three meanings of missing, and the waiting stop."""
    text = plain_number(column, layout).lower().coalesce("")
    branches = [(value.notnull(), "getoond")]
    branches += [
        (text.isin([word.lower() for word in words]), meaning)
        for meaning, words in (
            ("stop", layout.missing.stop),
            ("niet_van_toepassing", layout.missing.niet_van_toepassing),
            ("onbekend", layout.missing.onbekend),
        )
        if words
    ]
    return ibis.cases(*branches, else_="onbekend")


def leeftijdsklasse(column: ir.StringValue) -> ir.StringValue:
    """`  0 t/m  4 jaar` -> 0-4, `90+` and `90 jaar en ouder` -> 90+; empty -> onbekend; null when not
    understood.

    One year of age (`17`, `17 jaar`) goes to its class of five years.
    """
    text = clean(column).lower().re_replace(r"\s+", " ")
    low = text.re_extract(r"^([0-9]{1,3})", 1)
    high = text.re_extract(r"^[0-9]{1,3} ?(?:t/m|tot en met|-) ?([0-9]{1,3})", 1)
    first = low.nullif("").cast("int64")
    five = (first // 5 * 5).cast("int64")
    return ibis.cases(
        (text.isnull(), "onbekend"),
        (text == "onbekend", "onbekend"),
        (text.re_search(r"^[0-9]{1,3} ?(t/m|tot en met|-) ?[0-9]{1,3}( jaar)?$"), _span(first, high)),
        (
            text.re_search(r"^[0-9]{1,3} ?(\+|jaar (en|of) ouder|(en|of) ouder|e\.o\.)$"),
            first.cast("string") + "+",
        ),
        (
            text.re_search(r"^[0-9]{1,3}( jaar)?$"),
            (first >= 90).ifelse("90+", five.cast("string") + "-" + (five + 4).cast("string")),
        ),
        else_=ibis.null("string"),
    )


def _span(first: ir.IntegerValue, high: ir.StringValue) -> ir.StringValue:
    return first.cast("string") + "-" + high.nullif("").cast("int64").cast("string")


def geslacht(column: ir.StringValue) -> ir.StringValue:
    """M, V or onbekend; null when the text is none of the ways in which sexes are written."""
    text = clean(column).lower()
    return ibis.cases(
        (text.isnull() | (text == "onbekend"), "onbekend"),
        (text.isin(["m", "man", "mannen"]), "M"),
        (text.isin(["v", "vrouw", "vrouwen"]), "V"),
        else_=ibis.null("string"),
    )


def gebiedscode(column: ir.StringValue, *, prefix: str | None = None) -> ir.StringValue:
    """A CBS code in full: trimmed, upper case; where the prefix is known, `363` becomes GM0363."""
    text = clean(column).upper()
    if prefix is None:
        return text.re_replace(r"^NL00$", "NL01")
    width = {"GM": 4, "WK": 6, "BU": 8, "PV": 2}[prefix]
    digits = text.re_search(r"^[0-9]+$")
    # Padding first to full width plus one, so that a longer number is not cut into another area's code.
    padded = ibis.literal(prefix) + (text.length() < width).ifelse(text.lpad(width, "0"), text)
    return digits.ifelse(padded, text)


def year_in(text: str) -> list[int]:
    """The different years that stand in a name or a text, in order."""
    found = re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", text)
    return sorted({int(year) for year in found})


def year_of(column: ir.StringValue) -> ir.IntegerValue:
    """The year in a period or date: 2020JJ00, 2020, 2018-02-27, 23-9-2016; null when there is none."""
    text = clean(column)
    first = text.re_extract(r"^((?:19|20)[0-9]{2})", 1).nullif("")
    last = text.re_extract(r"((?:19|20)[0-9]{2})$", 1).nullif("")
    return first.coalesce(last).cast("int64")


def translated(
    text: ir.Table, column: str, name: str, translate: Callable[[ir.StringValue], ir.StringValue]
) -> ir.Table:
    """The table with `name`: the translation of a column with few different texts, each translated once."""
    keyed = text.mutate(zoals=text[column].coalesce(""))
    different = keyed.select("zoals").distinct()
    known = different.mutate(**{name: translate(different.zoals)})
    return keyed.left_join(known, "zoals").drop("zoals", "zoals_right")


def no_faults(text: ir.Table) -> ir.Table:
    """For a source without numbers: nothing in it can make the whole file unusable."""
    return faults(text, {}, None, [(text.columns[0], "", lambda _: ibis.literal(False))])


def faults(
    text: ir.Table,
    numbers: Mapping[str, str],
    layout: Layout | None,
    others: Sequence[tuple[str, str, Callable[[Any], ir.BooleanValue]]] = (),
) -> ir.Table:
    """`kolom, wat, aantal, eerste`: what makes the file unusable, how many rows, and the first of them.

    numbers: column of the file -> count, eur or number.
    others:  (column, what is wrong, when its text is wrong).
    """
    parts = [_at_fault(text, column, what, is_wrong) for column, what, is_wrong in others]
    for kind in sorted(set(numbers.values())):
        assert layout is not None, "numbers are written as a layout says"
        columns = [column for column, its_kind in numbers.items() if its_kind == kind]
        plain = [
            _all_plain(text, columns[at : at + _AT_ONCE], kind) for at in range(0, len(columns), _AT_ONCE)
        ]
        suspect = text.filter(~functools.reduce(operator.and_, plain)).select("rijnummer", *columns)
        # On its side: one condition for all columns, which is much less work to plan than one each.
        long = suspect.pivot_longer(columns, names_to="kolom", values_to="tekst")
        wrong = long.filter(is_no_number(long.tekst, kind, layout))
        found = wrong.group_by("kolom").aggregate(aantal=wrong.count(), eerste=wrong.rijnummer.min())
        parts.append(found.mutate(wat=ibis.literal("not a number")))
    ordered = [part.select("kolom", "wat", "aantal", "eerste") for part in parts]
    return ibis.union(*ordered) if len(ordered) > 1 else ordered[0]


def _all_plain(text: ir.Table, columns: Sequence[str], kind: str) -> ir.BooleanValue:
    """True for rows in which every column is a plain number or empty: one look at the whole row.

    The number of columns is in the pattern, so a separator inside a value cannot make two numbers of one.
    """
    value = f" *(?:{_PATTERNS[kind].strip('^$')})? *"
    row = ibis.literal(_BETWEEN).join([text[column].coalesce("") for column in columns])
    rest = f"(?:{_BETWEEN}{value}){{{len(columns) - 1}}}" if len(columns) > 1 else ""
    return row.re_search(f"^{value}{rest}$")


def _at_fault(text: ir.Table, column: str, what: str, is_wrong: Callable[[Any], ir.BooleanValue]) -> ir.Table:
    different = text.group_by(tekst=text[column]).aggregate(aantal=text.count(), eerste=text.rijnummer.min())
    wrong = different.filter(is_wrong(different.tekst)).mutate(
        kolom=ibis.literal(column), wat=ibis.literal(what)
    )
    return wrong.group_by("kolom", "wat").aggregate(aantal=wrong.aantal.sum(), eerste=wrong.eerste.min())


def day(column: ir.StringValue) -> ir.DateValue:
    """A day written as 2018-02-27 or 23-9-2016; null when it is neither."""
    text = clean(column)
    parts = [text.re_extract(r"^([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})$", n).nullif("") for n in (3, 2, 1)]
    dutch = parts[0] + "-" + parts[1].lpad(2, "0") + "-" + parts[2].lpad(2, "0")
    iso = text.re_extract(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})", 1).nullif("")
    return iso.coalesce(dutch).try_cast("date")
