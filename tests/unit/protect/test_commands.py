"""`zorgspiegel protect` and `zorgspiegel attack`, through the doorbell."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zorgspiegel.cli import main

HEADER = "gebied,product,aantal,kosten\n"
CELLS = HEADER + "".join(
    f"{area},{product},{count},{count * 10}.50\n"
    for area, product, count in [
        ("w1", "a", 3),
        ("w1", "b", 25),
        ("w1", "c", 40),
        ("w2", "a", 30),
        ("w2", "b", 14),
        ("w2", "c", 60),
        ("w3", "a", 55),
        ("w3", "b", 90),
        ("w3", "c", 70),
    ]
)
TREE = "child,parent\nw1,G1\nw2,G1\nw3,G2\nG1,land\nG2,land\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cells.csv").write_text(CELLS)
    Path("tree.csv").write_text(TREE)
    return tmp_path


def run(text: str) -> int:
    try:
        main(text.split())
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


PROTECT = "protect cells.csv -o out.csv --dims gebied,product --count aantal --hierarchy gebied=tree.csv"
ATTACK = "attack out.csv --dims gebied,product --hierarchy gebied=tree.csv"


def rows(path: str = "out.csv") -> list[dict[str, str]]:
    with Path(path).open() as file:
        return list(csv.DictReader(file))


def test_gives_the_full_cube_and_survives_its_own_attack(folder):
    assert run(f"{PROTECT} --value kosten --report report.json") == 0
    table = rows()
    assert list(table[0]) == ["gebied", "product", "aantal", "kosten", "status"]
    assert len(table) == 6 * 4
    by_key = {(r["gebied"], r["product"]): r for r in table}
    assert by_key["w1", "a"] == {
        "gebied": "w1",
        "product": "a",
        "aantal": "",
        "kosten": "",
        "status": "geheim",
    }
    assert by_key["land", "Totaal"]["aantal"] == "387"
    assert by_key["land", "Totaal"]["kosten"] == "3874.50"
    assert by_key["G2", "a"] == {**by_key["w3", "a"], "gebied": "G2"}, "a single child is the same cell"
    assert run(ATTACK) == 0
    report = json.loads(Path("report.json").read_text())
    assert report["primary"] == 1
    assert report["secondary"] == sum(r["status"] == "geheim" for r in table) - 1


def test_csv_and_parquet_say_the_same(folder):
    assert run(PROTECT) == 0
    with Path("cells.csv").open() as file:
        given = list(csv.DictReader(file))
    pq.write_table(pa.Table.from_pylist([{**r, "aantal": int(r["aantal"])} for r in given]), "cells.parquet")
    assert run(PROTECT.replace("cells.csv -o out.csv", "cells.parquet -o out.parquet")) == 0
    told = [
        {key: str(value or "") for key, value in r.items()} for r in pq.read_table("out.parquet").to_pylist()
    ]
    assert told == rows()


def test_the_same_bytes_for_other_workers_and_another_order_of_rows(folder):
    assert run(f"{PROTECT} --workers 1") == 0
    first = Path("out.csv").read_bytes()
    lines = CELLS.splitlines(keepends=True)
    Path("cells.csv").write_text("".join([lines[0], *reversed(lines[1:])]))
    assert run(f"{PROTECT} --workers 3") == 0
    assert Path("out.csv").read_bytes() == first


def test_a_planted_leak_is_found_and_listed(folder, capsys):
    assert run(PROTECT + " --smallest-shown 1") == 0
    truth = {(row["gebied"], row["product"]): row for row in rows()}
    # Show everything but the one small cell.
    table = [
        {**row, "aantal": "", "status": "geheim"} if key == ("w1", "a") else row for key, row in truth.items()
    ]
    with Path("out.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    capsys.readouterr()
    assert run(f"{ATTACK} --report found.json") == 1
    assert "w1, a: between 3 and 3" in capsys.readouterr().out
    assert json.loads(Path("found.json").read_text())["recovered"] == [
        {"gebied": "w1", "product": "a", "low": 3.0, "high": 3.0}
    ]


def test_two_safe_files_that_are_unsafe_together(folder):
    header = "a,n,status\n"
    Path("one.csv").write_text(f"{header}x,,geheim\ny,,geheim\nz,30,getoond\nTotaal,55,getoond\n")
    Path("two.csv").write_text(f"{header}x,,geheim\ny,20,getoond\nz,,geheim\nTotaal,55,getoond\n")
    assert run("attack one.csv --dims a") == 0
    assert run("attack two.csv --dims a") == 0
    assert run("attack one.csv two.csv --dims a") == 1


def test_exact_gives_the_interval_of_every_hidden_cell(folder):
    Path("one.csv").write_text("a,n,status\nx,,geheim\ny,,geheim\nz,30,getoond\nTotaal,55,getoond\n")
    assert run("attack one.csv --dims a --exact --report r.json") == 0
    told = json.loads(Path("r.json").read_text())["intervals"]
    assert told == [{"a": "x", "low": 0.0, "high": 25.0}, {"a": "y", "low": 0.0, "high": 25.0}]


def test_rounded_figures_leave_room(folder):
    Path("one.csv").write_text("a,n,status\nx,,geheim\ny,20,getoond\nz,30,getoond\nTotaal,60,getoond\n")
    assert run("attack one.csv --dims a") == 1
    assert run("attack one.csv --dims a --rounded-to 10") == 0


def test_an_earlier_outcome_stays_the_pattern(folder):
    assert run(PROTECT) == 0
    Path("cells.csv").write_text(CELLS.replace("w2,b,14", "w2,b,16"))
    assert run(f"{PROTECT.replace('-o out.csv', '-o later.csv')} --previous out.csv") == 0
    before = {(r["gebied"], r["product"]): r for r in rows()}
    for row in rows("later.csv"):
        key = (row["gebied"], row["product"])
        assert row["status"] == before[key]["status"]
        assert row["aantal"] == before[key]["aantal"], "the change is too small to show"


def test_advice_says_which_classes_to_merge(folder, capsys):
    lines = [f"w1,p{i},{n},0\n" for i, n in enumerate([3, 4, 60, 70])]
    lines += [f"w2,p{i},{n},0\n" for i, n in enumerate([2, 6, 50, 80])]
    Path("cells.csv").write_text(HEADER + "".join(lines))
    assert run("protect cells.csv -o out.csv --dims gebied,product --count aantal --advise --json") == 0
    advice = json.loads(capsys.readouterr().out)["advice"]
    assert advice
    assert all(one["gain"] > 0 for one in advice)


BAD = {
    "negative counts": (CELLS.replace("w1,b,25", "w1,b,-25"), TREE, ""),
    "fractions": (CELLS.replace("w1,b,25", "w1,b,2.5"), TREE, ""),
    "no number": (CELLS.replace("w1,b,25", "w1,b,veel"), TREE, ""),
    "empty fields": (CELLS.replace("w1,b,25", "w1,b,"), TREE, ""),
    "repeat a cell": (CELLS + "w1,a,3,30.5\n", TREE, ""),
    "do not stand in its hierarchy": (CELLS.replace("w1,a", "w9,a"), TREE, ""),
    "are totals of others": (CELLS.replace("w3,a", "G1,a"), TREE, ""),
    "two parents": (CELLS, TREE + "w1,G2\n", ""),
    "2 totals": (CELLS, TREE.replace("G2,land\n", ""), ""),
    "cycle": (CELLS, TREE + "x,y\ny,x\n", ""),
    "there is no total": (CELLS, TREE + "land,w1\n", ""),
    "there is no column": (CELLS.replace("aantal", "count"), TREE, ""),
    "columns child and parent": (CELLS, TREE.replace("child", "kind"), ""),
    "no rows": (HEADER, TREE, ""),
    "give --value and --largest": (CELLS, TREE, " --p-percent 10"),
    "no profile": (CELLS, TREE, " --profile bestaat-niet"),
}


@pytest.mark.parametrize("says", BAD)
def test_bad_input_is_one_clear_error_and_nothing_is_written(folder, capsys, says):
    cells, tree, more = BAD[says]
    Path("cells.csv").write_text(cells)
    Path("tree.csv").write_text(tree)
    assert run(PROTECT + more) == 2
    told = capsys.readouterr().err
    assert says.replace("no profile", "There is no protection definition") in told
    assert told.count("zorgspiegel:") == 1
    assert not Path("out.csv").exists()


def test_a_missing_file_is_one_clear_error(folder, capsys):
    assert run(PROTECT.replace("cells.csv", "niets.csv")) == 2
    assert "niets.csv: cannot be read" in capsys.readouterr().err


def test_figures_that_contradict_each_other_are_no_table(folder, capsys):
    Path("one.csv").write_text("a,n,status\nx,,geheim\ny,20,getoond\nTotaal,10,getoond\n")
    assert run("attack one.csv --dims a") == 2
    assert "contradict each other" in capsys.readouterr().err
