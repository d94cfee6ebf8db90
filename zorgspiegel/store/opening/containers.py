"""What a file is by its content, and what is inside a ZIP: looked at from the outside before anything is
unpacked."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path, PurePosixPath

from zorgspiegel.store.opening.job import Answer, Job
from zorgspiegel.store.opening.limits import ZIP_ENTRIES, ZIP_RATIO, ZIP_RATIO_FROM, ZIP_TOTAL
from zorgspiegel.store.opening.problems import Problems
from zorgspiegel.terms.deliveries import Trouble

_ENCRYPTED = 0x1
_NESTED = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz")
_STARTS = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "ole",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"%PDF": "pdf",
    b"\x7fELF": "program",
    b"MZ": "program",
    b"{\\rtf": "rtf",
    b"PAR1": "parquet",
}


def sniff(path: Path) -> str:
    """csv, xml, xlsx, zip, or the name of something that we never take. By content, the name says nothing."""
    with path.open("rb") as file:
        start = file.read(4096)
    for magic, kind in _STARTS.items():
        if start.startswith(magic):
            return _zip_kind(path) if kind == "zip" else kind
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:5].lower() == b"<?xml" or text[:1] == b"<":
        return "html" if text[:15].lower().startswith((b"<!doctype html", b"<html")) else "xml"
    return "csv"


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()[: ZIP_ENTRIES * 10]}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return "zip"
    return (
        "xlsx" if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names) else "zip"
    )


def zip_size(path: Path) -> int:
    """What the directory of a ZIP says that it holds, unpacked; 0 when it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return min(sum(info.file_size for info in archive.infolist()), ZIP_RATIO * path.stat().st_size)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return 0


def extension_of(name: str) -> str:
    """The extension of a label, lower case, without the dot."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def check_archive(archive: zipfile.ZipFile, problems: Problems, *, max_total: int) -> list[zipfile.ZipInfo]:
    """The entries of a ZIP, after looking at its directory only. Stops at everything that smells."""
    entries = [info for info in archive.infolist() if not info.is_dir()]
    if not entries:
        raise problems.stop(Trouble.ZIP_EMPTY)
    if len(archive.infolist()) > ZIP_ENTRIES:
        raise problems.stop(Trouble.ZIP_TOO_MANY, found=len(archive.infolist()))
    for info in entries:
        if info.flag_bits & _ENCRYPTED:
            raise problems.stop(Trouble.ZIP_PASSWORD)
        if _leads_out(info.filename):
            raise problems.stop(Trouble.ZIP_PATH)
    if len({info.filename for info in entries}) != len(entries) or _overlap(entries):
        raise problems.stop(Trouble.ZIP_OVERLAP)
    if sum(info.file_size for info in entries) > min(max_total, ZIP_TOTAL):
        raise problems.stop(Trouble.ZIP_BOMB)
    for info in entries:
        if info.file_size > ZIP_RATIO_FROM and info.file_size > ZIP_RATIO * max(info.compress_size, 1):
            raise problems.stop(Trouble.ZIP_BOMB)
    return entries


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or "\0" in name or bool(re.match("[A-Za-z]:", name))


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether two entries share bytes of the file: the trick of the bombs that stay under every ratio."""
    ends = sorted((info.header_offset, info.header_offset + 30 + info.compress_size) for info in entries)
    return any(later[0] < earlier[1] for earlier, later in pairwise(ends))


def unpack_one(path: Path, job: Job, answer: Answer, problems: Problems) -> Path:
    """The one file of a ZIP that this standard is about, unpacked into the job's folder under a name of our
    own."""
    if not job.zip:
        raise problems.stop(Trouble.ZIP_NOT_ALLOWED)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = check_archive(archive, problems, max_total=8 * job.max_bytes)
            if any(info.filename.lower().endswith(_NESTED) for info in entries):
                raise problems.stop(Trouble.ZIP_NESTED)
            if len(entries) > job.zip_max_files:
                raise problems.stop(Trouble.ZIP_TOO_MANY, found=len(entries), expected=job.zip_max_files)
            chosen = _choose(entries, job, problems)
            answer.inner_name = label(PurePosixPath(chosen.filename).name)
            return _count_while_unpacking(archive, chosen, job, problems)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise problems.stop(Trouble.ZIP_BROKEN) from error


def _choose(entries: list[zipfile.ZipInfo], job: Job, problems: Problems) -> zipfile.ZipInfo:
    if len(entries) == 1:
        return entries[0]
    stems = {info.filename: PurePosixPath(info.filename).stem for info in entries}
    fitting = [e for e in entries if job.name_pattern and re.fullmatch(job.name_pattern, stems[e.filename])]
    if len(fitting) != 1:
        raise problems.stop(Trouble.ZIP_TOO_MANY, found=len(entries), expected=1)
    return fitting[0]


def _count_while_unpacking(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, job: Job, problems: Problems
) -> Path:
    """Headers can lie: count what really comes out, and stop at the limit."""
    target, size = Path(job.folder) / "unpacked", 0
    with archive.open(info) as source, target.open("wb") as out:
        while chunk := source.read(1 << 16):
            size += len(chunk)
            if size > job.max_bytes or size > ZIP_RATIO * max(info.compress_size, 1) + ZIP_RATIO_FROM:
                raise problems.stop(Trouble.ZIP_BOMB if size <= job.max_bytes else Trouble.TOO_LARGE)
            out.write(chunk)
    return target


def label(name: str) -> str:
    """A file name as something to show: no path, no control or direction characters, at most 255."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[:255]
