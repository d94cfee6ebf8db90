"""Opening foreign files: text as it stands, row numbers, and the Dutch map grid."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from zorgspiegel.store.engine import duckdb_connection
from zorgspiegel.store.files import open_text_table
from zorgspiegel.store.geography import features, simplified
from zorgspiegel.store.query import fetch
from zorgspiegel.store.rijksdriehoek import to_rijksdriehoek
from zorgspiegel.terms.errors import SourceError
from zorgspiegel.terms.tables import TEXT_TABLE


def _open(path: Path, content: bytes) -> list[dict[str, object]]:
    path.write_bytes(content)
    con = duckdb_connection(threads=1)
    table = open_text_table(con, path)
    TEXT_TABLE.check(table, where="test")
    return sorted(fetch(con, table), key=lambda row: row["rijnummer"])


def test_text_stays_as_it_stands_and_rows_are_numbered(tmp_path: Path) -> None:
    content = '\ufeffcode;naam;leeg\n0363;  x ;\nWK0363AA;"een ""citaat""; en\nnog een regel";""\n'
    found = _open(tmp_path / "a.csv", content.encode())
    assert found == [
        {"rijnummer": 1, "code": "0363", "naam": "  x ", "leeg": ""},
        {"rijnummer": 2, "code": "WK0363AA", "naam": 'een "citaat"; en\nnog een regel', "leeg": ""},
    ]


def test_windows_line_ends_and_gzip_make_no_difference(tmp_path: Path) -> None:
    plain = _open(tmp_path / "a.csv", b"a,b\n1,2\n3,4\n")
    assert _open(tmp_path / "b.csv", b"a,b\r\n1,2\r\n3,4\r\n") == plain
    assert _open(tmp_path / "c.csv.gz", gzip.compress(b"a,b\n1,2\n3,4")) == plain


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n3\n", "line 3"),
        (b"a,b\n1,2,3\n", "line 2"),
        (b'a,b\n1,"2\n', "quotes"),
        (b"a,A\n1,2\n", "same column more than once"),
        (b"\n1,2\n", "first line is empty"),
        (b"rijnummer,b\n1,2\n", "rijnummer"),
        (b"a|b\n1|2\n", "separated by a bar"),
    ],
)
def test_what_is_no_proper_table_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        _open(tmp_path / "a.csv", content)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        open_text_table(duckdb_connection(threads=1), tmp_path / "weg.csv")


@pytest.mark.parametrize(
    ("name", "longitude", "latitude", "x", "y"),
    [
        ("Amersfoort, Onze Lieve Vrouwetoren", 5.38720621, 52.15517440, 155000.0, 463000.0),
        ("Amsterdam, Westertoren", 4.88352559, 52.37453253, 120700.723, 487525.501),
        ("Groningen, Martinitoren", 6.56820053, 53.21938317, 233883.131, 582065.167),
    ],
)
def test_known_towers_stand_where_the_kadaster_says(
    name: str, longitude: float, latitude: float, x: float, y: float
) -> None:
    found = to_rijksdriehoek([[longitude, latitude]])[0]
    assert np.allclose(found, (x, y), atol=0.25), name


def test_topojson_and_neighbours_keep_one_line_between_them(tmp_path: Path) -> None:
    # Two squares that share the arc 1; the second uses it backwards (~1 = -2).
    topology = """{"type": "Topology", "transform": {"scale": [0.001, 0.001], "translate": [5, 52]}, "arcs": [
        [[100, 0], [-100, 0], [0, 100], [100, 0]], [[100, 100], [0, -40], [1, -20], [-1, -40]],
        [[100, 100], [100, 0], [0, -100], [-100, 0]]],
        "objects": {"laag": {"type": "GeometryCollection", "geometries": [
        {"type": "Polygon", "arcs": [[0, 1]], "properties": {"statcode": "GM0001"}},
        {"type": "Polygon", "arcs": [[2, -2]], "properties": {"statcode": "GM0002"}}]}}}"""
    path = tmp_path / "kaart.topojson"
    path.write_text(topology)
    properties, shapes = features(path, path)
    assert [one["statcode"] for one in properties] == ["GM0001", "GM0002"]
    one, other = shapes
    assert one is not None
    assert other is not None
    assert one.intersection(other).area == pytest.approx(0)
    assert one.union(other).area == pytest.approx(one.area + other.area)
    assert 13_000 < one.union(other).length / 2 < 30_000
    left, right = simplified(shapes, 250)
    assert left is not None
    assert right is not None
    assert len(left) < 200, "the bend of some tens of metres is gone"
