"""The slow, obvious twin of `zorgspiegel.aggregate`: loops over dictionaries, one rule after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from zorgspiegel.terms.indicators import Dimension, Indicator

Row = Mapping[str, Any]
LEVELS = ["land", "provincie", "gemeente", "wijk", "buurt"]


def aggregate(
    facts: Sequence[Row], areas: Sequence[Row], members: Sequence[Row], indicator: Indicator
) -> list[dict[str, Any]]:
    """All cells, as rows of CELLS in no particular order."""
    places = Places(areas, members, indicator)
    known = [_known(fact, indicator) for fact in facts if fact["indicator"] == indicator.id]
    cells: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part in _parts(known, places, indicator):
        for level, code in places.above(part["indelingsjaar"], part["blad"]):
            for age in _counts_in(part["leeftijd"], indicator.dimension("leeftijd")):
                for sex in _counts_in(part["geslacht"], indicator.dimension("geslacht")):
                    key = (part["periode"], part["indelingsjaar"], level, code, part["categorie"], age, sex)
                    _add(cells.setdefault(key, {"personen": [], "bedragen": [], "onbekend": False}), part)
    about = _deliveries(known, places)
    return [
        _cell(key, sums, about[key[:4]], indicator)
        for key, sums in cells.items()
        if not sums["onbekend"] and any(n is not None for n in sums["personen"])
    ]


def _add(sums: dict[str, Any], part: Row) -> None:
    sums["personen"].append(part["personen"])
    sums["bedragen"] += part["bedragen"]
    sums["onbekend"] = sums["onbekend"] or part["onbekend"]


def _cell(key: tuple[Any, ...], sums: Row, deliveries: set[str], indicator: Indicator) -> dict[str, Any]:
    amounts = [amount for amount in sums["bedragen"] if amount is not None]
    sizes = sorted((abs(amount) for amount in amounts if amount != 0), reverse=True)
    definition = indicator.definition_of(int(key[0][:4]))
    is_ranked = indicator.bijdrager == "rij"
    names = ("periode", "indelingsjaar", "gebied_niveau", "gebiedscode", "categorie", "leeftijd", "geslacht")
    return {
        "indicator": indicator.id,
        "definitie_versie": definition.versie if definition else "onbekend",
        **dict(zip(names, key, strict=True)),
        "aantal_personen": sum(n for n in sums["personen"] if n is not None),
        "kosten_eur": sum(amounts, Decimal(0)) if amounts else None,
        "aantal_bijdragers": len(sizes),
        "grootste_eur": sizes[0] if sizes and is_ranked else None,
        "tweede_eur": sizes[1] if len(sizes) > 1 and is_ranked else None,
        "herkomst": ",".join(sorted(deliveries)),
    }


def _known(fact: Row, indicator: Indicator) -> dict[str, Any]:
    """The fact, with 'onbekend' for each code that is not declared, and T where a dimension is not used."""
    row = dict(fact)
    for name in ("categorie", "leeftijd", "geslacht"):
        dimension = indicator.dimension(name)
        if dimension is None:
            row[name] = "T"
        elif row[name] not in {
            *dimension.codes,
            "onbekend",
            *(_given(dimension) if name == "categorie" else ()),
        }:
            row[name] = "onbekend"
    return row


def _given(dimension: Dimension) -> list[str]:
    return ["T", *(code for code, group in dimension.groepen.items() if group.geleverd)]


def _counts_in(code: str, dimension: Dimension | None) -> set[str]:
    """The code itself, every group that it is in (also through another group), and the total."""
    if dimension is None:
        return {code}
    found = {code, "T"}
    for group in dimension.groepen:
        if code in _all_parts(group, dimension) and group in dimension.cell_groups:
            found.add(group)
    return found


def _all_parts(group: str, dimension: Dimension) -> set[str]:
    parts = set(dimension.groepen[group].delen)
    for part in list(parts):
        if part in dimension.groepen:
            parts |= _all_parts(part, dimension)
    return parts


def _parts(facts: list[dict[str, Any]], places: Places, indicator: Indicator) -> Iterable[dict[str, Any]]:
    """Per leaf area, leeftijd and geslacht: persons and amounts of each categorie, group and total."""
    dimension = indicator.dimension("categorie")
    for fact in facts:
        fact["blad"] = places.leaf(fact["indelingsjaar"], fact["gebiedscode"])
    if dimension is None:
        return [_part(f, f["categorie"], f["aantal_personen"], [f["kosten_eur"]]) for f in facts]
    singles = [*dimension.codes, "onbekend"]
    with_singles = {(f["periode"], f["herkomst"]) for f in facts if f["categorie"] in singles}
    own, given = [], []
    for fact in facts:
        is_single = fact["categorie"] in singles
        if is_single:
            own.append(fact)
        else:
            given.append(fact)
            if fact["categorie"] == "T" and (fact["periode"], fact["herkomst"]) not in with_singles:
                own.append({**fact, "categorie": "onbekend"})
    rule = {"sum": _adding, "same": _same, "unique": _unique}[dimension.personen]
    return rule(own, given, dimension)


def _part(
    fact: Row, categorie: str, persons: int | None, amounts: list[Any], onbekend: bool = False
) -> dict[str, Any]:
    place = {name: fact[name] for name in ("periode", "indelingsjaar", "blad", "leeftijd", "geslacht")}
    return {**place, "categorie": categorie, "personen": persons, "bedragen": amounts, "onbekend": onbekend}


def _adding(own: list[Row], _given_rows: list[Row], dimension: Dimension) -> list[dict[str, Any]]:
    return [
        _part(fact, code, fact["aantal_personen"], [fact["kosten_eur"]])
        for fact in own
        for code in _counts_in(fact["categorie"], dimension)
    ]


def _same(own: list[Row], given: list[Row], dimension: Dimension) -> list[dict[str, Any]]:
    group = ("periode", "indelingsjaar", "blad", "leeftijd", "geslacht")
    largest: dict[tuple[Any, ...], int] = defaultdict(int)
    for fact in [*own, *given]:
        key = (*(fact[name] for name in group), fact["herkomst"])
        largest[key] = max(largest[key], fact["aantal_personen"])
    persons: dict[tuple[Any, ...], int] = defaultdict(int)
    for key, count in largest.items():
        persons[key[:-1]] += count
    parts = []
    for key, count in persons.items():
        place = dict(zip(group, key, strict=True))
        codes = {f["categorie"] for f in own if f["periode"] == place["periode"]}
        wanted = {whole for code in codes for whole in _counts_in(code, dimension)}
        for whole in wanted:
            below = {code for code in codes if whole in _counts_in(code, dimension)}
            amounts = []
            for code in below:
                here = [f["kosten_eur"] for f in own if f["categorie"] == code and _is_at(f, place)]
                has_amounts = any(
                    f["kosten_eur"] is not None
                    for f in own
                    if f["categorie"] == code and f["periode"] == place["periode"]
                )
                nothing = [a for a in here if a is not None] == []
                amounts += [Decimal(0)] if nothing and has_amounts else here
            parts.append(_part(place, whole, count, amounts))
    return parts


def _is_at(fact: Row, place: Row) -> bool:
    return all(fact[name] == value for name, value in place.items())


def _unique(own: list[Row], given: list[Row], dimension: Dimension) -> list[dict[str, Any]]:
    told = {(f["periode"], f["herkomst"], f["categorie"]) for f in given}
    parts = [_part(fact, fact["categorie"], fact["aantal_personen"], []) for fact in given]
    for fact in own:
        for code in _counts_in(fact["categorie"], dimension):
            if code == fact["categorie"]:
                parts.append(_part(fact, code, fact["aantal_personen"], [fact["kosten_eur"]]))
            else:
                missing = (fact["periode"], fact["herkomst"], code) not in told
                parts.append(_part(fact, code, None, [fact["kosten_eur"]], missing))
    return parts


def _deliveries(facts: list[dict[str, Any]], places: Places) -> dict[tuple[Any, ...], set[str]]:
    about: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for fact in facts:
        for level, code in places.above(fact["indelingsjaar"], fact["blad"]):
            about[fact["periode"], fact["indelingsjaar"], level, code].add(fact["herkomst"])
    return about


class Places:
    """Areas and regions by walking up, one area at a time."""

    def __init__(self, areas: Sequence[Row], members: Sequence[Row], indicator: Indicator) -> None:
        self.by_code = {
            (row["indelingsjaar"], row["gebiedscode"]): row for row in areas if row["gebied_niveau"] in LEVELS
        }
        self.levels = [level for level in LEVELS if level in indicator.niveaus]
        self.leaf_of: dict[tuple[int, str], tuple[int, str | None]] = {}
        prefixes = {"PV": "provincie", "GM": "gemeente", "WK": "wijk", "BU": "buurt"}
        broken = {
            (row["indelingsjaar"], row["verzameling"], row["regiocode"])
            for row in members
            if prefixes[row["gebiedscode"][:2]] not in self.levels
        }
        self.region_of: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
        for row in members:
            name = (row["indelingsjaar"], row["verzameling"], row["regiocode"])
            if name not in broken and row["verzameling"] not in LEVELS:
                self.region_of[row["indelingsjaar"], row["gebiedscode"]][row["verzameling"]] = row[
                    "regiocode"
                ]

    def chain(self, year: int, code: str | None) -> list[Row]:
        """The area and all areas above it that the indicator has, from below."""
        found = []
        while (year, code) in self.by_code:
            row = self.by_code[year, code]
            if row["gebied_niveau"] in self.levels:
                found.append(row)
            code = row["oudercode"]
        return found

    def leaf(self, year: int, code: str | None) -> str:
        """The leaf in which facts with this code count."""
        tried = [code]
        if code and code[:2] in {"WK", "BU"}:
            tried.append(f"GM{code[2:6]}")
        for candidate in tried:
            if chain := self.chain(year, candidate):
                first = chain[0]
                is_leaf = first["gebied_niveau"] == self.levels[-1]
                leaf = first["gebiedscode"] if is_leaf else f"{first['gebiedscode']}-onbekend"
                self.leaf_of[year, leaf] = (year, first["gebiedscode"])
                return str(leaf)
        self.leaf_of[year, "NL01-onbekend"] = (year, None)
        return "NL01-onbekend"

    def above(self, year: int, leaf: str) -> set[tuple[str, str]]:
        """(level, code) of each area in which the leaf counts."""
        chain = self.chain(*self.leaf_of[year, leaf])
        found = {(row["gebied_niveau"], row["gebiedscode"]) for row in chain} | {("land", "NL01")}
        if leaf.endswith("-onbekend"):
            found.add(("onbekend", leaf))
        regions: dict[str, str] = {}
        for row in reversed(chain):
            regions |= self.region_of[year, row["gebiedscode"]]
        return found | set(regions.items())
