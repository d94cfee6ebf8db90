"""An invented land of two provincies, for tests that an expert can check by head, and indicators on it."""

from __future__ import annotations

import ibis
import yaml

from tests.lib.text_tables import parse
from zorgspiegel.terms.indicators import Indicator
from zorgspiegel.terms.tables import AREAS, REGION_MEMBERS

YEAR = 2024

AREAS_TEXT = """
    gebied_niveau | gebiedscode | oudercode
    land          | NL01        |
    provincie     | PV90        | NL01
    provincie     | PV91        | NL01
    gemeente      | GM9001      | PV90
    gemeente      | GM9002      | PV90
    gemeente      | GM9003      | PV91
    wijk          | WK900101    | GM9001
    wijk          | WK9001AA    | GM9001
    wijk          | WK900201    | GM9002
    wijk          | WK900301    | GM9003
    wijk          | WK900302    | GM9003
    wijk          | WK900399    | GM9003
    buurt         | BU90010101  | WK900101
"""

MEMBERS_TEXT = """
    verzameling      | regiocode | gebiedscode
    provincie        | PV90      | GM9001
    zorgkantoorregio | ZK91      | GM9001
    zorgkantoorregio | ZK91      | GM9003
    eigen            | oost      | WK900301
    eigen            | oost      | GM9002
    eigen            | west      | WK900302
"""
"""GM9002 is in no zorgkantoorregio; the own regions cut through GM9003."""

DECLARATION = """
id: klein
titel: Klein
teller: personen
noemer: inwoners
eenheden: {aantal_personen: personen, kosten_eur: euro}
dimensies:
  categorie:
    titel: Soort
    codes: {a: Soort a, b: Soort b, c: Soort c}
    groepen: {ab: {titel: a of b, delen: [a, b]}}
  leeftijd:
    titel: Leeftijd
    codes: {jong: Jong, midden: Midden, oud: Oud}
    groepen:
      volwassen: {titel: Volwassen, delen: [midden, oud]}
      niet_oud: {titel: Niet oud, delen: [jong, midden], indeling: anders}
  geslacht: {titel: Geslacht, codes: {M: Mannen, V: Vrouwen}}
niveaus: [land, provincie, gemeente, wijk]
polariteit: geen
bijdrager: rij
bescherming: gzs
definities:
  - {versie: "1", vanaf: 2020, tot: 2022, tekst: eerst, bron: verzonnen}
  - {versie: "2", vanaf: 2023, tekst: nu, bron: verzonnen}
bron: {id: verzonnen, naam: Verzonnen, vermelding: Verzonnen, licentie: CC0}
statusleven:
  jaar: [voorlopig, definitief]
  H1: [voorlopig, nader_voorlopig, definitief]
  H2: [voorlopig, definitief]
herkomst_soort: aangeleverd
mededingingsgevoelig: false
doelen: [test]
peildatum: 30 juni
"""


def areas() -> ibis.Table:
    """AREAS of this land, in one division year."""
    return parse(AREAS_TEXT, AREAS, rest={"indelingsjaar": YEAR, "naam": "verzonnen"})


def members() -> ibis.Table:
    """REGION_MEMBERS of this land, in one division year."""
    return parse(MEMBERS_TEXT, REGION_MEMBERS, rest={"indelingsjaar": YEAR, "regionaam": "verzonnen"})


def indicator(
    *, persons: str = "sum", levels: tuple[str, ...] = (), categories: bool = True, ranked: bool = True
) -> Indicator:
    """The small indicator, with another rule for persons, other levels, without a categorie, or of groups."""
    data = yaml.safe_load(DECLARATION)
    data["dimensies"]["categorie"]["personen"] = persons
    if persons == "unique":
        data["dimensies"]["categorie"]["groepen"]["ab"]["geleverd"] = True
    data["bijdrager"] = "rij" if ranked else "groep"
    if levels:
        data["niveaus"] = list(levels)
    if not categories:
        del data["dimensies"]["categorie"]
    return Indicator.model_validate(data)
