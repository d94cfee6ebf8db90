"""The sample delivery of QSD301, and what one change in it does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from zorgspiegel.pipeline.checking import check_delivery
from zorgspiegel.store.standards import load_codelists, load_standard
from zorgspiegel.terms.outcome import CheckContext, Outcome

SAMPLE = """\
01;QSD301;1.0;0307;2025;20251231;20250630;2025;20260410;voorbeeld 1.0
02;0307;2025;WK030701;01;06;1;1;50000
02;0307;2025;WK030701;01;06;2;1;100000
02;0307;2025;WK030702;07;99;0;1;0
02;0307;2025;WK030703;07;02;2;1;1000
02;0307;2025;WK030799;02;03;1;1;2500
99;5;5;153500
"""


def outcome_of(text: str, folder: Path, *, day: date = date(2026, 4, 15)) -> Outcome:
    standard = load_standard("qsd301")
    path = folder / "QSD301_0307_2025_001.csv"
    path.write_text(text, encoding="utf-8")
    context = CheckContext(codelists=load_codelists(standard), delivered_on=day)
    with check_delivery(path, standard, context=context) as checked:
        return checked.outcome


@pytest.mark.parametrize(
    ("before", "after", "code", "accepted"),
    [
        ("99;5;5;", "99;5;4;", "Q003", False),
        ("WK030703;07;02;2;1;1000", "WK030702;07;99;0;1;1000", "Q004", False),
        ("WK030703;07;02;2;1;1000", "WK030703;07;02;2;123456782;1000", "Q009", False),
    ],
)
def test_one_change_gives_its_finding(tmp_path, before, after, code, accepted):
    outcome = outcome_of(SAMPLE.replace(before, after), tmp_path)
    assert code in {finding.code for finding in outcome.findings}
    assert outcome.accepted is accepted
    assert outcome.datalek is (code == "Q009")


def test_the_sample_is_accepted(tmp_path):
    outcome = outcome_of(SAMPLE, tmp_path)
    assert outcome.accepted
    assert [finding.code for finding in outcome.findings] == ["Q012"], "one of five clients has no wijk"


def test_a_day_late_is_a_signal_only(tmp_path):
    outcome = outcome_of(SAMPLE, tmp_path, day=date(2026, 4, 16))
    assert outcome.accepted
    assert "Q014" in {finding.code for finding in outcome.findings}
