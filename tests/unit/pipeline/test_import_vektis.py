"""Vektis open data: every trap of the files, on small invented ones."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.lib.importing import Desk, vektis
from zorgspiegel.receive.readers import vektis as reader
from zorgspiegel.terms.errors import SourceError

REST = ("", "", "", "271", "170.86", "-12.50")


GOOD = vektis(("M", "90+", "ALMERE", "10", "9", "1.00"), REST)


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A warehouse with something in it that must stay as it is."""
    desk = Desk(tmp_path_factory.mktemp("stocked"))
    desk.bring("vektis", "vektis_2012.csv", GOOD)
    return desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_totals_are_exact_and_include_the_rest_group(desk: Desk) -> None:
    done = desk.bring(
        "vektis",
        "vektis_2012_gemeente.csv",
        vektis(("M", " 0 t/m  4 jaar", "AMSTERDAM", "25253", "22081.56", "1989715.25"), REST),
    )
    assert (done.year, done.rows, done.rejected_rows, done.unplaced_rows) == (2012, 2, 0, 0)
    assert done.totals["aantal_bsn"] == 25253 + 271
    assert done.totals["aantal_verzekerdejaren"] == Decimal("22252.42")
    assert done.totals["kosten_farmacie"] == Decimal("1989702.75")
    assert done.totals["total_cost_eur"] == Decimal("1989702.75")
    rest = [row for row in desk.rows("facts") if row["gebiedscode"] is None and row["categorie"] == "T"]
    assert [(row["leeftijd"], row["geslacht"], row["kosten_eur"]) for row in rest] == [
        ("onbekend", "onbekend", Decimal("-12.50"))
    ]


def test_every_care_type_carries_the_persons_of_its_row(desk: Desk) -> None:
    desk.bring("vektis", "v2012.csv", vektis(("V", "90+", "AALSMEER", "12", "11.5", "3.10")))
    facts = desk.rows("facts")
    assert {row["aantal_personen"] for row in facts} == {12}
    assert len(facts) == 18 + 1, "one row per amount of the file, and one with the total"
    assert {row["leeftijd"] for row in facts} == {"90+"}
    (years,) = desk.rows("verzekerdejaren")
    assert years["aantal_verzekerdejaren"] == Decimal("11.50")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("S GRAVENHAGE", "GM0518"),
        ("S HERTOGENBOSCH", "GM0796"),
        ("BERGEN LB", "GM0893"),
        ("BERGEN NH", "GM0373"),
        ("NUENEN CA", "GM0820"),
        ("SUDWEST-FRYSLAN", "GM1900"),
        ("NOARDEAST-FRYSLAN", "GM1970"),
        ("Beek (L.)", "GM0888"),
        ("BEEK", "GM0888"),
        ("Hengelo (O.)", "GM0164"),
        ("NOORD BEVELAND", "GM1695"),
        ("KOLLUMERLAND CA", "GM0079"),
        ("HAARLEMMERLIEDE CA", "GM0393"),
        ("DE FRIESE MEREN", "GM1940"),
    ],
)
def test_a_name_of_a_gemeente_becomes_its_code(desk: Desk, name: str, code: str) -> None:
    desk.bring("vektis", "v.csv", vektis(("M", "90+", name, "10", "9", "1")), year=2012)
    assert {row["gebiedscode"] for row in desk.rows("facts")} == {code}


def test_the_division_is_the_one_whose_list_has_most_of_the_names(desk: Desk) -> None:
    # Boxmeer ended in 2022, Altena began in 2019, Eemsdelta began in 2021: only 2021 has all three.
    rows = [("M", "90+", name, "10", "9", "1") for name in ("BOXMEER", "ALTENA", "EEMSDELTA", "AMSTERDAM")]
    desk.bring("vektis", "vektis_2012.csv", vektis(*rows))
    assert {row["indelingsjaar"] for row in desk.rows("facts")} == {2021}


def test_a_name_that_no_list_has_stays_in_the_totals_and_is_told(desk: Desk) -> None:
    rows = [("M", "90+", name, "10", "9", "1.01") for name in ("AMSTERDAM", "UTRECHT", "ATLANTIS", "ALMERE")]
    done = desk.bring("vektis", "vektis_2012.csv", vektis(*rows))
    assert done.totals["aantal_bsn"] == 40
    assert (done.unplaced_rows, done.unplaced, done.rejected_rows) == (1, (3,), 0)
    unknown = [row for row in desk.rows("facts") if row["gebiedscode"] is None]
    assert {(row["aantal_personen"], row["leeftijd"]) for row in unknown} == {(10, "90+")}


def test_a_file_of_which_most_names_are_unknown_is_refused(desk: Desk) -> None:
    rows = [("M", "90+", name, "10", "9", "1") for name in ("ATLANTIS", "LEMURIA", "AMSTERDAM")]
    with pytest.raises(SourceError, match="the area is not known"):
        desk.bring("vektis", "vektis_2012.csv", vektis(*rows))
    assert not desk.warehouse.entries()


def test_upper_case_cut_off_names_and_columns_in_another_order_are_understood(desk: Desk) -> None:
    plain = vektis(("M", "5 t/m 9 jaar", "ALMERE", "10", "9", "7.25"))
    header, row = plain.splitlines()
    names, values = header.split(";")[::-1], row.split(";")[::-1]
    names = [name.upper()[:32] for name in names]
    header = ";".join(["KOSTEN_GERIATRISCHE_REVALIDATIEZ", *names])
    done = desk.bring("vektis", "V-2012.csv", f"{header}\n0.75;{';'.join(values)}\n")
    assert done.totals["kosten_geriatrische_revalidatiezorg"] == Decimal("0.75")
    assert done.totals["total_cost_eur"] == Decimal("8.00")
    assert {row["leeftijd"] for row in desk.rows("facts")} == {"5-9"}


def test_a_care_type_that_a_year_does_not_have_is_absent_not_zero(desk: Desk) -> None:
    desk.bring("vektis", "vektis_2012.csv", vektis(("M", "90+", "ALMERE", "10", "9", "1")))
    found = {row["categorie"] for row in desk.rows("facts")}
    assert "tweedelijns_ggz" in found
    assert not found & {"specialistische_ggz", "consulten_ggz", "verpleging_en_verzorging"}


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    content = vektis(("M", "90+", "ALMERE", "10", "9", "1"), REST)
    desk.bring("vektis", "vektis_2012.csv", content)
    before = desk.warehouse.digest()
    desk.bring("vektis", "vektis_2012.csv", content)
    assert desk.warehouse.digest() == before


def test_a_new_file_takes_the_place_of_its_whole_year(desk: Desk) -> None:
    desk.bring("vektis", "vektis_2012.csv", vektis(("M", "90+", "ALMERE", "10", "9", "1"), REST))
    desk.bring("vektis", "vektis_2012_beter.csv", vektis(("V", "90+", "ALMERE", "11", "9", "1")))
    assert {(row["geslacht"], row["aantal_personen"]) for row in desk.rows("facts")} == {("V", 11)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("kosten_overig", "kosten_raar"), "kosten_overig"),
        (lambda text: "\n".join(line.rsplit(";", 1)[0] for line in text.split("\n")), "missing there"),
        (lambda text: text.replace("\n", ";0\n").replace("zorg;0\n", "zorg;raar\n"), "'raar'"),
        (lambda text: text.replace("\nM", "\nX"), "not M, V or empty"),
        (lambda text: text.replace("90+", "oud"), "not an age class"),
        (lambda text: text.replace(";10;", ";tien;"), "not a number"),
        (lambda text: text.replace(";10;", ";-10;"), "negative"),
        (lambda text: text.replace(";9;", ";9,5;"), "not a number"),
        (lambda text: text.replace(";1.00;", ";1.005;"), "not a number"),
        (lambda text: text.replace(";1.00;", ";1e2;"), "not a number"),
        (lambda text: text.replace(";1.00;", ";1~2;"), "not a number"),
        (lambda text: text.replace(";", ","), "comma"),
        (lambda text: text.replace("kosten_mondzorg", "kosten_farmacie"), "more than once"),
        (lambda text: text.replace("kosten_mondzorg", ""), "no name"),
        (lambda text: text + "M;90+;ALMERE;10\n", "does not have the 23 fields"),
        (lambda text: text.splitlines()[0] + "\n", "not one row"),
        (lambda text: "", "empty"),
        (lambda text: "<!DOCTYPE html><html><body>Even geduld</body></html>", "web page"),
        (lambda text: text.replace("ALMERE", "SÚDWEST-FRYSLÂN").encode("cp1252"), "iconv -f WINDOWS-1252"),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.replace("ALMERE", "AL\x00MERE"), "NUL"),
        (lambda text: b"PK\x03\x04" + text.encode(), "zip or Excel"),
    ],
)
def test_a_file_that_is_not_right_is_refused_as_a_whole_and_says_what_to_do(
    stocked: Desk, change: object, words: str
) -> None:
    desk, good = stocked, GOOD
    before = (desk.warehouse.digest(), sorted(path.name for path in desk.warehouse.folder.rglob("*")))
    with pytest.raises(SourceError, match=words) as refusal:
        desk.bring("vektis", "nieuw_2012.csv", change(good))  # type: ignore[operator]
    assert "ALMERE" not in str(refusal.value), "a message quotes no cell"
    after = (desk.warehouse.digest(), sorted(path.name for path in desk.warehouse.folder.rglob("*")))
    assert after == before, "nothing half-imported, and no file left behind"


def test_one_bad_file_of_several_leaves_everything_as_it_was(desk: Desk) -> None:
    from tests.lib.importing import source
    from zorgspiegel.pipeline.imports import import_files

    good = desk.put("vektis_2012.csv", vektis(("M", "90+", "ALMERE", "10", "9", "1")))
    bad = desk.put("vektis_2011.csv", vektis(("M", "90+", "ALMERE", "veel", "9", "1")))
    with pytest.raises(SourceError, match="aantal_bsn"):
        import_files(source("vektis"), [good, bad], desk.warehouse)
    assert not desk.warehouse.entries()
    again = desk.put("ook_2012.csv", vektis(("M", "90+", "ALMERE", "10", "9", "1")))
    with pytest.raises(SourceError, match="two files are of 2012"):
        import_files(source("vektis"), [good, again], desk.warehouse)
    assert not desk.warehouse.entries()


def test_a_gzip_that_was_cut_off_is_refused(desk: Desk) -> None:
    whole = desk.put("vektis_2012.csv.gz", vektis(("M", "90+", "ALMERE", "10", "9", "1"), REST)).read_bytes()
    path = desk.folder / "half_2012.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="cut off"):
        _import(desk, path)
    path.write_bytes(b"geen gzip")
    with pytest.raises(SourceError, match="the name says gzip"):
        _import(desk, path)
    path.write_bytes(whole)
    assert _import(desk, path) == 281


def test_a_reader_that_loses_or_makes_rows_is_caught(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = reader._placed
    monkeypatch.setattr(reader, "_placed", lambda *given: placed(*given).filter(lambda t: t.naam.notnull()))
    with pytest.raises(AssertionError, match="neither make nor lose rows"):
        desk.bring("vektis", "vektis_2012.csv", GOOD)
    assert not desk.warehouse.entries()


def test_a_lost_rest_group_would_be_seen_in_the_totals(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = reader._facts
    monkeypatch.setattr(
        reader, "_facts", lambda *given: facts(*given).filter(lambda t: t.gebiedscode.notnull())
    )
    assert desk.bring("vektis", "vektis_2012.csv", GOOD).totals["total_cost_eur"] == Decimal("1.00")
    monkeypatch.undo()
    assert desk.bring("vektis", "vektis_2012.csv", GOOD).totals["total_cost_eur"] == Decimal("-11.50")


def test_without_a_year_it_asks_for_one(desk: Desk) -> None:
    content = vektis(("M", "90+", "ALMERE", "10", "9", "1"))
    with pytest.raises(SourceError, match="--year"):
        desk.bring("vektis", "gemeente.csv", content)
    with pytest.raises(SourceError, match="--year"):
        desk.bring("vektis", "van_2011_tot_2012.csv", content)
    assert desk.bring("vektis", "gemeente.csv", content, year=2012).year == 2012


def _import(desk: Desk, path: Path) -> object:
    from tests.lib.importing import source
    from zorgspiegel.pipeline.imports import import_files

    return import_files(source("vektis"), [path], desk.warehouse)[0].totals["aantal_bsn"]
