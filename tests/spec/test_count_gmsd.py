"""What the Gemeentelijke Monitor Sociaal Domein counts, in small tables."""

from __future__ import annotations

import functools

import pytest

from zorgspiegel.aggregate.gmsd import count_gmsd
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.tables import GMSD_PERSONEN, GMSD_TELLINGEN, VOORZIENINGEN

CLASSES = {"ondersteuning_thuis": ("01", "02")}
NOBODY = """
    gemeente | persoon | wijk | leeftijd | geslacht
    0307     | niemand |      |          |
"""


def promise(spec, care, then, *, maat, persons=NOBODY, period="2025H1", only=None):
    def when(voorzieningen, persons):
        found = count_gmsd(voorzieningen, persons, period=Period.parse(period), classes=CLASSES)
        chosen = found.filter(found.maat == maat)
        for name in {"leveringsvorm", "leeftijd", "geslacht"} - set(only or ()):
            chosen = chosen.filter(chosen[name] == "T")
        return (
            chosen
            if persons is not None and "wijk" in then
            else chosen.filter(chosen.gebied_niveau == "gemeente")
        )

    spec(
        given={"voorzieningen": care, "persons": persons},
        when=when,
        then=then,
        shape={"voorzieningen": VOORZIENINGEN, "persons": GMSD_PERSONEN},
        gives=GMSD_TELLINGEN,
        rest={"gemeente": "0307", "leveringsvorm": "ZIN", "bronrecords": [1], "redenen": []},
    )


def test_a_person_counts_once_in_a_type_once_in_a_class_and_once_in_the_total(spec):
    promise(
        spec,
        """
        persoon | type | begin      | eind
        P1      | 01   | 2025-01-01 | 2025-02-28
        P1      | 02   | 2025-01-01 |
        P1      | 02   | 2025-05-01 | 2025-05-31
        P2      | 08   | 2025-06-30 |
        """,
        """
        categorie           | aantal
        01                  | 1
        02                  | 1
        08                  | 1
        ondersteuning_thuis | 1
        T                   | 2
        """,
        maat="clienten",
    )


def test_one_day_in_the_period_is_enough_and_a_day_outside_is_not(spec):
    promise(
        spec,
        """
        persoon | type | begin      | eind
        P1      | 08   | 2024-01-01 | 2025-01-01
        P2      | 08   | 2024-01-01 | 2024-12-31
        P3      | 08   | 2025-07-01 |
        P4      | 08   | 2020-01-01 |
        """,
        """
        categorie | aantal
        08        | 2
        T         | 2
        """,
        maat="clienten",
    )


@pytest.mark.parametrize(("period", "clients"), [("2025H1", 2), ("2025H2", 2), ("2025", 3)])
def test_a_year_is_both_halves_together_and_not_their_sum(spec, period, clients):
    promise(
        spec,
        """
        persoon | type | begin      | eind
        P1      | 08   | 2025-01-01 | 2025-03-31
        P2      | 08   | 2025-03-01 |
        P3      | 08   | 2025-10-01 | 2025-12-31
        """,
        f"""
        categorie | aantal
        08        | {clients}
        T         | {clients}
        """,
        maat="clienten",
        period=period,
    )


def test_whose_wijk_is_unknown_counts_in_the_gemeente_only(spec):
    promise(
        spec,
        """
        persoon | type | begin      | eind
        P1      | 08   | 2025-01-01 |
        P2      | 08   | 2025-01-01 |
        P3      | 08   | 2025-01-01 |
        """,
        """
        gebied_niveau | gebiedscode | categorie | aantal
        gemeente      | GM0307      | 08        | 3
        gemeente      | GM0307      | T         | 3
        wijk          | WK030701    | 08        | 1
        wijk          | WK030701    | T         | 1
        """,
        maat="clienten",
        persons="""
            gemeente | persoon | wijk     | leeftijd | geslacht
            0307     | P1      | WK030701 | 65+      | V
            0307     | P2      |          | 65+      | V
        """,
    )


FLOW = """
    persoon | type | leveringsvorm | begin      | eind
    P1      | 08   | ZIN           | 2025-02-01 | 2025-03-31
    P1      | 08   | PGB           | 2025-04-03 |
    P2      | 08   | ZIN           | 2025-02-01 | 2025-03-31
    P2      | 08   | PGB           | 2025-04-04 |
    P3      | 01   | ZIN           | 2024-01-01 | 2025-03-31
    P3      | 02   | ZIN           | 2025-04-01 |
"""


def test_who_goes_on_within_three_days_flows_neither_in_nor_out(spec):
    """P1 changes leveringsvorm and P2 has a day too many between; P3 changes type within one class."""
    one = functools.partial(promise, spec, FLOW)
    one(
        """
        categorie | leveringsvorm | aantal
        08        | ZIN           | 2
        08        | PGB           | 1
        08        | T             | 2
        02        | ZIN           | 1
        02        | T             | 1
        T         | ZIN           | 2
        T         | PGB           | 1
        T         | T             | 2
        """,
        maat="instroom",
        only=("leveringsvorm",),
    )
    one(
        """
        categorie | aantal
        08        | 1
        01        | 1
        T         | 1
        """,
        maat="uitstroom",
    )


def test_stand_is_the_last_day(spec):
    promise(
        spec,
        """
        persoon | type | begin      | eind
        P1      | 08   | 2025-01-01 | 2025-06-29
        P2      | 08   | 2025-01-01 | 2025-06-30
        P3      | 08   | 2025-06-30 |
        """,
        """
        categorie | aantal
        08        | 2
        T         | 2
        """,
        maat="stand",
    )


def test_stapeling_is_by_person_and_six_or_more_is_one_class(spec):
    rows = "\n".join(f"        P2 | {kind:02} | 2025-01-01 | " for kind in range(1, 8))
    promise(
        spec,
        f"""
        persoon | type | begin      | eind
        P1 | 08 | 2025-01-01 | 2025-01-31
        P1 | 08 | 2025-03-01 | 2025-03-31
{rows}
        """,
        """
        categorie | aantal
        2         | 1
        6+        | 1
        T         | 2
        """,
        maat="stapeling",
    )
