"""GMSD counts against their slow, obvious twin, on one engine and on the other."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib import plain_gmsd
from tests.lib.plain_gmsd import Person, Voorziening
from zorgspiegel.aggregate.gmsd import count_gmsd, gmsd_cells
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.tables import GMSD_PERSONEN, VOORZIENINGEN

CLASSES = {"thuis": ("01", "02"), "verblijf": ("15",), "zonder_verblijf": ("01", "02", "08")}
PERIOD = Period(2025, 1)
FIRST = date(2024, 12, 22)

care = st.builds(
    lambda gemeente, person, kind, form, start, length: (gemeente, person, kind, form, start, length),
    st.sampled_from(["0307", "0308"]),
    st.sampled_from(["P1", "P2", "P3"]),
    st.sampled_from(["01", "02", "08", "15"]),
    st.sampled_from(["ZIN", "PGB", "onbekend"]),
    st.one_of(st.integers(0, 20), st.integers(180, 200)),
    st.one_of(st.integers(0, 12), st.integers(0, 190), st.none()),
)
known = st.fixed_dictionaries(
    {},
    optional={
        (gemeente, person): st.builds(
            Person,
            st.sampled_from([f"WK{gemeente}01", f"WK{gemeente}0A", None]),
            st.sampled_from(["18-64", "65+", None]),
            st.sampled_from(["M", "V", None]),
        )
        for gemeente in ("0307", "0308")
        for person in ("P1", "P2", "P3")
    },
)


def items_of(drawn):
    return [
        Voorziening(
            i,
            *words[:4],
            FIRST + timedelta(words[4]),
            None if words[5] is None else FIRST + timedelta(words[4] + words[5]),
        )
        for i, words in enumerate(drawn)
    ]


def as_tables(items, persons):
    rows = [
        {
            "gemeente": item.gemeente,
            "persoon": item.persoon,
            "type": item.type,
            "leveringsvorm": None if item.leveringsvorm == "onbekend" else item.leveringsvorm,
            "begin": item.begin,
            "eind": item.eind,
            "bronrecords": [item.id],
            "redenen": [],
        }
        for item in items
    ]
    people = [
        {"gemeente": g, "persoon": p, "wijk": who.wijk, "leeftijd": who.leeftijd, "geslacht": who.geslacht}
        for (g, p), who in persons.items()
    ]
    return (
        ibis.memtable(pa.Table.from_pylist(rows, schema=VOORZIENINGEN.schema.to_pyarrow())),
        ibis.memtable(pa.Table.from_pylist(people, schema=GMSD_PERSONEN.schema.to_pyarrow())),
    )


def as_dict(table):
    names = ("maat", "gebiedscode", "categorie", "leveringsvorm", "leeftijd", "geslacht")
    return {tuple(row[name] for name in names): row["aantal"] for row in table.to_pylist()}


@settings(max_examples=60, deadline=None)
@given(st.lists(care, max_size=14), known, st.sampled_from([PERIOD, Period(2025, 2), Period(2025)]))
def test_every_count_is_that_of_the_twin(drawn, persons, period):
    items = items_of(drawn)
    found = count_gmsd(*as_tables(items, persons), period=period, classes=CLASSES).to_pyarrow()
    assert as_dict(found) == plain_gmsd.count(items, persons, period=period, classes=CLASSES)
    assert len(as_dict(found)) == len(found)


@pytest.mark.spark
def test_spark_gives_the_same(spark):
    drawn = [
        (
            f"030{7 + i % 2}",
            f"P{i % 9}",
            f"{1 + i % 2:02}",
            ["ZIN", "PGB", "onbekend"][i % 3],
            i % 40,
            i * 7 % 190,
        )
        for i in range(120)
    ]
    items = items_of(drawn)
    persons = {("0307", "P1"): Person("WK030701", "65+", "V"), ("0308", "P2"): Person(None, None, "M")}
    counts = count_gmsd(*as_tables(items, persons), period=PERIOD, classes=CLASSES)
    expected = plain_gmsd.count(items, persons, period=PERIOD, classes=CLASSES)
    assert as_dict(spark.to_pyarrow(counts)) == expected


def test_as_cells_there_is_one_indicator_per_maat():
    tables = as_tables(items_of([("0307", "P1", "02", "ZIN", 20, 5)]), {})
    counts = count_gmsd(*tables, period=PERIOD, classes=CLASSES)
    cells = gmsd_cells(counts, definitie_versie="1", indelingsjaar=2025, herkomst=["b", "a"])
    rows = cells.to_pyarrow().to_pylist()
    assert {row["indicator"] for row in rows} == {
        f"gmsd_{maat}" for maat in ("clienten", "voorzieningen", "instroom", "uitstroom", "stapeling")
    }
    assert {row["categorie"] for row in rows if row["indicator"] == "gmsd_clienten"} == {
        *("02", "02-ZIN", "thuis", "thuis-ZIN", "zonder_verblijf", "zonder_verblijf-ZIN", "T", "T-ZIN")
    }
    assert {row["herkomst"] for row in rows} == {"a,b"}
