"""Invented record deliveries (gmsd-wmo, gmsd-kostenwmo): persons, voorzieningen, and the records of them.

One voorziening is often several records, in all the ways that merging must cope with: continued the next day
or after three, resumed under the same number, twice the same, within another, overlapping, in kind and as
budget. The half-years of one year are of the same persons. Every record has productcode VERZN: invented.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from zorgspiegel.synthetic.bsn import UNKNOWN, invented
from zorgspiegel.synthetic.chance import generator
from zorgspiegel.synthetic.curves import WMO
from zorgspiegel.synthetic.draw import clients
from zorgspiegel.synthetic.layout import as_file, file_name, records
from zorgspiegel.synthetic.people import Counts, Gemeente
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Standard

MARK = "VERZN"
"""Productcode of every invented record."""

LIMITS = (0, 18, 24, 65, 75, 85)
OPEN = np.datetime64("2999-12-31")
EARLIEST = np.datetime64("2015-01-01")

PATTERNS = (
    "one",
    "next_day",
    "three_days",
    "four_days",
    "same_number",
    "double",
    "within",
    "overlap",
    "both_forms",
)
SHARES = (0.62, 0.10, 0.05, 0.04, 0.05, 0.04, 0.04, 0.03, 0.03)
GAP_DAYS = {"next_day": 1, "three_days": 3, "four_days": 4, "same_number": 40, "overlap": -10}


@dataclass(frozen=True)
class Rows:
    """Voorzieningen or records, one per place in each array. `end` is OPEN when there is none."""

    person: Counts
    product: Counts
    number: Counts
    form: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    cents: Counts

    def take(self, where: np.ndarray) -> Rows:
        """The rows at these places, in this order."""
        return Rows(*(getattr(self, field.name)[where] for field in fields(self)))

    @staticmethod
    def together(parts: list[Rows]) -> Rows:
        """All rows of these parts."""
        return Rows(
            *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Rows))
        )


@dataclass(frozen=True)
class Persons:
    """Clients of one gemeente: their place in the draw, and how a gemeente knows them."""

    wijk: np.ndarray
    bsn: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    postcode: np.ndarray
    born: np.ndarray


def voorzieningen(standard: Standard, gemeente: Gemeente, *, period: Period, seed: int) -> tuple[str, bytes]:
    """File name and content of one gemeente's gmsd-wmo delivery over a half-year."""
    chance = generator(seed, "gmsd", gemeente.code, period.year)
    persons, found = _year(gemeente, period.year, seed, chance)
    rows = _in_period(_as_records(found, chance), period)
    rows = rows.take(np.lexsort((rows.end, rows.begin, rows.product, rows.person)))
    has_number = rows.number > 0
    is_help = np.array(list(WMO))[rows.product] == "01"
    # An end after the half-year was planned then; that it came is only known in the next delivery.
    has_ended = rows.end <= np.datetime64(period.last_day)
    columns: dict[str, Any] = {
        **_who(persons, rows),
        "Wijkcode": persons.wijk[rows.person],
        "Toewijzingsnummer": np.where(has_number, rows.number.astype(str), ""),
        "Type_toewijzing": np.where(has_number, np.array(list(WMO))[rows.product], ""),
        "Type_declaratie": np.array(list(WMO))[rows.product],
        "Productcode": MARK,
        "Leveringsvorm": rows.form,
        "Start_rechtsgeldigheid": _days(rows.begin),
        "Eind_rechtsgeldigheid": _days(rows.end),
        "Start_daadwerkelijk": _days(rows.begin),
        "Eind_daadwerkelijk": np.where(has_ended, _days(rows.end), ""),
        "Volume": np.where(is_help, "120", ""),
        "Eenheid": np.where(is_help, "01", ""),
        "Frequentie": np.where(is_help, "2", ""),
        "Reden_beeindiging": np.where(has_ended, "19", ""),
    }
    return _file(standard, gemeente, period, columns, len(rows.person))


def kosten(standard: Standard, gemeente: Gemeente, *, period: Period, seed: int) -> tuple[str, bytes]:
    """File name and content of one gemeente's gmsd-kostenwmo delivery over a half-year: the same persons."""
    chance = generator(seed, "gmsd", gemeente.code, period.year)
    persons, found = _year(gemeente, period.year, seed, chance)
    rows = _in_period(found, period)
    rows = rows.take(np.lexsort((rows.begin, rows.product, rows.person)))
    columns: dict[str, Any] = {
        **_who(persons, rows),
        "Toewijzingsnummer": np.where(rows.number > 0, rows.number.astype(str), ""),
        "Type": np.array(list(WMO))[rows.product],
        "Leveringsvorm": rows.form,
        "Periode": str(period),
        "Bedrag": rows.cents // 2,
    }
    return _file(standard, gemeente, period, columns, len(rows.person))


def _file(
    standard: Standard, gemeente: Gemeente, period: Period, columns: dict[str, Any], count: int
) -> tuple[str, bytes]:
    made = f"{period.year}0801" if period.half == 1 else f"{period.year + 1}0201"
    resource = standard.resources[0]
    columns |= {"Gemeentecode": gemeente.digits, "Aanmaakdatum_bestand": made}
    names = {
        "gemeente": gemeente.digits,
        "jaar": str(period.year),
        "halfjaar": str(period.half),
        "volgnummer": "01",
    }
    return file_name(standard, names), as_file(standard, [records(resource, columns, count)], header=resource)


def _year(gemeente: Gemeente, year: int, seed: int, chance: np.random.Generator) -> tuple[Persons, Rows]:
    """The clients of a year and their voorzieningen: one per client and product."""
    drawn = clients(gemeente, WMO, LIMITS, topic="gmsd", year=year, seed=seed)
    unique, products = drawn.unique.ravel(), drawn.products.reshape(-1, len(WMO))
    cell = np.repeat(np.arange(len(unique)), unique)
    persons = _persons(gemeente, drawn.wijken, np.unravel_index(cell, drawn.unique.shape), year, chance)
    # Products are dealt out in turn: nobody gets one twice, and everybody gets at least one.
    of_cell, product = (
        np.repeat(index, products.ravel()) for index in np.indices(products.shape).reshape(2, -1)
    )
    turn = np.arange(len(of_cell)) - np.repeat(np.cumsum(products.sum(1)) - products.sum(1), products.sum(1))
    first = np.cumsum(unique) - unique
    person = first[of_cell] + turn % np.maximum(unique[of_cell], 1)
    begin, end = _dates(len(of_cell), year, chance)
    count = np.maximum(products[of_cell, product], 1)
    found = Rows(
        person=person,
        product=product,
        number=np.where(chance.random(len(of_cell)) < 0.9, chance.permutation(len(of_cell)) + 1000, 0),
        form=chance.choice(["ZIN", "PGB", ""], len(of_cell), p=[0.92, 0.07, 0.01]),
        begin=np.maximum(begin, persons.born[person]),
        end=end,
        cents=drawn.cents.reshape(-1, len(WMO))[of_cell, product] // count,
    )
    return persons, found


def _persons(
    gemeente: Gemeente,
    wijken: tuple[str, ...],
    where: tuple[Any, ...],
    year: int,
    chance: np.random.Generator,
) -> Persons:
    wijk, age, sex = where
    count = len(wijk)
    numbers = np.roll(invented(), -int(gemeente.digits))
    place = np.arange(count)
    # The range has some nine thousand numbers; who is beyond them, in a large city, has an unknown one.
    is_known = (place < len(numbers)) & (chance.random(count) > 0.004)
    low = np.array([*LIMITS, 40])[age]
    high = np.array([*(limit - 1 for limit in LIMITS[1:]), 99, 41])[age]
    born = year - 1 - chance.integers(low, high + 1)
    day = (born - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    day = day + chance.integers(0, 365, count).astype("timedelta64[D]")
    letters = np.array([f"{a}{b}" for a in "ABCDEFGHJKLMNPRTUVWXYZ" for b in "ABCDEFGHJKLMNPRTUVWXYZ"])
    postcode = np.char.add(np.char.mod("%d", 1000 + place % 8900), letters[place // 8900 % len(letters)])
    return Persons(
        wijk=np.array([name if name in gemeente.wijken else "" for name in wijken])[wijk],
        bsn=np.where(is_known, numbers[place % len(numbers)].astype(str), UNKNOWN),
        birth=np.where(is_known, "", _days(day)),
        sex=np.where(is_known, "", sex.astype(str)),
        postcode=np.where(is_known, "", postcode),
        born=day,
    )


def _who(persons: Persons, rows: Rows) -> dict[str, np.ndarray]:
    return {
        "BSN": persons.bsn[rows.person],
        "Geboortedatum": persons.birth[rows.person],
        "Geslacht": persons.sex[rows.person],
        "Postcode": persons.postcode[rows.person],
    }


def _dates(count: int, year: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Begin within the year for a quarter, before it for the rest; two thirds have no end."""
    first = np.datetime64(f"{year}-01-01")
    before = -np.rint(chance.exponential(600, count)).astype(np.int64) - 1
    within = chance.integers(0, 365, count)
    begin = first + np.where(chance.random(count) < 0.25, within, before).astype("timedelta64[D]")
    begin = np.maximum(begin, EARLIEST)
    left = (np.datetime64(f"{year}-12-31") - np.maximum(begin, first)).astype(np.int64)
    end = np.maximum(begin, first) + np.rint(chance.random(count) * left).astype("timedelta64[D]")
    return begin, np.where(chance.random(count) < 0.66, OPEN, end)


def _as_records(found: Rows, chance: np.random.Generator) -> Rows:
    """Each voorziening as one record or two, by the pattern that chance gives it."""
    pattern = chance.choice(len(PATTERNS), len(found.person), p=SHARES)
    until = np.where(found.end == OPEN, found.begin + np.timedelta64(400, "D"), found.end)
    span = (until - found.begin).astype(np.int64)
    pattern[span < 120] = 0  # too short to be cut in two
    middle = found.begin + (span // 3).astype("timedelta64[D]")
    parts = [found.take(np.nonzero(pattern == 0)[0])]
    for place, name in enumerate(PATTERNS[1:], start=1):
        here = np.nonzero(pattern == place)[0]
        parts += _two(found.take(here), middle[here], name)
    return Rows.together(parts)


def _two(rows: Rows, middle: np.ndarray, name: str) -> list[Rows]:
    """The two records of each of these voorzieningen."""
    if name == "double":
        return [rows, rows]
    if name == "both_forms":
        return [replace(rows, form=np.full(len(rows.form), form)) for form in ("ZIN", "PGB")]
    if name == "within":
        inner = replace(rows, begin=rows.begin + np.timedelta64(10, "D"), end=middle, number=rows.number * 0)
        return [rows, inner]
    second = replace(rows, begin=middle + np.timedelta64(GAP_DAYS[name], "D"))
    if name != "same_number":
        second = replace(second, number=np.where(rows.number > 0, rows.number + 500_000_000, 0))
    return [replace(rows, end=middle), second]


def _in_period(rows: Rows, period: Period) -> Rows:
    is_in = (rows.begin <= np.datetime64(period.last_day)) & (rows.end >= np.datetime64(period.first_day))
    return rows.take(np.nonzero(is_in)[0])


def _days(days: np.ndarray) -> np.ndarray:
    """JJJJMMDD; empty when open."""
    text = np.char.replace(np.datetime_as_string(days, unit="D"), "-", "")
    return np.where(days == OPEN, "", text)
