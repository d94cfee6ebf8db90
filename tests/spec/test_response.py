"""Who delivered: unknown is not a smaller number."""

from __future__ import annotations

from tests.lib import small_land
from zorgspiegel.aggregate import (
    aggregate,
    hierarchy,
    of_complete_areas,
    response,
    sums_of_complete_areas,
    with_totals,
)
from zorgspiegel.terms.tables import FACTS

REST = {
    "indicator": "klein",
    "periode": "2024",
    "indelingsjaar": small_land.YEAR,
    "categorie": "T",
    "leeftijd": "oud",
    "geslacht": "V",
    "aantal_personen": 20,
    "kosten_eur": None,
}


def answers(facts):
    return response(facts, small_land.areas(), small_land.members(), indicator=small_land.indicator())


def test_a_region_is_complete_when_each_of_its_gemeenten_delivered(spec):
    spec(
        given="""
            gebiedscode | herkomst
            WK900101    | d1
            WK900299    | d2
        """,
        shape=FACTS,
        rest=REST,
        when=lambda facts: answers(facts).select(
            "gebied_niveau", "gebiedscode", "gemeenten_geleverd", "gemeenten_totaal"
        ),
        then="""
            gebied_niveau    | gebiedscode | gemeenten_geleverd | gemeenten_totaal
            land             | NL01        | 2                  | 3
            provincie        | PV90        | 2                  | 2
            provincie        | PV91        | 0                  | 1
            zorgkantoorregio | ZK91        | 1                  | 2
            eigen            | oost        | 1                  | 2
            eigen            | west        | 0                  | 1
        """,
    )


def test_no_total_is_shown_of_an_area_from_which_a_gemeente_is_missing(spec):
    def shown(facts):
        found = aggregate(facts, small_land.areas(), small_land.members(), indicator=small_land.indicator())
        complete = of_complete_areas(found, answers(facts))
        return complete.filter(
            complete.leeftijd == "T", complete.geslacht == "T", complete.categorie == "T"
        ).select("gebied_niveau", "gebiedscode", "aantal_personen")

    spec(
        given="""
            gebiedscode | herkomst
            WK900101    | d1
        """,
        shape=FACTS,
        rest=REST,
        when=shown,
        then="""
            gebied_niveau | gebiedscode | aantal_personen
            wijk          | WK900101    | 20
            gemeente      | GM9001      | 20
        """,
    )


def test_an_incomplete_area_is_no_sum_to_subtract_from(spec):
    def sums(facts):
        areas, members, small = small_land.areas(), small_land.members(), small_land.indicator()
        found = hierarchy(
            areas, members, indicator=small, indelingsjaar=small_land.YEAR, jaar=small_land.YEAR
        )
        kept = sums_of_complete_areas(found, answers(facts))
        return kept.filter((kept.dimensie == "gebied") & (kept.kind == "GM9001")).select(
            "verzameling", "ouder"
        )

    spec(
        given="""
            gebiedscode | herkomst
            WK900101    | d1
            WK900201    | d2
        """,
        shape=FACTS,
        rest=REST,
        when=sums,
        then="""
            verzameling | ouder
            cbs         | PV90
        """,
    )


def test_a_delivery_without_unique_persons_counts_as_not_delivered(spec):
    small = small_land.indicator(persons="unique")
    spec(
        given="""
            categorie | herkomst
            a         | d1
            T         | d1
            a         | d2
        """,
        shape=FACTS,
        rest={**{k: v for k, v in REST.items() if k != "categorie"}, "gebiedscode": "WK900101"},
        when=lambda facts: with_totals(facts, indicator=small).select("categorie", "herkomst"),
        then="""
            categorie | herkomst
            a         | d1
            T         | d1
        """,
    )
