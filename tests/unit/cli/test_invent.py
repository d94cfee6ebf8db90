"""`zorgspiegel invent`, as a person calls it."""

from __future__ import annotations

import json

import pytest

from zorgspiegel.cli import main


def call(*words: str) -> int:
    """The exit code of one call."""
    with pytest.raises(SystemExit) as stopped:
        main(["invent", *words])
    code = stopped.value.code
    assert code is None or isinstance(code, int)
    return code or 0


def test_files_and_a_companion_that_says_what_they_are(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert call("qsd301", "-o", str(out), "--gemeente", "0088", "--period", "2024", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["verzonnen"] is True
    assert list(said["files"]) == ["QSD301_0088_2024_001.csv"]
    assert (out / "QSD301_0088_2024_001.csv").stat().st_size == said["files"]["QSD301_0088_2024_001.csv"]
    assert "VERZONNEN" in (out / "LEESMIJ-VERZONNEN.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("qsd302",), "qsd301"),
        (("qsd301", "--gemeente", "0001"), "GM0001"),
        (("qsd301", "--period", "gisteren"), "2025H1"),
        (("gmsd-wmo", "--period", "2025"), "2025H1"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_files(tmp_path, capsys, words, says):
    assert call(*words, "-o", str(tmp_path / "out")) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*.csv"))
