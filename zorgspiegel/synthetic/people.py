"""The people to whom invented care is given: real areas, with their real numbers of inhabitants.

What is published is per wijk how many people live there, and per gemeente how old they are. What lies between
(the ages within a wijk) is invented, in such a way that both published totals come out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from zorgspiegel.synthetic.chance import generator
from zorgspiegel.terms.errors import SettingError

Counts = npt.NDArray[np.int64]

CLASSES = (*(f"{low}-{low + 4}" for low in range(0, 90, 5)), "90+")
"""Age classes of five years, as in POPULATION."""

SEXES = ("M", "V")

_BANDS = np.array([0] * 3 + [1] * 3 + [2] * 7 + [3] * 6)
"""Children, young people, adults, elderly: a wijk has more of the one and fewer of the other."""


@dataclass(frozen=True)
class Gemeente:
    """One gemeente: its wijken, and inhabitants per wijk x age class x sex. Without known wijken: wijken is
    empty and the inhabitants are one row."""

    code: str
    indelingsjaar: int
    wijken: tuple[str, ...]
    inhabitants: Counts

    @property
    def digits(self) -> str:
        """The four digits of gemeentecode."""
        return self.code[2:]


@dataclass(frozen=True)
class Land:
    """Areas and populations, read once."""

    indelingsjaar: int
    wijken: Mapping[str, tuple[str, ...]]
    size: Mapping[str, int]
    ages: Mapping[str, npt.NDArray[np.float64]]

    def gemeente(self, code: str, *, seed: int) -> Gemeente:
        """One gemeente with its people. Raises SettingError for a code that the division does not have."""
        code = code if code.startswith("GM") else f"GM{code}"
        if code not in self.wijken:
            raise SettingError(
                f"There is no gemeente {code} in the division of {self.indelingsjaar}. "
                f"It has {len(self.wijken)} gemeenten, from {min(self.wijken)} to {max(self.wijken)}."
            )
        names = self.wijken[code]
        sizes = np.array([self.size.get(name, 0) for name in names] or [self.size.get(code, 0)], np.int64)
        ages = self.ages.get(code, self.ages["NL"])
        return Gemeente(
            code, self.indelingsjaar, names, _people(sizes, ages, generator(seed, "people", code))
        )

    def gemeenten(self, codes: Sequence[str] | None, *, seed: int) -> Iterator[Gemeente]:
        """These gemeenten, or all of them, in the order of their codes."""
        for code in sorted(self.wijken if codes is None else set(codes)):
            yield self.gemeente(code, seed=seed)


def read(areas: ibis.Table, population: ibis.Table, *, year: int) -> Land:
    """The land in the division nearest to this year that has wijken (or gemeenten, if none has).

    areas, population: shapes AREAS and POPULATION. Populations are those of the nearest year.
    Raises SettingError when there are no areas or no populations at all.
    """
    rows = areas.filter(areas.gebied_niveau.isin(["gemeente", "wijk"])).select(
        "gebied_niveau", "gebiedscode", "indelingsjaar", "oudercode"
    )
    known = rows.to_pyarrow().to_pylist()
    with_wijken = {row["indelingsjaar"] for row in known if row["gebied_niveau"] == "wijk"}
    divisions = with_wijken or {row["indelingsjaar"] for row in known}
    if not divisions:
        raise SettingError("There are no areas yet. Run: zorgspiegel import cbs-gebieden FILE.")
    division = _nearest(divisions, year)
    here = [row for row in known if row["indelingsjaar"] == division]
    wijken: dict[str, list[str]] = {r["gebiedscode"]: [] for r in here if r["gebied_niveau"] == "gemeente"}
    for row in here:
        if row["gebied_niveau"] == "wijk" and row["oudercode"] in wijken:
            wijken[row["oudercode"]].append(row["gebiedscode"])
    people = population.to_pyarrow().to_pylist()
    return Land(
        division,
        {code: tuple(sorted(names)) for code, names in wijken.items()},
        _sizes(people, division),
        _ages(people, year),
    )


def _nearest(years: set[int], year: int) -> int:
    return min(years, key=lambda found: (abs(found - year), found))


def _sizes(people: list[dict[str, Any]], year: int) -> dict[str, int]:
    """Inhabitants per area, all ages and sexes, of the nearest year that the area has."""
    best: dict[str, tuple[tuple[int, int], int]] = {}
    for row in people:
        if row["leeftijd"] == "T" and row["geslacht"] == "T" and row["aantal_inwoners"] is not None:
            rank = (abs(row["jaar"] - year), row["jaar"])
            if row["gebiedscode"] not in best or rank < best[row["gebiedscode"]][0]:
                best[row["gebiedscode"]] = (rank, row["aantal_inwoners"])
    return {code: size for code, (_, size) in best.items()}


def _ages(people: list[dict[str, Any]], year: int) -> dict[str, npt.NDArray[np.float64]]:
    """Per gemeente, and for the land (NL), how many people of each age class and sex there are."""
    place = {(c, s): (i, j) for i, c in enumerate(CLASSES) for j, s in enumerate(SEXES)}
    rows = [r for r in people if (r["leeftijd"], r["geslacht"]) in place and r["gebied_niveau"] == "gemeente"]
    if not rows:
        raise SettingError(
            "There are no populations by age per gemeente. Load the reference data, or import a source."
        )
    nearest = _nearest({row["jaar"] for row in rows}, year)
    found: dict[str, npt.NDArray[np.float64]] = {}
    for row in rows:
        if row["jaar"] == nearest:
            table = found.setdefault(row["gebiedscode"], np.zeros((len(CLASSES), len(SEXES))))
            table[place[row["leeftijd"], row["geslacht"]]] = row["aantal_inwoners"] or 0
    found["NL"] = np.sum(list(found.values()), axis=0)
    return found


def _people(sizes: Counts, ages: npt.NDArray[np.float64], chance: np.random.Generator) -> Counts:
    """People per wijk x age class x sex: each wijk has its size, together they have the gemeente's ages."""
    tilt = chance.lognormal(0, 0.35, size=(len(sizes), _BANDS.max() + 1))[:, _BANDS]
    table = tilt[:, :, None] * ages[None]
    wanted = ages * sizes.sum() / max(ages.sum(), 1)
    for _ in range(20):
        table *= (sizes / np.maximum(table.sum(axis=(1, 2)), 1e-9))[:, None, None]
        table *= (wanted / np.maximum(table.sum(axis=0), 1e-9))[None]
    table *= (sizes / np.maximum(table.sum(axis=(1, 2)), 1e-9))[:, None, None]
    return _whole(table.reshape(len(sizes), -1), sizes).reshape(table.shape)


def _whole(table: npt.NDArray[np.float64], sizes: Counts) -> Counts:
    """Whole numbers that add up to the size of each row: the largest fractions go up."""
    down = np.floor(table).astype(np.int64)
    short = np.minimum(sizes - down.sum(axis=1), table.shape[1])
    order = np.argsort(-(table - down), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(table.shape[1])[None].repeat(len(table), axis=0), axis=1)
    return down + (rank < short[:, None])
