"""Destroying with proof: nothing readable is left, also after a restore or when the process died half-way."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from zorgspiegel.store import blobs, shredding
from zorgspiegel.store.blob_keys import PrivateKey
from zorgspiegel.terms import kill_points
from zorgspiegel.terms.errors import BlobError

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
PRIVATE = PrivateKey(bytes(range(32)))


@pytest.fixture
def folder(tmp_path):
    with blobs.begin(tmp_path, "d-1", PRIVATE.public) as writer:
        writer.add(b"content" * 1000)
        writer.finish()
    return tmp_path


def destroy(folder):
    return shredding.destroy(folder, "d-1", at=NOW, reden="ingetrokken")


def test_only_the_proof_is_left(folder):
    proof = destroy(folder)
    assert [path.name for path in folder.iterdir()] == ["d-1.destroyed"]
    assert (proof.blob_id, proof.reden, proof.at) == ("d-1", "ingetrokken", "2026-09-01T12:00:00+00:00")
    with pytest.raises(BlobError, match="was destroyed"):
        list(blobs.read(folder, "d-1", PRIVATE))
    with pytest.raises(BlobError, match="was used before"):
        blobs.begin(folder, "d-1", PRIVATE.public)


def test_destroying_twice_gives_the_first_proof(folder):
    first = destroy(folder)
    later = shredding.destroy(folder, "d-1", at=NOW + timedelta(days=1), reden="again")
    assert later == first == shredding.proof_of(folder, "d-1")


def test_without_its_key_a_copy_of_the_content_is_noise(folder, tmp_path_factory):
    copy = tmp_path_factory.mktemp("thief")
    shutil.copy(folder / "d-1.blob", copy)
    destroy(folder)
    with pytest.raises(BlobError, match="key file of d-1 is missing"):
        list(blobs.read(copy, "d-1", PRIVATE))


@pytest.mark.parametrize(
    "point",
    ["file.before_rename", "file.after_sync", "shred.before_key", "shred.after_overwrite", "shred.after_key"],
)
def test_a_process_that_dies_on_the_way_is_finished_by_the_next(folder, point):
    def die(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    kill_points.set_hook(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            destroy(folder)
    finally:
        kill_points.set_hook(None)
    destroy(folder)
    assert [path.name for path in folder.iterdir()] == ["d-1.destroyed"]


def test_a_restored_backup_does_not_bring_it_back(folder, tmp_path_factory):
    backup = tmp_path_factory.mktemp("backup") / "copy"
    shutil.copytree(folder, backup)
    destroy(folder)
    for name in ("d-1.key", "d-1.blob"):
        shutil.copy(backup / name, folder)
    with pytest.raises(BlobError, match="was destroyed"):
        list(blobs.read(folder, "d-1", PRIVATE))
    assert shredding.replay(folder) == ["d-1"]
    assert [path.name for path in folder.iterdir()] == ["d-1.destroyed"]
    assert shredding.replay(folder) == []


def test_there_is_no_proof_of_what_was_not_destroyed(folder):
    with pytest.raises(BlobError, match="was not destroyed"):
        shredding.proof_of(folder, "d-1")
    with pytest.raises(BlobError, match="no finished delivery"):
        shredding.destroy(folder, "never", at=NOW, reden="x")


def test_uploads_that_nobody_went_on_with_are_swept(tmp_path):
    for name, hours in (("old", 25), ("young", 23)):
        blobs.begin(tmp_path, name, PRIVATE.public).close()
        then = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(tmp_path / f"{name}.part", (then, then))
    busy = blobs.begin(tmp_path, "busy", PRIVATE.public)
    os.utime(tmp_path / "busy.part", (0, 0))
    with busy:
        assert shredding.sweep(tmp_path, now=NOW) == ["old"]
    assert not (tmp_path / "old.key").exists()
    assert (tmp_path / "young.key").exists()
