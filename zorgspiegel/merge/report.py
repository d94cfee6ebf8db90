"""The samenvoegrapport: which records became one and why, as a table, in numbers and in words.

No person is in it.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from zorgspiegel.merge.steps import GROUP
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import (
    MERGE_REASONS,
    RECORDS,
    SAMENVOEGRAPPORT,
    SAMENVOEGTELLING,
    VOORZIENINGEN,
)


@door(voorzieningen=VOORZIENINGEN, gives=SAMENVOEGRAPPORT)
def samenvoegrapport(voorzieningen: ir.Table) -> ir.Table:
    """One row per voorziening of more than one record, and one per pair of neighbours that overlap in part.

    The pairs were left apart, as the text of CBS says; whoever delivers may find that odd. `overlap_met_open`
    is the oddest: a record that ended, while another without an end had begun already (case M15).
    """
    several = voorzieningen.filter(voorzieningen.bronrecords.length() > 1)
    merged = several.select(
        soort=ibis.literal("samengevoegd"),
        **_shown(several),
        naast=ibis.literal([], type="array<int64>"),
    )
    return merged.union(_overlaps(voorzieningen))


def _shown(table: ir.Table) -> dict[str, ir.Value]:
    return {name: table[name] for name in SAMENVOEGRAPPORT.names if name not in {"soort", "naast"}}


def _overlaps(voorzieningen: ir.Table) -> ir.Table:
    # None lies within another here, so begin and end both rise: who overlaps anyone overlaps a neighbour.
    group = ibis.window(group_by=list(GROUP), order_by="begin")
    beside = voorzieningen.mutate(
        vorig_eind=voorzieningen.eind.lag().over(group), naast=voorzieningen.bronrecords.lag().over(group)
    )
    shared = beside.filter(beside.begin <= beside.vorig_eind)
    return shared.select(
        soort=shared.eind.isnull().ifelse("overlap_met_open", "gedeeltelijke_overlap"),
        **_shown(shared),
        naast=shared.naast,
    )


@door(records=RECORDS, voorzieningen=VOORZIENINGEN, gives=SAMENVOEGTELLING)
def samenvoegtelling(records: ir.Table, voorzieningen: ir.Table) -> ir.Table:
    """The numbers of the samenvoegrapport, one row each, in no set order.

    `nummers_in_meer_vormen`: toewijzingsnummers of one person and type under more than one leveringsvorm;
    those stay side by side. Records = na_stap_2 + all samenvoegingen.
    """
    merges = {
        f"samenvoegingen_{reason}": voorzieningen[f"samenvoegingen_{reason}"].sum().fill_null(0).cast("int64")
        for reason in MERGE_REASONS
    }
    result = voorzieningen.aggregate(na_stap_2=voorzieningen.count(), **merges)
    delivered = records.aggregate(records=records.count())
    overlaps = _overlaps(voorzieningen)
    open_ = (overlaps.soort == "overlap_met_open").cast("int64").sum().fill_null(0)
    flagged = overlaps.aggregate(overlappen=overlaps.count(), overlappen_met_open=open_)
    every = delivered.cross_join(result).cross_join(nummers_in_meer_vormen(records)).cross_join(flagged)
    every = every.mutate(na_stap_1=every.records - every.samenvoegingen_toewijzingsnummer)
    told = ("records", "na_stap_1", "na_stap_2", *merges)
    told += ("nummers_in_meer_vormen", "overlappen", "overlappen_met_open")
    # One row turned on its side, not a union of eleven: Spark would merge anew for each.
    pairs = [ibis.struct({"onderdeel": name, "aantal": every[name].cast("int64")}) for name in told]
    turned = every.select(telling=ibis.array(pairs).unnest())
    return turned.select(onderdeel=turned.telling.onderdeel, aantal=turned.telling.aantal)


def nummers_in_meer_vormen(records: ir.Table) -> ir.Table:
    """One row: how many toewijzingsnummers of one person and type stand under several leveringsvormen."""
    numbered = records.filter(records.toewijzingsnummer.length() > 0)
    by_number = numbered.group_by(["gemeente", "persoon", "type", "toewijzingsnummer"]).agg(
        vormen=numbered.leveringsvorm.fill_null("").nunique()
    )
    return by_number.filter(by_number.vormen > 1).aggregate(nummers_in_meer_vormen=ibis._.count())


def vertel(counts: Mapping[str, int], *, merge_partial_overlap: bool = False) -> str:
    """The numbers of `samenvoegtelling` as a short Dutch text, for the sender."""
    n = {name: f"{number:,}".replace(",", ".") for name, number in counts.items()}
    lines = [
        "Samenvoegrapport",
        "",
        f"Aantal records in uw levering: {n['records']}.",
        f"Stap 1, hetzelfde toewijzingsnummer: {n['samenvoegingen_toewijzingsnummer']} keer samengevoegd. "
        f"Daarna: {n['na_stap_1']}.",
        f"Stap 2, dezelfde voorziening: {n['samenvoegingen_gelijk']} keer gelijke datums, "
        f"{n['samenvoegingen_binnen']} keer valt de ene periode binnen de andere, "
        f"{n['samenvoegingen_aansluitend']} keer begint de ene hoogstens 3 dagen na het einde van de andere.",
    ]
    if merge_partial_overlap:
        lines.append(f"Ook samengevoegd: {n['samenvoegingen_overlap']} keer een gedeeltelijke overlap.")
    lines += [f"Aantal voorzieningen: {n['na_stap_2']}.", "", *_to_look_at(counts, n)]
    lines.append(
        "Let op: het aantal voorzieningen is iets minder betrouwbaar dan het aantal cliënten, omdat niet "
        "altijd zeker is welke records bij elkaar horen."
    )
    return "\n".join(lines) + "\n"


def _to_look_at(counts: Mapping[str, int], n: Mapping[str, str]) -> list[str]:
    found = []
    if counts.get("nummers_in_meer_vormen"):
        found.append(
            f"Bij {n['nummers_in_meer_vormen']} toewijzingsnummers staan verschillende leveringsvormen. Die "
            "records zijn niet samengevoegd. Klopt de leveringsvorm?"
        )
    if counts["overlappen"]:
        found.append(
            f"Bij {n['overlappen']} voorzieningen valt een deel van de periode samen met een andere "
            "voorziening van dezelfde cliënt, van hetzelfde type en met dezelfde leveringsvorm. Die "
            "zijn niet samengevoegd. Kloppen de begindatum en de einddatum?"
        )
    if counts["overlappen_met_open"]:
        found.append(
            f"Bij {n['overlappen_met_open']} daarvan liep de andere voorziening nog toen er een zonder "
            "einddatum begon. Vaak is dat één voorziening. Kijk of de einddatum van de eerste klopt."
        )
    return [line for text in found for line in (text, "")]
