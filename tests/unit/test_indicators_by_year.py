"""Codes of other years are not there: a figure that cannot exist is no secret."""

from __future__ import annotations

from zorgspiegel.store import definitions
from zorgspiegel.terms.indicators import Dimension, Indicator


def parts(dimension: Dimension, year: int) -> set[str]:
    return {part for _, part, _ in dimension.parents_in(year)}


def test_care_types_come_and_go_with_the_years():
    care = definitions.load("indicators", "zvw", Indicator).dimensies["categorie"]
    assert "specialistische_ggz" in parts(care, 2020)
    assert "specialistische_ggz" not in parts(care, 2023)
    assert "consulten_ggz" in parts(care, 2023)
    assert {"ggz", "farmacie"} <= parts(care, 2011) & parts(care, 2023)
    assert "onbekend" not in parts(care, 2023)


def test_a_group_without_any_part_in_a_year_is_gone_with_the_groups_above_it():
    dimension = Dimension.model_validate(
        {
            "titel": "Soort",
            "codes": {"oud": {"titel": "Oud", "tot": 2019}, "nu": "Nu"},
            "groepen": {
                "kern": {"titel": "Kern", "delen": ["oud"]},
                "ruim": {"titel": "Ruim", "delen": ["kern"]},
            },
        }
    )
    assert parts(dimension, 2019) == {"oud", "nu", "onbekend", "kern", "ruim"}
    assert parts(dimension, 2020) == {"nu", "onbekend"}


def test_unknown_sex_and_age_of_zvw_are_in_the_rest_group_only():
    assert definitions.load("indicators", "zvw", Indicator).unknown_in_rest() == ("leeftijd", "geslacht")
