"""`release verify` finds every change: a bit anywhere, a file too many, a format with another story."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.lib import invented_release as invented
from zorgspiegel.store import releases
from zorgspiegel.store.release_verify import verify_release
from zorgspiegel.terms.errors import ReleaseError


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return releases.write_release(invented.plan(), tmp_path_factory.mktemp("releases"))


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    """A copy that can be damaged."""
    target = tmp_path / whole.name
    shutil.copytree(whole, target, copy_function=shutil.copyfile)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def test_a_whole_release_is_verified_in_all_its_formats(whole):
    found = verify_release(whole)
    assert found.files == len(releases.paths_of(whole))
    assert found.rows == 576 + 16 + 14 + 2 + 2 + 2
    assert found.comparisons == 3 * 2 + 2 * 5
    assert verify_release(whole, digest=found.digest) == found


@pytest.mark.parametrize(
    "path",
    [
        "DIGEST",
        "manifest.json",
        "datapackage.json",
        "release.duckdb",
        "intern/attack.json",
        "parquet/cellen.parquet",
        "parquet/gebieden.parquet",
        "csv/cellen/zvw_kosten.csv",
        "csv/bronnen.csv",
    ],
)
def test_one_flipped_bit_anywhere_is_found(copy, path):
    file = copy / path
    raw = file.read_bytes()
    places = random.Random(path).sample(range(len(raw)), k=min(12, len(raw)))
    for place in [0, len(raw) - 1, *places]:
        damaged = bytearray(raw)
        damaged[place] ^= 1 << (place % 8)
        file.write_bytes(damaged)
        with pytest.raises(ReleaseError, match=r"is damaged|cannot be read"):
            verify_release(copy)
    file.write_bytes(raw)
    verify_release(copy)


def test_every_file_is_looked_at(copy):
    for path in releases.paths_of(copy):
        raw = (copy / path).read_bytes()
        (copy / path).write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        with pytest.raises(ReleaseError):
            verify_release(copy)
        (copy / path).unlink()
        with pytest.raises(ReleaseError):
            verify_release(copy)
        (copy / path).write_bytes(raw)


def test_a_file_too_many_or_a_link_is_found(copy, tmp_path):
    (copy / "csv" / "extra.csv").write_text("a\n")
    with pytest.raises(ReleaseError, match=r"csv/extra\.csv does not belong there"):
        verify_release(copy)
    (copy / "csv" / "extra.csv").unlink()
    elsewhere = tmp_path / "bronnen.csv"
    (copy / "csv" / "bronnen.csv").rename(elsewhere)
    (copy / "csv" / "bronnen.csv").symlink_to(elsewhere)
    with pytest.raises(ReleaseError, match=r"csv/bronnen\.csv is a link"):
        verify_release(copy)


def _sign_again(folder: Path) -> None:
    """What an intruder, or a faulty builder, would do: make all digests right for what is there now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for path, facts in manifest["bestanden"].items():
        raw = (folder / path).read_bytes()
        facts |= {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    raw = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(raw)
    (folder / "DIGEST").write_text(f"sha256:{hashlib.sha256(raw).hexdigest()}\n")


def test_a_release_that_was_replaced_as_a_whole_is_found_with_the_published_digest(copy):
    published = verify_release(copy).digest
    (copy / "intern" / "attack.json").write_text("[]")
    _sign_again(copy)
    verify_release(copy)
    with pytest.raises(ReleaseError, match="was published"):
        verify_release(copy, digest=published)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE cellen_per_indicator SET aantal_personen = 7 WHERE rowid = 3",
            "cellen_per_indicator holds other",
        ),
        ("UPDATE cellen_per_gebied SET status = 'geheim' WHERE rowid = 3", "cellen_per_gebied holds other"),
        ("DELETE FROM cellen_per_gebied WHERE rowid = 3", "cellen_per_gebied holds other"),
        ("UPDATE inwoners SET aantal_inwoners = 1 WHERE rowid = 0", "table inwoners holds other"),
    ],
)
def test_another_figure_in_one_format_is_found_although_all_digests_are_right(copy, statement, message):
    with duckdb.connect(str(copy / "release.duckdb")) as database:
        assert database.execute(statement).fetchall()[0][0] == 1
    _sign_again(copy)
    with pytest.raises(ReleaseError, match=message):
        verify_release(copy)


def test_another_figure_in_a_csv_or_parquet_is_found_although_all_digests_are_right(copy):
    file = copy / "csv" / "cellen" / "zvw_kosten.csv"
    file.write_text(file.read_text().replace('"676"', '"677"', 1))
    _sign_again(copy)
    with pytest.raises(
        ReleaseError, match=r"parquet/cellen\.parquet holds other figures than csv/cellen/zvw"
    ):
        verify_release(copy)
