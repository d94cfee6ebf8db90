"""The samenvoegrapport: numbers that add up, odd pairs that are flagged, and nobody in it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from tests.lib import plain_merge
from tests.lib.invented_records import as_table, record_sets
from tests.lib.plain_merge import OPEN, Record
from zorgspiegel.merge import merge, samenvoegrapport, samenvoegtelling, vertel

P1 = ("0307", "P1", "02", "ZIN")
M15 = [
    Record(1, *P1, None, date(2025, 1, 1), date(2025, 3, 15)),
    Record(2, *P1, None, date(2025, 3, 1), None),
]
BOTH_FORMS = [
    Record(3, *P1, "100", date(2020, 1, 1), date(2020, 1, 9)),
    Record(4, "0307", "P1", "02", "PGB", "100", date(2020, 1, 1), date(2020, 1, 9)),
    Record(5, *P1, "100", date(2020, 6, 1), date(2020, 6, 9)),
]


def counted(records):
    table = as_table(records)
    rows = samenvoegtelling(table, merge(table)).to_pyarrow().to_pylist()
    return {row["onderdeel"]: row["aantal"] for row in rows}


@settings(max_examples=25, deadline=None)
@given(record_sets())
def test_the_numbers_are_those_of_the_twin(records):
    items = plain_merge.merge(records)
    counts = counted(records)
    assert counts["records"] == len(records)
    assert counts["na_stap_1"] == len(plain_merge.first_step(records))
    assert counts["na_stap_2"] == len(items)
    for reason in plain_merge.REASONS:
        assert counts[f"samenvoegingen_{reason}"] == sum(item.reasons.count(reason) for item in items)
    behind = [
        min(
            (two for two in items if two.group == one.group and two.begin > one.begin),
            key=lambda i: i.begin,
            default=None,
        )
        for one in items
    ]
    pairs = [(one, two) for one, two in zip(items, behind, strict=True) if two and two.begin <= one.eind]
    assert counts["overlappen"] == len(pairs)
    assert counts["overlappen_met_open"] == sum(two.eind == OPEN for _, two in pairs)


def test_the_table_tells_what_merged_and_what_stayed_beside_another():
    rows = samenvoegrapport(merge(as_table(M15 + BOTH_FORMS))).to_pyarrow().to_pylist()
    assert {(row["soort"], *row["bronrecords"], *row["naast"]) for row in rows} == {
        ("samengevoegd", 3, 5),
        ("overlap_met_open", 2, 1),
    }


def test_nobody_is_in_it():
    table = samenvoegrapport(merge(as_table(M15)))
    assert "persoon" not in table.columns
    assert "P1" not in str(table.to_pyarrow().to_pylist())


def test_it_is_told_in_words():
    text = vertel(counted(M15 + BOTH_FORMS))
    assert "Aantal records in uw levering: 5." in text
    assert "Stap 1, hetzelfde toewijzingsnummer: 1 keer samengevoegd. Daarna: 4." in text
    assert "Bij 1 toewijzingsnummers staan verschillende leveringsvormen." in text
    assert "begon. Vaak is dat één voorziening." in text
    assert "iets minder betrouwbaar" in text


def test_what_is_not_there_is_not_told():
    text = vertel(counted(BOTH_FORMS[2:]))
    assert "leveringsvormen" not in text
    assert "valt een deel" not in text
    assert "1.234.567" in vertel(counted(M15) | {"records": 1234567})


@pytest.mark.spark
def test_spark_counts_the_same(spark):
    table = as_table(M15 + BOTH_FORMS)
    rows = spark.to_pyarrow(samenvoegtelling(table, merge(table))).to_pylist()
    assert {row["onderdeel"]: row["aantal"] for row in rows} == counted(M15 + BOTH_FORMS)
    found = spark.to_pyarrow(samenvoegrapport(merge(table))).to_pylist()
    assert sorted(row["soort"] for row in found) == ["overlap_met_open", "samengevoegd"]
