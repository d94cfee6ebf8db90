"""An invented release for the tests of the portal: an invented country, through the production door.

The country is a grid of square gemeenten with square wijken. Every number is made from its place in the cube,
so a test can predict it; sums are real sums. Counts from 1 to 9 are geheim, as `protect` would have them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import shapely

from zorgspiegel.publish import publish
from zorgspiegel.store import definitions
from zorgspiegel.store.releases import set_current, write_release
from zorgspiegel.terms.indicators import TOTAL, Dimension, Indicator
from zorgspiegel.terms.protected import Protected
from zorgspiegel.terms.release import REFERENCES, Attribution
from zorgspiegel.terms.statuses import PeriodStatus
from zorgspiegel.terms.tables import PROTECTED_CELLS

NAME = "test-voorjaar"
YEAR = 2023
SIDE = 10_000
"""Metres of a gemeente from west to east."""
OWN, OTHER, SPLIT = "GM9001", "GM9002", "GM9003"
YEARS = (2020, 2021, 2022, 2023)
WMO_YEARS = (2022, 2023)
SHORT_ZVW = (
    "medisch_specialistische_zorg", "farmacie", "huisarts_consult", "huisarts_inschrijftarief",
    "specialistische_ggz", "consulten_ggz", "mondzorg", "verpleging_en_verzorging",
)  # fmt: skip
SHORT_WMO = ("01", "02", "07", "12")


@dataclass(frozen=True)
class Country:
    """A grid of gemeenten. Codes begin at GM9001, so that none of them exists."""

    rows: int = 3
    columns: int = 4
    has_ragged_borders: bool = False

    @property
    def size(self) -> int:
        """How many gemeenten."""
        return self.rows * self.columns


SMALL = Country()


def gemeenten(country: Country = SMALL) -> list[str]:
    """GM9001 and up, row by row."""
    return [f"GM{9001 + n}" for n in range(country.size)]


def wijken(country: Country = SMALL) -> list[str]:
    """Four wijken in every gemeente; one wijk code has letters, as in Amsterdam."""
    return [f"WK{code[2:]}{part}" for code in gemeenten(country) for part in ("00", "01", "02", "AA")]


def build(root: Path, country: Country = SMALL) -> Path:
    """Write the release below `root` and make it the current one."""
    zvw, wmo = (definitions.load("indicators", name, Indicator) for name in ("zvw", "wmo"))
    cells = pa.concat_tables([_zvw(zvw, country), _wmo(wmo, country)])
    protected = Protected(ibis.memtable(cells, schema=PROTECTED_CELLS.schema), profile="gzs")
    sources = [Attribution(i.bron.id, i.bron.naam, i.bron.vermelding, i.bron.licentie) for i in (zvw, wmo)]
    plan = publish(
        protected,
        name=NAME,
        title="Voorjaar 2026 (verzonnen)",
        indicators={i.id: i.description() for i in (zvw, wmo)},
        period_statuses={
            str(year): PeriodStatus.VOORLOPIG if year == YEAR else PeriodStatus.DEFINITIEF for year in YEARS
        },
        sources=sources,
        invented=True,
        publisher="Test",
        code_version="test",
        references=_references(country),
        invented_references=("gebieden", "regio_leden", "inwoners", "postcodes", "grenzen"),
    )
    folder = write_release(plan, root)
    set_current(root, NAME)
    return folder


def people(area: int, age: int, sex: int, year: int, *, is_small: bool) -> int:
    """Insured persons in a gemeente; a small one has age groups of fewer than ten, which are geheim."""
    base = (40 + 7 * area + 3 * (year - 2020) + 5 * sex) * (20 - age if age > 11 else 9 + age // 3)
    return base // 60 if is_small else base


def euros(area: int, care: int, age: int, sex: int, year: int) -> int:
    """Costs per insured person in whole euros."""
    return (care + 1) * (20 + 9 * age + 4 * sex + 3 * (year - 2020)) * (100 + (area * 37) % 23) // 100


def _zvw(indicator: Indicator, country: Country) -> pa.Table:
    ages, care = list(indicator.dimensies["leeftijd"].codes), list(SHORT_ZVW)
    areas = gemeenten(country)
    shape = (len(areas), len(care), len(ages), 2, len(YEARS))
    counts, amounts = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for a, c, g, s, y in np.ndindex(shape):
        counts[a, c, g, s, y] = people(a, g, s, YEARS[y], is_small=a == country.size - 1)
        there = _exists(indicator.dimensies["categorie"], care[c], YEARS[y])
        amounts[a, c, g, s, y] = counts[a, c, g, s, y] * euros(a, c, g, s, YEARS[y]) if there else 0
    levels = _area_sums(areas)
    care_sums = _code_sums(indicator.dimensies["categorie"], care)
    age_sums, sex_sums = (
        _code_sums(indicator.dimensies["leeftijd"], ages),
        {"M": [0], "V": [1], TOTAL: [0, 1]},
    )
    return _table(
        (
            indicator.id, str(year), level, code, categorie, leeftijd, geslacht,
            int(_part(counts, members, parts[:1], groups, sexes, y)),
            int(_part(amounts, members, parts, groups, sexes, y)),
        )
        for y, year in enumerate(YEARS)
        for (level, code), members in levels.items()
        for categorie, parts in care_sums.items()
        if _exists(indicator.dimensies["categorie"], categorie, year)
        for leeftijd, groups in age_sums.items()
        for geslacht, sexes in sex_sums.items()
    )  # fmt: skip


def _wmo(indicator: Indicator, country: Country) -> pa.Table:
    """Clients per wijk of every gemeente; the total counts each client once, so it is less than the sum."""
    ages = list(indicator.dimensies["leeftijd"].codes)
    places = wijken(country)
    shape = (len(places), len(SHORT_WMO), len(ages), 2, len(WMO_YEARS))
    counts = np.fromfunction(
        lambda a, c, g, s, y: (a * 5 + c * 11 + g * g * 3 + s * 4 + y * 2) % 41, shape, dtype=np.int64
    )
    amounts = counts * (900 + 150 * np.arange(len(SHORT_WMO))[None, :, None, None, None])
    levels = {("wijk", code): [n] for n, code in enumerate(places)}
    levels |= {
        ("gemeente", code): [n for n, wijk in enumerate(places) if wijk[2:6] == code[2:]]
        for code in gemeenten(country)
    }
    levels[("land", "NL01")] = list(range(len(places)))
    age_sums, sex_sums = (
        _code_sums(indicator.dimensies["leeftijd"], ages),
        {"M": [0], "V": [1], TOTAL: [0, 1]},
    )
    care: dict[str, list[int]] = {code: [n] for n, code in enumerate(SHORT_WMO)} | {
        TOTAL: list(range(len(SHORT_WMO)))
    }
    return _table(
        (
            indicator.id, str(year), level, code, categorie, leeftijd, geslacht,
            int(_part(counts, members, parts, groups, sexes, y)) * (3 if categorie == TOTAL else 4) // 4,
            int(_part(amounts, members, parts, groups, sexes, y)),
        )
        for y, year in enumerate(WMO_YEARS)
        for (level, code), members in levels.items()
        for categorie, parts in care.items()
        for leeftijd, groups in age_sums.items()
        for geslacht, sexes in sex_sums.items()
    )  # fmt: skip


def _part(cube: np.ndarray, *chosen: Any) -> int:
    *lists, year = chosen
    return int(cube[..., year][np.ix_(*lists)].sum())


def _exists(dimension: Dimension, code: str, year: int) -> bool:
    told = dimension.codes.get(code)
    return told is None or ((told.vanaf or year) <= year <= (told.tot or year))


def _area_sums(areas: list[str]) -> dict[tuple[str, str], list[int]]:
    sums: dict[tuple[str, str], list[int]] = {("gemeente", code): [n] for n, code in enumerate(areas)}
    for n, code in enumerate(areas):
        sums.setdefault(("zorgkantoorregio", _region(code)), []).append(n)
        sums.setdefault(("provincie", _province(code)), []).append(n)
    sums[("land", "NL01")] = list(range(len(areas)))
    return sums


def _code_sums(dimension: Dimension, codes: list[str]) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    for code, above in dimension.closure():
        if code in codes:
            sums.setdefault(above, []).append(codes.index(code))
    return sums


def _region(code: str) -> str:
    return "ZK91" if int(code[2:]) % 2 else "ZK92"


def _province(code: str) -> str:
    return "PV91" if int(code[2:]) < 9007 else "PV92"


def _table(rows: Iterator[tuple[Any, ...]]) -> pa.Table:
    names = ("indicator", "periode", "gebied_niveau", "gebiedscode", "categorie", "leeftijd", "geslacht")
    columns: dict[str, list[Any]] = {name: [] for name in PROTECTED_CELLS.names}
    for *key, count, amount in rows:
        for name, value in zip(names, key, strict=True):
            columns[name].append(value)
        is_hidden = 0 < count < 10
        columns["definitie_versie"].append("1")
        columns["indelingsjaar"].append(YEAR)
        columns["aantal_personen"].append(None if is_hidden else count)
        columns["kosten_eur"].append(None if is_hidden else Decimal(amount))
        columns["status"].append("geheim" if is_hidden else "getoond")
    return pa.table(columns, schema=PROTECTED_CELLS.schema.to_pyarrow())


def _references(country: Country) -> dict[str, ibis.Table]:
    areas = [("land", "NL01", "Nederland", None)]
    areas += [("provincie", code, f"Provincie {code[-1]}", "NL01") for code in ("PV91", "PV92")]
    areas += [("gemeente", code, name_of(code), _province(code)) for code in gemeenten(country)]
    areas += [("wijk", code, f"Wijk {code[-2:]}", f"GM{code[2:6]}") for code in wijken(country)]
    inwoners = [
        (year, level, code, TOTAL, TOTAL, 4_000 + 100 * n)
        for year in YEARS
        for n, (level, code, _, _) in enumerate(areas)
        if level in {"gemeente", "wijk"}
    ]
    regions = [
        ("zorgkantoorregio", _region(code), f"Regio {_region(code)}", code, YEAR)
        for code in gemeenten(country)
    ] + [
        ("provincie", _province(code), f"Provincie {_province(code)[-1]}", code, YEAR)
        for code in gemeenten(country)
    ]
    postcodes = [(YEAR, f"9{n:03}", "gemeente", code, 1.0) for n, code in enumerate(gemeenten(country))]
    postcodes += [(YEAR, "9500", "gemeente", OWN, 0.4), (YEAR, "9500", "gemeente", SPLIT, 0.6)]
    made = {
        "gebieden": [(level, code, YEAR, name, above) for level, code, name, above in areas],
        "regio_leden": regions,
        "inwoners": inwoners,
        "postcodes": postcodes,
        "grenzen": list(_borders(country)),
    }
    return {name: _reference(name, rows) for name, rows in made.items()}


def name_of(code: str) -> str:
    """Names that sort and search as real ones do: an accent, an article, a name within a name."""
    names = ("Aldertúín", "Beekdal", "'s-Gravenwoud", "Beek", "Duinrand", "Eikenhage", "Fôlsgea", "Groenveen")
    n = int(code[2:]) - 9001
    return names[n] if n < len(names) else f"Proefstad {n}"


def _borders(country: Country) -> Iterator[tuple[int, str, str, str]]:
    draw = _ragged if country.has_ragged_borders else _square
    for n, code in enumerate(gemeenten(country)):
        left, below = (n % country.columns) * SIDE, (n // country.columns) * SIDE
        yield YEAR, "gemeente", code, draw(left, below, SIDE)
        for part, wijk in enumerate(w for w in wijken(country) if w[2:6] == code[2:]):
            half = SIDE // 2
            yield YEAR, "wijk", wijk, draw(left + (part % 2) * half, below + (part // 2) * half, half)


def _ragged(left: int, below: int, side: int) -> str:
    """A square with a point every 500 metres, bent by waves that are the same everywhere: no gaps."""
    ring = shapely.segmentize(shapely.from_geojson(_square(left, below, side)), 500)
    bent = shapely.transform(
        ring, lambda p: p + np.stack([_waves(p[:, 1], p[:, 0]), _waves(p[:, 0], p[:, 1])], axis=1)
    )
    return shapely.to_geojson(bent)


def _waves(along: np.ndarray, across: np.ndarray) -> np.ndarray:
    return 900 * np.sin(along / 1_700 + across / 9_000) + 350 * np.sin(along / 430 + across / 3_100)


def _square(left: int, below: int, side: int) -> str:
    ring = [
        [left, below],
        [left + side, below],
        [left + side, below + side],
        [left, below + side],
        [left, below],
    ]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _reference(name: str, rows: list[tuple[Any, ...]]) -> ibis.Table:
    shape = REFERENCES[name].shape
    columns = dict(zip(shape.names, map(list, zip(*rows, strict=True)), strict=True))
    return ibis.memtable(pa.table(columns, schema=shape.schema.to_pyarrow()), schema=shape.schema)
