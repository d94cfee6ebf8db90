"""The door of the room for the house's own cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import ibis
import pyarrow as pa

from zorgspiegel.protect.audits import audits
from zorgspiegel.protect.greedy import Rules
from zorgspiegel.protect.house import GROUP, Study, studies
from zorgspiegel.protect.house_out import Before, before_study, protected_table
from zorgspiegel.protect.suppress import AUDIT_CELLS, Mask, Steps, suppress
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.protection import PersonsOver, Profile
from zorgspiegel.terms.shapes import door
from zorgspiegel.terms.tables import CELLS, HIERARCHY, PROTECTED_CELLS


@door(cells=CELLS, hierarchy=HIERARCHY)
def protect(
    cells: ibis.Table,
    hierarchy: ibis.Table,
    *,
    profile: Profile,
    persons_over: Mapping[str, PersonsOver] | None = None,
    rest_only: Collection[str] = (),
    previous: Sequence[ibis.Table] = (),
    workers: int = 1,
) -> Protected:
    """Hide what could point at a person or a provider, and whatever else is needed so that it stays hidden.

    cells:        one row per cell that occurs, at every level, totals (T) included; absent = zero. All cells
                  of one indicator together: cells that are given apart are not protected against each other.
    hierarchy:    which codes add up to which. Several sets over the same gemeenten are protected as one
                  system.
    persons_over: per dimension how persons relate: "sum" (the default), "unique" (T counts a person once, the
                  parts overlap) or "same" (every part is about the same persons). Amounts always add up.
    rest_only:    dimensions whose code 'onbekend' occurs in the rest groups of areas only, and which are
                  never known there. Everyone knows that from the source, so combinations that cannot occur
                  are no figures: they are left out, and hide nothing.
    previous:     earlier outcomes that people have (PROTECTED_CELLS), the oldest first. What they showed is
                  known; what they hid stays hidden; a figure that changed by too little stays as it was.
    workers:      how many blocks of areas run at the same time; the outcome is the same for every number.

    Gives the full cube: every combination of all codes that take part, with count and amount null where the
    status is geheim (small, secondary and zero cells share it), rounded by the profile. Raises CellsError
    when cells do not add up or codes are unknown, RecoverableError when a hidden cell can still be found.
    Source: PROTECTION.md.
    """
    found = studies(cells, hierarchy, persons_over or {}, rest_only)
    if not found:
        raise CellsError("cells: there are no rows, so there is nothing to protect.")
    for table in previous:
        PROTECTED_CELLS.check(table, where="zorgspiegel.protect.protect(previous)")
    releases = [table.to_pyarrow() for table in previous]
    tables, reports = [], []
    for study in found:
        before = before_study(study, releases, profile)
        mask = _mask(study, profile, before, workers)
        tables.append(protected_table(study, mask, profile, before))
        reports.append({**dict(zip(GROUP, study.group, strict=True)), **mask.report})
    return Protected(cells=_as_ibis(tables), profile=profile.id, report={"tables": reports})


def _mask(study: Study, profile: Profile, before: Before | None, workers: int) -> Mask:
    counts, primary = study.pressed(study.counts), study.primary(profile)
    rules = Rules(
        smallest=profile.smallest_shown,
        zeros_shown=profile.zeros == "shown",
        singletons=profile.singletons,
    )
    tasks = audits(study, primary, profile, rules)
    steps = Steps(secondary=profile.secondary, audit=counts.size <= AUDIT_CELLS)
    mask = suppress(
        study.layout,
        counts,
        primary,
        rules,
        tasks=tasks,
        before=before.earlier if before else None,
        steps=steps,
        workers=workers,
    )
    return replace(mask, report={**mask.report, "intervals_audited": steps.audit and steps.secondary})


def _as_ibis(tables: Sequence[pa.Table]) -> ibis.Table:
    whole = pa.concat_tables(tables).select(PROTECTED_CELLS.names)
    return ibis.memtable(whole, schema=PROTECTED_CELLS.schema)
