"""The release that is shown now, with what pages look up in it: areas, regions, inhabitants, indicators.

A release never changes, so what is looked up once is kept for as long as the process lives.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from zorgspiegel.portal import published
from zorgspiegel.portal.measures import Cell
from zorgspiegel.portal.names import sort_key
from zorgspiegel.portal.published import PublishedIndicator
from zorgspiegel.store.release_reader import Release, current_release
from zorgspiegel.terms.areas import LAND, gemeente_of, level_of
from zorgspiegel.terms.indicators import TOTAL
from zorgspiegel.terms.statuses import CellStatus

Key = tuple[str, str, str, str, str]
"""periode, gebiedscode, categorie, leeftijd, geslacht: what names a cell within one indicator."""


OF_CBS_TREE = frozenset({"land", "gemeente", "wijk", "buurt"})
"""Levels whose names stand by themselves; names of regions get their set in front."""


@dataclass(frozen=True)
class Area:
    """An area of the release: its code, level and name."""

    code: str
    level: str
    naam: str


class Shown:
    """One release as pages see it. Compare and cache by `digest`."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.digest: str = release.digest
        self.title: str = str(release.manifest["titel"])
        self.is_invented = release.is_invented
        self.invented: frozenset[str] = frozenset(release.manifest["verzonnen_indicatoren"])
        self.built_at: str | None = release.manifest.get("gebouwd_op")

    @property
    def short_digest(self) -> str:
        """The first twelve characters: enough to tell releases apart by eye."""
        return self.digest.removeprefix("sha256:")[:12]

    @functools.cached_property
    def areas(self) -> Mapping[str, Area]:
        """Areas by code, with the name of the newest division that has them."""
        found: dict[str, tuple[int, Area]] = {}
        for row in self.release.table("gebieden").to_pylist():
            code, year = row["gebiedscode"], row["indelingsjaar"]
            if code not in found or found[code][0] < year:
                level = row["gebied_niveau"]
                name = row["naam"] if level in OF_CBS_TREE else region_name(row["naam"], level)
                found[code] = (year, Area(code, level, name))
        areas = {code: area for code, (_, area) in found.items()}
        areas.setdefault(LAND, Area(LAND, "land", "Nederland"))
        return self._regions | areas

    @functools.cache  # noqa: B019 - lives as long as the process, like the release itself
    def codes(self, level: str, year: int) -> tuple[str, ...]:
        """Codes of a level in the division of that year, or of the nearest year that is known."""
        table = self.release.table("gebieden")
        table = table.filter(pc.equal(table["gebied_niveau"], level))
        years = set(table["indelingsjaar"].to_pylist())
        if not years:
            return ()
        nearest = min(years, key=lambda known: (abs(known - year), -known))
        return tuple(table.filter(pc.equal(table["indelingsjaar"], nearest))["gebiedscode"].to_pylist())

    @functools.cached_property
    def newest_gemeenten(self) -> tuple[Area, ...]:
        """The gemeenten of the newest division, by name."""
        gemeenten = [self.areas[code] for code in self.codes("gemeente", 9999)]
        return tuple(sorted(gemeenten, key=lambda area: sort_key(area.naam)))

    @functools.cached_property
    def _regions(self) -> dict[str, Area]:
        rows = self._table_rows("regio_leden")
        return {
            row["regiocode"]: Area(
                row["regiocode"], row["verzameling"], region_name(row["regionaam"], row["verzameling"])
            )
            for row in rows
        }

    @functools.cached_property
    def _region_of(self) -> dict[tuple[str, str], str]:
        """(set, gemeente) -> region, in the newest division that has the gemeente."""
        rows = sorted(self._table_rows("regio_leden"), key=lambda row: row["indelingsjaar"])
        return {(row["verzameling"], row["gebiedscode"]): row["regiocode"] for row in rows}

    @functools.cached_property
    def region_sets(self) -> tuple[str, ...]:
        """Names of the region sets, sorted."""
        return tuple(sorted({name for name, _ in self._region_of}))

    def region_of(self, area: Area, region_set: str) -> Area | None:
        """The region of this set in which a gemeente or wijk lies."""
        code = self._region_of.get((region_set, area.code)) or self._region_of.get(
            (region_set, gemeente_of(area.code) or "")
        )
        return self.areas.get(code) if code else None

    def _table_rows(self, name: str) -> list[dict[str, Any]]:
        return self.release.table(name).to_pylist() if name in self.release.manifest["rijen"] else []

    @functools.cache  # noqa: B019 - lives as long as the process, like the release itself
    def indicator(self, name: str) -> PublishedIndicator | None:
        """The declaration under which the figures were made, out of the release; None when it has none."""
        row = next((r for r in self._table_rows("indicatoren") if r["indicator"] == name), None)
        if row is None:
            return None
        source = next(r for r in self._table_rows("bronnen") if r["bron"] == row["bron"])
        return published.read(json.loads(row["kenmerken"]), source)

    @functools.cache  # noqa: B019 - as above
    def _divisions(self, indicator: str) -> dict[str, int]:
        cells = self.release.slice(
            indicator=indicator,
            gebied_niveau=("land", "gemeente"),
            categorie=TOTAL,
            leeftijd=TOTAL,
            geslacht=TOTAL,
        ).sort_by("indelingsjaar")
        return dict(zip(cells["periode"].to_pylist(), cells["indelingsjaar"].to_pylist(), strict=True))

    def periods(self, indicator: str) -> tuple[str, ...]:
        """Periods for which the indicator has figures of the land or of any gemeente, oldest first."""
        return tuple(sorted(self._divisions(indicator)))

    def division(self, indicator: str, period: str) -> int:
        """Year of the division of areas in which the figures of this period are."""
        return self._divisions(indicator)[period]

    @functools.cache  # noqa: B019 - as above
    def has_figures(self, indicator: str, code: str) -> bool:
        """Whether there are figures of this area: of delivered ones only when all its gemeenten did."""
        found = self.release.slice(
            indicator=indicator, gebiedscode=code, categorie=TOTAL, leeftijd=TOTAL, geslacht=TOTAL
        )
        return found.num_rows > 0

    def gemeenten_asked(self, indicator: str, period: str) -> int | None:
        """How many gemeenten there are to deliver in a period; None when the release does not say."""
        wanted = (indicator, period, LAND)
        asked = [
            row["gemeenten_totaal"]
            for row in self._table_rows("respons")
            if (row["indicator"], row["periode"], row["gebiedscode"]) == wanted
        ]
        return max(asked, default=None)

    @functools.cache  # noqa: B019 - as above
    def delivering(self, indicator: str, period: str) -> tuple[str, ...]:
        """The gemeenten of which there are figures of this indicator: for a delivered one, who delivered."""
        cells = self.release.slice(
            indicator=indicator,
            periode=period,
            gebied_niveau="gemeente",
            categorie=TOTAL,
            leeftijd=TOTAL,
            geslacht=TOTAL,
        )
        return tuple(sorted(set(cells["gebiedscode"].to_pylist())))

    def fewest_delivering(self, indicator: str) -> int:
        """The smallest number of gemeenten of which a figure of the land is made, over all periods."""
        return min((len(self.delivering(indicator, period)) for period in self.periods(indicator)), default=0)

    @functools.cached_property
    def period_statuses(self) -> Mapping[str, str]:
        """How final the figures of each period are."""
        return {row["periode"]: row["status"] for row in self._table_rows("perioden")}

    def cells(self, indicator: str, **choices: Any) -> dict[Key, Cell]:
        """The cells that fit the choices, by key. Where a period has two divisions, the newest counts."""
        table = self.release.slice(indicator=indicator, **choices).sort_by("indelingsjaar")
        return {
            (r["periode"], r["gebiedscode"], r["categorie"], r["leeftijd"], r["geslacht"]): Cell(
                r["aantal_personen"], r["kosten_eur"], CellStatus(r["status"])
            )
            for r in table.to_pylist()
        }

    @functools.cached_property
    def _inwoners(self) -> dict[tuple[int, str, str, str], int | None]:
        return {
            (r["jaar"], r["gebiedscode"], r["leeftijd"], r["geslacht"]): r["aantal_inwoners"]
            for r in self._table_rows("inwoners")
        }

    @functools.cached_property
    def inwoner_years(self) -> tuple[int, ...]:
        """Years for which inhabitants are known."""
        return tuple(sorted({key[0] for key in self._inwoners}))

    def inwoners(self, year: int, code: str, leeftijd: str, geslacht: str) -> int | None:
        """Inhabitants on 1 January. A region without a number of its own is the sum of its gemeenten.

        None when any part of that sum is not known: a sum with a hole in it is no number of inhabitants.
        """
        own = self._inwoners.get((year, code, leeftijd, geslacht))
        if own is not None or level_of(code) in {"gemeente", "wijk", "buurt"}:
            return own
        parts = [
            self._inwoners.get((year, member, leeftijd, geslacht)) for member in self._members(code, year)
        ]
        return None if not parts or None in parts else sum(part for part in parts if part is not None)

    @functools.cache  # noqa: B019 - as above
    def _members(self, code: str, year: int) -> tuple[str, ...]:
        if code == LAND:
            return tuple({c for (y, c, _, _) in self._inwoners if y == year and level_of(c) == "gemeente"})
        rows = [row for row in self._table_rows("regio_leden") if row["regiocode"] == code]
        years = sorted({row["indelingsjaar"] for row in rows}, key=lambda y: (abs(y - year), -y))
        return tuple(r["gebiedscode"] for r in rows if r["indelingsjaar"] == years[0]) if years else ()

    @functools.cached_property
    def postcodes(self) -> Mapping[str, tuple[str, ...]]:
        """Four digits -> gemeenten with addresses there, the one with most addresses first."""
        found: dict[str, list[tuple[float, str]]] = {}
        rows = [row for row in self._table_rows("postcodes") if row["gebied_niveau"] == "gemeente"]
        newest = max((row["jaar"] for row in rows), default=0)
        for row in rows:
            if row["jaar"] == newest:
                found.setdefault(row["pc4"], []).append((-row["gewicht"], row["gebiedscode"]))
        return {pc4: tuple(code for _, code in sorted(parts)) for pc4, parts in found.items()}

    def borders(self, level: str, year: int) -> pa.Table:
        """Borders of a level in the division of that year, or of the nearest year that has them."""
        if "grenzen" not in self.release.manifest["rijen"]:
            return pa.table(
                {"gebiedscode": pa.array([], pa.string()), "geometrie": pa.array([], pa.string())}
            )
        table = self.release.table("grenzen")
        table = table.filter(pc.equal(table["gebied_niveau"], level))
        years = set(table["jaar"].to_pylist())
        if not years:
            return table
        nearest = min(years, key=lambda known: (abs(known - year), -known))
        return table.filter(pc.equal(table["jaar"], nearest))


def region_name(name: str, region_set: str) -> str:
    """Utrecht is a gemeente, a provincie and a zorgkantoorregio: the set stands in the name."""
    known = {"ggdregio": "GGD-regio", "corop": "COROP-gebied"}.get(region_set, region_set)
    says_it = known.lower() in name.lower() or (region_set == "ggdregio" and name.startswith("GGD"))
    return name if says_it else f"{known} {name}"


@functools.lru_cache(maxsize=4)
def _shown(release: Release) -> Shown:
    return Shown(release)


def warm() -> None:
    """Look up what every page needs, so that the first visitor does not wait for it."""
    shown = current_or_none()
    if shown is not None:
        _ = shown.areas, shown.newest_gemeenten, shown.postcodes, shown.inwoner_years
        for row in shown.release.table("indicatoren").to_pylist():
            shown.indicator(row["indicator"])
            shown.periods(row["indicator"])


def current_or_none() -> Shown | None:
    """The current release, or None while nothing was published yet. Follows `current` by itself."""
    release = current_release(settings.HOME.releases)
    return _shown(release) if release else None
