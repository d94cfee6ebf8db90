"""`publish` takes what `protect` made, and nothing else; nobody else makes a plan."""

from __future__ import annotations

import ast
from pathlib import Path

import ibis
import pytest

from tests.lib import invented_release as invented
from zorgspiegel.publish import publish
from zorgspiegel.terms.errors import ShapeError
from zorgspiegel.terms.tables import CELLS

ROOT = Path(__file__).resolve().parents[3] / "zorgspiegel"


def _given(**changes):
    given = {
        "name": "2026-voorjaar",
        "title": "Voorjaar 2026",
        "indicators": invented.INDICATORS,
        "period_statuses": {"2022": "definitief", "2023": "voorlopig"},
        "sources": invented.SOURCES,
        "invented": True,
        "publisher": "Voorbeeldorganisatie",
        "code_version": "0.1.0",
    }
    return given | changes


@pytest.mark.parametrize(
    "not_protected",
    [
        ibis.table(CELLS.schema, name="cells"),
        ibis.memtable(invented.cells("zvw_kosten")),
        [ibis.memtable(invented.cells("zvw_kosten"))],
        [invented.protected(invented.cells("zvw_kosten")), None],
        None,
        [],
    ],
    ids=["cells", "cells in the right shape", "a list of them", "mixed", "nothing", "no parts"],
)
def test_only_protected_cells_can_be_published(not_protected):
    with pytest.raises((AssertionError, TypeError)):
        publish(not_protected, **_given())


def _makers(name: str) -> set[str]:
    """Modules that call `name(...)`: for a type that means making one."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and name in {getattr(node.func, "id", ""), getattr(node.func, "attr", "")}
    }


def test_only_publish_makes_a_plan():
    assert _makers("ReleasePlan") == {"publish/plan.py"}


def test_a_plan_is_pure_and_names_everything_it_holds():
    plan = publish(
        invented.protected(invented.cells("zvw_kosten")), **_given(references={"gebieden": invented.areas()})
    )
    assert [planned.name for planned in plan.references] == ["gebieden", "indicatoren", "perioden", "bronnen"]
    assert plan.invented == {"zvw_kosten", "wmo_clienten"}
    assert plan.is_invented
    assert plan.built_at is None
    assert plan.attack_reports == ({"profiel": "gzs", "verslag": {"teruggevonden": 0}},)


def test_real_figures_are_not_called_invented():
    assert not publish(invented.protected(invented.cells("zvw_kosten")), **_given(invented=False)).is_invented


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "../weg"}, "lower case"),
        ({"name": "2026_Voorjaar"}, "lower case"),
        ({"invented": ["onbekend"]}, "no description"),
        ({"replaces": "2025-najaar"}, "says why"),
        ({"references": {"bronnen": invented.areas()}}, "not a reference table"),
        ({"references": {"geheimen": invented.areas()}}, "not a reference table"),
    ],
)
def test_our_own_mistakes_are_asserted(changes, message):
    with pytest.raises(AssertionError, match=message):
        publish(invented.protected(invented.cells("zvw_kosten")), **_given(**changes))


def test_a_reference_table_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"publish\(gebieden\).*oudercode is missing"):
        publish(
            invented.protected(invented.cells("zvw_kosten")),
            **_given(references={"gebieden": invented.areas().drop("oudercode")}),
        )
