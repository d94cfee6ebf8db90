"""Opens delivered files safely: a child process with limits reads them, this process only sees the answer.

Whatever a file does (bomb, forged ZIP, a million columns, a parser that dies) ends in a list of problems. The
death of the child is a normal verdict.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zorgspiegel.store.opening import limits
from zorgspiegel.store.opening.containers import label
from zorgspiegel.store.opening.job import Job
from zorgspiegel.terms.deliveries import FileFacts, Problem, Trouble
from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.standards import Standard

TEXT_FILE = "text.parquet"
CHILD = ["-m", "zorgspiegel.store.opening.child"]
"""What the child runs; isolated from the environment and the folder of the caller."""


@dataclass(frozen=True)
class OpenedDelivery:
    """A delivered file that was opened: what was found, and its all-text table (None when there is none)."""

    facts: FileFacts
    text_path: Path | None


def open_delivery(path: Path, standard: Standard, *, folder: Path, name: str | None = None) -> OpenedDelivery:
    """Open a delivered file as the standard says. Never raises for anything that is in the file.

    folder: an own, empty folder; afterwards the all-text table is in it (text.parquet).
    name:   the name that the sender gave, when `path` has another one.
    Raises SettingError when the file is not there.
    """
    if not path.is_file():
        raise SettingError(f"There is no file {path}. Give the path of the file to check.")
    shown = label(name or path.name)
    job = _job(path.resolve(), shown, standard, folder.resolve())
    size = path.stat().st_size
    answer = _ask(job, size)
    text_path = Path(job.out) if answer.pop("has_table") else None
    for inner in ("width", "has_quoted_newline"):
        answer.pop(inner, None)
    facts = FileFacts.from_json({"name": shown, "sha256": digest(path), "size_bytes": size, **answer})
    return OpenedDelivery(facts, text_path)


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _job(path: Path, name: str, standard: Standard, folder: Path) -> Job:
    rules = standard.file
    return Job(
        path=str(path),
        name=name,
        folder=str(folder),
        out=str(folder / TEXT_FILE),
        header=rules.header,
        width=max(len(resource.fields) for resource in standard.resources),
        forms=rules.forms,
        separators=rules.separators,
        encodings=rules.encodings,
        max_bytes=rules.max_mb << 20,
        zip=rules.zip,
        zip_max_files=rules.zip_max_files,
        name_pattern=rules.name,
        kinds=tuple((r.kind or r.name, tuple(f.name for f in r.fields)) for r in standard.resources),
        threads=min(os.cpu_count() or 1, 4),
    )


def _ask(job: Job, size: int) -> dict[str, Any]:
    """The answer of the child, or that it was stopped: too long, too large, dead, or not understandable."""
    seconds = limits.WALL_SECONDS + limits.WALL_SECONDS_PER_GB * size // (1 << 30)
    try:
        done = subprocess.run(
            [sys.executable, "-I", *CHILD],
            input=json.dumps(dataclasses.asdict(job)).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
            cwd=job.folder,
        )
        if done.returncode == 0 and len(done.stdout) <= limits.ANSWER_BYTES:
            return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        pass
    stopped = dataclasses.asdict(Problem(Trouble.STOPPED))
    return {"problems": [stopped], "header": [], "has_table": False}
