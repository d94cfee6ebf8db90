"""The law of the house, held by what a person runs too (`make check`), and proof that it can fail."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from zorgspiegel.store import definitions
from zorgspiegel.terms.errors import DefinitionError, ShapeError
from zorgspiegel.terms.shapes import Column, Shape, door

ROOT = Path(__file__).resolve().parents[2]


def test_format_lint_types_contracts_and_docs_are_in_order():
    done = subprocess.run(["scripts/check.sh"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("zorgspiegel/aggregate/__init__.py", "import duckdb"),
        ("zorgspiegel/publish/__init__.py", "from zorgspiegel import protect"),
        ("zorgspiegel/portal/__init__.py", "from zorgspiegel import aggregate"),
        ("zorgspiegel/terms/areas.py", "from zorgspiegel import store"),
    ],
)
def test_the_import_contracts_go_red_when_broken(tmp_path, module, planted):
    for path in [*ROOT.glob("zorgspiegel/**/*.py"), ROOT / "pyproject.toml"]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    victim = tmp_path / module
    victim.write_text(victim.read_text(encoding="utf-8") + f"\n{planted}\n", encoding="utf-8")
    linter = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", linter, "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_a_door_refuses_a_table_of_another_shape():
    import ibis

    shape = Shape("counts", (Column("wijk", "string", "code"), Column("aantal_personen", "int64", "persons")))

    @door(counts=shape, gives=shape)
    def keep(counts):
        return counts

    good = ibis.memtable({"wijk": ["WK036301"], "aantal_personen": [25]})
    assert keep(good).columns == ("wijk", "aantal_personen")
    with pytest.raises(ShapeError, match="aantal_personen is missing"):
        keep(good.drop("aantal_personen"))
    with pytest.raises(ShapeError, match="wijk is int8, not string"):
        keep(good.mutate(wijk=1))
    with pytest.raises(ShapeError, match="naam is not known here"):
        keep(good.mutate(naam=ibis.literal("x")))


class _Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str
    shown: bool
    parts: list[int] = []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code: 0307\nshown: true\nkleur: rood\n", r"things/a.yaml, line 3: kleur: Extra inputs"),
        ("code: x\nshown: true\ncode: y\n", r"line 3: 'code' is written twice"),
        (
            "code: x\nshown: true\nparts:\n  - 1\n  - een\n",
            r"line 5: parts.1: Input should be a valid integer",
        ),
        ("shown: true\n", r"line 1: code: Field required"),
        ("code: [x\n", r"line \d: "),
    ],
)
def test_a_broken_definition_says_file_and_line(tmp_path, text, message):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        definitions.load("things", "a", _Thing, root=tmp_path)


def test_codes_and_dates_in_a_definition_stay_text(tmp_path):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "a.yaml").write_text("code: 0307\nshown: true\n", encoding="utf-8")
    assert definitions.load("things", "a", _Thing, root=tmp_path).code == "0307"
    (tmp_path / "things" / "b.yaml").write_text("code: 2025-04-15\nshown: false\n", encoding="utf-8")
    assert definitions.load("things", "b", _Thing, root=tmp_path).code == "2025-04-15"


ENGLISH = {"id", "eur", "key", "van", "naar", "code"}
"""Parts of column names that need no entry: English, a unit, or a Dutch function word."""


def _glossary() -> set[str]:
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    return {word.lower() for word in re.findall(r"^\*\*([^*]+)\*\* — ", text, flags=re.MULTILINE)}


def _is_explained(word: str, known: set[str]) -> bool:
    """A compound is explained when its parts are: indelingsjaar, gebiedscode, aantal_inwoners."""
    singular = [word, word.removesuffix("en"), word.removesuffix("s"), word.removesuffix("nen") + "n"]
    return any(form in known for form in singular) or word in ENGLISH


def test_every_dutch_word_of_the_table_shapes_is_in_the_glossary():
    from zorgspiegel.terms import statuses, tables

    names = {c.name for s in vars(tables).values() if isinstance(s, Shape) for c in s.columns}
    names |= {status.value for status in (*statuses.CellStatus, *statuses.PeriodStatus)}
    known = _glossary()
    missing = sorted({part for name in names for part in name.split("_") if not _is_explained(part, known)})
    assert not missing, f"add to GLOSSARY.md: {', '.join(missing)}"


def test_the_glossary_is_sorted_and_has_a_source_for_every_word():
    lines = [
        line for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines() if line[:2] == "**"
    ]
    words = [line.split("**")[1].lower() for line in lines]
    assert words == sorted(words)
    assert len(words) == len(set(words))
    assert [line for line in lines if "*Source: " not in line] == []


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("zorgspiegel/**/*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_module_and_public_function_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not tree.body or "migrations" in path.parts:
        return
    assert ast.get_docstring(tree), "the module has no docstring"
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == [], f"without a docstring: {silent}"


def test_nothing_in_the_repository_names_a_machine_or_a_download_host():
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    hosts = re.compile(
        "files." + r"pythonhosted|pypi." + r"org/simple|registry.npmjs" + r"\.org|/home/\w+/|/root/"
    )
    guilty = []
    for name in filter(None, files.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".parquet", ".png", ".woff2", ".gz"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            if hosts.search(text) and path != Path(__file__).resolve():
                guilty.append(name)
    assert guilty == []
    assert not (ROOT / "uv.lock").exists()


KNOWN_VECTORS = {"123456782", "111222333"}
"""Published examples of the elfproef; every other BSN in the repository must come from the test range."""


def _passes_elfproef(digits: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return digits != "000000000" and sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 0


def _real_looking_bsns(text: str) -> list[str]:
    found = re.findall(r"(?<![0-9A-Za-z.])\d{9}(?![0-9A-Za-z.])", text)
    return [
        bsn
        for bsn in found
        if _passes_elfproef(bsn) and bsn not in KNOWN_VECTORS and not 999900006 <= int(bsn) <= 999999990
    ]


def test_no_number_in_the_repository_could_be_a_real_bsn():
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    guilty = [
        name
        for name in filter(None, files.split("\0"))
        if (ROOT / name).is_file()
        and (ROOT / name).suffix not in {".parquet", ".png", ".woff2", ".gz"}
        and _real_looking_bsns((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]
    assert guilty == []


def test_the_scan_for_bsns_can_find_one():
    outside_the_range = next(str(n) for n in range(200_000_000, 200_000_100) if _passes_elfproef(str(n)))
    assert _real_looking_bsns(f"id;{outside_the_range};x") == [outside_the_range]
    assert _real_looking_bsns("999900006 123456782 999999999") == []
