"""A delivery of aggregates on its way in: checked, kept as received, brought to facts in the warehouse."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import ibis

from zorgspiegel.aggregate import facts_from
from zorgspiegel.pipeline.checking import CheckedDelivery, check_delivery
from zorgspiegel.store import definitions
from zorgspiegel.store.home import Home
from zorgspiegel.store.standards import load_codelists, load_standard
from zorgspiegel.store.warehouse import Change, Warehouse
from zorgspiegel.terms.errors import DefinitionError
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.outcome import CheckContext, Outcome
from zorgspiegel.terms.tables import FACTS

INVENTED = "verzonnen"
"""Origins that begin so are invented deliveries. Their figures say so on every screen and in every file."""


def deliver(
    path: Path,
    standard_id: str,
    *,
    home: Home,
    context: CheckContext | None = None,
    invented: bool = False,
    change: Change | None = None,
) -> Outcome:
    """Check one delivered file and, when it is accepted, put its facts in the place of those of the same
    sender and year.

    invented: the file is made by `synthetic`; its facts carry that mark to the last figure.
    change:   an open change of the warehouse, to let many deliveries count together; None = one of its own.
    """
    standard = load_standard(standard_id)
    known = replace(context or CheckContext(), codelists=load_codelists(standard))
    with check_delivery(path, standard, context=known) as checked:
        if not checked.outcome.accepted:
            return checked.outcome
        mark = f"{INVENTED}:" if invented else ""
        origin = f"{mark}{standard_id}:{checked.outcome.sha256[:12]}"
        _keep_as_received(path, home, standard_id, checked.outcome)
        if change is not None:
            _keep_facts(checked, indicator_of(standard_id), origin, change)
        else:
            with Warehouse(home.warehouse).changing() as own:
                _keep_facts(checked, indicator_of(standard_id), origin, own)
        return checked.outcome


def indicator_of(standard_id: str) -> Indicator:
    """The indicator whose facts come from this standard. Raises DefinitionError when none does."""
    for indicator in definitions.load_all("indicators", Indicator).values():
        if indicator.feiten is not None and indicator.feiten.standaard == standard_id:
            return indicator
    raise DefinitionError(
        f"No indicator takes its facts from {standard_id}. "
        f"Add `feiten: {{standaard: {standard_id}, ...}}` to one."
    )


def _keep_facts(checked: CheckedDelivery, indicator: Indicator, origin: str, change: Change) -> None:
    outcome = checked.outcome
    assert outcome.period is not None, "an accepted delivery says when"
    assert outcome.sender is not None, "an accepted delivery says whose it is"
    facts = facts_from(
        outcome.tables,
        indicator=indicator,
        periode=str(outcome.period),
        indelingsjaar=_division_year(checked),
        herkomst=origin,
    )
    source = f"{outcome.standard}-{outcome.sender}"
    change.write("facts", FACTS, source, outcome.period.year, facts, con=checked.connection)


def _division_year(checked: CheckedDelivery) -> int:
    """The division year that the header record names; a standard without one means the year of the period."""
    for table in checked.outcome.tables.values():
        if "Indelingsjaar" in table.columns:
            years: ibis.Table = table.select(jaar=table["Indelingsjaar"].cast("int64")).limit(1)
            return int(checked.connection.to_pyarrow(years)["jaar"][0].as_py())
    assert checked.outcome.period is not None, "an accepted delivery has a period"
    return checked.outcome.period.year


def _keep_as_received(path: Path, home: Home, standard_id: str, outcome: Outcome) -> None:
    """Aggregates are kept unchanged, under their digest: delivering the same file twice keeps it once."""
    folder = home.deliveries / standard_id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{outcome.sha256}{path.suffix.lower()}"
    if target.exists():
        return
    handle, name = tempfile.mkstemp(prefix=".new-", dir=folder)
    with os.fdopen(handle, "wb") as kept, path.open("rb") as received:
        shutil.copyfileobj(received, kept)
        kept.flush()
        os.fsync(kept.fileno())
    Path(name).replace(target)
