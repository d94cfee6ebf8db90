"""Windows, deadlines and reminders, to the second in Amsterdam, summer and winter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zorgspiegel.store import definitions
from zorgspiegel.terms.calendar import Calendar, open_windows, reminder_due, window
from zorgspiegel.terms.errors import DefinitionError
from zorgspiegel.terms.periods import Period

SECOND = timedelta(seconds=1)


def calendar(name: str) -> Calendar:
    return definitions.load("calendar", name, Calendar)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "period", "opens", "too_late"),
    [
        # Summer time (UTC+2) and winter time (UTC+1), and a window that crosses from one to the other.
        ("gmsd", "2026H1", "2026-08-14 22:00", "2026-09-15 22:00"),
        ("gmsd", "2026H2", "2027-01-14 23:00", "2027-03-05 23:00"),
        ("gemeentezorgspiegel", "2025", "2025-12-31 23:00", "2026-04-15 22:00"),
    ],
)
def test_a_day_counts_to_its_last_second_in_amsterdam(name, period, opens, too_late):
    found = window(calendar(name), Period.parse(period))
    assert found is not None
    assert found.opens_at == utc(opens)
    assert found.deadline_at == utc(too_late)
    assert found.is_open(utc(opens))
    assert not found.is_open(utc(opens) - SECOND)
    assert not found.is_late(utc(too_late) - SECOND)
    assert found.is_late(utc(too_late))


def test_the_withdrawal_deadline_is_23_59_59_in_amsterdam():
    found = window(calendar("gmsd"), Period(2026, 1))
    assert found is not None
    last = datetime.fromisoformat("2026-09-15T23:59:59.999999+02:00")
    assert last < found.intrekken_tot <= last + SECOND


def test_a_yearly_file_after_15_april_is_taken_and_late():
    found = window(calendar("gemeentezorgspiegel"), Period(2025))
    assert found is not None
    day_after = utc("2026-04-16 08:00")
    assert found.is_open(day_after)
    assert found.is_late(day_after)


def test_a_calendar_of_half_years_has_no_window_for_a_year():
    assert window(calendar("gmsd"), Period(2026)) is None


def test_which_windows_are_open_now():
    def periods(name: str, now: str) -> list[str]:
        return [str(each.period) for each in open_windows(calendar(name), utc(now))]

    assert periods("gmsd", "2026-08-20 12:00") == ["2026H1"]
    assert periods("gmsd", "2027-02-01 12:00") == ["2026H2"]
    assert periods("gmsd", "2026-06-01 12:00") == []
    assert periods("gemeentezorgspiegel", "2026-12-31 22:59:59") == ["2025"]
    assert periods("gemeentezorgspiegel", "2026-12-31 23:00") == ["2026"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-08-14 21:59", None),
        ("2026-08-15 06:59", None),  # before nine in the morning
        ("2026-08-15 07:00", "venster-open"),
        ("2026-09-01 06:59", "venster-open"),
        ("2026-09-01 07:00", "twee-weken"),
        ("2026-09-13 12:00", "drie-dagen"),
        ("2026-09-15 07:00", "laatste-dag"),
        ("2026-09-15 21:59", "laatste-dag"),
        ("2026-09-15 22:00", None),
    ],
)
def test_one_reminder_is_due_at_a_time(now, due):
    gmsd = calendar("gmsd")
    about = window(gmsd, Period(2026, 1))
    assert about is not None
    found = reminder_due(gmsd, about, utc(now))
    assert (found.id if found else None) == due


def test_a_reminder_is_at_nine_on_both_sides_of_the_clock_change():
    yearly = calendar("gemeentezorgspiegel")  # 29 March 2026 is between four weeks before and one week before
    about = window(yearly, Period(2025))
    assert about is not None
    for winter_or_summer, due in (("2026-03-18 08:00", "vier-weken"), ("2026-04-08 07:00", "een-week")):
        now = utc(winter_or_summer)
        assert (found := reminder_due(yearly, about, now)) and found.id == due
        assert (before := reminder_due(yearly, about, now - SECOND)) and before.id != due


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Y-09-15\n    closes", "15-09\n    closes", "line 10: .*write a day as Y-08-15"),
        ("opens: Y-08-15", "opens: Y-02-29", "line 9: .*not 29 February"),
        ("opens: Y-08-15", "opens: Y-12-15", "must follow each other in time"),
        ("period: H2", "period: H1", "stands in the calendar twice"),
        ("withdraw_until: Y-09-15", "withdraw_until: Y-09-14", "may not lie before the deadline"),
    ],
)
def test_a_broken_calendar_says_what_to_write(tmp_path, old, new, message):
    text = (definitions.ROOT / "calendar" / "gmsd.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "gmsd.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        definitions.load("calendar", "gmsd", Calendar, root=tmp_path)


def test_no_standard_stands_in_two_calendars():
    every = definitions.load_all("calendar", Calendar).values()
    standards = [standard for each in every for standard in each.standards]
    assert len(set(standards)) == len(standards)


def test_every_standard_of_a_calendar_exists():
    every = definitions.load_all("calendar", Calendar).values()
    assert {standard for each in every for standard in each.standards} <= set(definitions.names("standards"))
