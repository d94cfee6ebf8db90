"""What cannot occur is no secret: it is left out of the cube, and hides nothing else."""

from __future__ import annotations

import pytest

from tests.lib.invented_cells import cells, hierarchy
from zorgspiegel.protect import protect
from zorgspiegel.store import definitions
from zorgspiegel.terms.errors import CellsError
from zorgspiegel.terms.protection import Profile

CBS = [("GM0307", "NL01"), ("GM0363", "NL01"), ("NL01-onbekend", "NL01")]
REST_ONLY = ("leeftijd", "geslacht")
OPEN = definitions.load("protection", "openbaar", Profile)

FACTS = [
    (gemeente, "01", age, sex, persons, "100.00")
    for gemeente in ("GM0307", "GM0363")
    for age, sex, persons in (("0-64", "M", 400), ("0-64", "V", 500), ("65+", "M", 60), ("65+", "V", 70))
]
REST = ("NL01-onbekend", "01", "onbekend", "onbekend", 30, "5.00")


def protected(facts, **how):
    given = protect(cells(facts, [CBS]), hierarchy({("gebied", "cbs"): CBS}), profile=OPEN, **how)
    return {
        (r["gebiedscode"], r["leeftijd"], r["geslacht"]): r["status"]
        for r in given.cells.to_pyarrow().to_pylist()
        if r["categorie"] == "T"
    }


def test_large_figures_stay_when_unknown_occurs_in_the_rest_group_only():
    shown = protected([*FACTS, REST], rest_only=REST_ONLY)
    assert set(shown.values()) == {"getoond"}
    assert ("GM0307", "onbekend", "M") not in shown
    assert ("NL01-onbekend", "65+", "T") not in shown
    assert ("NL01-onbekend", "onbekend", "onbekend") in shown
    assert ("NL01", "onbekend", "T") in shown


def test_without_saying_so_every_unknown_is_a_secret_that_hides_its_neighbours():
    shown = protected([*FACTS, REST])
    assert shown["GM0307", "onbekend", "M"] == "geheim"
    assert "geheim" in {status for (_, age, sex), status in shown.items() if "onbekend" not in {age, sex}}


def test_a_small_known_cell_is_still_hidden_with_a_fellow():
    small = [
        ("GM0307", "01", "65+", "M", 4, "1.00"),
        *[f for f in FACTS if f[:4] != ("GM0307", "01", "65+", "M")],
    ]
    shown = protected([*small, REST], rest_only=REST_ONLY)
    assert shown["GM0307", "65+", "M"] == "geheim"
    hidden = [key for key, status in shown.items() if status == "geheim"]
    assert len(hidden) >= 4, "alone it could be computed from its row and its column"


@pytest.mark.parametrize(
    "stray",
    [("GM0307", "01", "onbekend", "onbekend", 20, "1.00"), ("NL01-onbekend", "01", "65+", "M", 20, "1.00")],
)
def test_persons_where_there_can_be_none_are_refused(stray):
    with pytest.raises(CellsError, match="where the declaration says that there can be none"):
        protected([*FACTS, REST, stray], rest_only=REST_ONLY)
