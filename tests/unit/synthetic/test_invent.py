"""Invented deliveries: repeatable, accepted by our own checks, true to the population, and marked."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from typing import Any

import ibis
import pytest

from zorgspiegel.store import definitions
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.synthetic import STANDARDS, invent, read_land, zvw_facts
from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Standard

CON = ibis.duckdb.connect()
AREAS, POPULATION = (Warehouse(REFERENCE).read(CON, name) for name in ("areas", "population"))
LAND = read_land(AREAS, POPULATION, year=2025)


def files(standard: str, *codes: str, period: str = "2025", seed: int = 1) -> dict[str, bytes]:
    declared = definitions.load("standards", standard, Standard)
    found = invent(
        declared,
        areas=AREAS,
        population=POPULATION,
        period=Period.parse(period),
        seed=seed,
        gemeenten=codes or None,
    )
    return dict(found)


def lines(content: bytes) -> list[list[str]]:
    return [line.split(";") for line in content.decode().splitlines()]


def period_of(standard: str) -> str:
    return "2025H1" if definitions.load("standards", standard, Standard).period == "halfjaar" else "2025"


@pytest.mark.parametrize("standard", STANDARDS)
def test_the_same_seed_gives_the_same_bytes_whoever_else_is_made(standard):
    alone = files(standard, "0307", period=period_of(standard))
    together = files(standard, "0106", "GM0307", period=period_of(standard))
    other = files(standard, "0307", period=period_of(standard), seed=2)
    ((name, content),) = alone.items()
    assert together[name] == content
    assert other[name] != content
    assert len(together) == 2


def test_bytes_are_those_of_this_version():
    # NumPy may draw other numbers in another version; then this digest changes, knowingly, with the pins.
    content = files("qsd301", "0088")["QSD301_0088_2025_001.csv"]
    assert content.startswith(b"01;QSD301;1.0;0088;2025;20251231;20250630;2024;20260315;VERZONNEN")
    assert hashlib.sha256(content).hexdigest()[:16] == "7c04c843d275b41c"


@pytest.mark.parametrize("standard", ["qsd301", "jeugd-agg"])
def test_control_totals_keys_and_unique_clients_are_right(standard):
    ((_, content),) = files(standard, "0307").items()
    by_kind: dict[str, list[list[str]]] = defaultdict(list)
    for line in lines(content):
        by_kind[line[0]].append(line)
    assert [len(by_kind[kind]) for kind in ("01", "99")] == [1, 1]
    details, totals = by_kind["02"], by_kind["03"]
    assert by_kind["99"][0][1:] == [
        str(len(details)),
        str(sum(int(line[7]) for line in details)),
        str(sum(int(line[8]) for line in details)),
    ]
    assert len({tuple(line[3:7]) for line in details}) == len(details)
    products: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for line in details:
        products[line[3], line[5], line[6]].append(int(line[7]))
    unique = {(line[3], line[4], line[5]): int(line[6]) for line in totals}
    assert unique.keys() == products.keys()
    assert all(max(found) <= unique[key] <= sum(found) for key, found in products.items())
    assert any(unique[key] < sum(found) for key, found in products.items()), "nobody has two products"


def test_there_are_small_cells_and_skew():
    ((_, content),) = files("qsd301", "0307").items()
    counts = sorted(int(line[7]) for line in lines(content) if line[0] == "02")
    assert counts[0] == 1
    assert sum(count < 10 for count in counts) > len(counts) / 3
    assert counts[-1] > 20 * counts[len(counts) // 2]


def test_a_gemeente_with_a_real_wijk_99_has_no_wijk_unknown():
    ((_, content),) = files("qsd301", "0106").items()
    details = [line for line in lines(content) if line[0] == "02"]
    assert "WK010699" in LAND.gemeente("GM0106", seed=1).wijken
    assert len({tuple(line[3:7]) for line in details}) == len(details)


def test_people_are_those_of_the_statistics():
    amersfoort = LAND.gemeente("0307", seed=1)
    for wijk, people in zip(amersfoort.wijken, amersfoort.inhabitants, strict=True):
        assert people.sum() == LAND.size[wijk]
    ages = LAND.ages["GM0307"]
    shares = amersfoort.inhabitants.sum(axis=0) / amersfoort.inhabitants.sum()
    assert abs(shares - ages / ages.sum()).max() < 0.001


def elfproef(bsn: str) -> bool:
    return sum(w * int(d) for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), bsn, strict=True)) % 11 == 0


def test_persons_are_of_the_test_range_and_every_record_is_marked():
    ((_, content),) = files("gmsd-wmo", "0308", period="2025H1").items()
    header, *rows = lines(content)
    records = [dict(zip(header, row, strict=True)) for row in rows]
    assert {record["Productcode"] for record in records} == {"VERZN"}
    for record in records:
        bsn = record["BSN"]
        is_test = "999900006" <= bsn <= "999999990" and elfproef(bsn)
        has_rest = all(record[name] for name in ("Geboortedatum", "Geslacht", "Postcode"))
        assert is_test != has_rest or bsn == "999999999", "a number outside the range, or too many data"
    known = [record["BSN"] for record in records if record["BSN"] != "999999999"]
    assert 0.98 * len(records) < len(known) < len(records)
    assert len(set(known)) > 1000


def test_records_can_be_merged_in_every_way():
    ((_, content),) = files("gmsd-wmo", "0307", period="2025H1").items()
    header, *rows = lines(content)
    by_person: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        record = dict(zip(header, row, strict=True))
        by_person[record["BSN"], record["Type_declaratie"]].append(record)
    pairs = [(a, b) for found in by_person.values() for a, b in itertools.pairwise(found)]
    number, form, begin, end = (
        "Toewijzingsnummer",
        "Leveringsvorm",
        "Start_daadwerkelijk",
        "Eind_rechtsgeldigheid",
    )
    assert any(a == b for a, b in pairs), "no record stands there twice"
    assert any(a[number] and a[number] == b[number] and a[form] != b[form] for a, b in pairs), (
        "no ZIN beside PGB"
    )
    assert any(a[number] and a[number] == b[number] and a[end] and a[end] < b[begin] for a, b in pairs), (
        "no gap"
    )
    assert any(a[end] and a[begin] < b[begin] < a[end] < (b[end] or "9") for a, b in pairs), "no overlap"
    assert any(not a[end] and b[end] and a[begin] < b[begin] for a, b in pairs), "none within another"


def test_the_half_years_are_of_the_same_persons():
    first, second = (
        {line[2] for line in lines(next(iter(files("gmsd-wmo", "0307", period=half).values())))[1:]}
        for half in ("2025H1", "2025H2")
    )
    assert len(first & second) > 0.8 * min(len(first), len(second))


def test_zvw_has_the_form_of_the_real_import():
    facts = zvw_facts(LAND, year=2023, seed=1, gemeenten=["GM0307", "GM0088"]).to_pyarrow().to_pylist()
    zvw = definitions.load("indicators", "zvw", Indicator).dimensies["categorie"]
    in_use = {code for code, care in zvw.codes.items() if (care.vanaf or 0) <= 2023 <= (care.tot or 9999)}
    assert {fact["categorie"] for fact in facts} == in_use | {"T"}
    assert all(fact["herkomst"].startswith("verzonnen") for fact in facts)
    sums: dict[tuple[Any, ...], Any] = defaultdict(int)
    for fact in facts:
        sign = -1 if fact["categorie"] == "T" else 1
        sums[fact["gebiedscode"], fact["leeftijd"], fact["geslacht"]] += sign * fact["kosten_eur"]
    assert set(sums.values()) == {0}
    assert sum(fact["gebiedscode"] is None for fact in facts) == len(in_use) + 1
    assert min(fact["aantal_personen"] for fact in facts if fact["gebiedscode"]) >= 10


@pytest.mark.parametrize(
    ("standard", "codes", "period", "says"),
    [
        ("qsd301", ["0000"], "2025", "no gemeente GM0000"),
        ("qsd301", ["0307"], "2025H1", "write the period as 2025"),
        ("gmsd-wmo", ["0307"], "2025", "write the period as 2025H1"),
        ("wachttijden-ggz", ["0307"], "2025", "no invented wachttijden-ggz"),
    ],
)
def test_what_cannot_be_made_is_said(standard, codes, period, says):
    with pytest.raises(SettingError, match=says):
        files(standard, *codes, period=period)
