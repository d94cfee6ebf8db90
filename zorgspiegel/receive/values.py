"""Text to values: expressions that type a column of a text table, and count what cannot be typed.

Nothing is guessed. A text that is neither a number nor one of the declared words for "no number" is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel.terms.sources import Layout, Missing, SourceColumn

DECIMALS = {"count": "int64", "eur": "decimal(18, 2)", "number": "decimal(18, 4)"}

# A number of at most 15 digits before the point: more cannot be held exactly by decimal(18, 2).
_PATTERNS = {
    "count": r"^-?[0-9]{1,15}$",
    "eur": r"^-?[0-9]{1,15}([.][0-9]{1,2})?$",
    "number": r"^-?[0-9]{0,13}([.][0-9]+)?$",
}


def clean(column: ir.StringValue) -> ir.StringValue:
    """Without the spaces around it (StatLine pads; hard spaces too); null when nothing is left."""
    return column.replace("\u00a0", " ").strip().nullif("")


def plain_number(column: ir.StringValue, layout: Layout) -> ir.StringValue:
    """The number as text with a point. A comma counts as one only where the layout says so."""
    text = clean(column)
    return text.replace(",", ".") if layout.decimal in {",", "both"} else text


def number(column: ir.StringValue, declared: SourceColumn, layout: Layout) -> ir.NumericValue:
    """The value, exactly; null where there is no number."""
    text = plain_number(column, layout)
    is_number = text.re_search(_PATTERNS[declared.type]) & text.re_search("[0-9]")
    return is_number.ifelse(text, ibis.null("string")).cast(DECIMALS[declared.type])


def is_no_number(column: ir.StringValue, declared: SourceColumn, layout: Layout) -> ir.BooleanValue:
    """True where there stands a text that is neither a number nor a declared word for "no number"."""
    text = plain_number(column, layout)
    words = _words(layout.missing)
    is_number = text.re_search(_PATTERNS[declared.type]) & text.re_search("[0-9]")
    known = clean(column).lower().isin(words) if words else ibis.literal(False)
    return text.notnull() & ~is_number & ~known


def status(column: ir.StringValue, value: ir.NumericValue, layout: Layout) -> ir.StringValue:
    """getoond, onbekend, niet_van_toepassing or stop: the three meanings of missing, and the waiting stop."""
    text = clean(column).lower().coalesce("")
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


def _words(missing: Missing) -> list[str]:
    words = {*missing.onbekend, *missing.niet_van_toepassing, *missing.stop}
    return sorted(word.lower() for word in words if word)


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


def faults(text: ir.Table, conditions: Sequence[tuple[str, str, ir.BooleanValue]]) -> ir.Table:
    """One row: for each (column, what) how many rows are at fault and the first of them.

    One pass over the file, however many columns it has.
    """
    measures: dict[str, Any] = {"rijen": text.count()}
    for position, (_, _, condition) in enumerate(conditions):
        wrong = condition.fill_null(False)
        measures[f"aantal_{position}"] = wrong.sum()
        measures[f"eerste_{position}"] = text.rijnummer.min(where=wrong)
    return text.aggregate(**measures)
