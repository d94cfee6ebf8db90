"""From the facts in the warehouse to a release: aggregate, protect, publish, write. The rooms in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from zorgspiegel import __version__
from zorgspiegel.aggregate import (
    aggregate,
    hierarchy,
    of_complete_areas,
    response,
    sums_of_complete_areas,
    with_totals,
)
from zorgspiegel.pipeline.delivering import INVENTED
from zorgspiegel.protect import protect
from zorgspiegel.publish import publish
from zorgspiegel.store import definitions
from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.home import Home
from zorgspiegel.store.query import fetch, kept
from zorgspiegel.store.releases import write_release
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.protection import Profile
from zorgspiegel.terms.publication_round import PublicationRound, Season
from zorgspiegel.terms.release import REFERENCES, Attribution
from zorgspiegel.terms.sources import Source
from zorgspiegel.terms.statuses import PeriodStatus

Tell = Callable[[str], None]

PART = ("periode", "indelingsjaar")

CARRIED = {
    "gebieden": "areas",
    "regio_leden": "region_members",
    "inwoners": "population",
    "postcodes": "postcodes",
    "grenzen": "borders",
    "kerncijfers": "kerncijfers",
}
"""Reference tables that go along in a release, and the table of the warehouse that they are."""


@dataclass(frozen=True)
class _Bench:
    """What the steps share while one release is being built."""

    con: Any
    warehouse: Warehouse
    tell: Tell

    def table(self, name: str) -> ir.Table:
        """A table of the warehouse."""
        return self.warehouse.read(self.con, name)


@dataclass(frozen=True)
class _Counted:
    """The cells of one indicator in one period, what adds up to what, and how complete they are."""

    indicator: Indicator
    period: str
    cells: ir.Table
    sums: ir.Table
    respons: ir.Table | None = None


def build_release(
    name: str,
    *,
    home: Home,
    title: str | None = None,
    shown_in: PublicationRound | None = None,
    tell: Tell = lambda _line: None,
) -> Path:
    """Build a release of everything in the warehouse; the folder that it stands in.

    name:     2026-voorjaar, 2026-najaar-2: says in which round the figures are shown, unless `shown_in` does.
    tell:     is told in one line what is being done.
    Raises ReleaseError when there is nothing to publish or the name says no round; RecoverableError when the
    attack gets a hidden cell back. Building twice from the same warehouse gives the same bytes.
    """
    shown_in = shown_in or _round_of(name)
    con = duckdb_connection(folder=home.cache / "spill")
    try:
        bench = _Bench(con, Warehouse(home.warehouse), tell)
        indicators = _with_facts(bench)
        counted = [part for indicator in indicators.values() for part in _counted(bench, indicator)]
        parts = [_protected(bench, part) for part in counted]
        tell("publiceren: bestanden schrijven")
        plan = publish(
            parts,
            name=name,
            title=title or f"Zorgspiegel, {shown_in}",
            indicators={key: indicator.description() for key, indicator in indicators.items()},
            period_statuses=_statuses(parts, indicators, shown_in),
            sources=_attributions(indicators),
            invented=_invented(bench),
            publisher="Zorgspiegel",
            code_version=__version__,
            references={**_references(bench), **_respons(counted)},
            inputs={"warehouse": bench.warehouse.digest()},
        )
        return write_release(plan, home.releases)
    finally:
        con.disconnect()


def _round_of(name: str) -> PublicationRound:
    year, _, rest = name.partition("-")
    season = rest.partition("-")[0].upper()
    if not (len(year) == 4 and year.isdigit() and season in Season.__members__):
        raise ReleaseError(
            f"The name {name!r} does not say in which round the figures are shown. "
            "Write for example 2026-voorjaar or 2026-najaar-2."
        )
    return PublicationRound(int(year), Season[season])


def _with_facts(bench: _Bench) -> dict[str, Indicator]:
    """The declared indicators for which there are facts, by id."""
    present = {
        row["indicator"] for row in fetch(bench.con, bench.table("facts").select("indicator").distinct())
    }
    declared = definitions.load_all("indicators", Indicator)
    if unknown := present - declared.keys():
        raise ReleaseError(
            f"There are facts of {', '.join(sorted(unknown))}, but no such file in definitions/indicators."
        )
    if not present:
        raise ReleaseError("There is nothing to publish yet. Import a source or deliver a file first.")
    return {key: declared[key] for key in sorted(present)}


def _counted(bench: _Bench, indicator: Indicator) -> Iterator[_Counted]:
    """The cells of one indicator: a part per period and division, since codes differ between them."""
    areas, members = bench.table("areas"), bench.table("region_members")
    own = _countable(bench, indicator)
    for row in fetch(bench.con, own.select(*PART).distinct().order_by(*PART)):
        period, division = row["periode"], row["indelingsjaar"]
        bench.tell(f"{indicator.id} {period}: tellen")
        part = own.filter((own.periode == period) & (own.indelingsjaar == division))
        cells = aggregate(part, areas, members, indicator=indicator)
        year = Period.parse(period).year
        sums = hierarchy(areas, members, indicator=indicator, indelingsjaar=division, jaar=year)
        if indicator.herkomst_soort != "aangeleverd":
            yield _Counted(indicator, period, kept(bench.con, cells), sums)
            continue
        respons = kept(bench.con, response(part, areas, members, indicator=indicator))
        cells, sums = of_complete_areas(cells, respons), sums_of_complete_areas(sums, respons)
        yield _Counted(indicator, period, kept(bench.con, cells), kept(bench.con, sums), respons)


def _countable(bench: _Bench, indicator: Indicator) -> ir.Table:
    """The facts of an indicator without deliveries that cannot be counted in; says which those are."""
    facts = bench.table("facts")
    own = facts.filter(facts.indicator == indicator.id)
    usable = with_totals(own, indicator=indicator)
    left_out = own.select("herkomst").distinct().anti_join(usable, "herkomst").order_by("herkomst")
    for row in fetch(bench.con, left_out):
        bench.tell(f"{indicator.id}: {row['herkomst']} telt niet mee, want die geeft geen unieke personen")
    return usable


def _protected(bench: _Bench, counted: _Counted) -> Protected:
    """One part of an indicator, protected and attacked."""
    indicator = counted.indicator
    bench.tell(f"{indicator.id} {counted.period}: beschermen en aanvallen")
    return protect(
        counted.cells,
        counted.sums,
        profile=definitions.load("protection", indicator.bescherming, Profile),
        persons_over=indicator.persons_over(),
        rest_only=indicator.unknown_in_rest(),
        workers=os.cpu_count() or 1,
    )


def _respons(counted: list[_Counted]) -> dict[str, ir.Table]:
    """How complete the delivered figures are, when any were delivered."""
    found = [part.respons for part in counted if part.respons is not None]
    return {"respons": ibis.union(*found) if len(found) > 1 else found[0]} if found else {}


def _statuses(
    parts: list[Protected], indicators: Mapping[str, Indicator], shown_in: PublicationRound
) -> dict[str, PeriodStatus]:
    """How final each period is; where indicators differ about a period, the least final word counts."""
    finality = list(PeriodStatus)
    found: dict[str, PeriodStatus] = {}
    for part in parts:
        for row in part.cells.select("indicator", "periode").distinct().to_pyarrow().to_pylist():
            period = Period.parse(row["periode"])
            status = indicators[row["indicator"]].status_after(period, _rounds_since(period, shown_in))
            earlier = found.get(row["periode"], status)
            found[row["periode"]] = min(status, earlier, key=finality.index)
    return found


def _rounds_since(period: Period, shown_in: PublicationRound) -> int:
    """How many rounds before this one could have shown the period: 0 in its first round."""
    first = (period.year, Season.NAJAAR) if period.half == 1 else (period.year + 1, Season.VOORJAAR)
    return max(0, (shown_in.year - first[0]) * len(Season) + shown_in.season - first[1])


def _invented(bench: _Bench) -> set[str]:
    """The indicators of which any fact is invented: a total with an invented part is not real."""
    facts = bench.table("facts")
    marked = facts.filter(facts.herkomst.startswith(INVENTED)).select("indicator").distinct()
    return {row["indicator"] for row in fetch(bench.con, marked)}


def _attributions(indicators: Mapping[str, Indicator]) -> list[Attribution]:
    """Whose figures they are: of every indicator, and of every public source that goes along."""
    own = [
        Attribution(i.bron.id, i.bron.naam, i.bron.vermelding, i.bron.licentie) for i in indicators.values()
    ]
    public = definitions.load_all("sources", Source).values()
    others = [Attribution(s.id, s.title, s.attribution, s.licence, url=s.url) for s in public]
    return list({attribution.id: attribution for attribution in (*others, *own)}.values())


def _references(bench: _Bench) -> dict[str, ir.Table]:
    """The reference tables that there are, one row per key."""
    return {
        name: _one_per_key(bench.table(table), REFERENCES[name].key)
        for name, table in CARRIED.items()
        if bench.warehouse.has(table)
    }


def _one_per_key(table: ir.Table, key: tuple[str, ...]) -> ir.Table:
    """Two sources may both know an area (with or without accents in its name); which stays must not vary."""
    others = [column for column in table.columns if column not in key]
    place = ibis.row_number().over(group_by=list(key), order_by=others)
    return table.mutate(place=place).filter(lambda t: t.place == 0).drop("place")
