"""`zorgspiegel release`: what a person sees, what a machine reads, and the exit codes that are promised."""

from __future__ import annotations

import csv
import json

import pytest

from tests.lib import invented_release as invented
from zorgspiegel import cli
from zorgspiegel.store import releases


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("releases")
    for name in ("2025-najaar", "2026-voorjaar"):
        releases.write_release(invented.plan(name, invented=name == "2026-voorjaar"), root)
    releases.set_current(root, "2026-voorjaar")
    return root


@pytest.fixture
def run(root, capsys):
    """Call the command line; gives exit code, output and messages."""

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            cli.main(["release", *words, "--releases", str(root)])
        told = capsys.readouterr()
        return stopped.value.code, told.out, told.err

    return call


def test_show_lists_the_releases_and_marks_the_current_one(run):
    code, out, _ = run("show")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["2025-najaar", "Voorjaar", "2026"],
        ["*", "2026-voorjaar", "Voorjaar", "2026", "VERZONNEN", "GEGEVENS"],
    ]
    code, out, _ = run("show", "--json")
    assert [(one["naam"], one["is_current"], one["verzonnen"]) for one in json.loads(out)] == [
        ("2025-najaar", False, False),
        ("2026-voorjaar", True, True),
    ]


def test_show_tells_what_is_in_a_release(run, root):
    code, out, _ = run("show", "2026-voorjaar")
    assert code == 0
    assert out.startswith("VERZONNEN GEGEVENS")
    for words in (
        "2026-voorjaar (current)",
        "576: geheim 106, getoond 458",
        "2023 (voorlopig)",
        "wmo_clienten v1",
    ):
        assert words in out
    code, out, _ = run("show", "2026-voorjaar", "--json")
    assert json.loads(out)["digest"] + "\n" == (root / "2026-voorjaar" / "DIGEST").read_text()


def test_verify_says_whole_or_what_is_wrong(run, root, tmp_path):
    code, out, _ = run("verify", "2026-voorjaar")
    assert code == 0
    assert "2026-voorjaar is whole: 18 files" in out
    code, out, _ = run("verify", "2026-voorjaar", "--json")
    assert json.loads(out)["comparisons"] == 16
    code, _, err = run("verify", "2026-voorjaar", "--digest", "sha256:00")
    assert code == 2
    assert "sha256:00 was published" in err


def test_export_writes_one_file(run, tmp_path):
    for kind in ("csv", "xlsx", "ods", "parquet", "datapackage"):
        target = tmp_path / f"uit.{kind}"
        code, out, _ = run("export", "2025-najaar", "--format", kind, "-o", str(target), "--json")
        assert code == 0
        assert json.loads(out) == {"file": str(target), "format": kind, "bytes": target.stat().st_size}
    with (tmp_path / "uit.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 576


def test_export_names_the_file_after_the_release(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("export", "2025-najaar", "--format", "datapackage")[0] == 0
    assert run("export", "2025-najaar", "--indicator", "zvw_kosten")[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2025-najaar.csv", "2025-najaar.zip"]
    code, _, err = run("export", "2025-najaar")
    assert code == 2
    assert "nothing is overwritten" in err


@pytest.mark.parametrize(
    "words", [("show", "2030-voorjaar"), ("verify", "2030-voorjaar"), ("export", "2030-voorjaar")]
)
def test_a_release_that_is_not_there_is_named_with_those_that_are(run, words):
    code, _, err = run(*words)
    assert code == 2
    assert "There are: 2025-najaar, 2026-voorjaar." in err


def test_a_name_cannot_leave_the_folder(run):
    code, _, err = run("show", "../2026-voorjaar")
    assert code == 2
    assert "lower case letters" in err


def test_an_unknown_format_is_refused(run):
    code, _, err = run("export", "2025-najaar", "--format", "pdf")
    assert code == 2
    assert "csv" in err


def test_without_releases_show_says_how_to_make_one(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["release", "show", "--releases", str(tmp_path)])
    assert stopped.value.code == 0
    assert "zorgspiegel release build" in capsys.readouterr().err


def test_build_writes_a_release_and_shows_it_only_when_asked(tmp_path, capsys, monkeypatch):
    from zorgspiegel.pipeline import releasing

    def build(name, *, home, title, tell):
        tell("klaar")
        return releases.write_release(invented.plan(name, title=title or "Zonder titel"), home.releases)

    monkeypatch.setattr(releasing, "build_release", build)
    monkeypatch.setenv("ZORGSPIEGEL_HOME", str(tmp_path))
    for name, words, is_current in (("2025-najaar", [], False), ("2026-voorjaar", ["--current"], True)):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["release", "build", name, *words, "--title", "Titel", "--json"])
        told = capsys.readouterr()
        found = json.loads(told.out)
        assert stopped.value.code == 0
        assert (found["naam"], found["titel"], found["is_current"]) == (name, "Titel", is_current)
        assert told.err == "klaar\n"


def test_build_without_anything_to_publish_writes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ZORGSPIEGEL_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["release", "build", "2026-voorjaar"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("zorgspiegel: ")
    assert list((tmp_path / "releases").iterdir()) == []
