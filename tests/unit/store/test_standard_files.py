"""What follows from a standard: template, SQL example, page, package. Also for one that was added a minute
ago."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import yaml
from frictionless import Package, system

from tests.lib.made_rows import context_of, good_rows, run_check
from zorgspiegel.pipeline.checking import check_delivery
from zorgspiegel.store.definitions import ROOT
from zorgspiegel.store.standard_files import descriptor, page, script, write_package, write_template
from zorgspiegel.store.standards import load_codelists, load_standard, standard_names
from zorgspiegel.terms.standards import Standard

NAMES = standard_names()
CHECK_ROWS = """\
02;0307;2025;WK030701;01;06;1;1;50000
02;0307;2025;WK030701;01;06;2;1;100000
02;0307;2025;WK030702;07;99;0;1;0
02;0307;2025;WK030703;07;02;2;1;1000
02;0307;2025;WK030799;02;03;1;1;2500
""".splitlines()


def as_rows(
    results: dict[str, list[tuple[object, ...]]], standard: Standard
) -> dict[str, list[dict[str, str]]]:
    """Query results as the texts of a delivery."""
    rows: dict[str, list[dict[str, str]]] = {resource.name: [] for resource in standard.resources}
    for name, lines in results.items():
        fields = [field.name for field in standard.resource(name).fields]
        for line in lines:
            texts = ["" if cell is None else str(cell) for cell in line]
            rows[name].append(dict(zip(fields, texts, strict=True)))
    return rows


def accepted(results: dict[str, list[tuple[object, ...]]], standard: Standard) -> bool:
    """Whether our own check takes what the script made."""
    outcome = run_check(as_rows(results, standard), standard, context_of(standard))
    assert outcome.accepted, outcome.findings
    return outcome.rows.read > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_sql_example_runs_in_sqlite_and_passes_our_check(name):
    standard = load_standard(name)
    made = script(standard)
    connection = sqlite3.connect(":memory:")
    connection.executescript("\n".join(made.statements))
    results = {kind: connection.execute(query).fetchall() for kind, query in made.queries.items()}
    connection.close()
    assert accepted(results, standard)


def test_the_sql_example_of_qsd301_gives_exactly_the_check_rows():
    made = script(load_standard("qsd301"))
    connection = sqlite3.connect(":memory:")
    connection.executescript("\n".join(made.statements))
    rows = [";".join(map(str, row)) for row in connection.execute(made.queries["detail"])]
    last = connection.execute(made.queries["sluit"]).fetchone()
    connection.close()
    assert rows == CHECK_ROWS
    assert last == ("99", 5, 5, 153500)


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    """A PostgreSQL of our own, in a folder that goes away; only a socket, no port."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed: the SQL examples were only run in SQLite")
    with tempfile.TemporaryDirectory(prefix="zs-pg-") as name:
        folder = Path(name)
        as_user = _not_root(folder)
        subprocess.run(
            [*as_user, initdb, "-D", f"{folder}/data", "-A", "trust", "-U", "test", "-N"],
            check=True,
            capture_output=True,
        )
        options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        server = subprocess.Popen(
            [*as_user, postgres, "-D", f"{folder}/data", *options], stderr=subprocess.DEVNULL
        )
        try:
            with _connected(folder) as connection:
                yield connection
        finally:
            server.terminate()
            server.wait(timeout=60)


def _program(name: str) -> str | None:
    if found := shutil.which(name):
        return found
    return next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)


def _not_root(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then as nobody, who must own the folder."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "nobody")
    return [shutil.which("setpriv") or "setpriv", "--reuid=nobody", "--clear-groups"]


def _connected(folder: Path):
    import psycopg

    for _ in range(200):
        try:
            return psycopg.connect(host=str(folder), user="test", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            subprocess.run(
                [sys.executable, "-c", "import select; select.select([], [], [], 0.1)"], check=True
            )
    raise AssertionError("the server of this test did not start")


@pytest.mark.parametrize("name", NAMES)
def test_the_sql_example_runs_in_postgresql_and_passes_our_check(name, postgresql):
    standard = load_standard(name)
    made = script(standard)
    postgresql.execute("DROP SCHEMA IF EXISTS voorbeeld CASCADE")
    postgresql.execute("CREATE SCHEMA voorbeeld")
    postgresql.execute("SET search_path TO voorbeeld")
    for statement in made.statements:
        postgresql.execute(statement)
    results = {kind: postgresql.execute(query).fetchall() for kind, query in made.queries.items()}
    assert accepted(results, standard)
    if name == "qsd301":
        assert [";".join(map(str, row)) for row in results["detail"]] == CHECK_ROWS


@pytest.mark.parametrize("name", NAMES)
def test_the_package_is_valid_for_frictionless(name, tmp_path):
    standard = load_standard(name)
    write_package(standard, load_codelists(standard), tmp_path)
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])


@pytest.mark.parametrize("name", NAMES)
def test_the_templates_are_what_the_check_expects(name, tmp_path):
    standard = load_standard(name)
    for form in ("csv", "xlsx"):
        write_template(standard, load_codelists(standard), tmp_path / f"t.{form}")
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.reader(file, delimiter=";"))
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["Aanlevering", "Codelijsten", "Uitleg"]
    sheet = book["Aanlevering"]
    assert [cell.value or "" for cell in sheet[1]][: len(first)] == first
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    coded = [f for f in standard.resources[0].fields if f.codelist or f.constraints.enum]
    assert not standard.file.header or len(lists) == len(coded)
    if standard.file.header:
        assert first == [field.name for field in standard.resources[0].fields]


def test_a_filled_in_template_is_accepted(tmp_path):
    """The workbook, filled in as a person would, goes through the whole door."""
    standard = load_standard("wachttijden-ggz")
    path = tmp_path / standard.file.name_example.replace(".csv", ".xlsx")
    write_template(standard, load_codelists(standard), path)
    book = openpyxl.load_workbook(path)
    book["Aanlevering"].append(list(good_rows(standard)["regel"][0].values()))
    book.save(path)
    context = context_of(standard)
    with check_delivery(path, standard, context=context) as checked:
        assert checked.outcome.accepted
        assert checked.outcome.rows.kept == 1


NEW = """
id: nieuw
version: "1.0"
title: Nieuwe standaard
description: Aantal bezoeken per maand.
layout: eigen
layout_note: Verzonnen voor een test.
source: test
geldig_vanaf: 2025
regime: aggregaat
sender: regio
period: jaar
prefix: N
file: {name: "NIEUW_(?P<jaar>[0-9]{4})", name_example: NIEUW_2025.csv, forms: [csv, xlsx, xml]}
resources:
  - name: regel
    title: Regel
    description: Eén regel per maand.
    schema:
      primaryKey: [Maand]
      fields:
        - {name: Maand, title: Maand, description: Maand van het jaar., type: integer,
           constraints: {required: true, minimum: 1, maximum: 12, maxLength: 2}, example: "3"}
        - {name: Geslacht, title: Geslacht, description: Code., type: string, codelist: cod046, example: "1"}
        - {name: Bezoeken, title: Bezoeken, description: Aantal., type: integer,
           constraints: {required: true, minimum: 0, maxLength: 7}, measure: count, example: "1"}
rules:
  - {code: N050, severity: R, field: Bezoeken, must: "Bezoeken <= 100 * Maand", what: Te veel.,
     why: Kan niet., mend: Verbeter., source: test}
"""


def test_a_new_standard_is_one_file_and_no_code(tmp_path):
    """Check, template, SQL, package and page, all from one file that was added to the definitions."""
    root = tmp_path / "definitions"
    shutil.copytree(ROOT / "codelists", root / "codelists")
    (root / "standards").mkdir()
    (root / "standards" / "nieuw.yaml").write_text(NEW, encoding="utf-8")
    standard = load_standard("nieuw", root=root)
    codelists = load_codelists(standard, root=root)
    path = tmp_path / "NIEUW_2025.csv"
    path.write_text("Maand;Geslacht;Bezoeken\n1;1;99\n2;2;999\n2;7;1\n", encoding="utf-8")
    context = context_of_new(codelists)
    with check_delivery(path, standard, context=context) as checked:
        found = {(f.code, f.field): f.rows for f in checked.outcome.findings}
    assert found == {
        ("N016", None): (),
        ("N024", None): (3,),
        ("N025", "Geslacht"): (3,),
        ("N050", "Bezoeken"): (2,),
    }
    write_template(standard, codelists, tmp_path / "t.xlsx")
    write_package(standard, codelists, tmp_path / "package")
    assert (tmp_path / "package" / "datapackage.json").is_file()
    made = script(standard)
    connection = sqlite3.connect(":memory:")
    connection.executescript("\n".join(made.statements))
    assert connection.execute(made.queries["regel"]).fetchall() == [(3, "1", 3)]
    connection.close()
    assert "N050" in page(standard, codelists)
    assert descriptor(standard, codelists)["resources"][0]["schema"]["fields"][1]["constraints"]["enum"]


def context_of_new(codelists):
    from zorgspiegel.terms.outcome import CheckContext

    return CheckContext(codelists=codelists, delivered_on=date(2026, 1, 31))


def test_a_broken_standard_says_which_line_and_what(tmp_path):
    from zorgspiegel.terms.errors import DefinitionError

    root = tmp_path / "definitions"
    (root / "standards").mkdir(parents=True)
    data = yaml.safe_load(NEW)
    data["resources"][0]["schema"]["primaryKey"] = ["Jaar"]
    target = io.StringIO()
    yaml.safe_dump(data, target)
    (root / "standards" / "nieuw.yaml").write_text(target.getvalue(), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"nieuw\.yaml, line \d+: .*primaryKey names a column"):
        load_standard("nieuw", root=root)
