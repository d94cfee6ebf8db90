"""NZa: waiting times in the ggz, per location of a provider."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.receive.places import level, row_year
from zorgspiegel.receive.reading import Context, Reading
from zorgspiegel.receive.totals import SUM
from zorgspiegel.receive.values import clean, day, gebiedscode, is_no_number, no_faults, number, status
from zorgspiegel.terms.tables import WACHTTIJDEN

KINDS = {
    "instelling": "instelling",
    "1": "instelling",
    "vrijgevestigde": "vrijgevestigd",
    "vrijgevestigd": "vrijgevestigd",
    "0": "vrijgevestigd",
    "puk/paaz": "paaz",
    "paaz": "paaz",
}
"""What files write -> our word. The file of 2016 has 1 and 0."""

PERSONS = "vrijgevestigd"


def read(text: ir.Table, context: Context) -> Reading:
    """WACHTTIJDEN: one row per row of the file. A waiting time that is a sentence rejects its row."""
    return Reading(faults=no_faults(text), rows=_rows(text, context), tables=_tables, totals=_totals)


def _rows(text: ir.Table, context: Context) -> ir.Table:
    columns, layout = context.matched.columns, context.matched.layout

    def said(name: str) -> ir.StringValue:
        """The text of an optional column; null for the words that mean nothing."""
        if name not in columns:
            return ibis.null("string")
        found = clean(text[columns[name]])
        return found.lower().isin(layout.missing.words).ifelse(ibis.null("string"), found)

    kind = said("soort_aanbieder").lower().cases(*KINDS.items(), else_=ibis.null("string"))
    # Without a word about the provider it could be a person.
    is_named = (kind != PERSONS).fill_null(False)
    code = gebiedscode(said("gebiedscode"), prefix=layout.prefix)
    report, treatment = text[columns["aanmeldwachttijd"]], text[columns["behandelwachttijd"]]
    agb = said("aanbieder_agb").re_extract(r"^([0-9]{1,8})$", 1).nullif("")
    return text.select(
        rijnummer=text.rijnummer,
        jaar=row_year(text, context),
        peildatum=day(text[columns["periode"]]) if "periode" in columns else ibis.null("date"),
        gebiedscode=level(code).notnull().ifelse(code, ibis.null("string")),
        soort_aanbieder=kind.coalesce("onbekend"),
        aanbieder=is_named.ifelse(said("aanbieder"), ibis.null("string")),
        aanbieder_agb=is_named.ifelse(agb.lpad(8, "0"), ibis.null("string")),
        vestiging=is_named.ifelse(said("vestiging"), ibis.null("string")),
        circuit=said("circuit").coalesce("onbekend"),
        hoofddiagnosegroep=said("hoofddiagnosegroep").coalesce("onbekend"),
        soort_zorg=said("soort_zorg").coalesce("onbekend"),
        aanmeldwachttijd_weken=number(report, "number", layout).cast("decimal(6, 1)"),
        aanmeldwachttijd_status=status(report, number(report, "number", layout), layout),
        behandelwachttijd_weken=number(treatment, "number", layout).cast("decimal(6, 1)"),
        behandelwachttijd_status=status(treatment, number(treatment, "number", layout), layout),
        afgekeurd=(
            is_no_number(report, "number", layout) | is_no_number(treatment, "number", layout)
        ).fill_null(False),
        zonder_gebied=ibis.literal(False),
    )


def _tables(rows: ir.Table) -> dict[str, ir.Table]:
    return {"wachttijden": rows.mutate(periode=rows.jaar.cast("string")).select(WACHTTIJDEN.names)}


def _totals(tables: Mapping[str, ir.Table]) -> ir.Table:
    """How many waiting times there are, and how many locations take nobody. Weeks have no total."""
    times = tables["wachttijden"]
    numbers = times.aggregate(
        aantal_aanmeldwachttijden=times.aanmeldwachttijd_weken.count().cast(SUM),
        aantal_behandelwachttijden=times.behandelwachttijd_weken.count().cast(SUM),
        aantal_stops=(times.aanmeldwachttijd_status == "stop").sum().cast(SUM),
    )
    found = numbers.pivot_longer(numbers.columns, names_to="maat", values_to="waarde")
    return found.select("maat", eenheid=ibis.literal("aantal"), niveau=ibis.literal("land"), waarde="waarde")
