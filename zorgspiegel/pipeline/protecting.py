"""Files in, files out, around the room `protect`: for tables that are not the house's own."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import scipy

from zorgspiegel import __version__
from zorgspiegel.protect.advice import advice
from zorgspiegel.protect.attack import Attack, attack_tables
from zorgspiegel.protect.own_protect import protect_table
from zorgspiegel.protect.own_table import Columns, Pairs
from zorgspiegel.store import definitions, durable, plain_tables
from zorgspiegel.terms.errors import CellsError, RecoverableError, SettingError
from zorgspiegel.terms.protection import Profile

Hierarchies = Mapping[str, Mapping[str, Pairs]]


def read_hierarchies(given: Sequence[str]) -> Hierarchies:
    """Hierarchies out of `DIM=FILE` arguments; several files for one dimension are linked sets over its
    leaves."""
    found: dict[str, dict[str, Pairs]] = {}
    for argument in given:
        name, _, path = argument.partition("=")
        if not name or not path:
            raise SettingError(f"--hierarchy is written as DIMENSION=FILE.csv, not {argument!r}.")
        table = plain_tables.read_text(Path(path))
        if not {"child", "parent"} <= set(table.column_names):
            raise CellsError(f"{Path(path).name}: a hierarchy has the columns child and parent.")
        pairs = list(zip(table["child"].to_pylist(), table["parent"].to_pylist(), strict=True))
        if any(child is None or parent is None for child, parent in pairs):
            raise CellsError(f"{Path(path).name}: a code is empty. The total is only ever a parent.")
        sets = found.setdefault(name, {})
        sets[f"{len(sets)}"] = pairs
    return found


def profile_of(name: str | None, changes: Mapping[str, Any]) -> Profile:
    """A profile out of definitions/protection, or plain rules (smallest shown 10, zeros hidden, no rounding),
    with the changes that the caller asks for (None = no change)."""
    asked = {key: value for key, value in changes.items() if value is not None}
    if name is None:
        base = {
            "id": "eigen-regels",
            "titel": "Opgegeven regels",
            "herkomst": "opgegeven",
            "smallest_shown": 10,
        }
    else:
        base = definitions.load("protection", name, Profile).model_dump()
    try:
        return Profile.model_validate({**base, **asked})
    except ValueError as error:
        raise SettingError(f"these rules do not go together: {error}") from error


def refuse_idle_rules(profile: Profile, wanted: Columns) -> None:
    """Raise SettingError when a rule for amounts has nothing to look at: it would protect nobody."""
    if (profile.p_percent is not None or profile.dominance is not None) and not wanted.largest:
        raise SettingError(
            "the p % and (n, k) rules need the largest contributions: give --value and --largest."
        )
    if wanted.largest and not wanted.values:
        raise SettingError("--largest belongs to an amount: give --value as well.")
    if len(wanted.largest) > 2:
        raise SettingError("--largest takes the largest and the second largest contribution, no more.")


def protect_file(
    cells: Path,
    out: Path,
    wanted: Columns,
    hierarchies: Hierarchies,
    profile: Profile,
    *,
    previous: Sequence[Path] = (),
    advise: bool = False,
    workers: int | None = None,
) -> dict[str, Any]:
    """Protect a file of elementary rows, attack the outcome, and write it when nothing came out; gives the
    report.

    Raises RecoverableError when something did; then nothing is written.
    """
    began = time.perf_counter()
    given = plain_tables.read_text(cells)
    table, report = protect_table(
        given,
        wanted,
        hierarchies,
        profile,
        previous=[plain_tables.read_text(path) for path in previous],
        workers=workers or os.cpu_count() or 1,
    )
    plain_tables.write(table, out)
    if advise:
        report["advice"] = advice(given, wanted, hierarchies, profile)
    return {
        "profile": profile.id,
        "smallest_shown": profile.smallest_shown,
        "zeros": profile.zeros,
        **report,
        **_versions(),
        "seconds": round(time.perf_counter() - began, 3),
    }


def attack_files(
    files: Sequence[Path],
    dims: Sequence[str],
    hierarchies: Hierarchies,
    *,
    measure: str | None = None,
    rounded_to: int = 1,
    exact: bool = False,
    workers: int | None = None,
) -> tuple[Attack, dict[str, Any]]:
    """Attack published files together; gives what came out, and the report."""
    began = time.perf_counter()
    found = attack_tables(
        [plain_tables.read_text(path) for path in files],
        dims,
        hierarchies,
        measure=measure,
        rounded_to=rounded_to,
        exact=exact,
        workers=workers or os.cpu_count() or 1,
    )
    report = {
        "tables": len(files),
        "cells": found.cells,
        "hidden": found.hidden,
        "equations": found.equations,
        "recovered": [
            {**dict(zip(dims, one.codes, strict=True)), "low": one.low, "high": one.high}
            for one in found.leaks
        ],
        "settled_by_witness": found.by_witness,
        "settled_one_by_one": found.one_by_one,
        "solves": found.solves,
        **_versions(),
        "seconds": round(time.perf_counter() - began, 3),
    }
    if exact:
        report["intervals"] = [
            {**dict(zip(dims, one.codes, strict=True)), "low": one.low, "high": one.high}
            for one in found.intervals
        ]
    return found, report


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Write a report as JSON, whole or not at all."""
    durable.write(path, (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode())


def refuse(found: Attack) -> None:
    """Raise RecoverableError when the attack found anything."""
    if found.leaks:
        raise RecoverableError(
            f"{len(found.leaks)} of {found.hidden} hidden cells can be recovered, exactly or nearly so."
        )


def _versions() -> dict[str, str]:
    import highspy

    return {
        "zorgspiegel": __version__,
        "highs": highspy.Highs().version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
    }
