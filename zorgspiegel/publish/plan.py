"""The plan of a release: which tables, in which shape, described how. Nothing is computed or written here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa

from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.release import INDICATOR_ID, REFERENCES, Attribution, PlannedTable, ReleasePlan
from zorgspiegel.terms.statuses import PeriodStatus
from zorgspiegel.terms.tables import PROTECTED_CELLS

MADE_HERE = frozenset({"indicatoren", "perioden", "bronnen"})
"""Reference tables that follow from the other arguments, so nobody can hand in one that contradicts them."""


def publish(
    protected: Protected | Sequence[Protected],
    *,
    name: str,
    title: str,
    indicators: Mapping[str, Mapping[str, Any]],
    period_statuses: Mapping[str, PeriodStatus],
    sources: Sequence[Attribution],
    invented: bool | Collection[str],
    publisher: str,
    code_version: str,
    references: Mapping[str, ibis.Table] | None = None,
    invented_references: Collection[str] = (),
    inputs: Mapping[str, str] | None = None,
    replaces: str | None = None,
    reason: str | None = None,
    built_at: str | None = None,
) -> ReleasePlan:
    """Plan a release of protected cells; the one door to the outside.

    protected:       what `protect` gave, for one indicator or more. Anything else is our own mistake.
    indicators:      per id at least titel, definitie, eenheid and bron (Dutch); the rest goes along as JSON.
    period_statuses: per period how final it is. It must be said for each period in the cells.
    invented:        True or False for all indicators, or the ids of those whose figures are invented.
    references:      tables of terms.release.REFERENCES by name, but not those that are MADE_HERE.
    replaces/reason: a correction is a new release that names the old one and says why.
    """
    parts = (protected,) if isinstance(protected, Protected) else tuple(protected)
    assert parts, "a release needs at least one Protected"
    assert all(isinstance(part, Protected) for part in parts), "publish takes only what protect made"
    assert (replaces is None) == (reason is None), (
        "a correction names the release that it replaces, and says why"
    )
    ids = frozenset(indicators) if invented is True else frozenset(invented or ())
    assert ids <= set(indicators), "invented names an indicator that has no description"
    assert all(INDICATOR_ID.fullmatch(key) for key in indicators), (
        "an indicator id becomes the name of a file"
    )
    return ReleasePlan(
        name=name,
        title=title,
        cells=_together([part.cells for part in parts]),
        references=_references(
            references or {},
            invented=frozenset(invented_references),
            made={
                "indicatoren": _indicators(indicators, invented=ids),
                "perioden": _periods(period_statuses),
                "bronnen": _sources(sources),
            },
        ),
        indicators=indicators,
        period_statuses=period_statuses,
        sources=tuple(sources),
        invented=ids,
        attack_reports=tuple({"profiel": part.profile, "verslag": part.report} for part in parts),
        publisher=publisher,
        code_version=code_version,
        inputs=dict(inputs or {}),
        replaces=replaces,
        reason=reason,
        built_at=built_at,
    )


def _together(cells: list[ibis.Table]) -> ibis.Table:
    """All cells as one table, with the exact types of the shape: engines differ in the width of a decimal."""
    alike = [table.select(*PROTECTED_CELLS.names).cast(PROTECTED_CELLS.schema) for table in cells]
    return alike[0] if len(alike) == 1 else ibis.union(*alike)


def _references(
    given: Mapping[str, ibis.Table], *, invented: frozenset[str], made: Mapping[str, ibis.Table]
) -> tuple[PlannedTable, ...]:
    unknown = (set(given) | invented) - (set(REFERENCES) - MADE_HERE)
    assert not unknown, f"not a reference table that can be handed in: {', '.join(sorted(unknown))}"
    tables = {**given, **made}
    for table_name, table in tables.items():
        REFERENCES[table_name].shape.check(table, where=f"publish({table_name})")
    return tuple(
        PlannedTable(table_name, tables[table_name], is_invented=table_name in invented)
        for table_name in REFERENCES
        if table_name in tables
    )


def _indicators(indicators: Mapping[str, Mapping[str, Any]], *, invented: frozenset[str]) -> ibis.Table:
    rows = [
        {
            "indicator": key,
            **{column: str(info[column]) for column in ("titel", "definitie", "eenheid", "bron")},
            "is_verzonnen": key in invented,
            # Not sorted: the order of codes in the declaration is the order in which people read them.
            "kenmerken": json.dumps(info, ensure_ascii=False, default=str),
        }
        for key, info in sorted(indicators.items())
    ]
    return _table("indicatoren", rows)


def _periods(statuses: Mapping[str, PeriodStatus]) -> ibis.Table:
    rows = [
        {"periode": period, "status": PeriodStatus(status).value}
        for period, status in sorted(statuses.items())
    ]
    return _table("perioden", rows)


def _sources(sources: Sequence[Attribution]) -> ibis.Table:
    rows = [
        {
            "bron": source.id,
            "titel": source.title,
            "naamsvermelding": source.credit,
            "licentie": source.licence,
            "adres": source.url,
        }
        for source in sorted(sources, key=lambda source: source.id)
    ]
    return _table("bronnen", rows)


def _table(name: str, rows: list[dict[str, Any]]) -> ibis.Table:
    # Through Arrow: a list of dicts would go through pandas, where an empty column has no type.
    schema = REFERENCES[name].shape.schema.to_pyarrow()
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))
