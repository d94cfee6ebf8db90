"""The published classes: one version a year, and every productcategorie in one of the four."""

from __future__ import annotations

import pytest

from zorgspiegel.store import definitions
from zorgspiegel.store.standards import load_standard
from zorgspiegel.terms.gmsd import GmsdClasses
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import CodeList

CLASSES = definitions.load("gmsd", "wmo020-klassen", GmsdClasses)


def test_every_productcategorie_is_in_one_class():
    classes = CLASSES.of(Period(2025, 1))
    outside = set(classes.pop("totaal_exclusief_verblijf_en_opvang"))
    types = [kind for kinds in classes.values() for kind in kinds]
    known = definitions.load("codelists", "wmo020", CodeList)
    assert sorted(types) == sorted(code.code for code in known.codes)
    assert outside == set(types) - set(classes["verblijf_en_opvang"])
    assert load_standard("gmsd-wmo").id == "gmsd-wmo"


def test_two_versions_cannot_hold_in_one_year():
    one = CLASSES.versies[0].model_dump()
    with pytest.raises(ValueError, match="hold in the same year"):
        GmsdClasses.model_validate({"id": "x", "versies": [one, one | {"versie": "2", "vanaf": 2026}]})
    both = GmsdClasses.model_validate(
        {"id": "x", "versies": [one | {"tot": 2025}, one | {"versie": "2", "vanaf": 2026, "klassen": {}}]}
    )
    assert both.of(Period(2025)) == CLASSES.of(Period(2025))
    assert both.of(Period(2026)) == {}
    with pytest.raises(ValueError, match="no version of x holds in 2014"):
        both.of(Period(2014))
