"""The child process in which files of strangers are opened: `python -I -m zorgspiegel.store.opening.child`.

One job as JSON on standard input, one answer as JSON on standard output. First the limits, then the file. The
readers run in little memory; then the limit is raised for DuckDB, which only sees what the readers passed.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import resource
import sys
from pathlib import Path

from zorgspiegel.store.opening import limits
from zorgspiegel.store.opening.containers import extension_of, sniff, unpack_one, zip_size
from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.problems import Problems, Stop
from zorgspiegel.terms.deliveries import Trouble

_PR_SET_NO_NEW_PRIVS = 38


def restrain(size_bytes: int) -> None:
    """Limits that the kernel holds: memory, processor time, size of files, open files, no core, no new
    rights."""
    seconds = limits.CPU_SECONDS + limits.CPU_SECONDS_PER_GB * size_bytes // (1 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (limits.ADDRESS_SPACE, limits.ADDRESS_SPACE_TRUSTED))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    largest = max(4 * size_bytes, limits.ZIP_TOTAL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.OPEN_FILES, limits.OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def open_file(job: Job) -> Answer:
    """Everything about this file; its rows are in `job.out` when the answer says has_table."""
    answer, problems = Answer(), Problems()
    with contextlib.suppress(Stop):
        _read(job, answer, problems)
    answer.problems = problems.as_json()
    return answer


def _read(job: Job, answer: Answer, problems: Problems) -> None:
    path, name = Path(job.path), job.name
    if path.stat().st_size > job.max_bytes:
        raise problems.stop(Trouble.TOO_LARGE)
    if path.stat().st_size == 0:
        raise problems.stop(Trouble.EMPTY)
    kind = sniff(path)
    if kind == "zip":
        path = unpack_one(path, job, answer, problems)
        name, kind = answer.inner_name or "", sniff(path)
        if path.stat().st_size == 0:
            raise problems.stop(Trouble.EMPTY)
        if kind == "zip":
            raise problems.stop(Trouble.ZIP_NESTED)
    answer.form = kind
    if kind not in job.forms:
        raise problems.stop(Trouble.NOT_ALLOWED)
    if extension_of(name) in {"csv", "xlsx", "xml", "zip"} and extension_of(name) != kind:
        raise problems.stop(Trouble.DISGUISED)
    _table(path, kind, job, answer, problems)


def _table(path: Path, kind: str, job: Job, answer: Answer, problems: Problems) -> None:
    flawless = _read_rows(path, kind, job, answer, problems)
    if not answer.has_table:
        return
    from zorgspiegel.store.opening import parquet

    resource.setrlimit(resource.RLIMIT_AS, (limits.ADDRESS_SPACE_TRUSTED, limits.ADDRESS_SPACE_TRUSTED))
    if flawless and not parquet.copy(path, job, answer):
        # DuckDB saw other rows than the scan did: what the slow reader says goes.
        _slowly(path, job, answer, problems)
        flawless = False
    if not flawless:
        parquet.write(job, answer)


def _read_rows(path: Path, kind: str, job: Job, answer: Answer, problems: Problems) -> bool:
    """Read the rows, or find that DuckDB may read the file as it stands: then True."""
    if kind == "xlsx":
        from zorgspiegel.store.opening.sheet import read_sheet

        _allow(zip_size(path))
        read_sheet(path, job, answer, problems)
        return False
    if kind == "xml":
        from zorgspiegel.store.opening.xmlfile import read_delivery_xml

        read_delivery_xml(path, job, answer, problems)
        return False
    from zorgspiegel.store.opening import csvfile
    from zorgspiegel.store.opening.scan import scan

    answer.separator = csvfile.separator_of(path, job, problems)
    found = scan(path, answer.separator, width=job.width) if job.header else None
    if found is None:
        csvfile.read_csv(path, job, answer, problems)
        return False
    answer.header, answer.rows, answer.has_bom = found.header, found.rows, found.has_bom
    answer.encoding, answer.has_table = "utf-8", True
    answer.has_quoted_newline = found.has_quoted_newline
    return True


def _slowly(path: Path, job: Job, answer: Answer, problems: Problems) -> None:
    from zorgspiegel.store.opening import csvfile

    answer.header, answer.rows = [], 0
    csvfile.read_csv(path, job, answer, problems)


def _allow(size_bytes: int) -> None:
    """More processor time for a workbook, in step with what is in it; bombs were refused before."""
    seconds = limits.CPU_SECONDS + size_bytes // limits.SHEET_BYTES_PER_SECOND
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def main() -> None:
    """Read the job, hold the limits, answer. Out of memory is an answer too."""
    data = json.load(sys.stdin)
    job = Job(**data)
    restrain(Path(job.path).stat().st_size)
    try:
        answer = open_file(job)
    except MemoryError:
        problems = Problems()
        problems.add(Trouble.STOPPED)
        answer = Answer(problems=problems.as_json())
    json.dump(dataclasses.asdict(answer), sys.stdout)


if __name__ == "__main__":
    main()
