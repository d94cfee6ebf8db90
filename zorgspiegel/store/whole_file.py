"""A large file, written step by step, that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zorgspiegel.store.durable import TEMPORARY, refuse_full, sync_folder
from zorgspiegel.terms.errors import SettingError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write in, that takes its name only when all of it is on the disk.

    When the block raises, what stood at `path` is untouched. SettingError when the folder is not there.
    """
    if not path.parent.is_dir():
        raise SettingError(f"There is no folder {path.parent} to write {path.name} in. Make it first.")
    half = path.with_name(f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}-{path.name}")
    try:
        with refuse_full(path):
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb", buffering=1 << 20) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
            sync_folder(path.parent)
    finally:
        half.unlink(missing_ok=True)
