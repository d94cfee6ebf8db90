"""Merging records, as CBS describes it: what becomes one voorziening, and what does not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.lib.invented_records import as_table
from tests.lib.plain_merge import Record
from zorgspiegel.merge import merge
from zorgspiegel.terms.tables import RECORDS, VOORZIENINGEN

CASES = json.loads((Path(__file__).resolve().parents[1] / "lib" / "merge_cases.json").read_text("utf-8"))
SAME = {"gemeente": "0307", "persoon": "P1", "type": "02", "leveringsvorm": "ZIN"}


def promise(spec, given, then, when=merge):
    spec(given=given, when=when, then=then, shape=RECORDS, gives=VOORZIENINGEN, rest=SAME)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_all_cases_come_out_as_agreed(case):
    ids = {record["id"]: number for number, record in enumerate(case["invoer"], 1)}
    records = [
        Record(
            ids[record["id"]],
            *(record[name] for name in ("gemeente", "persoon", "type", "leveringsvorm", "toewijzingsnummer")),
            date.fromisoformat(record["begin"]),
            date.fromisoformat(record["eind"]) if record["eind"] else None,
        )
        for record in case["invoer"]
    ]
    rows = merge(as_table(records)).to_pyarrow().to_pylist()
    found = {tuple(row["bronrecords"]): row for row in rows}
    wanted = {tuple(ids[i] for i in row["bronrecords"]): row for row in case["resultaat"]}
    assert len(rows) == case["na_stap2"]
    assert sum(row["samenvoegingen_toewijzingsnummer"] for row in rows) == len(records) - case["na_stap1"]
    assert set(found) == set(wanted)
    for key, row in wanted.items():
        end = found[key]["eind"].isoformat() if found[key]["eind"] else None
        assert (found[key]["begin"].isoformat(), end) == (row["begin"], row["eind"])
        assert (found[key]["type"], found[key]["leveringsvorm"]) == (row["type"], row["leveringsvorm"])


def test_the_gemeente_says_that_records_belong_together_and_three_days_do_the_rest(spec):
    promise(
        spec,
        given="""
            rijnummer | toewijzingsnummer | begin      | eind
            1         | 100               | 2025-01-01 | 2025-01-31
            2         | 100               | 2025-05-01 | 2025-05-31
            3         | 200               | 2025-06-02 | 2025-06-30
        """,
        then="""
            begin      | eind
            2025-01-01 | 2025-06-30
        """,
    )


def test_another_leveringsvorm_stays_beside_it(spec):
    promise(
        spec,
        given="""
            rijnummer | leveringsvorm | toewijzingsnummer | begin      | eind
            1         | ZIN           | 100               | 2025-01-01 | 2025-01-31
            2         | PGB           | 100               | 2025-05-01 | 2025-05-31
            3         | ZIN           | 200               | 2025-06-02 | 2025-06-30
        """,
        then="""
            leveringsvorm | begin      | eind
            ZIN           | 2025-01-01 | 2025-01-31
            PGB           | 2025-05-01 | 2025-05-31
            ZIN           | 2025-06-02 | 2025-06-30
        """,
    )


def test_an_open_end_is_never_closed_and_holds_all_that_follows(spec):
    promise(
        spec,
        given="""
            rijnummer | begin      | eind
            1         | 2025-01-01 |
            2         | 2025-04-01 | 2025-06-30
        """,
        then="""
            begin      | eind
            2025-01-01 |
        """,
    )


def test_overlapping_in_part_is_no_reason_by_itself(spec):
    given = """
        rijnummer | begin      | eind
        1         | 2025-01-01 | 2025-01-10
        2         | 2025-01-05 | 2025-01-20
    """
    apart = """
        begin      | eind
        2025-01-01 | 2025-01-10
        2025-01-05 | 2025-01-20
    """
    together = """
        begin      | eind
        2025-01-01 | 2025-01-20
    """
    promise(spec, given, apart)
    promise(spec, given, together, when=lambda records: merge(records, merge_partial_overlap=True))


def test_two_chains_that_cross_stay_two_voorzieningen(spec):
    """Each chain joins up by the three days; what they then have in common is again only partial overlap."""
    promise(
        spec,
        given="""
            rijnummer | begin      | eind
            1         | 2025-01-01 | 2025-01-10
            2         | 2025-01-05 | 2025-01-15
            3         | 2025-01-12 | 2025-01-20
            4         | 2025-01-17 | 2025-01-25
        """,
        then="""
            begin      | eind
            2025-01-01 | 2025-01-20
            2025-01-05 | 2025-01-25
        """,
    )


def test_an_unknown_leveringsvorm_is_equal_only_to_itself(spec):
    promise(
        spec,
        given="""
            rijnummer | leveringsvorm | begin      | eind
            1         | ZIN           | 2025-01-01 | 2025-01-31
            2         |               | 2025-02-01 | 2025-02-28
            3         |               | 2025-03-01 | 2025-03-31
        """,
        then="""
            leveringsvorm | begin      | eind
            ZIN           | 2025-01-01 | 2025-01-31
                          | 2025-02-01 | 2025-03-31
        """,
    )


def test_each_voorziening_tells_why(spec):
    """The reasons are told in words, each once: the strongest that made a merge."""
    rows = merge(
        as_table(
            [
                Record(1, "0307", "P1", "02", "ZIN", "100", date(2025, 1, 1), date(2025, 1, 10)),
                Record(2, "0307", "P1", "02", "ZIN", "100", date(2025, 1, 4), date(2025, 1, 6)),
                Record(3, "0307", "P1", "02", "ZIN", None, date(2025, 1, 1), date(2025, 1, 10)),
                Record(4, "0307", "P1", "02", "ZIN", None, date(2025, 1, 2), date(2025, 1, 3)),
                Record(5, "0307", "P1", "02", "ZIN", None, date(2025, 1, 13), None),
            ]
        )
    )
    (row,) = rows.to_pyarrow().to_pylist()
    assert row["redenen"] == ["aansluitend", "binnen", "gelijk", "toewijzingsnummer"]
    assert row["bronrecords"] == [1, 2, 3, 4, 5]
