"""Invented aggregate deliveries of gemeenten (qsd301, jeugd-agg): header, details, totals, control totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zorgspiegel.synthetic.curves import JEUGD, WMO, Use
from zorgspiegel.synthetic.draw import Clients, clients
from zorgspiegel.synthetic.layout import INVENTED, as_file, file_name, records
from zorgspiegel.synthetic.people import Gemeente
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.standards import Resource, Standard

Columns = dict[str, "np.ndarray | str"]


@dataclass(frozen=True)
class Frame:
    """What differs between standards of this form: products, age classes, and the name of the count."""

    uses: dict[str, Use]
    first_ages: tuple[int, ...]
    count: str


FRAMES = {
    "qsd301": Frame(WMO, (0, 18, 24, 65, 75, 85), "AantalClienten"),
    "jeugd-agg": Frame(JEUGD, (0, 4, 12, 18, 23), "AantalJeugdigen"),
}


def delivery(standard: Standard, gemeente: Gemeente, *, period: Period, seed: int) -> tuple[str, bytes]:
    """File name and content of one gemeente's delivery over one year."""
    year = period.year
    frame = FRAMES[standard.id]
    drawn = clients(gemeente, frame.uses, frame.first_ages, topic=standard.id, year=year, seed=seed)
    common: Columns = {
        "Gemeentecode": gemeente.digits,
        "Prestatiejaar": str(year),
        **_only_value(standard, "Standaard", "Versie"),
        "PeriodeTot": f"{year}1231",
        "Peildatum": f"{year}0630",
        "Indelingsjaar": str(gemeente.indelingsjaar),
        "Aanmaakdatum": f"{year + 1}0315",
        "Softwareleverancier": INVENTED,
    }
    details = _details(drawn, frame)
    control: Columns = {
        "AantalDetailrecords": str(len(details["Bedrag"])),
        f"Som{frame.count.removeprefix('Aantal')}": str(int(np.sum(details[frame.count]))),
        "SomBedrag": str(int(np.sum(details["Bedrag"]))),
    }
    contents: dict[str, Columns] = {
        "voorloop": {},
        "detail": details,
        "totaal": _totals(drawn, frame),
        "sluit": control,
    }
    parts = [_record(resource, common, contents[resource.name]) for resource in standard.resources]
    values = {"gemeente": gemeente.digits, "jaar": str(year), "volgnummer": "001"}
    return file_name(standard, values), as_file(standard, parts)


def _record(resource: Resource, common: Columns, columns: Columns) -> list[str]:
    count = next((len(values) for values in columns.values() if not isinstance(values, str)), 1)
    return records(resource, {**common, "Recordsoort": resource.kind or "", **columns}, count)


def _only_value(standard: Standard, *names: str) -> Columns:
    """Columns of the header for which the standard allows one value."""
    allowed = {name: standard.resource("voorloop").field(name).constraints.enum or ("",) for name in names}
    return {name: values[0] for name, values in allowed.items()}


def _codes(drawn: Clients, where: tuple[np.ndarray, ...], frame: Frame) -> Columns:
    ages = np.array([*(f"{n:02d}" for n in range(1, len(frame.first_ages) + 1)), "99"])
    return {
        "Wijkcode": np.array(drawn.wijken)[where[0]],
        "Leeftijdscategorie": ages[where[1]],
        "Geslacht": np.array(["0", "1", "2"])[where[2]],
    }


def _details(drawn: Clients, frame: Frame) -> Columns:
    """One line per wijk, product, age class and sex that has clients, in that order."""
    by_product = np.moveaxis(drawn.products, 3, 1)
    wijk, product, age, sex = np.nonzero(by_product)
    return {
        **_codes(drawn, (wijk, age, sex), frame),
        "Productcategorie": np.array(list(frame.uses))[product],
        frame.count: by_product[wijk, product, age, sex],
        "Bedrag": drawn.cents[wijk, age, sex, product],
    }


def _totals(drawn: Clients, frame: Frame) -> Columns:
    """One line per wijk, age class and sex: each client once."""
    where = np.nonzero(drawn.unique)
    return {**_codes(drawn, where, frame), frame.count: drawn.unique[where]}
