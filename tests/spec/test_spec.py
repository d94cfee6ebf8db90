"""The drawing board itself: it must be able to see a difference."""

from __future__ import annotations

import ibis
import pytest

from tests.lib import text_tables
from zorgspiegel.terms.shapes import Column, Shape

GIVEN = """
    wijk     | aantal | bedrag | dag
    WK036301 | 25     | 1.50   | 2025-01-31
    WK036302 |        | 2      |
"""
PEOPLE = Shape(
    "people",
    (Column("code", "string", ""), Column("aantal", "int64", ""), Column("kosten", "decimal(18, 2)", "")),
)


def test_what_is_given_comes_out(spec):
    spec(given=GIVEN, when=lambda t: t, then=GIVEN)


def test_types_are_seen_and_a_blank_is_null():
    table = text_tables.parse(GIVEN)
    assert dict(table.schema()) == {
        "wijk": ibis.dtype("string"),
        "aantal": ibis.dtype("int64"),
        "bedrag": ibis.dtype("decimal(18, 2)"),
        "dag": ibis.dtype("date"),
    }
    assert table.aantal.isnull().sum().to_pyarrow().as_py() == 1


def test_a_shape_gives_the_types_and_the_rest(spec):
    table = text_tables.parse("code\n0307\n0308", PEOPLE, rest={"aantal": 3})
    PEOPLE.check(table, where="here")
    assert table.order_by("code").to_pyarrow().to_pylist()[0] == {"code": "0307", "aantal": 3, "kosten": None}


@pytest.mark.parametrize(
    "wrong",
    [
        "wijk     | aantal\nWK036301 | 24\nWK036302 |",
        "wijk     | aantal\nWK036301 | 25\nWK036302 | 0",
        "wijk     | aantal\nWK036301 | 25",
        "wijk     | aantal\nWK036301 | 25\nWK036301 | 25\nWK036302 |",
        "wijk\nWK036302\nWK036303",
    ],
    ids=["other number", "null is not zero", "row too many", "row twice", "other code"],
)
def test_a_difference_is_seen(spec, wrong):
    with pytest.raises(pytest.fail.Exception, match="differs"):
        spec(given=GIVEN, when=lambda t: t, then=wrong)


def test_the_order_is_seen_when_asked(spec):
    turned = "wijk\nWK036302\nWK036301"
    spec(given=GIVEN, when=lambda t: t.order_by("wijk"), then=turned)
    with pytest.raises(pytest.fail.Exception, match="order"):
        spec(given=GIVEN, when=lambda t: t.order_by("wijk"), then=turned, ordered=True)


def test_a_missing_column_is_seen(spec):
    with pytest.raises(pytest.fail.Exception, match="no column"):
        spec(given=GIVEN, when=lambda t: t.drop("dag"), then=GIVEN, gives=None)


def test_several_tables_go_in_by_name(spec):
    spec(
        given={"left": "code | x\n01 | 1", "right": "code | y\n01 | 2"},
        when=lambda left, right: left.inner_join(right, "code").mutate(z=lambda t: t.x + t.y),
        then="code | z\n01 | 3",
    )


def test_a_forgotten_bar_is_an_error():
    with pytest.raises(ValueError, match="row 1"):
        text_tables.parse("a | b\n1")


def test_a_column_outside_the_shape_is_an_error():
    with pytest.raises(ValueError, match="geheim"):
        text_tables.parse("code | geheim\n1 | 2", PEOPLE)
