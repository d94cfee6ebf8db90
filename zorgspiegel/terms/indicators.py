"""What an indicator declaration says (`definitions/indicators/*.yaml`): what is counted and how it adds up.

From one declaration come the cells (`aggregate`), what may be added up and so must be protected together
(`protect`), the definition beside every figure, and the way from a delivery to facts.
Keys are Dutch: officers who know the subject read and review these files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from zorgspiegel.terms.areas import PATTERNS
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.protection import PersonsOver
from zorgspiegel.terms.statuses import PeriodStatus
from zorgspiegel.terms.tables import DIMENSIONS

TOTAL = "T"
"""Code of the sum over a whole dimension."""

UNKNOWN = "onbekend"
"""Code of what a source does not know, or we do not recognise: it counts in the totals, never nowhere."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Code(_Words):
    """One code of a dimension, in Dutch, with the first and last year in which the source has it."""

    titel: str
    vanaf: int | None = None
    tot: int | None = None

    def exists_in(self, year: int) -> bool:
        """Whether the source has this code in a year."""
        return (self.vanaf or 0) <= year <= (self.tot or 9999)


class Group(_Words):
    """A sum of codes, or of codes and other groups."""

    titel: str
    delen: tuple[str, ...] = Field(min_length=1)
    indeling: str = "standaard"
    """Within one division a part belongs to one group only. Several divisions share their parts."""
    geleverd: bool = False
    """Only where persons are unique: the source itself counts the persons of this group."""


def _titled(value: Any) -> Any:
    return {"titel": value} if isinstance(value, str) else value


class Dimension(_Words):
    """The codes of one dimension and how persons relate over it. Amounts always add up."""

    titel: str
    personen: PersonsOver = "sum"
    """sum: a person is in one code. same: each code is about the same persons (insured persons per care
    type). unique: a person may be in several codes and counts once in the total, which the source gives."""
    onbekend: Literal["nergens", "rest", "overal"] = "overal"
    """Where the source can have an unknown code. nergens: the code is always known. rest: only persons
    without an area have it, and they have no other. Who reads the source knows this: it is no secret."""
    codes: dict[str, Annotated[Code, BeforeValidator(_titled)]] = Field(min_length=1)
    groepen: dict[str, Group] = {}

    @model_validator(mode="after")
    def _groups_are_trees(self) -> Dimension:
        if reserved := {TOTAL} & {*self.codes, *self.groepen}:
            raise ValueError(f"{reserved.pop()} is the total and is made for you; take it out")
        if twice := self.codes.keys() & self.groepen.keys():
            raise ValueError(
                f"{', '.join(sorted(twice))} is a code and a group; give the group a code of its own"
            )
        for code, group in self.groepen.items():
            if unknown := set(group.delen) - {*self.codes, *self.groepen, UNKNOWN}:
                raise ValueError(f"group {code} names {', '.join(sorted(unknown))}, which is not declared")
            if group.geleverd and self.personen != "unique":
                raise ValueError(
                    f"group {code}: geleverd is for personen: unique only; here it can be computed"
                )
        for division in self.divisions:
            self._check_division(division)
        return self

    def _check_division(self, division: str) -> None:
        parent: dict[str, str] = {}
        for code, group in self.groepen.items():
            for part in group.delen if group.indeling == division else ():
                if part in parent:
                    raise ValueError(
                        f"{part} is in {parent[part]} and in {code}; give one of them another indeling"
                    )
                parent[part] = code
        for start in parent:
            code, steps = start, 0
            while code in parent:
                code, steps = parent[code], steps + 1
                if steps > len(parent):
                    raise ValueError(f"group {start} is a part of itself")

    @property
    def divisions(self) -> tuple[str, ...]:
        """The names of the divisions into groups; one, standaard, when there are no groups."""
        return tuple(dict.fromkeys(g.indeling for g in self.groepen.values())) or ("standaard",)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes that a fact can have, and UNKNOWN."""
        return tuple(dict.fromkeys((*self.codes, UNKNOWN)))

    @property
    def cell_groups(self) -> tuple[str, ...]:
        """The groups that become cells. Where persons are unique, the source must give one."""
        return tuple(
            code for code, group in self.groepen.items() if self.personen != "unique" or group.geleverd
        )

    def parents(self) -> Iterator[tuple[str, str, str]]:
        """(division, part, sum) for all codes that have cells: what adds up to what. On top is the total."""
        for division in self.divisions:
            above = {
                part: code
                for code in self.cell_groups
                for part in self.groepen[code].delen
                if self.groepen[code].indeling == division
            }
            members = [code for code in self.cell_groups if self.groepen[code].indeling == division]
            for code in (*self.leaves, *members):
                yield division, code, above.get(code, TOTAL)

    def parents_in(self, year: int) -> Iterator[tuple[str, str, str]]:
        """As `parents`, but only codes that figures of this year can have: what cannot be is no secret."""
        possible = {code for code, about in self.codes.items() if about.exists_in(year)}
        possible |= set() if self.onbekend == "nergens" else {UNKNOWN}
        links = [link for link in self.parents() if link[1] in {*possible, *self.groepen}]
        while True:  # a group without any part of this year is not there either
            sums = {total for _, _, total in links}
            kept = [link for link in links if link[1] in possible or link[1] in sums]
            if len(kept) == len(links):
                return iter(kept)
            links = kept

    def closure(self) -> tuple[tuple[str, str], ...]:
        """(code, sum) for each code and everything that it counts in: itself, its groups, and the total."""
        above: dict[str, set[str]] = {}
        for _, part, total in self.parents():
            above.setdefault(part, set()).add(total)
        return tuple(
            (code, total) for code in (*self.leaves, *self.cell_groups) for total in _ancestors(code, above)
        )

    def title(self, code: str) -> str:
        """The Dutch name of a code, a group, the total or what is unknown."""
        if code in self.codes:
            return self.codes[code].titel
        return (
            self.groepen[code].titel if code in self.groepen else {TOTAL: "Totaal", UNKNOWN: "Onbekend"}[code]
        )


def _ancestors(code: str, above: Mapping[str, set[str]]) -> list[str]:
    found, waiting = [], [code]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.append(here)
            waiting += sorted(above.get(here, ()))
    return found


class Definition(_Words):
    """One version of what is counted, and the years for which it holds."""

    versie: str
    vanaf: int
    tot: int | None = None
    tekst: str
    bron: str


class Break(_Words):
    """Figures of this year cannot be compared with earlier ones: no growth is computed over it."""

    jaar: int
    reden: str
    categorieen: tuple[str, ...] | None = None
    """Codes and groups that it is about, T if the total is; None = the whole indicator."""


class Source(_Words):
    """Whose figures they are, and the sentence that must stand beside them."""

    id: str
    naam: str
    vermelding: str
    licentie: str


class Mapped(_Words):
    """A value of a fact: out of a column (its codes translated), or one constant."""

    kolom: str | None = None
    waarden: dict[str, str] = {}
    waarde: str | None = None
    eenheid: Literal["euro", "eurocent"] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Mapped:
        if (self.kolom is None) == (self.waarde is None):
            raise ValueError("give kolom or waarde, and not both")
        return self


def _column(value: Any) -> Any:
    return {"kolom": value} if isinstance(value, str) else value


Origin = Annotated[Mapped, BeforeValidator(_column)]


class RecordFacts(_Words):
    """How one record kind of a standard becomes facts."""

    gebied: Origin
    categorie: Origin = Mapped(waarde=TOTAL)
    leeftijd: Origin = Mapped(waarde=UNKNOWN)
    geslacht: Origin = Mapped(waarde=UNKNOWN)
    aantal_personen: Origin
    kosten_eur: Origin | None = None

    @model_validator(mode="after")
    def _amount_has_unit(self) -> RecordFacts:
        if self.kosten_eur is not None and self.kosten_eur.eenheid is None:
            raise ValueError("kosten_eur needs its eenheid: euro or eurocent")
        return self


class FactsFrom(_Words):
    """From which delivery standard the facts come: per record kind of it, the columns."""

    standaard: str
    records: dict[str, RecordFacts] = Field(min_length=1)


PeriodKind = Literal["jaar", "H1", "H2"]


class Indicator(_Words):
    """One declaration. See `definitions/indicators/` for examples."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    titel: str
    teller: str
    noemer: str
    eenheden: dict[Literal["aantal_personen", "kosten_eur"], str]
    dimensies: dict[Literal["categorie", "leeftijd", "geslacht"], Dimension]
    niveaus: tuple[str, ...] = Field(min_length=1)
    """Levels of the CBS tree at which there are cells; region sets come from the region tables."""
    regio_indelingen: tuple[str, ...] | Literal["alle"] = "alle"
    polariteit: Literal["hoger_is_beter", "lager_is_beter", "geen"]
    decimalen: dict[str, int] = {}
    """Decimals of derived measures on the screen. The rounding of counts is the protection profile's."""
    bijdrager: Literal["rij", "groep"]
    """Whether a row of the source is one contributor (a provider), or a group of persons. Of a group nobody
    knows the largest contribution, so rules on dominance have nothing to go by."""
    bescherming: str
    """Id of the protection profile."""
    definities: tuple[Definition, ...] = Field(min_length=1)
    breuken: tuple[Break, ...] = ()
    bron: Source
    statusleven: dict[PeriodKind, tuple[PeriodStatus, ...]]
    """Per kind of period: its status in the first publication round, the second, ...; the last one stays."""
    herkomst_soort: Literal["aangeleverd", "nationaal", "openbaar"]
    mededingingsgevoelig: bool
    doelen: tuple[str, ...] = Field(min_length=1)
    """Purposes for which the figures may be used."""
    peildatum: str
    let_op: tuple[str, ...] = ()
    """Sentences that must stand beside every figure."""
    feiten: FactsFrom | None = None
    """None: the facts come from an import."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Indicator:
        if "aantal_personen" not in self.eenheden:
            raise ValueError("eenheden must have aantal_personen: every cell counts persons")
        if unknown := set(self.niveaus) - set(PATTERNS):
            raise ValueError(
                f"niveaus: {', '.join(sorted(unknown))} is no level; known: {', '.join(PATTERNS)}"
            )
        if "land" not in self.niveaus:
            raise ValueError("niveaus must have land: there everything counts, also what has no other area")
        for name in ("leeftijd", "geslacht"):
            if name in self.dimensies and self.dimensies[name].personen != "sum":
                raise ValueError(f"{name}: persons add up over it; only categorie may be same or unique")
        self._check_definitions()
        categories = self.dimensies.get("categorie")
        for cut in self.breuken:
            if cut.categorieen and not (categories and _all_known(cut.categorieen, categories)):
                raise ValueError(f"breuk {cut.jaar} names a categorie that is not declared")
        return self

    def _check_definitions(self) -> None:
        for earlier, later in zip(self.definities, self.definities[1:], strict=False):
            if earlier.tot is None or later.vanaf != earlier.tot + 1:
                raise ValueError(
                    f"definitie {later.versie} must begin in the year after {earlier.versie} ends: "
                    "between them no year may be without a definition, or have two"
                )

    @property
    def has_kosten(self) -> bool:
        """Whether its cells have an amount."""
        return "kosten_eur" in self.eenheden

    @property
    def lowest(self) -> str:
        """The most detailed level of its cells."""
        return max(self.niveaus, key=list(PATTERNS).index)

    def dimension(self, name: str) -> Dimension | None:
        """The dimension with this name; None when the indicator does not use it (its cells have T there)."""
        assert name in DIMENSIONS, f"{name} is no dimension"
        return self.dimensies.get(name)  # type: ignore[call-overload]

    def persons_over(self) -> dict[str, PersonsOver]:
        """How persons relate over each dimension that is used, as `protect` wants to know it."""
        return {name: dimension.personen for name, dimension in self.dimensies.items()}

    def unknown_in_rest(self) -> tuple[str, ...]:
        """The dimensions of which only persons without an area have the unknown code."""
        return tuple(name for name, dimension in self.dimensies.items() if dimension.onbekend == "rest")

    def definition_of(self, year: int) -> Definition | None:
        """The definition that holds in a year; None before the first one or after the last."""
        return next(
            (d for d in self.definities if d.vanaf <= year and (d.tot is None or year <= d.tot)), None
        )

    def break_between(self, earlier: int, later: int, categorie: str = TOTAL) -> Break | None:
        """The first break after `earlier` up to and including `later` for this category, if there is one.

        The total breaks only when it is named or the whole indicator is meant: what moves from one category
        to another stays in the total.
        """
        cuts = sorted((cut for cut in self.breuken if earlier < cut.jaar <= later), key=lambda cut: cut.jaar)
        return next((cut for cut in cuts if cut.categorieen is None or categorie in cut.categorieen), None)

    def status_after(self, period: Period, rounds: int) -> PeriodStatus:
        """The status of a period's figures after so many publication rounds; 0 = the first with them."""
        kind: PeriodKind = "jaar" if period.half is None else "H1" if period.half == 1 else "H2"
        life = self.statusleven[kind]
        return life[min(rounds, len(life) - 1)]

    def description(self) -> dict[str, Any]:
        """What stands beside the figures in a release: titel, definitie, eenheid, bron, and the whole."""
        return {
            **self.model_dump(mode="json", exclude={"feiten", "bron"}),
            "definitie": self.definities[-1].tekst,
            "eenheid": self.eenheden["aantal_personen"],
            "bron": self.bron.id,
        }


def _all_known(codes: tuple[str, ...], dimension: Dimension) -> bool:
    return set(codes) <= {TOTAL, *dimension.codes, *dimension.groepen}
