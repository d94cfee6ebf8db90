"""Writing files so that they survive a power cut: temporary name, fsync, rename, fsync of the folder.

A file with its final name is therefore always whole. A process that dies on the way leaves at most a file
with a temporary name; `sweep` removes those.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zorgspiegel.terms.errors import StoreFullError
from zorgspiegel.terms.kill_points import kill_point

TEMPORARY = ".half-"
A_DAY = 24 * 60 * 60
_HOST = os.uname().nodename.replace("/", "").replace("-", "")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write(path: Path, data: bytes, *, mode: int = 0o600, only_first: bool = False) -> None:
    """Put `data` at `path`, in place of what stood there. When this returns, a power cut does not undo it.

    Two processes may write the same path at the same time: one of them wins, and the file is whole at any
    moment. Raises StoreFullError when the disk is full; what stood at `path` is then untouched. With
    `only_first` what stands there is never replaced: FileExistsError.
    """
    half = path.with_name(f"{TEMPORARY}{os.getpid()}@{_HOST}-{os.urandom(4).hex()}-{path.name}")
    try:
        with refuse_full(path):
            kill_point("file.before_write")
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                kill_point("file.before_fsync")
                os.fsync(file.fileno())
            kill_point("file.before_rename")
            if only_first:
                os.link(half, path)  # fails when somebody was first, unlike a rename
            else:
                os.replace(half, path)  # noqa: PTH105 - the system's own rename, which is atomic
            kill_point("file.after_rename")
            sync_folder(path.parent)
            kill_point("file.after_sync")
    finally:
        half.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a rename lives in the folder, not in the file."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> int:
    """Remove what processes that are gone left half written; how many files that were."""
    leftovers = [path for path in folder.rglob(f"{TEMPORARY}*") if not _is_alive(path)]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _is_alive(half: Path) -> bool:
    """Whether somebody may still be writing it. Of a process on another machine only its age tells."""
    process, _, host = half.name.removeprefix(TEMPORARY).partition("-")[0].partition("@")
    if time.time() - half.stat().st_mtime > A_DAY:
        return False
    return host != _HOST or Path(f"/proc/{process}").exists()


@contextmanager
def refuse_full(path: Path) -> Iterator[None]:
    """Turn the system's ways of saying "full" into one error for the operator."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StoreFullError(
            f"There is no room to write in {path.parent}. Nothing that was acknowledged is lost. Free some "
            "space or enlarge the disk; waiting steps and broken uploads then go on by themselves."
        ) from error
