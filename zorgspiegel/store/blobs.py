"""Deliveries as received, encrypted before they touch the disk, each under its own key (decision 0051).

A folder holds, for each id: `<id>.blob`, the encrypted content (`blob_format`); `<id>.key`, its key, locked
(`blob_keys`); `<id>.part`, a blob that is not finished yet; `<id>.destroyed`, the proof that nothing is left
(`shredding`). Writing takes a public key and reading the private one. Both hold one piece in memory at a
time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zorgspiegel.store import blob_format, durable
from zorgspiegel.store.blob_format import MAGIC, PIECE, Broken
from zorgspiegel.store.blob_keys import KEY_BYTES, PrivateKey, PublicKey
from zorgspiegel.terms.errors import BlobError
from zorgspiegel.terms.kill_points import kill_point

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class Stored:
    """What a receipt says about the content: SHA-256 and size of the file as the sender has it.

    complete_at: when the last byte was written. It is the file's own time, so it is the same for a process
    that has to tell later because the first one died; a deadline cannot pass in between.
    """

    blob_id: str
    sha256: str
    size_bytes: int
    complete_at: datetime


def path_of(folder: Path, blob_id: str, kind: str) -> Path:
    """The file of a blob; kind is blob, key, part or destroyed. An id is never a path."""
    assert _ID.fullmatch(blob_id), "a blob id has only small letters, digits and dashes"
    return folder / f"{blob_id}.{kind}"


class Writer:
    """A blob being written, and the only one: it holds the lock. Leaving the `with` gives the lock back.

    size_bytes: bytes taken so far. secret: what `resume` asks for; whoever has it can read this unfinished
    upload, so it is kept no longer than the upload lasts.
    """

    def __init__(self, folder: Path, blob_id: str, file: FileIO, secret: bytes) -> None:
        self.folder, self.blob_id, self.secret = folder, blob_id, secret
        self.size_bytes = 0
        self._file = file
        self._cipher = AESGCM(secret)
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._number = 0
        self._part = path_of(folder, blob_id, "part")

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock back. Pieces that were written stay; what is no whole piece yet is forgotten."""
        self._file.close()

    def add(self, data: bytes) -> None:
        """Take some bytes. After a StoreFullError this writer is of no more use: `resume` goes on later."""
        self._waiting += data
        self._digest.update(data)
        self.size_bytes += len(data)
        # More than a piece must be waiting: which piece is the last is only known at the end.
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]

    def flush(self) -> int:
        """Make everything taken so far durable; how many bytes that are. For the end of each request."""
        if self._waiting:
            self._put(bytes(self._waiting), is_last=False)
            self._waiting.clear()
        with durable.refuse_full(self._part):
            kill_point("blob.before_flush")
            os.fsync(self._file.fileno())
            kill_point("blob.after_flush")
        return self.size_bytes

    def finish(self) -> Stored:
        """Complete the blob. A receipt may be given only after this returned."""
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()
        with durable.refuse_full(self._part):
            kill_point("blob.before_fsync")
            os.fsync(self._file.fileno())
            complete_at = _time_of(os.fstat(self._file.fileno()))
            kill_point("blob.before_rename")
            os.replace(self._part, path_of(self.folder, self.blob_id, "blob"))  # noqa: PTH105 - atomic
            kill_point("blob.after_rename")
            durable.sync_folder(self.folder)
            kill_point("blob.after_sync")
        self.close()
        return Stored(self.blob_id, self._digest.hexdigest(), self.size_bytes, complete_at)

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        head, body = blob_format.sealed(self._cipher, self.blob_id, self._number, plain, is_last=is_last)
        with durable.refuse_full(self._part):
            kill_point("blob.before_piece")
            blob_format.write_all(self._file, head)
            kill_point("blob.within_piece")
            blob_format.write_all(self._file, body)
            kill_point("blob.after_piece")
        self._number += 1

    def _take_back(self) -> None:
        """Read what a former writer left, drop from the first piece that is not whole, and stand there."""
        end = len(MAGIC)
        try:
            for plain, is_last in blob_format.pieces(self._file, self._cipher, self.blob_id):
                self._digest.update(plain)
                self.size_bytes += len(plain)
                if is_last:  # it died between the last piece and the new name: this piece waits again
                    self._waiting += plain
                    break
                self._number += 1
                end = self._file.tell()
        except Broken:
            pass  # what was not whole was not acknowledged either
        os.ftruncate(self._file.fileno(), end if self._number else 0)
        self._file.seek(0)
        blob_format.write_all(self._file, MAGIC)
        self._file.seek(end)


def begin(folder: Path, blob_id: str, public_key: PublicKey) -> Writer:
    """Start a new blob. Raises BlobError when this id is in use: finished, unfinished or destroyed."""
    part = path_of(folder, blob_id, "part")
    try:
        with durable.refuse_full(part):
            handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BlobError(f"An upload of {blob_id} is under way. Resume it, or discard it first.") from None
    writer = Writer(folder, blob_id, _locked(handle, part), os.urandom(KEY_BYTES))
    try:
        _refuse_used(folder, blob_id)
        # The key is durable before the first byte of content: never content without a key that opens it.
        durable.write(path_of(folder, blob_id, "key"), public_key.lock(writer.secret, blob_id=blob_id))
        with durable.refuse_full(part):
            blob_format.write_all(writer._file, MAGIC)
    except BaseException:
        writer.close()
        part.unlink(missing_ok=True)
        raise
    return writer


def resume(folder: Path, blob_id: str, secret: bytes) -> Writer:
    """Go on with an unfinished blob, at the writer's `size_bytes`. Reads it once, to know the digest so far.

    Raises BlobError when there is nothing to resume, or when another process is writing it.
    """
    part = path_of(folder, blob_id, "part")
    try:
        handle = os.open(part, os.O_RDWR)
    except FileNotFoundError:
        raise BlobError(f"There is no unfinished upload {blob_id}. Begin it anew.") from None
    writer = Writer(folder, blob_id, _locked(handle, part), secret)
    writer._take_back()
    return writer


def finished(folder: Path, blob_id: str, secret: bytes) -> Stored | None:
    """What `finish` gave, for a process that died before it could tell anybody; None when not finished."""
    path = path_of(folder, blob_id, "blob")
    return _measured(path, _content(path, secret, blob_id)) if path.exists() else None


def read(folder: Path, blob_id: str, private_key: PrivateKey) -> Iterator[bytes]:
    """The content, piece by piece.

    Raises BlobError when the blob is destroyed, missing, cut off or changed in any way. Pieces given before
    the error are genuine, but count for nothing: only who reached the end has the delivery.
    """
    if path_of(folder, blob_id, "destroyed").exists():
        raise BlobError(f"The content of {blob_id} was destroyed. Only its receipt and the proof are left.")
    try:
        locked = path_of(folder, blob_id, "key").read_bytes()
    except FileNotFoundError:
        raise BlobError(f"The key file of {blob_id} is missing. Restore it from a backup.") from None
    yield from _content(
        path_of(folder, blob_id, "blob"), private_key.unlock(locked, blob_id=blob_id), blob_id
    )


def measure(folder: Path, blob_id: str, private_key: PrivateKey) -> Stored:
    """Digest and size of the content, for comparing with the receipt. Raises BlobError as `read` does."""
    content = read(folder, blob_id, private_key)
    return _measured(path_of(folder, blob_id, "blob"), content)


def discard(folder: Path, blob_id: str) -> None:
    """Forget an upload that was never finished. Raises BlobError when it was, or when it is being written."""
    part = path_of(folder, blob_id, "part")
    try:
        handle = os.open(part, os.O_RDWR)
    except FileNotFoundError:
        if path_of(folder, blob_id, "blob").exists():
            raise BlobError(f"{blob_id} is finished: destroy it with proof instead.") from None
        return
    with _locked(handle, part):
        path_of(folder, blob_id, "key").unlink(missing_ok=True)
        part.unlink()
        durable.sync_folder(folder)


def _refuse_used(folder: Path, blob_id: str) -> None:
    for kind in ("blob", "destroyed"):
        if path_of(folder, blob_id, kind).exists():
            raise BlobError(f"{blob_id} was used before ({kind}). Use a new id for a new file.")


def _locked(handle: int, part: Path) -> FileIO:
    """The open file, without a buffer, with the only lock on it."""
    file = FileIO(handle, "r+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # While we waited for our turn, the one before us may have finished or discarded it.
        is_ours = os.path.samestat(os.fstat(handle), part.stat())
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        file.close()
        raise BlobError(f"Another request is writing {part.stem} at this moment. Look again in a moment.")
    return file


def _content(path: Path, secret: bytes, blob_id: str) -> Iterator[bytes]:
    try:
        with FileIO(path) as file:
            for plain, _ in blob_format.pieces(file, AESGCM(secret), blob_id):
                yield plain
    except FileNotFoundError:
        raise BlobError(f"{path.name} is missing. Restore it from a backup.") from None
    except Broken as error:
        raise BlobError(
            f"{path.name} is not what was received ({error}). Restore it from a backup."
        ) from None


def _time_of(facts: os.stat_result) -> datetime:
    return datetime.fromtimestamp(facts.st_mtime_ns // 1000 / 1_000_000, UTC)


def _measured(path: Path, content: Iterable[bytes]) -> Stored:
    digest, size = hashlib.sha256(), 0
    for plain in content:
        digest.update(plain)
        size += len(plain)
    return Stored(path.stem, digest.hexdigest(), size, _time_of(path.stat()))
