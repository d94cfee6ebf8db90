"""Cells next to the slow twin, on random facts with everything that can be wrong in them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lib import plain_aggregate, small_land
from zorgspiegel.aggregate import aggregate
from zorgspiegel.terms.errors import ShapeError
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.tables import CELL_KEY, CELLS, FACTS

KINDS = {
    "persons add up": small_land.indicator(),
    "persons are the same": small_land.indicator(persons="same"),
    "persons are unique": small_land.indicator(persons="unique"),
    "per gemeente": small_land.indicator(levels=("land", "gemeente")),
    "the land only": small_land.indicator(levels=("land",)),
    "no categorie": small_land.indicator(categories=False),
    "rows are groups": small_land.indicator(persons="same", ranked=False),
}

PLACES = (
    *("WK900101", "WK9001AA", "WK900201", "WK900301", "WK900302", "BU90010101", "GM9002", "PV90", "NL01"),
    *("WK900399", "WK900199"),  # a wijk of that name exists in the one gemeente, and not in the other
    *("WK990001", "GM9099", "XX"),  # nowhere
)

fact = st.fixed_dictionaries(
    {
        "indicator": st.sampled_from(["klein", "klein", "klein", "ander"]),
        "periode": st.sampled_from(["2022", "2024"]),
        "indelingsjaar": st.sampled_from([small_land.YEAR, small_land.YEAR, 1999]),
        "gebiedscode": st.sampled_from([*PLACES, None]),
        "categorie": st.sampled_from(["a", "b", "c", "ab", "T", "T", "onbekend", "x"]),
        "leeftijd": st.sampled_from(["jong", "midden", "oud", "onbekend", "x"]),
        "geslacht": st.sampled_from(["M", "V", "onbekend"]),
        "aantal_personen": st.integers(0, 20),
        "kosten_eur": st.none() | st.integers(-500, 5000).map(lambda cents: Decimal(cents) / 100),
        "herkomst": st.sampled_from(["d1", "d2", "d3"]),
    }
)


def _arrow(facts: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(facts, schema=FACTS.schema.to_pyarrow())


class Opened:
    """The door, opened once over a table of which each example replaces the rows: planning costs most."""

    def __init__(self, indicator: Indicator) -> None:
        self.indicator = indicator
        self.con = ibis.duckdb.connect(threads=1)
        self.con.create_table("feiten", schema=FACTS.schema)
        self.areas, self.members = small_land.areas(), small_land.members()
        self.cells = aggregate(self.con.table("feiten"), self.areas, self.members, indicator=indicator)
        self.con.to_pyarrow(self.cells)
        self.con.raw_sql(f"PREPARE cellen AS {self.con.compile(self.cells)}")

    def __call__(self, facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.con.raw_sql("DELETE FROM feiten")
        self.con.con.register("nieuw", _arrow(facts))
        self.con.raw_sql("INSERT INTO feiten SELECT * FROM nieuw")
        return self.con.con.sql("EXECUTE cellen").to_arrow_table().to_pylist()

    def plain(self, facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        areas, members = self.areas.to_pyarrow().to_pylist(), self.members.to_pyarrow().to_pylist()
        return plain_aggregate.aggregate(facts, areas, members, self.indicator)


def _sorted(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (tuple(row[name] for name in CELLS.names) for row in rows), key=lambda row: row[: len(CELL_KEY)]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_cells_are_those_of_the_twin(kind):
    opened = Opened(KINDS[kind])

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(fact, max_size=60))
    def compare(facts: list[dict[str, Any]]) -> None:
        assert _sorted(opened(facts)) == _sorted(opened.plain(facts))

    compare()


def test_the_door_refuses_another_shape():
    with pytest.raises(ShapeError, match="aantal_personen is missing"):
        aggregate(
            ibis.memtable(_arrow([]).drop_columns(["aantal_personen"])),
            small_land.areas(),
            small_land.members(),
            indicator=small_land.indicator(),
        )
