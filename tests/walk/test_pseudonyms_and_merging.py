"""Two half-years of a gemeente, pseudonymised, checked and merged: each person is still one. Invented."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from zorgspiegel.pipeline.checking import check_delivery
from zorgspiegel.pipeline.merging import merge_files
from zorgspiegel.store.pseudonym_keys import PseudonymKey
from zorgspiegel.store.pseudonyms import pseudonymise_file
from zorgspiegel.store.standards import load_codelists, load_standard
from zorgspiegel.terms.outcome import CheckContext
from zorgspiegel.terms.pseudonym import is_pseudonym

STANDARD = load_standard("gmsd-wmo")
HEADER = ";".join(field.name for field in STANDARD.resources[0].fields)
H1 = """
0307;20250801;999900006;;;;;100;02;;;ZIN;20250101;20250131;;;;;;
0307;20250801;999900018;;;;;;08;;;PGB;20250301;;;;;;;
"""
H2 = """
0307;20260115;999900006;;;;;100;02;;;ZIN;20250701;20250731;;;;;;
0307;20260115;999900006;;;;;200;02;;;ZIN;20250803;;;;;;;
0307;20260115;999900018;;;;;;08;;;PGB;20250301;;;;;;;
"""


def delivered(folder: Path) -> list[Path]:
    """Both files as the gemeente sends them."""
    key = PseudonymKey(bytes(range(32)))
    files = []
    for name, rows in (("WMO_0307_2025H1_v01.csv", H1), ("WMO_0307_2025H2_v01.csv", H2)):
        own = folder / "eigen" / name
        own.parent.mkdir(exist_ok=True)
        own.write_text(HEADER + rows, encoding="utf-8")
        files.append(folder / name)
        pseudonymise_file(own, files[-1], standard=STANDARD, key=key)
    return files


def test_the_check_takes_pseudonyms(tmp_path):
    for path in delivered(tmp_path):
        assert b"9999000" not in path.read_bytes()
        with check_delivery(
            path, STANDARD, context=CheckContext(codelists=load_codelists(STANDARD))
        ) as checked:
            assert checked.outcome.accepted
            assert checked.outcome.rows.rejected == 0


def test_a_person_of_both_halves_is_merged_over_them(tmp_path):
    done = merge_files(delivered(tmp_path), tmp_path / "uit.parquet", counted=True)
    rows = pq.read_table(tmp_path / "uit.parquet").to_pylist()
    assert all(is_pseudonym(row["persoon"]) for row in rows)
    assert sorted((row["type"], str(row["begin"]), row["eind"], row["bronrecords"]) for row in rows) == [
        ("02", "2025-01-01", None, [1, 3, 4]),
        ("08", "2025-03-01", None, [2, 5]),
    ]
    assert done.counts["records"] == 5
    assert [(file["bestand"], file["eerste"], file["laatste"]) for file in done.files] == [
        ("WMO_0307_2025H1_v01.csv", 1, 2),
        ("WMO_0307_2025H2_v01.csv", 3, 5),
    ]
