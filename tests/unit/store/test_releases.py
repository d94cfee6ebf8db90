"""Releases are complete or absent, never change, and the same figures give the same bytes."""

from __future__ import annotations

import stat
from dataclasses import replace

import ibis
import pyarrow as pa
import pytest

from tests.lib import invented_release as invented
from zorgspiegel.store import release_reader, releases
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.tables import PROTECTED_CELLS


def test_the_same_figures_give_the_same_bytes_whatever_their_order(tmp_path):
    one = releases.write_release(invented.plan(), tmp_path / "one")
    shuffled = [
        invented.protected(table.take(pa.array(sorted(range(table.num_rows), key=lambda n: n * 7919 % 541))))
        for table in map(invented.cells, sorted(invented.INDICATORS, reverse=True))
    ]
    two = releases.write_release(invented.plan(protected=shuffled), tmp_path / "two", memory_limit="300MB")
    assert releases.paths_of(one) == releases.paths_of(two)
    differing = [
        path for path in releases.paths_of(one) if (one / path).read_bytes() != (two / path).read_bytes()
    ]
    assert differing == []


def test_another_figure_gives_another_digest(tmp_path):
    one = releases.write_release(invented.plan(), tmp_path / "one")
    other = [
        invented.protected(invented.cells(indicator, seed=2)) for indicator in sorted(invented.INDICATORS)
    ]
    two = releases.write_release(invented.plan(protected=other), tmp_path / "two")
    assert (one / "DIGEST").read_bytes() != (two / "DIGEST").read_bytes()
    changed = {
        path for path in releases.paths_of(one) if (one / path).read_bytes() != (two / path).read_bytes()
    }
    assert {"release.duckdb", "parquet/cellen.parquet", "csv/cellen/zvw_kosten.csv"} <= changed
    assert "csv/gebieden.csv" not in changed


def test_a_release_is_closed_for_writing_and_never_replaced(tmp_path):
    folder = releases.write_release(invented.plan(), tmp_path)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o555}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o444}
    assert releases.write_release(invented.plan(), tmp_path) == folder
    with pytest.raises(ReleaseError, match="exists and holds something else"):
        releases.write_release(invented.plan(title="Anders"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["2026-voorjaar"]


def test_current_points_at_one_release_and_only_at_one_that_exists(tmp_path):
    assert release_reader.current_release(tmp_path) is None
    for name in ("2025-najaar", "2026-voorjaar"):
        releases.write_release(invented.plan(name), tmp_path)
        releases.set_current(tmp_path, name)
        assert release_reader.current_release(tmp_path).name == name
    assert release_reader.list_releases(tmp_path) == ["2025-najaar", "2026-voorjaar"]
    with pytest.raises(ReleaseError, match="no release '2027-voorjaar'"):
        releases.set_current(tmp_path, "2027-voorjaar")
    with pytest.raises(ReleaseError, match="lower case"):
        release_reader.named_release(tmp_path, "../2026-voorjaar")


def test_every_cell_comes_back_as_it_was_published(tmp_path):
    folder = releases.write_release(invented.plan(), tmp_path)
    with release_reader.opened(folder) as release:
        found = release.slice().to_pylist()
    given = [row for indicator in invented.INDICATORS for row in invented.cells(indicator).to_pylist()]
    name = PROTECTED_CELLS.names[:9]
    assert sorted(found, key=lambda row: [str(row[c]) for c in name]) == sorted(
        given, key=lambda row: [str(row[c]) for c in name]
    )


def _with(column: str, value, *, where: str) -> ibis.Table:
    table = ibis.memtable(invented.cells("zvw_kosten"))
    return table.mutate(**{column: ibis.ifelse(table.status == where, ibis.literal(value), table[column])})


@pytest.mark.parametrize(
    ("column", "value", "where", "message"),
    [
        ("aantal_personen", 5, "geheim", r"^This release cannot be published: \d+ cells carry a number"),
        ("kosten_eur", 5, "onbekend", "carry a number although they are not shown"),
        ("aantal_personen", -1, "getoond", "count fewer than zero persons"),
        ("status", "verborgen", "geheim", "have no known status"),
        ("status", "getoond", "geheim", "are shown but carry no number"),
        ("gebiedscode", None, "geheim", "no value in a column that names the cell"),
    ],
)
def test_wrong_cells_stop_the_release_and_leave_nothing(tmp_path, column, value, where, message):
    changed = _with(column, value, where=where).cast(PROTECTED_CELLS.schema)
    with pytest.raises(ReleaseError, match=message):
        releases.write_release(replace(invented.plan(), cells=changed), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_release_without_cells_is_refused(tmp_path):
    empty = invented.protected(invented.cells("zvw_kosten").slice(0, 0))
    with pytest.raises(ReleaseError, match="no cells"):
        releases.write_release(invented.plan(protected=[empty]), tmp_path)


def test_too_little_memory_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(ReleaseError, match=r"Memory \(1MB\) or disk were not enough"):
        releases.write_release(invented.plan(), tmp_path, memory_limit="1MB")
    assert list(tmp_path.iterdir()) == []


def test_a_cell_that_is_there_twice_stops_the_release(tmp_path):
    twice = [invented.protected(invented.cells("zvw_kosten"))] * 2
    with pytest.raises(ReleaseError, match="the same cell more than once"):
        releases.write_release(invented.plan(protected=twice), tmp_path)


def test_a_period_without_a_status_stops_the_release(tmp_path):
    with pytest.raises(ReleaseError, match="No description for periode 2023"):
        releases.write_release(invented.plan(period_statuses={"2022": "definitief"}), tmp_path)


@pytest.mark.parametrize("step", ["_seal", "_counts", "_write_open_files", "_manifest"])
def test_a_build_that_stops_halfway_leaves_nothing(tmp_path, monkeypatch, step):
    def stop(*_arguments, **_named):
        raise OSError("the disk is full")

    monkeypatch.setattr(releases, step, stop)
    with pytest.raises(OSError, match="the disk is full"):
        releases.write_release(invented.plan(), tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert release_reader.list_releases(tmp_path) == []


def test_what_a_killed_build_leaves_is_no_release(tmp_path, monkeypatch):
    monkeypatch.setattr(releases, "discard", lambda folder: None)
    monkeypatch.setattr(releases, "_seal", lambda folder: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        releases.write_release(invented.plan(), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert release_reader.list_releases(tmp_path) == []
    with pytest.raises(ReleaseError, match="There are: none yet"):
        release_reader.named_release(tmp_path, "2026-voorjaar")


def test_a_release_cannot_be_named_after_the_pointer(tmp_path):
    with pytest.raises(AssertionError, match="lower case"):
        invented.plan("current")
    with pytest.raises(ReleaseError, match="lower case"):
        releases.valid_name("current")
    assert releases.valid_name("current-2") == "current-2"


@pytest.mark.spark
def test_cells_from_spark_and_from_duckdb_give_the_same_bytes(tmp_path, spark):
    parts = []
    for indicator in sorted(invented.INDICATORS):
        spark._session.createDataFrame(invented.cells(indicator)).createOrReplaceTempView(
            f"cells_{indicator}"
        )
        table = spark.table(f"cells_{indicator}")
        parts.append(Protected(table, profile="gzs", report={"teruggevonden": 0}))
    one = releases.write_release(invented.plan(protected=parts), tmp_path / "spark")
    two = releases.write_release(invented.plan(), tmp_path / "duckdb")
    assert (one / "DIGEST").read_bytes() == (two / "DIGEST").read_bytes()
