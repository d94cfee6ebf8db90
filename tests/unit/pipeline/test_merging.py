"""`zorgspiegel merge` as a person calls it: files in, one file out, or a clear refusal and nothing at all."""

from __future__ import annotations

import csv
import json
import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lib import plain_merge
from tests.lib.invented_records import as_arrow, many, rows_of
from zorgspiegel.cli import main
from zorgspiegel.pipeline.merge_input import COLUMNS

CASES = json.loads((Path(__file__).resolve().parents[2] / "lib" / "merge_cases.json").read_text("utf-8"))


def plain(rows, path, *, separator=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=separator)
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
    return path


def as_given(records):
    table = as_arrow(records)
    return table.rename_columns(["id", *table.column_names[1:]])


day = date.fromisoformat


def run(*words):
    """The exit code; 0 when it just ends."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code or 0


def test_all_cases_as_one_table_with_ids_that_are_texts(tmp_path):
    rows = [
        record | {"id": f"{case['case']}{record['id']}", "persoon": f"{case['case']}{record['persoon']}"}
        for case in CASES
        for record in case["invoer"]
    ]
    random.Random(4).shuffle(rows)
    source, out = plain(rows, tmp_path / "records.csv"), tmp_path / "uit.parquet"
    assert run("merge", source, "-o", out) == 0
    found = pq.read_table(out).to_pylist()
    wanted = {
        tuple(case["case"] + i for i in row["bronrecords"]): (row["begin"], row["eind"])
        for case in CASES
        for row in case["resultaat"]
    }
    assert {
        tuple(row["bronrecords"]): (str(row["begin"]), row["eind"] and str(row["eind"])) for row in found
    } == wanted


def test_parquet_csv_and_several_files_give_the_same_bytes_in_any_order(tmp_path, capsys):
    records = many(3_000, seed=6)
    whole = as_given(records)
    pq.write_table(whole, tmp_path / "alles.parquet")
    pq.write_table(whole.slice(1_000), tmp_path / "deel2.parquet")
    plain(whole.slice(0, 1_000).to_pylist(), tmp_path / "deel1.csv", separator=";")
    outs = [tmp_path / f"uit{i}.parquet" for i in range(3)]
    assert run("merge", tmp_path / "alles.parquet", "-o", outs[0]) == 0
    assert run("merge", tmp_path / "deel1.csv", tmp_path / "deel2.parquet", "-o", outs[1]) == 0
    capsys.readouterr()
    assert run("merge", tmp_path / "deel2.parquet", tmp_path / "deel1.csv", "-o", outs[2], "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert outs[0].read_bytes() == outs[1].read_bytes() == outs[2].read_bytes()
    expected = rows_of(plain_merge.merge(records))
    assert [{k: v for k, v in row.items() if "_" not in k} for row in expected] == pq.read_table(
        outs[0]
    ).to_pylist()
    assert told["aantallen"]["records"] == 3_000
    assert told["aantallen"]["na_stap_2"] == len(expected)
    assert told["bestanden"] == [
        {"bestand": "deel2.parquet", "eerste": 1, "laatste": 2_000},
        {"bestand": "deel1.csv", "eerste": 2_001, "laatste": 3_000},
    ]


def test_csv_out_and_the_report_in_dutch(tmp_path):
    source = plain(CASES[17]["invoer"], tmp_path / "m18.csv")
    assert run("merge", source, "-o", tmp_path / "uit.csv", "--report", tmp_path / "rapport.txt") == 0
    with (tmp_path / "uit.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [
            {
                "gemeente": "0307",
                "persoon": "P1",
                "type": "02",
                "leveringsvorm": "ZIN",
                "begin": "2025-01-01",
                "eind": "2025-06-30",
                "bronrecords": "a b c",
                "redenen": "aansluitend toewijzingsnummer",
            }
        ]
    assert "Aantal records in uw levering: 3." in (tmp_path / "rapport.txt").read_text("utf-8")


def test_the_switch_merges_partial_overlap(tmp_path):
    source = plain(CASES[5]["invoer"], tmp_path / "m06.csv")
    for switch, rows in ((["--merge-partial-overlap"], 1), ([], 2)):
        assert run("merge", source, "-o", tmp_path / "uit.parquet", *switch) == 0
        assert len(pq.read_table(tmp_path / "uit.parquet")) == rows


GOOD = CASES[0]["invoer"]


@pytest.mark.parametrize(
    ("rows", "code", "told"),
    [
        ([GOOD[0] | {"begin": "31-12-2025"}], 1, "begin is not a date (JJJJ-MM-DD) in 1 rows (first: 1)"),
        ([GOOD[0], GOOD[1] | {"eind": "morgen"}], 1, "eind is not a date (JJJJ-MM-DD) in 1 rows (first: 2)"),
        ([GOOD[0] | {"eind": "2024-12-31"}], 1, "eind lies before begin in 1 rows (first: 1)"),
        ([GOOD[0] | {"persoon": " "}], 1, "persoon is empty in 1 rows (first: 1)"),
        ([GOOD[0] | {"begin": None}], 1, "begin is empty in 1 rows (first: 1)"),
        ([GOOD[0], GOOD[1], GOOD[0]], 1, "1 ids occur more than once, for example in in.csv, row 3"),
    ],
)
def test_rows_that_are_not_right_are_refused_by_number_and_nothing_is_written(
    tmp_path, capsys, rows, code, told
):
    source = plain(rows, tmp_path / "in.csv")
    assert run("merge", source, "-o", tmp_path / "uit.parquet") == code
    message = capsys.readouterr().err
    assert told in message
    assert "morgen" not in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a,b,c\n1,2,3\n", "is neither a table of records nor a gmsd-wmo delivery. Missing: begin"),
        (b"PAR1 and then nothing", "is not a Parquet file that can be read"),
        (b"", "empty"),
    ],
)
def test_files_of_another_kind_are_not_carried_out(tmp_path, capsys, content, told):
    (tmp_path / "in.csv").write_bytes(content)
    assert run("merge", tmp_path / "in.csv", "-o", tmp_path / "uit.parquet") == 2
    assert told in capsys.readouterr().err
    assert run("merge", tmp_path / "weg.csv", "-o", tmp_path / "uit.parquet") == 2
    assert not (tmp_path / "uit.parquet").exists()


def test_an_old_result_stays_when_the_new_one_is_refused(tmp_path):
    out = tmp_path / "uit.parquet"
    assert run("merge", plain(GOOD, tmp_path / "a.csv"), "-o", out) == 0
    before = out.read_bytes()
    assert run("merge", plain([GOOD[0] | {"type": None}], tmp_path / "b.csv"), "-o", out) == 1
    assert out.read_bytes() == before
    assert run("merge", tmp_path / "a.csv", "-o", tmp_path / "a.csv") == 2


def test_no_records_give_an_empty_file_with_the_right_columns(tmp_path):
    pq.write_table(as_given(many(1, seed=1)).slice(1), tmp_path / "leeg.parquet")
    assert run("merge", tmp_path / "leeg.parquet", "-o", tmp_path / "uit.parquet") == 0
    table = pq.read_table(tmp_path / "uit.parquet")
    assert len(table) == 0
    assert table.schema.field("bronrecords").type == pa.list_(pa.int64())


DELIVERY = (
    "Gemeentecode;Aanmaakdatum_bestand;BSN;Geboortedatum;Geslacht;Postcode;Wijkcode;Toewijzingsnummer;"
    "Type_toewijzing;Productcode;Type_declaratie;Leveringsvorm;Start_rechtsgeldigheid;Eind_rechtsgeldigheid;"
    "Start_daadwerkelijk;Eind_daadwerkelijk;Volume;Eenheid;Frequentie;Reden_beeindiging\n"
    "0307;20250801;999900006;;;;;100;02;;;ZIN;20250101;20250131;;;;;;\n"
    "0307;20250801;999900006;;;;;100;02;;;ZIN;20250501;99991231;20250502;20250531;;;;\n"
    "0307;20250801;999900006;;;;;200;02;;02;ZIN;20250602;99991231;;;;;;\n"
    "0307;20250801;999999999;19500000;2;3811AB;;;02;;;ZIN;20250602;;;;;;;\n"
)


def test_a_gmsd_delivery_is_merged_and_no_bsn_comes_out(tmp_path):
    source = tmp_path / "WMO_0307_2025H1_v01.csv"
    source.write_text(DELIVERY, encoding="utf-8")
    out = tmp_path / "uit.parquet"
    assert run("merge", source, "-o", out) == 0
    assert pq.read_table(out).select(["persoon", "begin", "eind", "bronrecords"]).to_pylist() == [
        {"persoon": "persoon-rij-1", "begin": day("2025-01-01"), "eind": None, "bronrecords": [1, 2, 3]},
        {"persoon": "persoon-rij-4", "begin": day("2025-06-02"), "eind": None, "bronrecords": [4]},
    ]
    assert b"9999000" not in out.read_bytes()


def test_a_delivery_that_does_not_pass_the_check_is_refused_with_its_messages(tmp_path, capsys):
    source = tmp_path / "WMO_0307_2025H1_v01.csv"
    source.write_text(DELIVERY.replace("999900006", "999900007"), encoding="utf-8")
    assert run("merge", source, "-o", tmp_path / "uit.parquet") == 1
    assert "T023" in capsys.readouterr().err
    assert not (tmp_path / "uit.parquet").exists()
