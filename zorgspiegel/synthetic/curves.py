"""How often, for whom and at what cost: our own curves, invented so that the figures look real and are not.

Rates are per 1,000 inhabitants of an age, between the ages that are given on a straight line; amounts are
euro per person and year. None of these numbers comes from a source, and none may be quoted as if it did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OLDEST = 99
AGES = np.arange(OLDEST + 1)

Knots = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Use:
    """One kind of care: rates per 1,000 by age, the share of women, mean cost, and spread of the cost."""

    rate: Knots
    women: float
    mean_eur: float
    sigma: float

    def rates(self) -> npt.NDArray[np.float64]:
        """Chance per single year of age and sex (M, V)."""
        by_age = on_line(self.rate) / 1000
        return np.stack([by_age * 2 * (1 - self.women), by_age * 2 * self.women], axis=1)


def on_line(knots: Knots) -> npt.NDArray[np.float64]:
    """The value at each single year of age."""
    ages, values = zip(*knots, strict=True)
    return np.interp(AGES, ages, values)


WMO = {
    "01": Use(((0, 0), (30, 1), (60, 12), (75, 60), (85, 170), (95, 230)), 0.66, 2300, 0.6),
    "02": Use(((12, 0), (18, 6), (30, 12), (50, 14), (70, 12), (85, 25)), 0.52, 6500, 1.0),
    "03": Use(((17, 0), (18, 0.2), (85, 0.5)), 0.55, 4000, 1.0),
    "04": Use(((17, 0), (18, 0.2), (80, 0.6)), 0.50, 5500, 0.9),
    "05": Use(((17, 0), (18, 0.4), (80, 0.5)), 0.50, 900, 0.8),
    "06": Use(((17, 0), (18, 1.5), (80, 2.0)), 0.52, 2500, 1.0),
    "07": Use(((17, 0), (18, 2), (50, 3), (70, 6), (80, 16), (90, 24)), 0.50, 6800, 0.8),
    "08": Use(((17, 0), (60, 3), (80, 40), (90, 80)), 0.62, 700, 0.9),
    "09": Use(((17, 0), (18, 0.8), (80, 0.8)), 0.50, 2000, 0.9),
    "10": Use(((17, 0), (18, 1.0), (80, 1.2)), 0.50, 1500, 1.0),
    "11": Use(((0, 0.5), (10, 1), (60, 5), (75, 14), (85, 50), (95, 90)), 0.60, 1100, 0.8),
    "12": Use(((0, 0.2), (40, 2), (60, 8), (75, 35), (85, 110), (95, 160)), 0.60, 600, 0.9),
    "13": Use(((0, 0.2), (50, 2), (75, 18), (85, 45), (95, 60)), 0.60, 1300, 1.1),
    "14": Use(((0, 0.2), (80, 1.0)), 0.55, 400, 0.9),
    "15": Use(((17, 0), (18, 1), (25, 2.2), (50, 2.0), (65, 0.8), (80, 0.1)), 0.38, 38000, 0.5),
    "16": Use(((0, 0.4), (18, 1.5), (30, 2.0), (60, 0.6), (75, 0.1)), 0.40, 12000, 0.8),
    "17": Use(((17, 0), (18, 0.3), (60, 0.3), (75, 0)), 0.35, 3000, 0.9),
    "18": Use(((17, 0), (18, 0.2), (60, 0.2), (75, 0)), 0.40, 15000, 0.7),
}
"""By productcategorie (WMO020)."""

_UP_TO_18: Knots = ((0, 1), (6, 5), (12, 8), (17, 9), (18, 1), (22, 0.5), (23, 0))


def _jeugd(scale: float, mean_eur: float, sigma: float, women: float = 0.45) -> Use:
    return Use(tuple((age, value * scale) for age, value in _UP_TO_18), women, mean_eur, sigma)


JEUGD = {
    "40": _jeugd(0.3, 5000, 0.9),
    "41": _jeugd(1.0, 9000, 0.8),
    "42": _jeugd(0.6, 1500, 0.8),
    "43": _jeugd(0.4, 42000, 0.7),
    "44": _jeugd(0.5, 34000, 0.7),
    "45": _jeugd(6.0, 3200, 1.0),
    "46": _jeugd(0.2, 6000, 1.0),
    "47": Use(((11, 0), (12, 1), (17, 3), (18, 2), (22, 0.5), (23, 0)), 0.20, 6500, 0.6),
    "48": _jeugd(1.2, 8500, 0.5, 0.49),
    "49": Use(((11, 0), (12, 0.3), (17, 0.8), (22, 0.1), (23, 0)), 0.25, 1500, 0.8),
    "50": _jeugd(0.4, 7000, 1.1),
    "51": _jeugd(1.5, 1300, 0.7, 0.5),
    "52": _jeugd(2.5, 4500, 1.0, 0.5),
    "53": _jeugd(0.5, 1200, 0.8),
    "54": _jeugd(1.8, 3800, 1.0, 0.5),
    "55": _jeugd(0.1, 25000, 0.8),
}
"""By productcategorie (JZ020); the codes of 2015 are not used any more."""


@dataclass(frozen=True)
class Cost:
    """One care type of the Zvw: euro per insured person by age, for men, and for women where that differs."""

    men: Knots
    women: Knots | None = None
    vanaf: int | None = None
    tot: int | None = None

    def amounts(self) -> npt.NDArray[np.float64]:
        """Euro per single year of age and sex (M, V)."""
        return np.stack([on_line(self.men), on_line(self.women or self.men)], axis=1)


_NOBODY: Knots = ((0, 0),)
_MOTHERS = ((17, 0), (22, 0.3), (30, 1), (34, 0.8), (41, 0))


def _mothers(eur: float) -> Knots:
    return tuple((age, share * eur) for age, share in _MOTHERS)


ZVW = {
    "medisch_specialistische_zorg": Cost(
        ((0, 2100), (2, 550), (20, 400), (40, 650), (60, 1750), (75, 3700), (99, 3400)),
        ((0, 1900), (2, 480), (20, 600), (32, 1350), (45, 1050), (60, 1600), (75, 3000), (99, 2500)),
    ),
    "farmacie": Cost(((0, 80), (20, 110), (45, 230), (70, 650), (85, 680), (99, 500))),
    "huisarts_inschrijftarief": Cost(((0, 72), (64, 76), (75, 110), (85, 125), (99, 125))),
    "huisarts_consult": Cost(((0, 45), (10, 28), (30, 45), (60, 70), (80, 140), (99, 170))),
    "huisarts_mdz": Cost(((0, 20), (30, 22), (60, 60), (80, 90), (99, 60)), vanaf=2015),
    "huisarts_overig": Cost(((0, 75), (40, 70), (80, 130), (99, 150))),
    "hulpmiddelen": Cost(((0, 45), (30, 45), (60, 130), (80, 280), (99, 330))),
    "mondzorg": Cost(((0, 5), (4, 60), (8, 170), (17, 190), (18, 8), (60, 35), (75, 70), (99, 45))),
    "paramedische_zorg_fysiotherapie": Cost(((0, 30), (17, 30), (18, 12), (60, 45), (80, 90), (99, 70))),
    "paramedische_zorg_overig": Cost(((0, 30), (7, 130), (17, 25), (60, 18), (85, 45), (99, 50))),
    "ziekenvervoer_zittend": Cost(((0, 2), (40, 4), (70, 17), (85, 14), (99, 8))),
    "ziekenvervoer_liggend": Cost(((0, 25), (30, 20), (65, 65), (85, 180), (99, 220))),
    "kraamzorg": Cost(((0, 160), (1, 0)), _mothers(260)),
    "verloskundige_zorg": Cost(_NOBODY, _mothers(230)),
    "integrale_geboortezorg": Cost(((0, 20), (1, 0)), _mothers(60), vanaf=2021),
    "grensoverschrijdende_zorg": Cost(((0, 25), (40, 30), (70, 45), (99, 25))),
    "eerstelijns_ondersteuning": Cost(((0, 3), (60, 6), (99, 8))),
    "eerstelijnsverblijf": Cost(((55, 0), (70, 15), (85, 160), (99, 240)), vanaf=2018),
    "geriatrische_revalidatiezorg": Cost(((55, 0), (70, 40), (85, 340), (99, 300)), vanaf=2013),
    "gzsp": Cost(((0, 1), (60, 5), (85, 35), (99, 30)), vanaf=2020),
    "verpleging_en_verzorging": Cost(
        ((0, 25), (40, 20), (65, 130), (80, 900), (90, 2900), (99, 3200)), vanaf=2015
    ),
    "tweedelijns_ggz": Cost(((5, 40), (17, 160), (30, 330), (50, 300), (80, 160), (99, 60)), tot=2013),
    "eerstelijns_psychologische_zorg": Cost(((5, 2), (30, 12), (60, 6), (99, 1)), tot=2013),
    "specialistische_ggz": Cost(
        ((17, 0), (18, 250), (30, 300), (50, 260), (80, 130), (99, 60)), vanaf=2014, tot=2021
    ),
    "generalistische_basis_ggz": Cost(((17, 0), (18, 25), (30, 32), (60, 12), (99, 5)), vanaf=2014, tot=2021),
    "langdurige_ggz": Cost(((17, 0), (25, 5), (50, 15), (99, 5)), vanaf=2015, tot=2021),
    "innovatiegelden_ggz": Cost(((17, 0), (18, 0.5), (99, 0.3)), vanaf=2021),
    "consulten_ggz": Cost(((17, 0), (18, 190), (30, 220), (50, 170), (80, 80), (99, 40)), vanaf=2022),
    "intramuraal_verblijf_ggz": Cost(((17, 0), (18, 60), (35, 95), (60, 90), (99, 50)), vanaf=2022),
    "overige_prestaties_ggz": Cost(((17, 0), (18, 4), (99, 3)), vanaf=2022),
    "overig": Cost(((0, 15), (60, 40), (99, 60))),
}
"""By care type, with the years of the real files."""
