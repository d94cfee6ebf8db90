"""DuckDB runs locked down: only the folders that were named can be opened, and nothing can widen that."""

from __future__ import annotations

import duckdb
import pytest

from zorgspiegel.store.engine import duckdb_connection


@pytest.fixture
def locked(tmp_path):
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text("wijk\nWK036301\n", encoding="utf-8")
    (tmp_path / "inside" / "link.csv").symlink_to(tmp_path / "outside" / "a.csv")
    return tmp_path, duckdb_connection(may_open=[tmp_path / "inside"])


def test_a_named_folder_can_be_read(locked):
    folder, connection = locked
    assert connection.raw_sql(f"SELECT count(*) FROM read_csv('{folder}/inside/a.csv')").fetchone() == (1,)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{folder}/outside/a.csv')",
        "SELECT * FROM read_csv('{folder}/inside/../outside/a.csv')",
        "SELECT * FROM read_csv('{folder}/inside/link.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        "ATTACH '{folder}/outside/x.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '900GB'",
        "COPY (SELECT 1) TO '{folder}/outside/b.csv'",
    ],
)
def test_everything_else_is_refused(locked, query):
    folder, connection = locked
    with pytest.raises(duckdb.Error):
        connection.raw_sql(query.format(folder=folder)).fetchall()


def test_without_the_lock_the_same_file_opens(locked):
    folder, _ = locked
    open_connection = duckdb_connection()
    assert open_connection.raw_sql(f"SELECT count(*) FROM read_csv('{folder}/outside/a.csv')").fetchone() == (
        1,
    )
