"""The slow, obvious twin of `zorgspiegel.merge`: DOMAIN 4.5 word for word, pairs and sets, one record at a
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, groupby

OPEN = date(9999, 12, 31)
NEAR_DAYS = 3
REASONS = ("toewijzingsnummer", "gelijk", "binnen", "aansluitend", "overlap")


@dataclass(frozen=True)
class Record:
    """A delivered record; `eind` None is open, `leveringsvorm` None is unknown, `nummer` None is blank."""

    id: int
    gemeente: str
    persoon: str
    type: str
    leveringsvorm: str | None
    nummer: str | None
    begin: date
    eind: date | None

    @property
    def group(self) -> tuple[str, str, str, str | None]:
        return (self.gemeente, self.persoon, self.type, self.leveringsvorm)


@dataclass(frozen=True)
class Item:
    """What has become of one or more records so far."""

    group: tuple[str, str, str, str | None]
    ids: frozenset[int]
    begin: date
    eind: date
    reasons: tuple[str, ...] = field(default=())


def merge(records: Iterable[Record], *, partial_overlap: bool = False) -> list[Item]:
    """The voorzieningen, sorted; `reasons` has one reason per merge."""
    return second_step(first_step(records), partial_overlap=partial_overlap)


def first_step(records: Iterable[Record]) -> list[Item]:
    """One item per (gemeente, toewijzingsnummer, leveringsvorm, persoon, type); a blank number groups
    nothing.
    """
    numbered: dict[tuple[object, ...], list[Record]] = {}
    for record in records:
        key = (*record.group, record.nummer) if record.nummer else (*record.group, None, record.id)
        numbered.setdefault(key, []).append(record)
    return [
        Item(
            same[0].group,
            frozenset(record.id for record in same),
            min(record.begin for record in same),
            max(record.eind or OPEN for record in same),
            ("toewijzingsnummer",) * (len(same) - 1),
        )
        for same in numbered.values()
    ]


def reason(one: Item, other: Item, *, partial_overlap: bool) -> str | None:
    """Why these two are one voorziening: the first of gelijk, binnen, aansluitend (overlap) that holds; else
    None.
    """
    if one.group != other.group:
        return None
    if (one.begin, one.eind) == (other.begin, other.eind):
        return "gelijk"
    for a, b in ((one, other), (other, one)):
        if a.begin <= b.begin and b.eind <= a.eind:
            return "binnen"
    for a, b in ((one, other), (other, one)):
        if a.eind != OPEN and 0 <= (b.begin - a.eind).days <= NEAR_DAYS:
            return "aansluitend"
    if partial_overlap and one.begin <= other.eind and other.begin <= one.eind:
        return "overlap"
    return None


def second_step(items: Sequence[Item], *, partial_overlap: bool = False) -> list[Item]:
    """Connected components to their hull, until nothing changes; per group, since groups never touch."""
    groups: dict[tuple[str, str, str, str | None], list[Item]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    found: list[Item] = []
    for group in groups.values():
        now, before = group, len(group) + 1
        while len(now) < before:
            now, before = one_round(now, partial_overlap=partial_overlap), len(now)
        found += now
    return found


def one_round(items: Sequence[Item], *, partial_overlap: bool) -> list[Item]:
    """Each component becomes one item. A merge is counted under the strongest reason that can make it."""
    pairs = [
        (why, a, b)
        for a, b in combinations(range(len(items)), 2)
        if (why := reason(items[a], items[b], partial_overlap=partial_overlap))
    ]
    component = list(range(len(items)))
    reasons: list[tuple[int, str]] = []
    for why, a, b in sorted(pairs, key=lambda pair: REASONS.index(pair[0])):
        if component[a] != component[b]:
            reasons.append((a, why))
            component = [component[a] if c == component[b] else c for c in component]
    by_component = sorted(range(len(items)), key=lambda i: component[i])
    return [
        _hull([items[i] for i in members], [why for a, why in reasons if component[a] == label])
        for label, members in (
            (label, list(group)) for label, group in groupby(by_component, lambda i: component[i])
        )
    ]


def _hull(items: Sequence[Item], reasons: Sequence[str]) -> Item:
    before = [why for item in items for why in item.reasons]
    return Item(
        items[0].group,
        frozenset().union(*(item.ids for item in items)),
        min(item.begin for item in items),
        max(item.eind for item in items),
        tuple(sorted([*before, *reasons], key=REASONS.index)),
    )
