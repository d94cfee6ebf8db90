"""What the check does with what is around the file: sender, period, areas, earlier files, the header."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import pytest

from tests.lib.made_rows import context_of, good_rows, put, run_check
from tests.lib.plain_check import elfproef as plain_elfproef
from zorgspiegel.check.header import header_findings
from zorgspiegel.check.values import is_elfproef
from zorgspiegel.receive import recognise
from zorgspiegel.store.standards import load_codelists, load_standard, standard_names
from zorgspiegel.terms.deliveries import FileFacts, Problem, Trouble
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Fault

WMO = load_standard("gmsd-wmo")
PSEUDONYM = "ZP1-BCDF-BCDFGHJKLMNPQRSTBCDFGHJKLMNPQRST-QM"
VECTORS = {
    "123456782": True,
    "123456789": False,
    "000000000": False,
    "999900006": True,
    "999999990": True,
    "999999999": False,
    "12345678": None,
    "": None,
}


def test_the_elfproef_of_the_table_is_that_of_the_definition():
    texts = [*VECTORS, *(f"{number:09d}" for number in range(999_900_000, 999_900_300))]
    table = ibis.memtable({"t": texts}, schema={"t": "string"})
    found = table.select(uitkomst=is_elfproef(table.t)).to_pyarrow()["uitkomst"].to_pylist()
    assert found[: len(VECTORS)] == list(VECTORS.values())
    assert found == [plain_elfproef(text) for text in texts]


@pytest.mark.parametrize(
    ("bsn", "codes"),
    [
        ("123456782", set()),
        ("123456789", {"T023"}),
        ("000000000", {"T023"}),
        ("999999999", {"T024"}),
        (PSEUDONYM, set()),
        (PSEUDONYM[:-1] + "B", {"T023"}),
        ("12345678", {"T021"}),
        ("12345678A", {"T022"}),
        ("", {"T020"}),
    ],
)
def test_the_bsn_rules_ask_for_unknown_first(bsn, codes):
    rows = good_rows(WMO)
    rows["voorziening"][0]["BSN"] = bsn
    if bsn == "999999999":
        rows["voorziening"][0] |= {"Geboortedatum": ""}
    found = {f.code for f in run_check(rows, WMO, context_of(WMO)).findings} - {"T041"}
    assert found == codes


def areas(year: int) -> ibis.Table:
    rows = [("wijk", f"WK0307{n:02d}", year, "naam", "GM0307") for n in (1, 2)]
    columns = ("gebied_niveau", "gebiedscode", "indelingsjaar", "naam", "oudercode")
    return put("gebieden", ibis.memtable([dict(zip(columns, row, strict=True)) for row in rows]).to_pyarrow())


@pytest.mark.parametrize(("wijk", "year", "found"), [("WK030702", 2025, False), ("WK030733", 2025, True)])
def test_a_wijk_must_exist_in_the_division_of_the_year(wijk, year, found):
    for name, kind, code in (("gmsd-wmo", "voorziening", "T032"), ("qsd301", "detail", "Q006")):
        standard = load_standard(name)
        rows = good_rows(standard)
        rows[kind][0]["Wijkcode"] = wijk
        outcome = run_check(rows, standard, context_of(standard, areas=areas(year)))
        assert (code in {f.code for f in outcome.findings}) is found


def test_without_areas_the_outcome_says_what_was_not_checked():
    outcome = run_check(good_rows(WMO), WMO, context_of(WMO))
    assert outcome.not_checked["T032"] == "Er is geen lijst met gebieden (wijken) gegeven."
    assert "T035" in outcome.not_checked


def test_another_sender_is_refused():
    outcome = run_check(good_rows(WMO), WMO, context_of(WMO, sender="0363"))
    assert [f.code for f in outcome.of(outcome.findings[0].severity)] == ["T010"]
    assert not outcome.accepted


def test_a_code_is_only_right_in_its_years():
    rows = good_rows(WMO)
    rows["voorziening"][0] |= {"Gemeentecode": "0370", "Wijkcode": ""}
    early = replace(context_of(WMO), period=Period(2021, 1))
    assert "T025" not in {f.code for f in run_check(rows, WMO, early).findings}, "Beemster still existed"
    assert "T025" in {f.code for f in run_check(rows, WMO, context_of(WMO)).findings}


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        (lambda names: names, []),
        (lambda names: [name.upper() for name in names], []),
        (lambda names: names[1:], ["T008"]),
        (lambda names: [names[1], names[0], *names[2:]], ["T008"]),
        (lambda names: [*names, names[0]], ["T008"]),
        (lambda names: [*names, "Extra"], ["T008"]),
        (lambda names: [*names, "Achternaam"], ["T040"]),
        (lambda names: [*names, "E-mail"], ["T040"]),
    ],
)
def test_the_header_is_that_of_the_standard(header, codes):
    names = [field.name for field in WMO.resources[0].fields]
    assert [f.code for f in header_findings(WMO, header(names))] == codes


def facts(name: str, **more: object) -> FileFacts:
    return FileFacts(name=name, sha256="a" * 64, size_bytes=1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "context", "codes"),
    [
        ("WMO_0307_2025H1_v01.csv", CheckContext(), set()),
        ("WMO_0307_2025H1_v01.txt", CheckContext(), {"T001"}),
        ("wmo gegevens.csv", CheckContext(), {"T002"}),
        ("WMO_0363_2025H1_v01.csv", CheckContext(sender="0307"), {"T010"}),
        ("WMO_0307_2025H2_v01.csv", CheckContext(period=Period(2025, 1)), {"T011"}),
        ("WMO_0307_2025H1_v01.csv", CheckContext(seen_digests=frozenset({"a" * 64})), {"T012"}),
    ],
)
def test_the_name_of_a_file_says_whose_it_is(name, context, codes):
    found = recognise(facts(name), WMO, context=context)
    assert {finding.code for finding in found.findings} == codes
    if name == "WMO_0307_2025H1_v01.csv":
        assert (found.context.sender, found.context.period) == ("0307", Period(2025, 1))


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("name", ["gmsd-wmo", "qsd301"])
def test_every_trouble_has_its_sentence(trouble, name):
    problem = Problem(trouble, 3, (1, 2, 3), {"found": 3, "expected": 9})
    (finding,) = recognise(
        facts(load_standard(name).file.name_example or "", problems=(problem,)),
        load_standard(name),
        context=CheckContext(),
    ).findings
    assert finding.count == 3
    assert "{" not in finding.message
    assert finding.what.endswith(".")
    assert finding.why.endswith(".")
    assert finding.mend.endswith(".")


def test_no_two_general_faults_of_a_standard_share_a_code_by_accident():
    shared = {"qsd301": 3, "jeugd-agg": 3}  # structure, columns and empty file are one code there, on purpose
    for name in standard_names():
        standard = load_standard(name)
        codes = [standard.code(fault) for fault in Fault]
        assert len(codes) - len(set(codes)) == (shared[name] - 1 if name in shared else 0), name


def test_bsns_in_totals_are_a_data_leak():
    standard = load_standard("zvw-agg")
    rows = good_rows(standard)
    bsns = ["999900006", "999900018", "999900043", "999900055", "999900067", "999900079"]
    outcome = run_check(
        {"regel": [rows["regel"][0] | {"AantalVerzekerden": bsn} for bsn in bsns]},
        standard,
        context_of(standard),
    )
    assert outcome.datalek
    assert not outcome.accepted
    assert not any(bsn in str(outcome.as_json()) for bsn in bsns)


def test_amounts_of_nine_digits_are_no_data_leak_but_a_column_full_of_bsns_is():
    standard = load_standard("zvw-agg")
    (row,) = good_rows(standard)["regel"]
    amounts = [row | {"Bedrag": str(100_000_000 + 7919 * n), "Zorgsoort": f"{n:02d}"} for n in range(1, 21)]
    assert not run_check({"regel": amounts}, standard, context_of(standard)).datalek
    bsns = [n for n in range(999_900_000, 999_900_400) if plain_elfproef(str(n))][:20]
    full = [row | {"Bedrag": str(bsn), "Zorgsoort": f"{n:02d}"} for n, bsn in enumerate(bsns, start=1)]
    assert run_check({"regel": full}, standard, context_of(standard)).datalek


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Zorgsoort", "Jan Jansen"),
        ("Wijkcode", "3811AB"),
        ("Zorgsoort", "12-03-1950"),
        ("AantalVerzekerden", "123456782"),
    ],
)
def test_names_birth_dates_and_postcodes_in_totals_are_a_data_leak(column, text):
    standard = load_standard("zvw-agg")
    rows = {"regel": [good_rows(standard)["regel"][0] | {column: text}]}
    outcome = run_check(rows, standard, context_of(standard))
    assert outcome.datalek
    assert text not in str(outcome.as_json())


def test_a_code_list_gives_what_is_valid_in_the_period():
    gemeenten = load_codelists(WMO)["cbs-gemeenten"]
    assert "0370" in gemeenten.valid(Period(2021))
    assert "0370" not in gemeenten.valid(Period(2025))
    assert len(gemeenten.valid(Period(2025))) == 342
    # 345 in the list of 2022, and Voorne aan Zee: between two lists the widest bounds are used.
    assert len(gemeenten.valid(Period(2022))) == 346
    assert date(2015, 1, 1) == gemeenten.geldig_vanaf
