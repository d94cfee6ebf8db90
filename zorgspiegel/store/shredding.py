"""Destroying a delivery with proof. Without its key the content is noise, wherever a copy of it may be.

The proof is written first and is never removed. A process that dies half-way is therefore finished by the
next call, with the same proof; and a restored backup cannot bring the content back: `replay` runs after every
restore.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from zorgspiegel.store import blobs, durable
from zorgspiegel.store.blobs import path_of
from zorgspiegel.terms.errors import BlobError
from zorgspiegel.terms.kill_points import kill_point


@dataclass(frozen=True)
class Proof:
    """What can be shown to the sender: which key was destroyed, when, and why.

    key_sha256: digest of the locked key, which was the only way to the content. at: ISO time, UTC.
    """

    blob_id: str
    key_sha256: str
    size_on_disk_bytes: int
    at: str
    reden: str


def destroy(folder: Path, blob_id: str, *, at: datetime, reden: str) -> Proof:
    """Destroy the key and then the content.

    Again for the same blob gives the first proof, after removing what was left. Raises BlobError when there
    never was such a blob.
    """
    tombstone = path_of(folder, blob_id, "destroyed")
    if not tombstone.exists():
        try:
            key = path_of(folder, blob_id, "key").read_bytes()
            size = path_of(folder, blob_id, "blob").stat().st_size
        except FileNotFoundError:
            raise BlobError(f"There is no finished delivery {blob_id} to destroy.") from None
        proof = Proof(blob_id, hashlib.sha256(key).hexdigest(), size, at.isoformat(), reden)
        durable.write(tombstone, json.dumps(asdict(proof)).encode(), mode=0o400)
    _remove(folder, blob_id)
    return proof_of(folder, blob_id)


def proof_of(folder: Path, blob_id: str) -> Proof:
    """The proof of a destroyed blob. Raises BlobError when it was not destroyed."""
    try:
        return Proof(**json.loads(path_of(folder, blob_id, "destroyed").read_bytes()))
    except FileNotFoundError:
        raise BlobError(f"{blob_id} was not destroyed.") from None


def replay(folder: Path) -> list[str]:
    """Destroy again what a backup brought back: run it after every restore. Ids of what was there."""
    back = [
        path.stem
        for path in sorted(folder.glob("*.destroyed"))
        if any(path_of(folder, path.stem, kind).exists() for kind in ("key", "blob", "part"))
    ]
    for blob_id in back:
        _remove(folder, blob_id)
    return back


def sweep(folder: Path, *, now: datetime, unfinished_for: timedelta = timedelta(hours=24)) -> list[str]:
    """Discard uploads that nobody went on with; their ids. One that is being written this moment stays."""
    gone = []
    for part in sorted(folder.glob("*.part")):
        if part.stat().st_mtime < (now - unfinished_for).timestamp():
            try:
                blobs.discard(folder, part.stem)
            except BlobError:
                continue
            gone.append(part.stem)
    return gone


def _remove(folder: Path, blob_id: str) -> None:
    kill_point("shred.before_key")
    key = path_of(folder, blob_id, "key")
    if key.exists():
        # Overwriting helps where a file system writes in place; where it does not, the key file was
        # never in a backup that outlives the proof, and the proof makes `replay` remove it again.
        with key.open("r+b") as file:
            file.write(bytes(key.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        kill_point("shred.after_overwrite")
        key.unlink()
        durable.sync_folder(folder)
    kill_point("shred.after_key")
    for kind in ("blob", "part"):
        path_of(folder, blob_id, kind).unlink(missing_ok=True)
    durable.sync_folder(folder)
    kill_point("shred.after_content")
