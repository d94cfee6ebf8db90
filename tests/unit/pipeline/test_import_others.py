"""The other public sources: every trap of their files, on small invented ones in the form of the real."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.lib.importing import Desk
from zorgspiegel.terms.errors import SourceError


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _figures(desk: Desk, **wanted: str) -> dict[tuple[str, str], tuple[Any, str]]:
    return {
        (row["gebiedscode"], row["kenmerk"]): (row["waarde"], row["status"])
        for row in desk.rows("kerncijfers")
        if all(row[name] == value for name, value in wanted.items())
    }


STATLINE = (
    '\ufeff"ID";"WijkenEnBuurten";"Gemeentenaam_1";"SoortRegio_2";"Codering_3";"AantalInwoners_4";"Mannen_5";'
    '"Vrouwen_6";"Bevolkingsdichtheid_31";"WmoClienten_98";"Appartement_44";"Appartement_52"\n'
    '"0";"NL00      ";"Nederland     ";"Land    ";"NL00      ";" 30";" 14";" 16";"  .";"   7";"1";"2"\n'
    '"1";"GM0363    ";"Amsterdam     ";"Gemeente";"GM0363    ";" 20";"  9";" 11";" 12.5";"  .";"1";"2"\n'
    '"2";"WK0363AA  ";"Amsterdam     ";"Wijk    ";"WK0363AA  ";" 10";"  5";"  5";"";"   5";"1";"2"\n'
)


def test_kwb_of_statline_has_three_meanings_of_missing(desk: Desk) -> None:
    done = desk.bring("kwb", "84799NED_2020.csv", STATLINE)
    found = _figures(desk)
    assert found["GM0363", "bevolkingsdichtheid"] == (Decimal("12.5"), "getoond")
    assert found["NL01", "bevolkingsdichtheid"] == (None, "onbekend")
    assert found["WK0363AA", "bevolkingsdichtheid"] == (None, "niet_van_toepassing")
    assert found["GM0363", "aantal_wmo_clienten"] == (None, "onbekend")
    assert (done.year, done.rows, done.rejected_rows, done.level) == (2020, 3, 0, "land")
    assert done.totals["aantal_inwoners"] == 30
    assert done.totals["aantal_vrouwen"] == 16


def test_kwb_counts_no_level_twice(desk: Desk) -> None:
    without_land = "\n".join(line for line in STATLINE.split("\n") if "NL00" not in line)
    done = desk.bring("kwb", "kwb_2020.csv", without_land)
    assert (done.level, done.totals["aantal_inwoners"]) == ("gemeente", 20)


def test_kwb_numbers_behind_names_do_not_count_and_a_repeated_name_keeps_its_rank(desk: Desk) -> None:
    desk.bring("kwb", "kwb_2020.csv", STATLINE)
    before = _figures(desk)
    assert before["GM0363", "appartement"][0] == 1
    assert before["GM0363", "appartement_2"][0] == 2
    desk.bring("kwb", "kwb_2021.csv", STATLINE.replace("_98", "_101").replace("_4", "_5"))
    assert _figures(desk, periode="2021") == before


@pytest.mark.parametrize(
    ("name", "content", "code", "inhabitants"),
    [
        (
            "kwb-2016.csv",
            "GWB_CODE10,GWB_CODE8,REGIO,GM_NAAM,RECS,GWB_CODE,IND_WBI,A_INW,A_MAN,P_ONGEH,BEV_DICH,STE_MVS\n"
            "BU03630001,03630001,Kop Zeedijk,Amsterdam,Buurt,BU03630001,1,970,500,.,11000,1\n",
            "BU03630001",
            970,
        ),
        (
            "wijken_2021.csv",
            "wijkcode,wijknaam,gemeentecode,gemeentenaam,water,aantalInwoners,percentageGehuwd,jaar\n"
            "WK036300,Centrum,GM0363,Amsterdam,NEE,1200,-99997,2021\n"
            "WK036300,Centrum,GM0363,Amsterdam,JA,-99999999,-99997,2021\n",
            "WK036300",
            1200,
        ),
        (
            "labels_2019.csv",
            '"Wijken en buurten";"Regioaanduiding/Gemeentenaam (naam)";"Regioaanduiding/Codering (code)";'
            '"Bevolking/Aantal inwoners (aantal)";"Bevolking/Geslacht/Mannen (aantal)";'
            '"Wonen/Woningvoorraad (aantal)"\n'
            '"Amsterdam";"Amsterdam";"GM0363    ";"   862965";"  427220";"  446705"\n',
            "GM0363",
            862965,
        ),
        (
            "lijst_2022.csv",
            "code,name,population,pop_0_14,income_low\nWK036300,Centrum,1000,12.0,\n",
            "WK036300",
            1000,
        ),
    ],
)
def test_kwb_in_every_dialect(desk: Desk, name: str, content: str, code: str, inhabitants: int) -> None:
    done = desk.bring("kwb", name, content)
    assert done.totals["aantal_inwoners"] == inhabitants
    people = [row for row in desk.rows("population") if row["geslacht"] == "T"]
    assert [(row["gebiedscode"], row["aantal_inwoners"]) for row in people] == [(code, inhabitants)]


def test_kwb_a_blank_or_a_large_negative_number_of_a_map_is_unknown(desk: Desk) -> None:
    content = (
        "gemeentecode,gemeentenaam,aantalInwoners,mannen,percentageGehuwd\n"
        "GM0014,Groningen,100,,-99997\nGM0034,Almere,50,20,40\n"
        + "GM0037,Stadskanaal,1,1,1\n" * 18
        + "GM0998,Buitenland,,,\n"
    )
    done = desk.bring("kwb", "kerncijfers_2023.csv", content)
    found = _figures(desk)
    assert found["GM0014", "percentage_gehuwd"] == (None, "onbekend")
    assert found["GM0014", "aantal_mannen"] == (None, "onbekend")
    assert (done.rejected_rows, done.rejected) == (1, (21,)), "abroad is no gemeente"
    assert not any(code == "GM0998" for code, _ in found)


def test_kwb_a_second_file_of_the_year_adds_areas_and_replaces_its_own(desk: Desk) -> None:
    head = "code,name,population\n"
    desk.bring("kwb", "gemeenten_2022.csv", head + "GM0363,Amsterdam,30\nGM0014,Groningen,20\n")
    desk.bring("kwb", "wijken_2022.csv", head + "WK036300,Centrum,10\n")
    desk.bring("kwb", "beter_2022.csv", head + "GM0363,Amsterdam,31\n")
    found = {row["gebiedscode"]: row["aantal_inwoners"] for row in desk.rows("population")}
    assert found == {"GM0363": 31, "GM0014": 20, "WK036300": 10}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace('"Mannen_5"', '"raar"'), "'raar'"),
        (lambda text: text.replace('"AantalInwoners_4"', '"Inw_4"'), "aantal_inwoners"),
        (lambda text: text.replace('" 20"', '" 2O"'), "not a number"),
        (lambda text: text.replace("GM0363", "XX0363").replace("WK0363AA", "Centrum"), "cannot be used"),
        (lambda text: text.replace(';" 20"', ""), "does not have the 12 fields"),
    ],
)
def test_kwb_that_is_not_right_is_refused(desk: Desk, change: Any, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        desk.bring("kwb", "kwb_2020.csv", change(STATLINE))
    assert not desk.warehouse.entries()


RIVM = (
    '\ufeff"ID";"Leeftijd";"Marges";"WijkenEnBuurten";"Perioden";"Gemeentenaam_1";"SoortRegio_2";"Codering_3";'
    '"Eenzaam_99";"Mantelzorger_7"\n'
    '"1";"20300";"MW00000";"NL01      ";"2022JJ00";"Nederland ";"Land    ";"NL01      ";"    46.6";"     "\n'
    '"2";"80200";"MW00000";"GM0363    ";"2022JJ00";"Amsterdam ";"Gemeente";"GM0363    ";"       .";"    14"\n'
    '"3";"80200";"MOG0095";"GM0363    ";"2022JJ00";"Amsterdam ";"Gemeente";"GM0363    ";"    40.1";"    13"\n'
    '"4";"20300";"MW00000";"BU03630001";"2016JJ00";"Amsterdam ";"Buurt   ";"BU03630001";"    51.0";"    10"\n'
)


def test_rivm_says_its_years_itself_and_keeps_ages_and_bounds_apart(desk: Desk) -> None:
    from tests.lib.importing import source
    from zorgspiegel.pipeline.imports import import_files

    done = import_files(source("rivm-gezondheid"), [desk.put("gezondheid.csv", RIVM)], desk.warehouse)
    assert [(one.year, one.rows) for one in done] == [(2016, 1), (2022, 3)]
    young, old = _figures(desk, leeftijd="18+"), _figures(desk, leeftijd="65+")
    assert young["NL01", "eenzaam"] == (Decimal("46.6"), "getoond")
    assert young["NL01", "mantelzorger"] == (None, "niet_van_toepassing")
    assert young["BU03630001", "eenzaam"][0] == 51
    assert old["GM0363", "eenzaam"] == (None, "onbekend")
    assert old["GM0363", "eenzaam_mog0095"] == (Decimal("40.1"), "getoond")
    assert all(not one.totals for one in done), "estimates have no total"


def test_a_year_that_contradicts_the_file_is_refused(desk: Desk) -> None:
    with pytest.raises(SourceError, match=r"--year says 2020, but the rows are of 2016, 2022"):
        desk.bring("rivm-gezondheid", "gezondheid.csv", RIVM, year=2020)


NZA_2016 = (
    '"";"x";"AGBCODE_INDIENER";"NAAM";"STRAAT";"Naam.zorgaanbieder";"Vestigingslocatie";"Type.GGZ";"Circuit";'
    '"Aanmeldtijd";"Behandeltijd";"Peildatum";"INST"\n'
    '"1";1;6290832;"STICHTING";"Straat";"Stichting A";"A, noord";"SGGZ";"Ouderen";"2,5";"-";"23-9-2016";1\n'
    '"2";2;94003774;"PERSOON";"Laan";"Praktijk B";"thuis";"BGGZ";"";"stop";"Stop";"16-9-2016";0\n'
)


def test_nza_keeps_no_person_and_reads_commas_stops_and_lost_zeros(desk: Desk) -> None:
    done = desk.bring("nza-wachttijden", "brondata.csv", NZA_2016)
    first, second = sorted(desk.rows("wachttijden"), key=lambda row: row["soort_aanbieder"])
    assert done.year == 2016
    assert (first["aanbieder"], first["aanbieder_agb"], str(first["peildatum"])) == (
        "Stichting A",
        "06290832",
        "2016-09-23",
    )
    assert (first["aanmeldwachttijd_weken"], first["behandelwachttijd_status"]) == (
        Decimal("2.5"),
        "onbekend",
    )
    assert (second["soort_aanbieder"], second["aanmeldwachttijd_status"]) == ("vrijgevestigd", "stop")
    assert second["aanbieder"] is second["aanbieder_agb"] is second["vestiging"] is None
    assert done.totals == {
        "aantal_aanmeldwachttijden": 1,
        "aantal_behandelwachttijden": 0,
        "aantal_stops": 1,
    }


def test_nza_a_waiting_time_that_is_a_sentence_rejects_its_row(desk: Desk) -> None:
    rows = "".join(NZA_2016.splitlines(keepends=True)[1:] * 15)
    odd = '"3";3;NA;"X";"Y";"Z";"";"SGGZ";"Jeugd";"ongeveer drie";"1";"23-9-2016";1\n'
    done = desk.bring("nza-wachttijden", "brondata.csv", NZA_2016 + rows + odd)
    assert (done.rejected_rows, done.rejected) == (1, (33,))
    assert len(desk.rows("wachttijden")) == 32


def _square(west: float, south: float, **properties: Any) -> dict[str, Any]:
    east, north = west + 0.1, south + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_a_map_gives_areas_their_parents_and_borders_in_metres(desk: Desk) -> None:
    features = [
        _square(5.3, 52.1, gemeentecode="307", gemeentenaam="Amersfoort", water="NEE", jaar=2021),
        _square(5.4, 52.1, gemeentecode="GM0307 ", gemeentenaam="Amersfoort", water="JA", jaar=2021),
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    done = desk.bring("cbs-gebieden", "gemeenten.geojson", text)
    (area,) = desk.rows("areas")
    assert (area["gebiedscode"], area["oudercode"], area["indelingsjaar"]) == ("GM0307", "PV26", 2021)
    (border,) = desk.rows("borders")
    ((ring,),) = json.loads(border["geometrie"])["coordinates"]
    assert all(140_000 < x < 165_000 and 455_000 < y < 475_000 for x, y in ring)
    assert done.totals == {"aantal_gemeente": 1}


def test_codes_of_buurten_and_wijken_say_what_is_above_them(desk: Desk) -> None:
    lines = "statcode,statnaam,rubriek\nWK0363AA,Centrum,wijk\n BU0363AA01 ,Kop,buurt\n"
    desk.bring("cbs-gebieden", "namen_2024.csv", lines)
    found = {row["gebiedscode"]: (row["gebied_niveau"], row["oudercode"]) for row in desk.rows("areas")}
    assert found == {"WK0363AA": ("wijk", "GM0363"), "BU0363AA01": ("buurt", "WK0363AA")}


def test_a_list_of_gemeenten_gives_members_of_provincies(desk: Desk) -> None:
    lines = "Gemeentecode;GemeentecodeGM;Gemeentenaam;Provinciecode;ProvinciecodePV;Provincienaam\n"
    desk.bring("cbs-gebieden", "gemeenten_2015.csv", lines + "1680;GM1680;Aa en Hunze;22;PV22;Drenthe\n")
    (member,) = desk.rows("region_members")
    assert (member["regiocode"], member["regionaam"], member["gebiedscode"]) == ("PV22", "Drenthe", "GM1680")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"type": "FeatureCollection", "features": []}', "not one feature"),
        ('{"type": "FeatureCollection", "features": [', "not whole JSON"),
        ('{"hello": 1}', "no GeoJSON"),
        (
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [_square(45.0, 2.0, statcode="GM0307", statnaam="X")],
                }
            ),
            "not in the Netherlands",
        ),
    ],
)
def test_a_map_that_is_none_is_refused(desk: Desk, content: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        desk.bring("cbs-gebieden", "kaart_2022.geojson", content)


def test_shares_of_a_boundary_change_add_up_to_one(desk: Desk) -> None:
    lines = "from_year,to_year,from_code,to_code,addresses\n"
    rows = "2020,2021,GM0788,GM0757,3\n2020,2021,GM0788,GM0824,1\n2021,2022,GM0370,GM0439,7\n"
    from tests.lib.importing import source
    from zorgspiegel.pipeline.imports import import_files

    path = desk.put("overgangen.csv", lines + rows)
    done = import_files(source("cbs-grenswijzigingen"), [path], desk.warehouse)
    assert [one.year for one in done] == [2021, 2022]
    found = {(row["van_code"], row["naar_code"]): row["aandeel"] for row in desk.rows("area_transitions")}
    assert found == {("GM0788", "GM0757"): 0.75, ("GM0788", "GM0824"): 0.25, ("GM0370", "GM0439"): 1.0}


def test_regions_get_their_cbs_code_where_the_name_is_known(desk: Desk) -> None:
    desk.bring("regios", "ggd_2024.csv", "gemeentecode,ggdregio,corop\n363,GGD Amsterdam,Groot-Amsterdam\n")
    desk.bring(
        "regios", "eigen_2024.csv", "verzameling;regiocode;regionaam;gebiedscode\nIZA;R1;Regio een;WK0363AA\n"
    )
    desk.bring(
        "regios",
        "zk_2019.csv",
        "Gemeente,CBS,Zorgkantoorregio,Provincie\nAssen,GM0106,Zorgkantoor Drenthe,Drenthe\n",
    )
    found = {
        (row["verzameling"], row["regiocode"], row["gebiedscode"]) for row in desk.rows("region_members")
    }
    assert found == {
        ("ggdregio", "GG3406", "GM0363"),
        ("corop", "CR23", "GM0363"),
        ("iza", "R1", "WK0363AA"),
        ("zorgkantoorregio", "ZK06", "GM0106"),
    }


def test_postcodes_weigh_by_addresses_or_stand_for_one_gemeente(desk: Desk) -> None:
    desk.bring("postcodes", "pc4_2024.csv", "pc4,wijk_code,addresses\n1011,WK0363AF,3\n1011,WK0363AK,1\n")
    names = "postcode,gemeente\n1011,Amsterdam\n6851,Huissen\n" + "1012,Amsterdam\n" * 30
    done = desk.bring("postcodes", "namen.csv", names, year=2021)
    assert (done.rejected_rows, done.rejected) == (1, (2,)), "no list has a gemeente Huissen"
    found = {(row["pc4"], row["gebiedscode"]): row["gewicht"] for row in desk.rows("postcodes")}
    assert found[("1011", "WK0363AF")] == 0.75
    assert found[("1011", "GM0363")] == 1.0
