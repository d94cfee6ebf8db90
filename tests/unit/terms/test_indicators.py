"""Declarations: the real ones load, and broken ones say what is wrong."""

from __future__ import annotations

import copy
import csv

import pytest
import yaml
from pydantic import ValidationError

from tests.lib import small_land
from zorgspiegel.store import definitions
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.protection import Profile

ALL = definitions.load_all("indicators", Indicator)


@pytest.mark.parametrize("name", ALL)
def test_each_declaration_hangs_together(name):
    indicator = ALL[name]
    assert indicator.id == name
    assert definitions.load("protection", indicator.bescherming, Profile).id == indicator.bescherming
    assert {"titel", "definitie", "eenheid", "bron"} <= indicator.description().keys()
    for dimension in indicator.dimensies.values():
        below_total = {code for code, whole in dimension.closure() if whole == "T"}
        assert {*dimension.leaves, *dimension.cell_groups} == below_total


@pytest.mark.data
def test_zvw_knows_every_care_type_of_every_year(public_data):
    path = public_data / "zvw_vektis" / "vektis_columns_by_year.csv"
    rows = {row["column"]: row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}
    cut_off = {"medisch_specialistische_z", "paramedische_zorg_fysioth", "geriatrische_revalidatiez"}
    codes = ALL["zvw"].dimensies["categorie"].codes
    columns = {name.removeprefix("kosten_") for name in rows if name.startswith("kosten_")} - cut_off
    assert columns == set(codes)
    for care, code in codes.items():
        years = [int(year) for year, has in rows[f"kosten_{care}"].items() if year != "column" and has == "1"]
        assert min(years) == (code.vanaf or 2011), care
        assert code.tot is None or max(years) == code.tot, care


def test_no_growth_of_ggz_over_2022():
    zvw = ALL["zvw"]
    cut = zvw.break_between(2021, 2022, "ggz")
    assert cut is not None
    assert "zorgprestatiemodel" in cut.reden
    assert zvw.break_between(2022, 2023, "ggz") is None
    assert zvw.break_between(2020, 2023, "farmacie") is None
    assert zvw.break_between(2020, 2023) is None
    assert zvw.break_between(2014, 2015) is not None


@pytest.mark.parametrize(
    ("period", "statuses"),
    [
        ("2023H1", ["voorlopig", "nader_voorlopig", "definitief", "definitief"]),
        ("2023H2", ["voorlopig", "definitief", "definitief"]),
        ("2023", ["voorlopig", "definitief"]),
    ],
)
def test_a_figure_becomes_definite(period, statuses):
    indicator = small_land.indicator()
    found = [indicator.status_after(Period.parse(period), rounds).value for rounds in range(len(statuses))]
    assert found == statuses


def test_the_definition_of_a_year():
    indicator = small_land.indicator()
    versions = [d and d.versie for d in map(indicator.definition_of, (2019, 2020, 2022, 2023, 2050))]
    assert versions == [None, "1", "1", "2", "2"]


def test_groups_within_groups_count_once_each():
    ages = ALL["zvw"].dimensies["leeftijd"]
    counts_in = [whole for part, whole in ages.closure() if part == "85-89"]
    assert sorted(counts_in) == ["65+", "75+", "85+", "85-89", "T"]
    assert ages.title("75+") == "75 jaar en ouder"
    assert (ages.title("T"), ages.title("onbekend")) == ("Totaal", "Onbekend")


def test_a_group_of_unique_persons_is_a_cell_only_where_the_source_gives_it():
    wmo = ALL["wmo"].dimensies["categorie"]
    assert wmo.cell_groups == ()
    assert ("standaard", "01", "T") in list(wmo.parents())
    delivered = small_land.indicator(persons="unique").dimensies["categorie"]
    assert delivered.cell_groups == ("ab",)


def _break(path: str, value: object) -> dict:
    data = copy.deepcopy(yaml.safe_load(small_land.DECLARATION))
    *steps, last = path.split("/")
    place = data
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("dimensies/categorie/codes/T", "Totaal", "T is the total"),
        ("dimensies/categorie/groepen/a", {"titel": "x", "delen": ["b"]}, "a is a code and a group"),
        ("dimensies/categorie/groepen/ab", {"titel": "x", "delen": ["a", "z"]}, "names z"),
        ("dimensies/categorie/groepen/ac", {"titel": "x", "delen": ["a", "c"]}, "a is in ab and in ac"),
        ("dimensies/categorie/groepen/ab", {"titel": "x", "delen": ["ab"]}, "part of itself"),
        ("dimensies/categorie/groepen/ab", {"titel": "x", "delen": ["a"], "geleverd": True}, "geleverd"),
        ("dimensies/leeftijd/personen", "unique", "only categorie"),
        ("niveaus", ["gemeente"], "must have land"),
        ("niveaus", ["land", "straat"], "straat"),
        ("definities", [{"versie": "1", "vanaf": 2020, "tekst": "x", "bron": "y"}] * 2, "year after"),
        ("breuken", [{"jaar": 2021, "reden": "x", "categorieen": ["z"]}], "breuk 2021"),
        ("eenheden", {"kosten_eur": "euro"}, "aantal_personen"),
        (
            "feiten",
            {"standaard": "s", "records": {"r": {"gebied": "A", "aantal_personen": {}}}},
            "kolom or waarde",
        ),
        (
            "feiten",
            {"standaard": "s", "records": {"r": {"gebied": "A", "aantal_personen": "B", "kosten_eur": "C"}}},
            "eenheid",
        ),
        ("titels", "x", "Extra inputs"),
    ],
)
def test_a_broken_declaration_says_what_is_wrong(path, value, says):
    with pytest.raises(ValidationError, match=says):
        Indicator.model_validate(_break(path, value))
