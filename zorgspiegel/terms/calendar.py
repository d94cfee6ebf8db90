"""When files are taken: windows, deadlines, withdrawal, reminders per standard (DOMAIN 3.3). Pure; no clock.

Days are days in Amsterdam and count to their last second: what must be done by 15 April can be done until
23:59:59 there. Inside, each such day is the moment after it, so that a comparison needs no "or equal".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from zorgspiegel.terms.periods import Period

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
REMIND_AT = time(9, 0)
"""Reminders go out when people are at work."""
_DAY = re.compile(r"Y(?:\+([1-9]))?-(\d{2})-(\d{2})")


def _known_day(text: str) -> str:
    match = _DAY.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        date(2027, int(match[2]), int(match[3]))  # no leap year: a day that exists in every year
    except ValueError:
        raise ValueError(
            "write a day as Y-08-15 (in the period's own year) or Y+1-03-05 (a year later); not 29 February"
        ) from None
    return text


Day = Annotated[str, AfterValidator(_known_day)]
"""A day that depends on the period's year: Y-08-15, or Y+1-03-05 for one in the year after."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowRule(_Model):
    """The window of one kind of period. `deadline` is what was agreed; files may come until `closes`."""

    period: Literal["year", "H1", "H2"]
    opens: Day
    deadline: Day
    closes: Day
    withdraw_until: Day

    @model_validator(mode="after")
    def _in_order(self) -> WindowRule:
        opens, deadline, closes, withdraw = (
            _date(day, 2025) for day in (self.opens, self.deadline, self.closes, self.withdraw_until)
        )
        if not opens <= deadline <= closes:
            raise ValueError("opens, deadline and closes must follow each other in time")
        if withdraw < deadline:
            raise ValueError(
                "withdraw_until may not lie before the deadline: who delivers on the last day may withdraw"
            )
        return self


class ReminderRule(_Model):
    """One reminder: so many days before the deadline; `days_before: 0` is the day of the deadline itself."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    days_before: int = Field(ge=0, le=366)


class Calendar(_Model):
    """When which standards are taken. The file says which of its days are official and which are ours."""

    id: str
    titel: str
    standards: tuple[str, ...] = Field(min_length=1)
    bron: str
    windows: tuple[WindowRule, ...] = Field(min_length=1)
    reminders: tuple[ReminderRule, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Calendar:
        kinds = [window.period for window in self.windows]
        ids = [reminder.id for reminder in self.reminders]
        days = [reminder.days_before for reminder in self.reminders]
        if any(len(set(each)) != len(each) for each in (kinds, ids, days)):
            raise ValueError("a period, a reminder or a day of a reminder stands in the calendar twice")
        return self


@dataclass(frozen=True)
class Window:
    """The window of one period: `opens_at` is its first moment, the others are the first that is too late."""

    period: Period
    opens_at: datetime
    deadline_at: datetime
    closes_at: datetime
    intrekken_tot: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether files are taken at this moment."""
        return self.opens_at <= now < self.closes_at

    def is_late(self, now: datetime) -> bool:
        """Whether a file that comes now is after what was agreed."""
        return now >= self.deadline_at


def window(calendar: Calendar, period: Period) -> Window | None:
    """The window for files about this period; None when the calendar has no such kind of period."""
    kind = f"H{period.half}" if period.half else "year"
    rule = next((rule for rule in calendar.windows if rule.period == kind), None)
    if rule is None:
        return None
    after = timedelta(days=1)
    return Window(
        period,
        opens_at=_midnight(_date(rule.opens, period.year)),
        deadline_at=_midnight(_date(rule.deadline, period.year) + after),
        closes_at=_midnight(_date(rule.closes, period.year) + after),
        intrekken_tot=_midnight(_date(rule.withdraw_until, period.year) + after),
    )


def open_windows(calendar: Calendar, now: datetime) -> tuple[Window, ...]:
    """Every window of the calendar that is open at this moment, oldest period first."""
    here = now.astimezone(AMSTERDAM).year
    halves = {"year": None, "H1": 1, "H2": 2}
    periods = [
        Period(year, halves[rule.period]) for year in range(here - 9, here + 1) for rule in calendar.windows
    ]
    found = (window(calendar, period) for period in sorted(periods, key=lambda p: p.last_day))
    return tuple(each for each in found if each is not None and each.is_open(now))


def reminder_due(calendar: Calendar, about: Window, now: datetime) -> ReminderRule | None:
    """The reminder that is due for those who have not delivered yet: the latest one whose moment has come.

    Never more than one: after a standstill nobody gets three mails in one minute. None outside the window and
    after the deadline.
    """
    if not about.opens_at <= now < about.deadline_at:
        return None
    last_day = about.deadline_at.astimezone(AMSTERDAM).date() - timedelta(days=1)
    moments = [
        (datetime.combine(last_day - timedelta(days=rule.days_before), REMIND_AT, AMSTERDAM), rule)
        for rule in calendar.reminders
    ]
    # In absolute time: two local times with the same ZoneInfo compare by the wall clock, across DST too.
    past = [(moment.timestamp(), rule) for moment, rule in moments if moment.timestamp() <= now.timestamp()]
    return max(past, key=lambda each: each[0])[1] if past else None


def _date(day: str, year: int) -> date:
    match = _DAY.fullmatch(day)
    assert match is not None, "a Day was checked when the calendar was read"
    return date(year + int(match[1] or 0), int(match[2]), int(match[3]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, AMSTERDAM)
