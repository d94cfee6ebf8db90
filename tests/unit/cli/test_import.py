"""`zorgspiegel import` as a person and as a machine meet it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lib.importing import vektis
from zorgspiegel.cli import main


def _run(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    return int(stop.value.code or 0)


def test_json_holds_exact_decimals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "vektis_2012.csv"
    path.write_text(
        vektis(("M", "90+", "ALMERE", "17915602", "0.1", "45337582823.09"), ("", "", "", "1", "0.2", "0.01"))
    )
    assert _run("import", "vektis", str(path), "--json", "--into", str(tmp_path / "w")) == 0
    text = capsys.readouterr().out
    assert '"aantal_bsn": 17915603,' in text
    assert '"total_cost_eur": 45337582823.10' in text
    document = json.loads(text, parse_float=Decimal)
    (one,) = document["imports"]
    assert document["year"] == 2012
    assert document["total_cost_eur"] == one["totals"]["total_cost_eur"] == Decimal("45337582823.10")
    assert (one["source"], one["year"], one["rows"], one["rejected_rows"]) == ("vektis", 2012, 2, 0)
    assert one["totals"]["aantal_verzekerdejaren"] == Decimal("0.30")
    assert one["tables"] == {"facts": 38, "verzekerdejaren": 2}


def test_a_person_reads_what_was_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "vektis_2012.csv"
    path.write_text(vektis(*[("M", "90+", name, "10", "1", "1") for name in ("ALMERE", "ATLANTIS")]))
    assert _run("import", "vektis", str(path), "--into", str(tmp_path / "w")) == 0
    text = capsys.readouterr().out
    assert "vektis 2012: 2 rows from vektis_2012.csv, 0 rejected" in text
    assert "area unknown: 1 rows, kept as 'onbekend' (row 2)" in text


def test_a_refusal_is_one_message_and_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "vektis_2012.csv"
    path.write_text("hallo;wereld\n1;2\n")
    assert _run("import", "vektis", str(path), "--json", "--into", str(tmp_path / "w")) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "missing there: geslacht" in captured.err
    assert "Traceback" not in captured.err


def test_an_unknown_source_names_the_known_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("import", "vektus", str(tmp_path)) == 2
    text = capsys.readouterr().err
    assert "Did you mean vektis?" in text
    for name in ("vektis", "kwb", "rivm-gezondheid", "nza-wachttijden", "cbs-gebieden"):
        assert name in text


def test_help_lists_the_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("import", "--help") == 0
    text = capsys.readouterr().out
    assert "cbs-grenswijzigingen" in text
