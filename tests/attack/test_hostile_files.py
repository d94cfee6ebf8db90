"""Files that are made to hurt end in a finding, within ten seconds of processor time and 512 MB."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from zorgspiegel.receive import recognise
from zorgspiegel.store.deliveries import open_delivery
from zorgspiegel.store.standards import load_standard
from zorgspiegel.terms.deliveries import Trouble
from zorgspiegel.terms.outcome import CheckContext

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SECONDS = 10
MEGABYTES = 512


def workbook(sheet: bytes, **more: bytes) -> bytes:
    """A small valid workbook around this sheet; `more` adds or replaces parts (dots become slashes)."""
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="r"><sheets><sheet name="a" r:id="rId1"/>'
        "</sheets></workbook>".encode(),
        "xl/_rels/workbook.xml.rels": b'<Relationships><Relationship Id="rId1" '
        b'Target="worksheets/sheet1.xml"/>'
        b"</Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
    }
    parts |= {name.replace("__", "/"): content for name, content in more.items()}
    return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def sheet(inside: str) -> bytes:
    return f'<worksheet xmlns="{SHEET}"><sheetData>{inside}</sheetData></worksheet>'.encode()


def lying_zip() -> bytes:
    """A ZIP whose directory says that the entry is ten bytes long; it unpacks to thirty megabytes."""
    content = zipped({"a.csv": b"0" * (30 << 20)})
    sizes = (30 << 20).to_bytes(4, "little")
    return content.replace(sizes, (10).to_bytes(4, "little"))


def encrypted_zip() -> bytes:
    content = bytearray(zipped({"a.csv": b"a;b\n1;2\n"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def overlapping_zip() -> bytes:
    """Two entries in the directory that share the same bytes."""
    content = zipped({"a.csv": b"x" * 1000, "b.csv": b"y" * 1000})
    second = content.index(b"PK\x03\x04", 4)
    return content.replace(second.to_bytes(4, "little"), (0).to_bytes(4, "little"))


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><l>&j;</l>"
)
XXE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l><r><Jaar>&a;</Jaar></r></l>'
HEAD = ";".join(field.name for field in load_standard("zvw-agg").resources[0].fields).encode()

FILES = {
    "zip-bomb": ("a.zip", lambda: zipped({"a.csv": b"0" * (60 << 20)}), Trouble.ZIP_BOMB),
    "zip-that-lies": ("a.zip", lying_zip, Trouble.ZIP_BROKEN),
    "zip-in-zip": ("a.zip", lambda: zipped({"b.zip": zipped({"a.csv": b"1"})}), Trouble.ZIP_NESTED),
    "zip-in-disguise": ("a.zip", lambda: zipped({"b.csv": zipped({"a.csv": b"1"})}), Trouble.ZIP_NESTED),
    "zip-path": ("a.zip", lambda: zipped({"../../etc/cron.d/x.csv": b"1"}), Trouble.ZIP_PATH),
    "zip-absolute": ("a.zip", lambda: zipped({"/tmp/x.csv": b"1"}), Trouble.ZIP_PATH),  # noqa: S108
    "zip-password": ("a.zip", encrypted_zip, Trouble.ZIP_PASSWORD),
    "zip-empty": ("a.zip", lambda: zipped({}), Trouble.ZIP_EMPTY),
    "zip-many": ("a.zip", lambda: zipped({f"{n}.csv": b"1" for n in range(9)}), Trouble.ZIP_TOO_MANY),
    "zip-crowd": ("a.zip", lambda: zipped({f"{n}.csv": b"1" for n in range(5000)}), Trouble.ZIP_TOO_MANY),
    "zip-overlap": ("a.zip", overlapping_zip, Trouble.ZIP_OVERLAP),
    "zip-cut": ("a.zip", lambda: zipped({"a.csv": os.urandom(9000)})[:4000], Trouble.ZIP_BROKEN),
    "gzip": ("a.csv", lambda: b"\x1f\x8b\x08\x00" + zlib.compress(b"0" * 1000), Trouble.NOT_ALLOWED),
    "program": ("a.csv", lambda: b"MZ\x90\x00" + bytes(1000), Trouble.NOT_ALLOWED),
    "old-excel": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Trouble.NOT_ALLOWED),
    "page-as-csv": ("a.csv", lambda: b"<html><script>1</script></html>", Trouble.NOT_ALLOWED),
    "sheet-as-csv": ("a.csv", lambda: workbook(sheet("")), Trouble.DISGUISED),
    "corner": (
        "a.xlsx",
        lambda: workbook(
            sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"/></row>')
        ),
        Trouble.SHEET_LIMITS,
    ),
    "wide-corner": (
        "a.xlsx",
        lambda: workbook(sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')),
        Trouble.SHEET_LIMITS,
    ),
    "backwards": (
        "a.xlsx",
        lambda: workbook(sheet('<row r="5"><c r="A5"/></row><row r="2"><c r="A2"/></row>')),
        Trouble.SHEET_LIMITS,
    ),
    "macro": ("a.xlsx", lambda: workbook(sheet(""), xl__vbaProject=b""), Trouble.SHEET_ACTIVE),
    "external-link": (
        "a.xlsx",
        lambda: workbook(sheet(""), **{"xl__externalLinks__externalLink1.xml": b"<x/>"}),
        Trouble.SHEET_ACTIVE,
    ),
    "sheet-laughs": ("a.xlsx", lambda: workbook(BILLION_LAUGHS), Trouble.XML_DOCTYPE),
    "sheet-deep": ("a.xlsx", lambda: workbook(b"<a>" * 100_000), Trouble.SHEET_BROKEN),
    "sheet-broken": ("a.xlsx", lambda: workbook(b"<worksheet><sheetData><row"), Trouble.SHEET_BROKEN),
    "shared-strings": (
        "a.xlsx",
        lambda: workbook(
            sheet(""), **{"xl__sharedStrings.xml": b"<sst>" + b"<si><t/></si>" * 2_500_000 + b"</sst>"}
        ),
        Trouble.ZIP_BOMB,
    ),
    "string-of-a-megabyte": (
        "a.xlsx",
        lambda: workbook(
            sheet(""), **{"xl__sharedStrings.xml": b"<sst><si><t>" + b"x" * 1_000_000 + b"</t></si></sst>"}
        ),
        Trouble.SHEET_LIMITS,
    ),
    "laughs": ("a.xml", lambda: BILLION_LAUGHS, Trouble.XML_DOCTYPE),
    "foreign-entity": ("a.xml", lambda: XXE, Trouble.XML_DOCTYPE),
    "xml-deep": ("a.xml", lambda: b"<a>" * 200_000, Trouble.XML_BROKEN),
    "xml-columns": (
        "a.xml",
        lambda: b"<l><r>" + b"".join(b"<k%d>1</k%d>" % (n, n) for n in range(9000)) + b"</r></l>",
        Trouble.TOO_MANY_COLUMNS,
    ),
    "utf-16": ("a.csv", lambda: "Jaar;Bedrag\n1;2\n".encode("utf-16"), Trouble.ENCODING_UTF16),
    "nul": ("a.csv", lambda: HEAD + b"\n9991;2024;\x000307;;12;14;2;1;1;1\n", Trouble.NUL),
    "million-columns": ("a.csv", lambda: b";".join([b"a"] * 1_000_000) + b"\n", Trouble.TOO_MANY_COLUMNS),
    "one-line": ("a.csv", lambda: HEAD + b"\n" + b"x" * (6 << 20), Trouble.FIELD_TOO_LONG),
    "long-field": ("a.csv", lambda: HEAD + b"\n" + b"x" * (2 << 20) + b";2\n", Trouble.FIELD_TOO_LONG),
    "open-quote": ("a.csv", lambda: HEAD + b'\n"' + b"9991;2024\n" * 5000, Trouble.LONE_QUOTE),
    "quote-inside": ("a.csv", lambda: HEAD + b'\n9991;2"0"24;1;1;1;1;1;1;1;1\n', Trouble.LONE_QUOTE),
    "mixed-ends": (
        "a.csv",
        lambda: HEAD + b"\r\n" + b"1;" * 9 + b"1\n" + b"1;" * 9 + b"1\r\n",
        Trouble.MIXED_LINE_ENDS,
    ),
    "empty": ("a.csv", lambda: b"", Trouble.EMPTY),
}


MEASURE = """
import pickle, resource, sys
from pathlib import Path
from zorgspiegel.store.deliveries import open_delivery
from zorgspiegel.store.standards import load_standard
opened = open_delivery(Path(sys.argv[1]), load_standard("zvw-agg"), folder=Path(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stdout.buffer.write(pickle.dumps((opened, used.ru_utime + used.ru_stime, used.ru_maxrss)))
"""


def _measured(path, folder):
    """What opening gave, with processor seconds and peak kilobytes of the child that opened it.

    In a process of its own: the peak of children is that of the largest one ever, and here Spark may be one.
    """
    done = subprocess.run([sys.executable, "-c", MEASURE, path, folder], capture_output=True, check=True)
    return pickle.loads(done.stdout)


@pytest.mark.parametrize("case", FILES)
def test_a_hostile_file_ends_in_a_finding(case, tmp_path):
    name, make, trouble = FILES[case]
    path, folder = tmp_path / name, tmp_path / "folder"
    path.write_bytes(make())
    folder.mkdir()
    standard = load_standard("zvw-agg")
    opened, seconds, kilobytes = _measured(path, folder)
    assert trouble in {problem.trouble for problem in opened.facts.problems}
    assert seconds < SECONDS
    assert kilobytes < MEGABYTES << 10
    findings = recognise(opened.facts, standard, context=CheckContext()).findings
    assert findings
    assert all(finding.message.endswith(f"({finding.code})") for finding in findings)


def test_nothing_is_written_outside_the_folder(tmp_path):
    path, folder = tmp_path / "a.zip", tmp_path / "in" / "folder"
    path.write_bytes(zipped({"../../escaped.csv": b"1"}))
    folder.mkdir(parents=True)
    open_delivery(path, load_standard("zvw-agg"), folder=folder)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.zip", "folder", "in"]


@pytest.mark.parametrize("size", [1 << 16, 1 << 20])
def test_noise_never_breaks_the_opener(size, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    path = tmp_path / "a.csv"
    path.write_bytes(os.urandom(size))
    opened = open_delivery(path, load_standard("zvw-agg"), folder=folder)
    assert opened.facts.problems


def test_a_child_that_dies_is_a_verdict(tmp_path, monkeypatch):
    from zorgspiegel.store import deliveries

    monkeypatch.setattr(deliveries, "CHILD", ["-c", "import os; os.abort()"])
    path = tmp_path / "a.csv"
    path.write_bytes(HEAD + b"\n")
    opened = open_delivery(path, load_standard("zvw-agg"), folder=Path(tmp_path))
    assert [problem.trouble for problem in opened.facts.problems] == [Trouble.STOPPED]
    assert opened.text_path is None
