"""Invented records for the merge: small ones that Hypothesis draws, and many from a seed. No real persons."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from tests.lib.plain_merge import Item, Record
from zorgspiegel.terms.tables import MERGE_REASONS, RECORDS

FIRST = date(2024, 12, 20)


@st.composite
def record_sets(draw: Any, *, largest: int = 40) -> list[Record]:
    """Up to forty records of few persons in few days: nearly everything touches something."""
    span = draw(st.sampled_from([6, 15, 40, 120]))
    longest = draw(st.sampled_from([1, 4, 10, 30]))
    numbers = st.sampled_from([None, None, None, "", "100", "200", "300"])
    size = draw(st.integers(1, largest))
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(0, span),
                st.one_of(
                    st.integers(0, longest), st.integers(0, longest), st.integers(0, longest), st.none()
                ),
                numbers,
                st.sampled_from(["ZIN", "ZIN", "PGB", None]),
                st.sampled_from(["P1", "P1", "P1", "P2"]),
            ),
            min_size=size,
            max_size=size,
        )
    )
    return [
        Record(
            id=7 * i % 1009,  # not the order of the rows
            gemeente="0307",
            persoon=persoon,
            type="02",
            leveringsvorm=leveringsvorm,
            nummer=nummer or None,
            begin=FIRST + timedelta(start),
            eind=None if length is None else FIRST + timedelta(start + length),
        )
        for i, (start, length, nummer, leveringsvorm, persoon) in enumerate(drawn)
    ]


def many(records: int, *, seed: int) -> list[Record]:
    """Records of persons with one to twelve each; about a third can merge."""
    rnd = random.Random(seed)
    made: list[Record] = []
    person = 0
    while len(made) < records:
        person += 1
        for _ in range(rnd.randint(1, 12)):
            start = rnd.randrange(700)
            made.append(
                Record(
                    id=len(made) + 1,
                    gemeente=f"{300 + person % 7:04}",
                    persoon=f"P{person}",
                    type=rnd.choice(["01", "02"]),
                    leveringsvorm=rnd.choice(["ZIN", "ZIN", "PGB", None]),
                    nummer=rnd.choice([None, str(rnd.randrange(40))]),
                    begin=FIRST + timedelta(start),
                    eind=rnd.choice([None, *[FIRST + timedelta(start + rnd.randrange(90))] * 5]),
                )
            )
    return made[:records]


def as_arrow(records: Sequence[Record]) -> pa.Table:
    """The records as the table that `merge` takes."""
    rows = [
        {
            "rijnummer": record.id,
            "gemeente": record.gemeente,
            "persoon": record.persoon,
            "type": record.type,
            "leveringsvorm": record.leveringsvorm,
            "toewijzingsnummer": record.nummer,
            "begin": record.begin,
            "eind": record.eind,
        }
        for record in records
    ]
    return pa.Table.from_pylist(rows, schema=RECORDS.schema.to_pyarrow())


def as_table(records: Sequence[Record]) -> ibis.Table:
    """The same on the default engine."""
    return ibis.memtable(as_arrow(records))


def rows_of(items: Sequence[Item]) -> list[dict[str, Any]]:
    """What the twin found, as the rows that `merge` gives, in the order of their group and begin."""
    rows = [
        {
            "gemeente": item.group[0],
            "persoon": item.group[1],
            "type": item.group[2],
            "leveringsvorm": item.group[3],
            "begin": item.begin,
            "eind": None if item.eind == date.max else item.eind,
            "bronrecords": sorted(item.ids),
            "redenen": sorted(set(item.reasons)),
            **{f"samenvoegingen_{reason}": item.reasons.count(reason) for reason in MERGE_REASONS},
        }
        for item in items
    ]
    return in_order(rows)


def in_order(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sorted on group and begin, which no two voorzieningen share; unknown leveringsvorm first."""
    names = ("gemeente", "persoon", "type", "leveringsvorm", "begin")
    return sorted(rows, key=lambda row: tuple(str(row[name] or "") for name in names))
