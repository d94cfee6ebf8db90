"""How facts become cells: what counts where, and what never gets lost."""

from __future__ import annotations

from tests.lib import small_land
from zorgspiegel.aggregate import aggregate, facts_from, hierarchy, unplaced
from zorgspiegel.store import definitions
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.shapes import Column, Shape
from zorgspiegel.terms.tables import FACTS

DETAIL = Shape(
    "records of qsd301",
    (
        *(
            Column(name, "string", "")
            for name in ("Wijkcode", "Productcategorie", "Leeftijdscategorie", "Geslacht")
        ),
        *(Column(name, "int64", "") for name in ("AantalClienten", "Bedrag")),
    ),
)

REST = {
    "indicator": "klein",
    "periode": "2024",
    "indelingsjaar": small_land.YEAR,
    "gebiedscode": "WK900101",
    "categorie": "a",
    "leeftijd": "oud",
    "geslacht": "V",
    "kosten_eur": None,
    "herkomst": "d1",
}


def cells(persons: str = "sum", **filters):
    """The cells of the small indicator with these codes: T in a dimension that is not named, None = any."""
    wanted = {"categorie": "T", "leeftijd": "T", "geslacht": "T"} | filters

    def when(facts):
        indicator = small_land.indicator(persons=persons)
        found = aggregate(facts, small_land.areas(), small_land.members(), indicator=indicator)
        return found.filter([found[name] == code for name, code in wanted.items() if code is not None])

    return when


def test_a_fact_counts_in_its_wijk_and_in_every_area_above_it(spec):
    spec(
        given="""
            gebiedscode | aantal_personen | kosten_eur
            WK900101    | 12              | 100.10
            WK9001AA    |  3              |  50.05
        """,
        shape=FACTS,
        rest=REST,
        when=cells(),
        then="""
            gebied_niveau    | gebiedscode | aantal_personen | kosten_eur
            wijk             | WK900101    | 12              | 100.10
            wijk             | WK9001AA    |  3              |  50.05
            gemeente         | GM9001      | 15              | 150.15
            provincie        | PV90        | 15              | 150.15
            zorgkantoorregio | ZK91        | 15              | 150.15
            land             | NL01        | 15              | 150.15
        """,
    )


def test_who_has_no_known_wijk_counts_in_the_gemeente_and_is_its_rest_group(spec):
    spec(
        given="""
            gebiedscode | aantal_personen
            WK900101    | 12
            WK900199    |  2
            GM9001      |  1
        """,
        shape=FACTS,
        rest=REST,
        when=cells(),
        then="""
            gebied_niveau    | gebiedscode     | aantal_personen
            wijk             | WK900101        | 12
            onbekend         | GM9001-onbekend |  3
            gemeente         | GM9001          | 15
            provincie        | PV90            | 15
            zorgkantoorregio | ZK91            | 15
            land             | NL01            | 15
        """,
    )


def test_a_wijk_99_that_exists_is_a_wijk(spec):
    spec(
        given="""
            gebiedscode | aantal_personen
            WK900399    | 2
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells()(facts).filter(lambda t: t.gebied_niveau.isin(["wijk", "onbekend"])),
        then="""
            gebied_niveau | gebiedscode | aantal_personen
            wijk          | WK900399    | 2
        """,
    )


def test_the_rest_group_without_gemeente_counts_in_the_land_only(spec):
    spec(
        given="""
            gebiedscode | aantal_personen
                        | 7
            GM9099      | 2
        """,
        shape=FACTS,
        rest=REST,
        when=cells(),
        then="""
            gebied_niveau | gebiedscode   | aantal_personen
            onbekend      | NL01-onbekend | 9
            land          | NL01          | 9
        """,
    )


def test_an_area_or_code_that_does_not_exist_is_listed(spec):
    spec(
        given="""
            gebiedscode | leeftijd | aantal_personen
            GM9099      | oud      | 2
            WK900199    | oud      | 3
                        | onbekend | 4
            WK900101    | stokoud  | 5
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: unplaced(facts, small_land.areas(), indicator=small_land.indicator()),
        then="""
            herkomst | wat         | aantal_feiten | aantal_personen
            d1       | gebiedscode | 1             | 2
            d1       | leeftijd    | 1             | 5
        """,
    )


def test_a_region_may_cut_through_a_gemeente(spec):
    spec(
        given="""
            gebiedscode | aantal_personen
            WK900201    |  1
            WK900301    | 10
            WK900302    | 20
            GM9003      | 40
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells()(facts).filter(lambda t: t.gebied_niveau.isin(["eigen", "land"])),
        then="""
            gebied_niveau | gebiedscode | aantal_personen
            eigen         | oost        | 11
            eigen         | west        | 20
            land          | NL01        | 71
        """,
    )


def test_ages_count_in_their_groups_and_in_the_total(spec):
    spec(
        given="""
            leeftijd | aantal_personen
            jong     | 1
            midden   | 10
            oud      | 100
            onbekend | 1000
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells(leeftijd=None)(facts).filter(lambda t: t.gebied_niveau == "land"),
        then="""
            leeftijd  | aantal_personen
            jong      | 1
            midden    | 10
            oud       | 100
            onbekend  | 1000
            volwassen | 110
            niet_oud  | 11
            T         | 1111
        """,
    )


def test_insured_persons_are_the_same_for_every_care_type(spec):
    spec(
        given="""
            gebiedscode | categorie | aantal_personen | kosten_eur
            WK900101    | a         | 5               | 10.00
            WK900101    | b         | 5               | 20.00
            WK900101    | T         | 5               | 30.00
            WK9001AA    | a         | 2               |  1.00
            WK9001AA    | T         | 2               |  1.00
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells("same", categorie=None)(facts).filter(
            lambda t: t.gebied_niveau == "gemeente"
        ),
        then="""
            categorie | aantal_personen | kosten_eur
            a         | 7               | 11.00
            b         | 7               | 20.00
            ab        | 7               | 31.00
            T         | 7               | 31.00
        """,
    )


def test_unique_clients_are_those_that_the_delivery_gives(spec):
    spec(
        given="""
            categorie | aantal_personen | kosten_eur
            a         | 5               | 10.00
            c         | 4               | 20.00
            T         | 6               |
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells("unique", categorie=None)(facts).filter(lambda t: t.gebied_niveau == "wijk"),
        then="""
            categorie | aantal_personen | kosten_eur
            a         | 5               | 10.00
            c         | 4               | 20.00
            T         | 6               | 30.00
        """,
    )


def test_without_a_given_total_unique_clients_are_not_known_and_not_zero(spec):
    spec(
        given="""
            gebiedscode | categorie | aantal_personen | herkomst
            WK900101    | a         | 5               | d1
            WK900101    | T         | 5               | d1
            WK900201    | a         | 4               | d2
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells("unique", categorie=None)(facts).filter(
            lambda t: t.gebied_niveau.isin(["gemeente", "land"])
        ),
        then="""
            gebiedscode | categorie | aantal_personen | herkomst
            GM9001      | a         | 5               | d1
            GM9001      | T         | 5               | d1
            GM9002      | a         | 4               | d2
            NL01        | a         | 9               | d1,d2
        """,
    )


def test_what_dominance_rules_need_goes_along(spec):
    spec(
        given="""
            geslacht | kosten_eur
            M        |  100.00
            M        | -250.00
            V        |  200.00
            V        |    0.00
        """,
        shape=FACTS,
        rest={**REST, "aantal_personen": 1},
        when=lambda facts: cells(geslacht=None)(facts).filter(lambda t: t.gebied_niveau == "land"),
        then="""
            geslacht | kosten_eur | aantal_bijdragers | grootste_eur | tweede_eur
            M        | -150.00    | 2                 | 250.00       | 100.00
            V        |  200.00    | 1                 | 200.00       |
            T        |   50.00    | 3                 | 250.00       | 200.00
        """,
    )


def test_the_definition_is_that_of_the_year(spec):
    spec(
        given="""
            periode | aantal_personen
            2021    | 1
            2024H1  | 2
            2019    | 4
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: cells()(facts).filter(lambda t: t.gebied_niveau == "land"),
        then="""
            periode | definitie_versie | aantal_personen
            2021    | 1                | 1
            2024H1  | 2                | 2
            2019    | onbekend         | 4
        """,
    )


def test_which_areas_add_up_to_which(spec):
    def of_areas(facts):
        del facts
        found = hierarchy(
            small_land.areas(),
            small_land.members(),
            indicator=small_land.indicator(),
            indelingsjaar=small_land.YEAR,
            jaar=small_land.YEAR,
        )
        return found.filter(found.dimensie == "gebied").drop("dimensie")

    spec(
        given="nothing\n1",
        when=of_areas,
        then="""
            verzameling      | kind            | ouder
            cbs              | WK900101        | GM9001
            cbs              | WK9001AA        | GM9001
            cbs              | GM9001-onbekend | GM9001
            cbs              | WK900201        | GM9002
            cbs              | GM9002-onbekend | GM9002
            cbs              | WK900301        | GM9003
            cbs              | WK900302        | GM9003
            cbs              | WK900399        | GM9003
            cbs              | GM9003-onbekend | GM9003
            cbs              | GM9001          | PV90
            cbs              | GM9002          | PV90
            cbs              | PV90-onbekend   | PV90
            cbs              | GM9003          | PV91
            cbs              | PV91-onbekend   | PV91
            cbs              | PV90            | NL01
            cbs              | PV91            | NL01
            cbs              | NL01-onbekend   | NL01
            zorgkantoorregio | GM9001          | ZK91
            zorgkantoorregio | GM9003          | ZK91
            zorgkantoorregio | GM9002          | NL01
            zorgkantoorregio | PV90-onbekend   | NL01
            zorgkantoorregio | PV91-onbekend   | NL01
            zorgkantoorregio | NL01-onbekend   | NL01
            zorgkantoorregio | ZK91            | NL01
            eigen            | GM9002          | oost
            eigen            | WK900301        | oost
            eigen            | WK900302        | west
            eigen            | GM9001          | NL01
            eigen            | WK900399        | NL01
            eigen            | GM9003-onbekend | NL01
            eigen            | PV90-onbekend   | NL01
            eigen            | PV91-onbekend   | NL01
            eigen            | NL01-onbekend   | NL01
            eigen            | oost            | NL01
            eigen            | west            | NL01
        """,
    )


def test_a_delivery_of_qsd301_becomes_facts(spec):
    wmo = definitions.load("indicators", "wmo", Indicator)
    spec(
        given={
            "detail": """
                Wijkcode | Productcategorie | Leeftijdscategorie | Geslacht | AantalClienten | Bedrag
                WK030701 | 01               | 06                 | 1        | 1              | 50000
                WK030702 | 07               | 99                 | 0        | 1              | 0
                WK030799 | 02               | 03                 | 2        | 1              | 999999999999
            """,
            "totaal": """
                Wijkcode | Leeftijdscategorie | Geslacht | AantalClienten
                WK030701 | 06                 | 1        | 1
            """,
        },
        shape={"detail": DETAIL, "totaal": DETAIL},
        when=lambda **records: facts_from(
            records, indicator=wmo, periode="2025", indelingsjaar=2024, herkomst="d1"
        ),
        then="""
            indicator | gebiedscode | categorie | leeftijd | geslacht | aantal_personen | kosten_eur
            wmo       | WK030701    | 01        | 85+      | M        | 1               | 500.00
            wmo       | WK030702    | 07        | onbekend | onbekend | 1               | 0.00
            wmo       | WK030799    | 02        | 24-64    | V        | 1               | 9999999999.99
            wmo       | WK030701    | T         | 85+      | M        | 1               |
        """,
    )
