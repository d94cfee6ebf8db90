"""Reading a release: the right cells, in the same order, locked down, by many threads, never for too long."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib import invented_release as invented
from tests.lib.plain_release import in_order, pick
from zorgspiegel.store import release_database, release_reader, releases
from zorgspiegel.store.release_verify import verify_release
from zorgspiegel.terms.errors import ReleaseError
from zorgspiegel.terms.release import ORDER_BY_AREA, ORDER_BY_INDICATOR
from zorgspiegel.terms.tables import PROTECTED_CELLS

ROWS = [row for indicator in invented.INDICATORS for row in invented.cells(indicator).to_pylist()]
SEVERAL = {
    "indicator": ("zvw_kosten", "wmo_clienten"),
    "periode": ("2022", "2023", "2024"),
    "indelingsjaar": (2022, 2023, 99_999),
    "gebied_niveau": ("land", "gemeente", "wijk"),
    "gebiedscode": ("NL01", "GM0003", "GM1992", "' OR 1=1 --"),
    "categorie": ("T", "hulp", ""),
    "leeftijd": ("T", "0-17", "18+"),
    "geslacht": ("T", "M", "V"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_database, "ROWS_PER_GROUP", 2048)
        return releases.write_release(invented.plan(), tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="module")
def release(folder):
    with release_reader.opened(folder) as found:
        yield found


@st.composite
def choices(draw):
    picked = draw(st.sets(st.sampled_from(sorted(SEVERAL)), max_size=5))
    return {
        column: draw(
            st.sampled_from(SEVERAL[column]) | st.lists(st.sampled_from(SEVERAL[column]), max_size=3)
        )
        for column in picked
    }


@settings(max_examples=60, deadline=None)
@given(chosen=choices())
def test_a_slice_is_what_looking_at_every_row_gives(release, chosen):
    assert in_order(release.slice(**chosen).to_pylist()) == pick(ROWS, chosen)


def _is_sorted(table: pa.Table, columns: tuple[str, ...]) -> bool:
    rows = [tuple(row[column] for column in columns) for row in table.to_pylist()]
    return rows == sorted(rows)


def test_rows_come_in_the_order_of_the_run_that_was_read(release):
    assert _is_sorted(release.slice(), ORDER_BY_INDICATOR)
    assert _is_sorted(
        release.slice(indicator=["wmo_clienten", "zvw_kosten"], geslacht=["V", "M"]), ORDER_BY_INDICATOR
    )
    assert _is_sorted(release.slice(gebiedscode="GM0363"), ORDER_BY_AREA)
    assert _is_sorted(
        release.slice(gebiedscode=["GM0363", "GM0003"], periode=["2023", "2022"]), ORDER_BY_AREA
    )


def test_order_holds_over_many_groups_of_rows_and_threads(tmp_path, monkeypatch):
    monkeypatch.setattr(release_database, "ROWS_PER_GROUP", 2048)
    years = tuple(str(year) for year in range(1960, 2024))
    parts = [invented.protected(invented.cells(indicator, years=years)) for indicator in invented.INDICATORS]
    plan = invented.plan(protected=parts, period_statuses=dict.fromkeys(years, "definitief"))
    with release_reader.opened(releases.write_release(plan, tmp_path)) as found:
        assert found.slice().num_rows == 64 * 8 * 2 * 3 * 3 * 2
        assert _is_sorted(found.slice(), ORDER_BY_INDICATOR)
        assert _is_sorted(found.slice(gebiedscode="NL01"), ORDER_BY_AREA)
    threaded = release_reader.open_release(tmp_path / plan.name, threads=2)
    assert _is_sorted(threaded.slice(geslacht="M"), ORDER_BY_INDICATOR)
    threaded.close()


def test_a_slice_has_the_shape_of_protected_cells(release):
    for table in (release.slice(), release.slice(indicator="bestaat_niet")):
        assert table.schema == PROTECTED_CELLS.schema.to_pyarrow()


def test_zero_hidden_and_unknown_are_three_answers(release):
    cells = release.slice().to_pylist()
    shown = [cell for cell in cells if cell["status"] == "getoond"]
    assert {type(cell["aantal_personen"]) for cell in shown} == {int}
    assert 0 in {cell["aantal_personen"] for cell in shown}
    for status in ("geheim", "onbekend", "niet_van_toepassing"):
        assert {c["aantal_personen"] for c in cells if c["status"] == status} == {None}


def test_reference_tables_come_whole_and_in_order(release):
    areas = release.table("gebieden")
    assert areas.equals(
        invented.areas()
        .to_pyarrow()
        .cast(areas.schema)
        .sort_by(
            [("indelingsjaar", "ascending"), ("gebied_niveau", "ascending"), ("gebiedscode", "ascending")]
        )
    )
    assert release.table("inwoners").column("aantal_inwoners").null_count == 2
    with pytest.raises(ReleaseError, match=r"no table 'grenzen'\. It has: bronnen, gebieden"):
        release.table("grenzen")
    with pytest.raises(ReleaseError, match="no table"):
        release.table("cellen; DROP TABLE cellen")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/zorgspiegel-leak.csv'",
        "ATTACH '/tmp/other.duckdb' AS other",
        "INSTALL httpfs",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SET temp_directory = '/tmp'",
        "DELETE FROM cellen_per_gebied",
        "CREATE TABLE mijn (a INTEGER)",
    ],
)
def test_the_reader_is_locked_down(release, statement):
    with pytest.raises(duckdb.Error):
        release._connection.execute(statement)


def test_no_value_ever_becomes_part_of_a_question(release, monkeypatch):
    asked = []

    def note(query, values):
        asked.append((query, values))
        return ask(query, values)

    ask = release._ask
    monkeypatch.setattr(release, "_ask", note)
    values = {column: several[0] for column, several in SEVERAL.items()}
    release.slice(**values)
    query, bound = asked[0]
    assert sorted(map(str, bound)) == sorted(map(str, values.values()))
    assert not re.search(r"['\"]", query)
    assert query.count("?") == len(values)


def test_many_threads_get_their_own_answers(release):
    def ask(code: str) -> bool:
        return all(
            set(release.slice(gebiedscode=code).column("gebiedscode").to_pylist()) == {code}
            for _ in range(10)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, invented.GEMEENTEN * 3))


def test_a_question_that_takes_too_long_is_stopped(folder):
    impatient = release_reader.open_release(folder, seconds=0.2)
    endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3"
    with pytest.raises(ReleaseError, match=r"stopped after 0\.2 seconds"):
        impatient._ask(endless, [])
    assert impatient.slice(gebiedscode="GM0003").num_rows == 72
    impatient.close()


def test_a_damaged_or_foreign_folder_is_refused(tmp_path):
    with pytest.raises(ReleaseError, match="is not a release"):
        release_reader.open_release(tmp_path)
    folder = releases.write_release(invented.plan(), tmp_path)
    moved = tmp_path / "2027-najaar"
    folder.rename(moved)
    with pytest.raises(ReleaseError, match="holds release '2026-voorjaar'"):
        release_reader.open_release(moved)


def test_no_memory_of_the_builder_stays_in_the_file(folder, tmp_path):
    """Compressed texts, and numbers with nulls, would carry it (decision 0020); the file has neither."""
    copy = shutil.copyfile(folder / "release.duckdb", tmp_path / "copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as database:
        tables = [name for (name,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        segments = [
            (table, column, kind, compression, stats)
            for table in tables
            for column, kind, compression, stats in database.execute(
                f"SELECT column_name, segment_type, compression, stats FROM pragma_storage_info('{table}')"
            ).fetchall()
        ]
    assert len(tables) == 8
    texts = {compression for _, _, kind, compression, _ in segments if kind == "VARCHAR"}
    assert texts == {"Uncompressed"}
    with_nulls = {
        (table, column)
        for table, column, kind, _, stats in segments
        if kind == "VALIDITY" and stats["has_null"]
    }
    assert ("inwoners", "aantal_inwoners") in with_nulls
    assert not {table for table, _ in with_nulls} & set(release_database.ORDERS)
    assert {c for t, column, kind, c, _ in segments if (t, column) in with_nulls and kind != "VALIDITY"} <= {
        "Uncompressed",
        "Constant",
        "Empty",
    }


def test_reading_needs_no_room_before_publish():
    program = "import sys, zorgspiegel.store.release_reader; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert "zorgspiegel.store.release_reader" in loaded
    assert not re.search(r"zorgspiegel\.(protect|aggregate|merge|check|receive|pipeline)\b", loaded)


def test_a_release_can_be_verified_while_it_is_being_read(release):
    assert verify_release(release.folder).digest == release.digest
    assert release.slice(gebiedscode="GM0003").num_rows == 72
