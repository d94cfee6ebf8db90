"""Figures per area that others published: CBS kerncijfers wijken en buurten, RIVM gezondheid, and their like.

One row of the file is one area (and age group); every topic is a column. Here every topic becomes a row.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.columns import Topic
from zorgspiegel.receive.places import level, row_year
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.totals import summed_at_highest_level
from zorgspiegel.receive.values import clean, faults, gebiedscode, number, status
from zorgspiegel.terms.errors import SourceError
from zorgspiegel.terms.tables import KERNCIJFERS, POPULATION

CODES = ("codering", "gebiedscode", "wijken_en_buurten", "buurtcode", "wijkcode", "gemeentecode")
"""Our names of the columns that may hold the area code, the surest first. One of them may hold a name."""

SEXES = {"aantal_inwoners": "T", "aantal_mannen": "M", "aantal_vrouwen": "V"}

AGES = {"10000": "T", "20300": "18+", "80200": "65+", "53105": "18-64"}
"""StatLine's codes of age groups; another code stays as it is."""

VALUE = "MW00000"
"""StatLine's code for the value itself; other margins (lower and upper bound) become topics of their own."""


def read(text: ir.Table, context: Context) -> Reading:
    """KERNCIJFERS, and POPULATION where the file counts inhabitants."""
    columns = [topic.column for topic in context.matched.topics]
    if not columns:
        raise SourceError(f"{context.source.id}: the file has areas, and not one figure about them.")
    return Reading(
        faults=faults(text, dict.fromkeys(columns, "number"), context.matched.layout),
        rows=_rows(text, context),
        tables=functools.partial(_tables, context=context),
        totals=functools.partial(_totals, source=context.source.id),
    )


def _rows(text: ir.Table, context: Context) -> ir.Table:
    columns = context.matched.columns
    there = [columns[name] for name in CODES if name in columns]
    if not there:
        raise SourceError(
            f"{context.source.id}: no column with area codes. One of these must be there: {', '.join(CODES)} "
            f"(other names are in definitions/sources/{context.source.id}.yaml)."
        )
    codes = [gebiedscode(text[column], prefix=context.matched.layout.prefix) for column in there]
    formed = [level(code).notnull().ifelse(code, ibis.null("string")) for code in codes]
    code = formed[0].coalesce(*formed[1:]) if len(formed) > 1 else formed[0]
    water = clean(text[columns["water"]]).upper() == "JA" if "water" in columns else ibis.literal(False)
    return text.select(
        *(topic.column for topic in context.matched.topics),
        rijnummer=text.rijnummer,
        jaar=row_year(text, context),
        gebiedscode=code,
        gebied_niveau=level(code),
        leeftijd=_age(text, context),
        marge=clean(text[columns["marges"]]).upper() if "marges" in columns else ibis.literal(VALUE),
        is_water=water.fill_null(False),
        # Abroad (GM0997, GM0998, GM0999) is in some files; it is no area of the country.
        afgekeurd=code.isnull() | code.re_search("^GM099[789]$").fill_null(False),
        zonder_gebied=ibis.literal(False),
    )


def _age(text: ir.Table, context: Context) -> ir.StringValue:
    column = context.matched.columns.get("leeftijd")
    if column is None:
        return ibis.literal("T")
    given = clean(text[column])
    older = given.re_extract(r"^([0-9]+) jaar (?:of|en) ouder$", 1).nullif("")
    span = given.re_extract(r"^([0-9]+) tot ([0-9]+) jaar$", 1).nullif("")
    below = given.re_extract(r"^([0-9]+) tot ([0-9]+) jaar$", 2).nullif("").cast("int64") - 1
    named = (older + "+").coalesce(span + "-" + below.cast("string"), given, ibis.literal("T"))
    return given.cases(*AGES.items(), else_=named)


def _tables(rows: ir.Table, *, context: Context) -> dict[str, ir.Table]:
    layout, topics = context.matched.layout, context.matched.topics
    land = rows.filter(~rows.is_water)
    long = _long(land, topics)
    value = number(long.tekst, "number", layout)
    figures = long.mutate(
        bron=ibis.literal(context.source.id),
        periode=long.jaar.cast("string"),
        indelingsjaar=long.jaar,
        waarde=value,
        status=status(long.tekst, value, layout),
    )
    tables = {"kerncijfers": figures.select(KERNCIJFERS.names)}
    counts = figures.filter(figures.kenmerk.isin(list(SEXES)))
    people = counts.mutate(
        geslacht=counts.kenmerk.cases(*SEXES.items(), else_="T"), aantal_inwoners=counts.waarde.cast("int64")
    )
    if any(topic.kenmerk in SEXES for topic in topics):
        tables["population"] = people.select(POPULATION.names)
    return tables


def _long(rows: ir.Table, topics: tuple[Topic, ...]) -> ir.Table:
    """One row per area and topic; `tekst` is what stood there."""
    names = {topic.column: topic.kenmerk for topic in topics}
    units = {topic.kenmerk: topic.unit for topic in topics}
    keys = ["rijnummer", "jaar", "gebiedscode", "gebied_niveau", "leeftijd", "marge"]
    long = rows.select(*keys, *names).pivot_longer(list(names), names_to="kolom", values_to="tekst")
    kenmerk = long.kolom.cases(*names.items(), else_="")
    eenheid = kenmerk.cases(*units.items(), else_="onbekend")
    suffix = (long.marge == VALUE).ifelse("", ibis.literal("_") + long.marge.lower())
    return long.mutate(kenmerk=kenmerk + suffix, eenheid=eenheid)


def _totals(tables: Mapping[str, ir.Table], *, source: str) -> ir.Table:
    """Sums of what can be added up: counts. Shares, means and estimates have no total."""
    figures = tables["kerncijfers"]
    return summed_at_highest_level(
        figures.filter(figures.eenheid.isin(["aantal", "ha"]), figures.leeftijd == "T")
    )
