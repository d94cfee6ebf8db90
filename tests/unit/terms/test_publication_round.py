"""voorlopig, nader voorlopig, definitief: the vectors of CBS' rounds."""

from __future__ import annotations

import pytest

from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.publication_round import PublicationRound, status

TABLE = """
    period | voorjaar 2023 | najaar 2023 | voorjaar 2024   | najaar 2024 | voorjaar 2025
    2023H1 | -             | voorlopig   | nader_voorlopig | definitief  | definitief
    2023H2 | -             | -           | voorlopig       | definitief  | definitief
    2023   | -             | -           | voorlopig       | definitief  | definitief
    2024H1 | -             | -           | -               | voorlopig   | nader_voorlopig
    2022   | voorlopig     | definitief  | definitief      | definitief  | definitief
"""
_HEAD, *_ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
CASES = [(row[0], shown, answer) for row in _ROWS for shown, answer in zip(_HEAD[1:], row[1:], strict=True)]


@pytest.mark.parametrize(("period", "shown_in", "answer"), CASES)
def test_the_status_of_a_period_in_a_round(period, shown_in, answer):
    found = status(Period.parse(period), PublicationRound.parse(shown_in))
    assert (found.value if found else "-") == answer


def test_a_status_never_goes_back():
    order = [None, "voorlopig", "nader_voorlopig", "definitief"]
    rounds = [
        PublicationRound.parse(f"{season} {year}")
        for year in range(2022, 2027)
        for season in ("voorjaar", "najaar")
    ]
    assert rounds == sorted(rounds)
    for period in (Period(2023), Period(2023, 1), Period(2023, 2)):
        places = [order.index(status(period, each)) for each in rounds]
        assert places == sorted(places)


def test_a_round_is_read_as_it_is_written():
    for text in ("voorjaar 2024", "najaar 2025"):
        assert str(PublicationRound.parse(text)) == text
    with pytest.raises(ValueError, match="a round is written as"):
        PublicationRound.parse("zomer 2024")
