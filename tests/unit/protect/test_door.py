"""The door of the room: from the house's cells to the full protected cube."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import product

import ibis
import pytest

from tests.lib.invented_cells import Fact, as_table, cells, hierarchy
from zorgspiegel.protect import protect
from zorgspiegel.protect.audits import audits
from zorgspiegel.protect.blocks import blocks_of
from zorgspiegel.protect.greedy import Rules
from zorgspiegel.protect.house import studies
from zorgspiegel.protect.repair import audit_block
from zorgspiegel.protect.suppress import suppress
from zorgspiegel.store import definitions
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.protection import Profile
from zorgspiegel.terms.tables import CELLS

CBS = [
    *[(f"WK0307{i:02d}", "GM0307") for i in range(3)],
    *[(f"WK0363{i:02d}", "GM0363") for i in range(4)],
    ("WK040001", "GM0400"),
    ("GM0307", "PV26"),
    ("GM0363", "PV27"),
    ("GM0400", "PV27"),
    ("PV26", "NL01"),
    ("PV27", "NL01"),
]
ZK = [("GM0307", "ZK01"), ("GM0400", "ZK01"), ("GM0363", "ZK02"), ("ZK01", "NL01"), ("ZK02", "NL01")]
LINKS = {("gebied", "cbs"): CBS, ("gebied", "zorgkantoorregio"): ZK}


def profile(name: str = "openbaar") -> Profile:
    return definitions.load("protection", name, Profile)


def facts(seed: int = 1) -> list[Fact]:
    draw = random.Random(seed)
    wijken = [code for code, _ in CBS if code.startswith("WK")]
    return [
        (wijk, category, age, sex, persons, f"{persons * 100}.25")
        for wijk, category, age, sex in product(wijken, ("01", "02", "03"), ("0-17", "18-64", "65+"), "MV")
        if (persons := int(draw.paretovariate(0.7) * 4) - 3) > 0
    ]


def rows_of(table: ibis.Table) -> list[dict[str, object]]:
    return table.to_pyarrow().to_pylist()


def test_gives_the_full_cube_in_a_stable_order():
    given = cells(facts(), [CBS, ZK])
    rows = rows_of(protect(given, hierarchy(LINKS), profile=profile()).cells)
    areas = {code for pair in CBS + ZK for code in pair}
    assert len(rows) == len(areas) * 4 * 4 * 3
    keys = [(r["gebiedscode"], r["categorie"], r["leeftijd"], r["geslacht"]) for r in rows]
    assert keys == sorted(keys)


def test_hides_small_counts_with_their_costs_and_more_than_those():
    rows = rows_of(protect(cells(facts(), [CBS, ZK]), hierarchy(LINKS), profile=profile()).cells)
    truth = {
        (r["gebiedscode"], r["categorie"], r["leeftijd"], r["geslacht"]): r
        for r in rows_of(cells(facts(), [CBS, ZK]))
    }
    hidden_large = 0
    for row in rows:
        true = truth.get((row["gebiedscode"], row["categorie"], row["leeftijd"], row["geslacht"]))
        count = true["aantal_personen"] if true else 0
        if row["status"] == "geheim":
            assert row["aantal_personen"] is None
            assert row["kosten_eur"] is None
            hidden_large += count >= 10
        else:
            assert row["aantal_personen"] == count >= 10
            assert row["kosten_eur"] == true["kosten_eur"]
    assert hidden_large > 0, "some cells must be hidden for the sake of others"


def test_same_answer_whatever_the_order_of_rows_and_the_number_of_workers():
    given = facts()
    first = protect(cells(given, [CBS, ZK]), hierarchy(LINKS), profile=profile()).cells.to_pyarrow()
    turned = cells(list(reversed(given)), [ZK, CBS])
    links = {key: list(reversed(pairs)) for key, pairs in reversed(LINKS.items())}
    second = protect(turned, hierarchy(links), profile=profile(), workers=3).cells.to_pyarrow()
    assert first.equals(second)


def test_a_gemeente_without_cells_does_not_take_part():
    given = [fact for fact in facts() if not fact[0].startswith("WK0400")]
    rows = rows_of(protect(cells(given, [CBS, ZK]), hierarchy(LINKS), profile=profile()).cells)
    assert not {r["gebiedscode"] for r in rows} & {"GM0400", "WK040001"}


def test_an_empty_wijk_of_a_gemeente_that_delivered_is_hidden_not_left_out():
    given = [fact for fact in facts() if fact[0] != "WK030700"]
    rows = rows_of(protect(cells(given, [CBS, ZK]), hierarchy(LINKS), profile=profile()).cells)
    assert {r["status"] for r in rows if r["gebiedscode"] == "WK030700"} == {"geheim"}


def test_levels_that_the_indicator_does_not_know_are_left_out():
    given = [("GM0307", "01", "18-64", sex, 40, "10") for sex in "MV"]
    links = [p for p in CBS if not p[0].startswith("WK")]
    rows = rows_of(protect(cells(given, [links, ZK]), hierarchy(LINKS), profile=profile()).cells)
    assert {r["gebiedscode"] for r in rows} == {"GM0307", "PV26", "ZK01", "NL01"}


def test_a_rest_group_counts_with_its_total():
    given = [*(f for f in facts() if f[1] == "01"), ("NL01-onbekend", "01", "18-64", "M", 30, "10")]
    trees = [[*CBS, ("NL01-onbekend", "NL01")], ZK]
    rows = rows_of(protect(cells(given, trees), hierarchy(LINKS), profile=profile()).cells)
    rest = [r for r in rows if r["gebiedscode"] == "NL01-onbekend"]
    assert {r["gebied_niveau"] for r in rest} == {"onbekend"}


@pytest.mark.parametrize("name", ["gzs", "statline"])
def test_rounds_after_hiding_half_up(name):
    rules = profile(name)
    rows = rows_of(protect(cells(facts(), [CBS, ZK]), hierarchy(LINKS), profile=rules).cells)
    shown = [r for r in rows if r["status"] == "getoond"]
    assert shown
    assert {r["aantal_personen"] % rules.round_counts_to for r in shown} == {0}
    assert {r["kosten_eur"] % rules.round_amounts_to_eur for r in shown} == {0}


def test_refuses_cells_that_do_not_add_up_without_telling_a_value():
    table = cells(facts(), [CBS, ZK]).to_pyarrow().to_pylist()
    next(r for r in table if r["gebiedscode"] == "NL01" and r["categorie"] == "T")["aantal_personen"] += 7919
    with pytest.raises(CellsError, match=r"totals of aantal_personen over") as caught:
        protect(as_table(table, CELLS), hierarchy(LINKS), profile=profile())
    assert "7919" not in str(caught.value)


def test_persons_that_are_the_same_over_categories_share_one_mask():
    table = []
    for row in rows_of(cells([f for f in facts() if f[1] == "01"], [CBS, ZK])):
        if row["categorie"] == "T":
            for category, share in (("T", 3), ("01", 1), ("02", 2)):
                table.append({**row, "categorie": category, "kosten_eur": row["kosten_eur"] * share})
    given = as_table(table, CELLS)
    rows = rows_of(
        protect(given, hierarchy(LINKS), profile=profile(), persons_over={"categorie": "same"}).cells
    )
    masks: dict[tuple[object, ...], set[object]] = {}
    for r in rows:
        masks.setdefault((r["gebiedscode"], r["leeftijd"], r["geslacht"]), set()).add(r["status"])
    assert all(len(found) == 1 for found in masks.values())
    with pytest.raises(CellsError, match="over categorie"):
        protect(given, hierarchy(LINKS), profile=profile())


def with_unique_totals(given: ibis.Table) -> ibis.Table:
    """The same cells where one person in five uses two categories: T counts each once."""
    table = rows_of(given)
    parts: dict[tuple[str, ...], list[int]] = {}
    for r in table:
        if r["categorie"] != "T":
            key = (r["gebiedscode"], r["leeftijd"], r["geslacht"])
            parts.setdefault(key, []).append(r["aantal_personen"])
    # Unique persons must add up over areas, ages and sexes: settle them at the lowest level, then add up.
    lowest = {
        key: max(*counts, sum(counts) - sum(counts) // 5)
        for key, counts in parts.items()
        if key[0].startswith("WK") and "T" not in key
    }
    totals: dict[tuple[str, ...], int] = {}
    for (area, age, sex), count in lowest.items():
        gemeente = dict(CBS)[area]
        areas = {area, gemeente, dict(CBS)[gemeente], dict(ZK)[gemeente], "NL01"}
        for key in product(areas, {age, "T"}, {sex, "T"}):
            totals[key] = totals.get(key, 0) + count
    return as_table(
        [
            {**r, "aantal_personen": totals[r["gebiedscode"], r["leeftijd"], r["geslacht"]]}
            if r["categorie"] == "T"
            else r
            for r in table
        ],
        CELLS,
    )


def test_unique_persons_need_no_sum_over_categories_and_share_the_mask_of_their_costs():
    given = with_unique_totals(cells(facts(), [CBS, ZK]))
    with pytest.raises(CellsError, match="over categorie"):
        protect(given, hierarchy(LINKS), profile=profile())
    done = protect(given, hierarchy(LINKS), profile=profile(), persons_over={"categorie": "unique"})
    rows = rows_of(done.cells)
    truth = {
        tuple(r[k] for k in ("gebiedscode", "categorie", "leeftijd", "geslacht")): r for r in rows_of(given)
    }
    for r in rows:
        true = truth.get(tuple(r[k] for k in ("gebiedscode", "categorie", "leeftijd", "geslacht")))
        if r["status"] == "getoond":
            assert true is not None
            assert r["aantal_personen"] == true["aantal_personen"] >= 10
    assert done.report["tables"][0]["tested"] > 0


def test_dominance_hides_a_large_amount_of_one_contributor():
    given = rows_of(cells(facts(), [CBS, ZK]))
    for r in given:
        share = (r["kosten_eur"] / 5).quantize(Decimal("0.01"))
        r |= {"aantal_bijdragers": 5, "grootste_eur": share, "tweede_eur": share}
    target = max((r for r in given if r["gebiedscode"] == "WK036300"), key=lambda r: r["aantal_personen"])
    target["grootste_eur"] = target["kosten_eur"]
    key = ("gebiedscode", "categorie", "leeftijd", "geslacht")
    rows = rows_of(protect(as_table(given, CELLS), hierarchy(LINKS), profile=profile("regio")).cells)
    found = {tuple(r[k] for k in key): r["status"] for r in rows}
    assert found[tuple(target[k] for k in key)] == "geheim"


def test_an_earlier_outcome_keeps_its_figures_where_the_change_is_too_small():
    first = protect(cells(facts(), [CBS, ZK]), hierarchy(LINKS), profile=profile())
    grown = [(*f[:4], f[4] + (3 if f[:4] == largest()[:4] else 0), f[5]) for f in facts()]
    again = protect(
        cells(grown, [CBS, ZK]),
        hierarchy(LINKS),
        profile=profile(),
        previous=[ibis.memtable(first.cells.to_pyarrow())],
    )
    assert (
        again.cells.select("gebiedscode", "aantal_personen", "status")
        .to_pyarrow()
        .equals(first.cells.select("gebiedscode", "aantal_personen", "status").to_pyarrow())
    )


def largest() -> Fact:
    return max(facts(), key=lambda fact: fact[4])


def test_giving_back_does_not_undo_what_the_audit_of_unique_persons_hid():
    small = [f for f in facts() if f[1] != "03" and f[2] != "65+"]
    study = studies(with_unique_totals(cells(small, [CBS, ZK])), hierarchy(LINKS), {"categorie": "unique"})[0]
    rules = Rules(10)
    primary = study.primary(profile())
    tasks = audits(study, primary, profile(), rules)
    mask = suppress(study.layout, study.pressed(study.counts), primary, rules, tasks=tasks)
    for block in blocks_of(tasks[0].layout.spine, tasks[0].layout.parts):
        assert audit_block(tasks[0], block, mask.shown.ravel(), alone_too=False).too_narrow == 0


def test_a_large_table_is_not_audited_and_says_so(monkeypatch):
    given, sums = cells(facts(), [CBS, ZK]), hierarchy(LINKS)
    small = protect(given, sums, profile=profile()).report["tables"][0]
    monkeypatch.setattr("zorgspiegel.protect.door.AUDIT_CELLS", 0)
    large = protect(given, sums, profile=profile()).report["tables"][0]
    assert (small["intervals_audited"], large["intervals_audited"]) == (True, False)
    assert small["tested"] > 0 == large["tested"]
    assert large["secondary"] > 0, "elimination hides, also without the audit"
