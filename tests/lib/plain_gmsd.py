"""The slow, obvious twin of the GMSD counts: for every cell, look at every person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zorgspiegel.terms.periods import Period

OPEN = date(9999, 12, 31)


@dataclass(frozen=True)
class Voorziening:
    """One merged voorziening, with what is known of the person."""

    id: int
    gemeente: str
    persoon: str
    type: str
    leveringsvorm: str
    begin: date
    eind: date | None


@dataclass(frozen=True)
class Person:
    """Who somebody is; None = unknown."""

    wijk: str | None
    leeftijd: str | None
    geslacht: str | None


Key = tuple[str, str, str, str, str, str]
NOBODY = Person(None, None, None)


def has_care_between(items: Iterable[Voorziening], first: date, last: date) -> bool:
    """Whether any of these is active on one of these days."""
    return any(item.begin <= last and (item.eind or OPEN) >= first for item in items)


def count(
    items: Sequence[Voorziening],
    persons: Mapping[tuple[str, str], Person],
    *,
    period: Period,
    classes: Mapping[str, Sequence[str]],
) -> dict[Key, int]:
    """(maat, gebiedscode, categorie, leveringsvorm, leeftijd, geslacht) -> number; only what is not zero."""
    categories = {None: None} | {kind: (kind,) for kind in {item.type for item in items}} | dict(classes)
    found: dict[Key, int] = {}
    for gemeente, persoon in sorted({(item.gemeente, item.persoon) for item in items}):
        person = persons.get((gemeente, persoon), NOBODY)
        own = [item for item in items if (item.gemeente, item.persoon) == (gemeente, persoon)]
        cells = [
            (area, leeftijd, geslacht)
            for area in (f"GM{gemeente}", person.wijk)
            if area
            for leeftijd in ("T", person.leeftijd or "onbekend")
            for geslacht in ("T", person.geslacht or "onbekend")
        ]
        for (maat, categorie, leveringsvorm), number in _of_person(own, categories, period).items():
            for area, leeftijd, geslacht in cells:
                key = (maat, area, categorie, leveringsvorm, leeftijd, geslacht)
                found[key] = found.get(key, 0) + number
    return found


def _of_person(
    own: Sequence[Voorziening], categories: Mapping[str | None, Sequence[str] | None], period: Period
) -> dict[tuple[str, str, str], int]:
    """What one person adds to each maat, categorie and leveringsvorm."""
    first, last = period.first_day, period.last_day
    counts: dict[tuple[str, str, str], int] = {}
    for categorie, types in categories.items():
        within = [item for item in own if types is None or item.type in types]
        for form in {"T"} | {item.leveringsvorm for item in within}:
            chosen = [item for item in within if form in {"T", item.leveringsvorm}]
            active = [item for item in chosen if has_care_between([item], first, last)]
            numbers = {
                "clienten": bool(active),
                "voorzieningen": len(active),
                "stand": has_care_between(chosen, last, last),
                "instroom": any(first <= item.begin <= last and not _before(within, item) for item in chosen),
                "uitstroom": any(
                    item.eind is not None and first <= item.eind <= last and not _after(within, item)
                    for item in chosen
                ),
            }
            for maat, number in numbers.items():
                if number:
                    counts[maat, categorie or "T", form] = int(number)
    stack = sum(has_care_between([item], first, last) for item in own)
    if stack:
        counts["stapeling", "6+" if stack >= 6 else str(stack), "T"] = 1
        counts["stapeling", "T", "T"] = 1
    return counts


def _before(within: Sequence[Voorziening], item: Voorziening) -> bool:
    return has_care_between(within, item.begin - timedelta(3), item.begin - timedelta(1))


def _after(within: Sequence[Voorziening], item: Voorziening) -> bool:
    assert item.eind is not None, "only what ended is asked for"
    return has_care_between(within, item.eind + timedelta(1), item.eind + timedelta(3))
