"""Makes zorgspiegel/definitions/reference/: the areas, people, postcodes and borders that the package ships.

    python scripts/reference.py [--data ../shared/data] [--check]

Only from CBS, RIVM and Kadaster files (CC-BY 4.0), so never from Vektis or from the address-weighted
tables. The same input gives the same bytes. `--check` writes nothing and fails when the result would differ
from what is there.
"""

from __future__ import annotations

import argparse
import csv
import functools
import gzip
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from zorgspiegel.store.geography import features, simplified, tolerance
from zorgspiegel.store.reference import REFERENCE
from zorgspiegel.store.rijksdriehoek import to_rijksdriehoek
from zorgspiegel.store.warehouse import Warehouse
from zorgspiegel.terms.tables import WAREHOUSE

REPOSITORY = Path(__file__).resolve().parent.parent
LARGEST = 4_000_000
"""Bytes in all: the package stays small enough to install anywhere."""

PROVINCIES = {
    "Groningen": "PV20",
    "Fryslân": "PV21",
    "Drenthe": "PV22",
    "Overijssel": "PV23",
    "Flevoland": "PV24",
    "Gelderland": "PV25",
    "Utrecht": "PV26",
    "Noord-Holland": "PV27",
    "Zuid-Holland": "PV28",
    "Zeeland": "PV29",
    "Noord-Brabant": "PV30",
    "Limburg": "PV31",
}

GGD = {
    # CBS, Gebieden in Nederland 2025 (85755NED)
    "GG0111": "GGD Groningen",
    "GG0706": "GGD Drenthe",
    "GG1009": "GGD IJsselland",
    "GG1106": "GGD Twente",
    "GG1413": "GGD Noord- en Oost-Gelderland",
    "GG1911": "Veiligheids- en Gezondheidsregio Gelderland-Midden",
    "GG2014": "GGD Gelderland-Zuid",
    "GG2209": "GGD Flevoland",
    "GG2514": "GGD Regio Utrecht",
    "GG2707": "GGD Hollands-Noorden",
    "GG3109": "GGD Kennemerland",
    "GG3406": "GGD Amsterdam",
    "GG3606": "GGD Gooi en Vechtstreek",
    "GG4506": "GGD Hollands-Midden",
    "GG4607": "GGD Rotterdam-Rijnmond",
    "GG4816": "Dienst Gezondheid & Jeugd ZHZ",
    "GG5006": "GGD Zeeland",
    "GG5206": "GGD West-Brabant",
    "GG5406": "GGD Hart voor Brabant",
    "GG5608": "GGD Brabant-Zuidoost",
    "GG6011": "GGD Limburg-Noord",
    "GG6106": "GGD Zuid-Limburg",
    "GG7014": "GGD Haaglanden",
    "GG7206": "GGD Fryslân",
    "GG7306": "GGD Zaanstreek/Waterland",
}

COROP = {
    f"CR{number:02}": name
    for number, name in enumerate(
        (
            "Oost-Groningen",
            "Delfzijl en omgeving",
            "Overig Groningen",
            "Noord-Friesland",
            "Zuidwest-Friesland",
            "Zuidoost-Friesland",
            "Noord-Drenthe",
            "Zuidoost-Drenthe",
            "Zuidwest-Drenthe",
            "Noord-Overijssel",
            "Zuidwest-Overijssel",
            "Twente",
            "Veluwe",
            "Achterhoek",
            "Arnhem/Nijmegen",
            "Zuidwest-Gelderland",
            "Utrecht",
            "Kop van Noord-Holland",
            "Alkmaar en omgeving",
            "IJmond",
            "Agglomeratie Haarlem",
            "Zaanstreek",
            "Groot-Amsterdam",
            "Het Gooi en Vechtstreek",
            "Agglomeratie Leiden en Bollenstreek",
            "Agglomeratie 's-Gravenhage",
            "Delft en Westland",
            "Oost-Zuid-Holland",
            "Groot-Rijnmond",
            "Zuidoost-Zuid-Holland",
            "Zeeuwsch-Vlaanderen",
            "Overig Zeeland",
            "West-Noord-Brabant",
            "Midden-Noord-Brabant",
            "Noordoost-Noord-Brabant",
            "Zuidoost-Noord-Brabant",
            "Noord-Limburg",
            "Midden-Limburg",
            "Zuid-Limburg",
            "Flevoland",
        ),
        start=1,
    )
}
"""CBS, COROP-gebieden, in the order of their numbers."""

ABROAD = "GM0998"
AGES = {"90-94": "90+", "95+": "90+"}
"""Vektis has one class from 90 on; so do we."""

CHANGED_IN_2018 = {
    # new code: (name, provincie, codes that went up in it)
    "GM1949": ("Waadhoeke", "PV21", ("GM0063", "GM0070", "GM1908", "GM0140")),
    "GM1950": ("Westerwolde", "PV20", ("GM0007", "GM0048")),
    "GM1952": ("Midden-Groningen", "PV20", ("GM0018", "GM0040", "GM1987")),
    "GM0080": ("Leeuwarden", "PV21", ("GM0081",)),
    "GM0299": ("Zevenaar", "PV25", ("GM0196",)),
}
"""CBS, Gemeentelijke indeling op 1 januari 2018. Súdwest-Fryslân got a new code (GM1900) already in 2011."""


def main() -> int:
    """Make it, or check that it is what would be made."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--data", type=Path, default=os.environ.get("ZORGSPIEGEL_DATA") or REPOSITORY / "../shared/data"
    )
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = Warehouse(Path(folder))
        build(Path(chosen.data), made)
        size = sum(path.stat().st_size for path in Path(folder).glob("*/*"))
        if size > LARGEST:
            print(f"{size} bytes: more than {LARGEST}", file=sys.stderr)
            return 1
        if chosen.check:
            same = made.digest() == Warehouse(REFERENCE).digest()
            print("the same" if same else "it differs: run scripts/reference.py", file=sys.stderr)
            return 0 if same else 1
        _put(Path(folder), REFERENCE)
    for entry in Warehouse(REFERENCE).entries():
        print(f"{entry.table:18} {entry.source:14} {entry.year} {entry.rows:7} rows")
    print(f"{size:,} bytes")
    return 0


def _put(made: Path, target: Path) -> None:
    for path in target.glob("*/"):
        shutil.rmtree(path)
    for path in sorted(made.rglob("*")):
        if path.is_file() and path.name != ".lock":
            copy = target / path.relative_to(made)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


Put = Callable[[str, str, int, Iterable[tuple[Any, ...]]], None]


def build(data: Path, made: Warehouse) -> None:
    """All tables, in one change."""
    with made.changing() as change:

        def put(table: str, source: str, year: int, rows: Iterable[tuple[Any, ...]]) -> None:
            shape = WAREHOUSE[table]
            ordered = sorted(set(rows), key=lambda row: tuple(str(value) for value in row))
            columns = list(zip(*ordered, strict=True))
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(columns, shape.schema.to_pyarrow(), strict=True)
            ]
            change.write(table, shape, source, year, pa.table(arrays, names=list(shape.names)))

        _put_areas(data, put)
        _put_regions(data, put)
        _put_people(data, put)
        _put_places(data, put)


def _put_areas(data: Path, put: Put) -> None:
    wijken = _wijken(data)
    for year, found in _gemeenten(data).items():
        areas: list[tuple[Any, ...]] = [("land", "NL01", year, "Nederland", None)]
        areas += [("provincie", code, year, name, "NL01") for name, code in PROVINCIES.items()]
        areas += [("ggdregio", code, year, name, "NL01") for code, name in GGD.items()]
        areas += [("corop", code, year, name, "NL01") for code, name in COROP.items()]
        areas += [("gemeente", code, year, name, parent) for code, (name, parent) in found.items()]
        areas += [("wijk", code, year, name, f"GM{code[2:6]}") for code, name in wijken.get(year, {}).items()]
        if year >= 2023:
            areas += [("zorgkantoorregio", code, year, name, "NL01") for code, name in _zorgkantoren(data)]
        put("areas", "cbs-gebieden", year, areas)


def _put_regions(data: Path, put: Put) -> None:
    names = {code: name for name, code in PROVINCIES.items()}
    for year, found in _gemeenten(data).items():
        members = [("provincie", parent, names[parent], code, year) for code, (_, parent) in found.items()]
        put("region_members", "cbs-gebieden", year, members)
        if year < 2023:
            continue
        # The 342 gemeenten are the same from 2023 on, so one list holds for all those years.
        regions: list[tuple[Any, ...]] = [
            ("zorgkantoorregio", row["zk_statcode"], row["zk_statnaam"], row["gemeentecode"], year)
            for row in _rows(data / "regions/gemeente_zorgkantoorregio_2023_derived.csv")
        ]
        for name, codes, column in (("ggdregio", GGD, "ggdregio"), ("corop", COROP, "nuts3")):
            by_name = {region: code for code, region in codes.items()}
            for gemeente, region in _region_of_most(data, column, set(by_name)).items():
                regions.append((name, by_name[region], region, gemeente, year))
        put("region_members", "regios", year, regions)


def _region_of_most(data: Path, column: str, known: set[str]) -> dict[str, str]:
    """Gemeente -> the region in which most inhabitants of its postcodes live."""
    place = _gemeente_of_postcode(data, 2023)
    people: dict[str, Counter[str]] = {}
    for row in _rows(data / "population/pc4_inwoners_gemeente_ggd.csv"):
        if row["postcode"] in place and row[column] in known:
            there = people.setdefault(place[row["postcode"]], Counter())
            there[row[column]] += _whole(row["inwoners"]) or 0
    return {gemeente: there.most_common(1)[0][0] for gemeente, there in people.items()}


def _put_people(data: Path, put: Put) -> None:
    """Inhabitants: in all per gemeente and wijk; per age class and sex per gemeente."""
    of_2022: list[tuple[Any, ...]] = []
    for level in ("gemeente", "wijk"):
        for row in _rows(data / f"population/kerncijfers_{level}_2022.csv"):
            of_2022.append((2022, level, row["code"], "T", "T", _whole(row["population"])))
    put("population", "kwb", 2022, of_2022)
    of_2023 = [
        (2023, "gemeente", row["gemeentecode"], "T", sex, _whole(row[column]))
        for row in _rows(data / "population/kerncijfers_gemeente_2023_pdok.csv")
        if row["gemeentecode"] != ABROAD
        for column, sex in (("aantalInwoners", "T"), ("mannen", "M"), ("vrouwen", "V"))
    ]
    put("population", "kwb", 2023, of_2023)
    of_2024 = [
        (2024, "gemeente" if code.startswith("GM") else "wijk", code, "T", sex, _whole(row[column]))
        for row in _rows(data / "population/kwb_2024_gemeente_wijk.csv")
        if (code := row["WijkenEnBuurten"])
        for column, sex in (("AantalInwoners_5", "T"), ("Mannen_6", "M"), ("Vrouwen_7", "V"))
    ]
    put("population", "kwb", 2024, of_2024)
    put("population", "cbs-postcodes", 2021, _ages(data))


def _ages(data: Path) -> list[tuple[Any, ...]]:
    """Per gemeente (division 2023), age class and sex: the postcodes that lie in it, added up.

    CBS rounds every cell of a postcode to multiples of five, so this is close, not exact.
    """
    place = _gemeente_of_postcode(data, 2023)
    people: Counter[tuple[str, str, str]] = Counter()
    for row in _rows(data / "population/inwoners_per_pc4_leeftijd.csv.gz"):
        if row["postcode"] in place:
            age = AGES.get(row["leeftijd"], row["leeftijd"])
            for sex, column in (("M", "inwoners_man"), ("V", "inwoners_vrouw")):
                people[place[row["postcode"]], age, sex] += _whole(row[column]) or 0
    return [(2021, "gemeente", code, age, sex, number) for (code, age, sex), number in people.items()]


def _put_places(data: Path, put: Put) -> None:
    """Borders, and in which gemeente the middle of a postcode lies."""
    maps = {
        2022: ("provincie_2022", "gemeente_2022", "wijk_2022"),
        2023: ("gemeente_2023",),
    }
    for year, files in maps.items():
        borders: list[tuple[Any, ...]] = []
        for file in files:
            path = data / f"geography/{file}.geojson"
            for one, text in borders_of(path):
                borders.append(
                    (year, file.split("_", maxsplit=1)[0], one.get("statcode") or one["gemeentecode"], text)
                )
        put("borders", "cbs-gebieden", year, borders)
        places = _gemeente_of_postcode(data, year)
        put(
            "postcodes",
            "postcodes",
            year,
            [(year, pc4, "gemeente", code, 1.0) for pc4, code in places.items()],
        )


def borders_of(path: Path) -> list[tuple[dict[str, Any], str]]:
    """Properties and simplified border of every area of a map."""
    properties, shapes = features(path, path)
    return [
        (one, text)
        for one, text in zip(properties, simplified(shapes, tolerance(properties)), strict=True)
        if text is not None
    ]


@functools.cache
def _gemeente_of_postcode(data: Path, year: int) -> dict[str, str]:
    """Postcode -> the gemeente in which its middle lies (that of the nearest one where it lies in water)."""
    properties, shapes = features(
        data / f"geography/gemeente_{year}.geojson", Path(f"gemeente_{year}.geojson")
    )
    tree = shapely.STRtree(shapes)
    found = {}
    for row in _rows(data / "population/pc4_inwoners_gemeente_ggd.csv"):
        if row["lat"] and row["lon"]:
            (x, y) = to_rijksdriehoek([[float(row["lon"]), float(row["lat"])]])[0]
            one = properties[int(tree.nearest(shapely.Point(x, y)))]
            found[row["postcode"]] = one.get("statcode") or one["gemeentecode"]
    return found


def _whole(text: str) -> int | None:
    return int(float(text)) if text.strip() not in {"", "."} else None


def _zorgkantoren(data: Path) -> list[tuple[str, str]]:
    return [(row["statcode"], row["statnaam"]) for row in _rows(data / "regions/zorgkantoorregio_2023.csv")]


def _provincie(name: str) -> str:
    """The code of a provincie under any of the names that files have for it."""
    plain = name.removesuffix(" (NL)").removesuffix(" (provincie)")
    return PROVINCIES["Fryslân" if plain == "Friesland" else plain]


def _rows(path: Path, separator: str = ",") -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=separator)


def _gemeenten(data: Path) -> dict[int, dict[str, tuple[str, str]]]:
    """Year -> code -> (name, provincie), of every division year that the public files give."""
    found: dict[int, dict[str, tuple[str, str]]] = {}
    found[2017] = {
        row["GemeentecodeGM"]: (row["Gemeentenaam"], row["ProvinciecodePV"])
        for row in _rows(data / "geography/gemeenten_alfabetisch_2017.csv", ";")
    }
    found[2018] = _of_2018(found[2017])
    provincie = {
        row["CBS"]: _provincie(row["Provincie"])
        for row in _rows(data / "regions/gemeente_zorgkantoor_2019.csv")
    }
    found[2020] = {
        row["Codering_3"]: (row["Gemeentenaam_1"], provincie[row["Codering_3"]])
        for row in _rows(data / "health/rivm_gezondheid_2020_18plus.csv.gz")
        if row["SoortRegio_2"] == "Gemeente"
    }
    found[2019] = dict(found[2020])  # no herindeling on 1 January 2020
    found[2022] = {
        one["statcode"]: (one["statnaam"], _provincie(one["provincie"]))
        for one in _properties(data / "geography/gemeente_2022.geojson")
    }
    known = found[2020] | found[2022]
    found[2021] = {
        row["gemeentecode"]: (known[row["gemeentecode"]][0], known[row["gemeentecode"]][1])
        for row in _rows(data / "wmo_jeugd_wlz/gemeente_wmo_jeugd_2021.csv")
    }
    found[2026] = {
        row["GemeentecodeGM"]: (row["Gemeentenaam"], _provincie(row["Provincienaam"]))
        for row in _rows(data / "geography/gemeenten_2026.csv")
    }
    codes_2023 = {
        one["gemeentecode"]: one["gemeentenaam"]
        for one in _properties(data / "geography/gemeente_2023.geojson")
    }
    for year in (2023, 2024, 2025):
        found[year] = {code: (name, found[2026][code][1]) for code, name in codes_2023.items()}
    return dict(sorted(found.items()))


def _of_2018(of_2017: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    gone = {code for _, _, codes in CHANGED_IN_2018.values() for code in codes}
    if not gone <= set(of_2017):
        raise SystemExit("a gemeente that ended in 2018 is not in the list of 2017")
    stays = {code: names for code, names in of_2017.items() if code not in gone}
    return stays | {code: (name, parent) for code, (name, parent, _) in CHANGED_IN_2018.items()}


def _wijken(data: Path) -> dict[int, dict[str, str | None]]:
    """Year -> code -> name. The file of 2024 has codes only; a name stays that of the same code in 2022."""
    of_2020 = {
        row["Codering_3"]: row["Gemeentenaam_1"]
        for row in _rows(data / "health/rivm_gezondheid_2020_18plus.csv.gz")
        if row["SoortRegio_2"] == "Wijk"
    }
    of_2022: dict[str, str | None] = {
        one["statcode"]: one["statnaam"] for one in _properties(data / "geography/wijk_2022.geojson")
    }
    of_2024 = {
        row["WijkenEnBuurten"]: of_2022.get(row["WijkenEnBuurten"])
        for row in _rows(data / "population/kwb_2024_gemeente_wijk.csv")
        if row["WijkenEnBuurten"].startswith("WK")
    }
    return {2020: dict.fromkeys(of_2020), 2022: of_2022, 2024: of_2024}


def _properties(path: Path) -> list[dict[str, Any]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [feature["properties"] for feature in features]


if __name__ == "__main__":
    raise SystemExit(main())
