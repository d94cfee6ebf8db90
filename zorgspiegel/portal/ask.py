"""What a page asks of a release, and the answers: the cells of the selection in the chosen measure."""

from __future__ import annotations

from dataclasses import dataclass

from zorgspiegel.portal.measures import NEEDS_INWONERS, Cell, answer
from zorgspiegel.portal.numbers import NOT_APPLICABLE, UNKNOWN, Answer
from zorgspiegel.portal.published import PublishedIndicator
from zorgspiegel.portal.releases import Area, Key, Shown
from zorgspiegel.portal.selection import Selection, sentence_case
from zorgspiegel.terms.areas import LAND, gemeente_of
from zorgspiegel.terms.indicators import Dimension
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.topics import Domain, Measure, Topic

WITHOUT_INWONERS = {Measure.PER_1000: Measure.AANTAL, Measure.KOSTEN_PER_INWONER: Measure.KOSTEN}


@dataclass(frozen=True, eq=False)
class Ask:
    """All that a figure needs to know. Areas are only those that the visitor may see.

    Two asks are equal when the same release, topic, choices and areas are asked: then the figures are, too.
    """

    shown: Shown
    topic: Topic
    domain: Domain
    indicator: PublishedIndicator
    selection: Selection
    area: Area
    beside: tuple[Area, ...]
    """Larger areas to compare with, the land last; the area itself is not in it."""

    @property
    def _key(self) -> tuple[object, ...]:
        return (self.shown.digest, self.topic, self.selection, self.beside)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ask) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def period(self) -> Period:
        """The chosen period."""
        return Period.parse(self.selection.jaar)

    @property
    def division(self) -> int:
        """Year of the division in which the areas of the chosen period are."""
        return self.shown.division(self.indicator.id, self.selection.jaar)

    @property
    def is_delivered(self) -> bool:
        """Whether gemeenten deliver these figures themselves."""
        return self.indicator.herkomst_soort == "aangeleverd"

    @property
    def about_the_land(self) -> tuple[str, ...]:
        """What has to be said of a figure of the land that is made of deliveries."""
        if not self.is_delivered:
            return ()
        count = len(self.shown.delivering(self.indicator.id, self.selection.jaar))
        if not self.shown.has_figures(self.indicator.id, LAND):
            asked = self.shown.gemeenten_asked(self.indicator.id, self.selection.jaar)
            of_all = f" van de {asked}" if asked else ""
            return (
                f"Deze cijfers zijn nog niet compleet: {count}{of_all} gemeenten leverden ze aan. "
                "Daarom staat Nederland er niet bij.",
            )
        if LAND not in {self.area.code, *(area.code for area in self.beside)}:
            return ()
        return (f"Nederland staat hier voor de {count} gemeenten die deze cijfers aanleverden.",)

    def cell_key(self, **changes: str) -> Key:
        """The key of the cell that the selection points at, with changes."""
        chosen = {
            "periode": self.selection.jaar,
            "gebiedscode": self.area.code,
            "categorie": self.selection.categorie,
            "leeftijd": self.selection.leeftijd,
            "geslacht": self.selection.geslacht,
        } | changes
        return (
            chosen["periode"],
            chosen["gebiedscode"],
            chosen["categorie"],
            chosen["leeftijd"],
            chosen["geslacht"],
        )


def cells_of(ask: Ask, *, all_of: str = "", **choices: object) -> dict[Key, Cell]:
    """Cells of the selection; `all_of` names the dimensions of which every code is wanted."""
    fixed = {
        "categorie": ask.selection.categorie,
        "leeftijd": ask.selection.leeftijd,
        "geslacht": ask.selection.geslacht,
    }
    wanted = {name: code for name, code in fixed.items() if name not in all_of.split()}
    return ask.shown.cells(ask.indicator.id, **wanted, **choices)


def answer_of(ask: Ask, cells: dict[Key, Cell], key: Key, measure: Measure) -> Answer:
    """What one cell says. A kind of care that did not exist in that year is "n.v.t.", not zero."""
    care = ask.indicator.dimension("categorie")
    year = Period.parse(key[0]).year
    if care is not None and not exists_in(care, key[2], year):
        return NOT_APPLICABLE
    if measure not in NEEDS_INWONERS:
        return answer(cells.get(key), measure)
    known = _inwoner_year(ask.shown, year)
    if known is None:
        return UNKNOWN
    return answer(cells.get(key), measure, inwoners=_inwoners(ask, known, key))


def _inwoners(ask: Ask, year: int, key: Key) -> int | None:
    """Inhabitants of the area of a cell. A delivered figure of the land: of who delivered."""
    period, code, _, leeftijd, geslacht = key
    if not (ask.is_delivered and code == LAND):
        return ask.shown.inwoners(year, code, leeftijd, geslacht)
    members = ask.shown.delivering(ask.indicator.id, period)
    parts = [ask.shown.inwoners(year, member, leeftijd, geslacht) for member in members]
    return None if not parts or None in parts else sum(part for part in parts if part is not None)


def _inwoner_year(shown: Shown, year: int) -> int | None:
    """The year itself, or else the year beside it: a number of inhabitants changes little in one year."""
    near = [known for known in shown.inwoner_years if abs(known - year) <= 1]
    return min(near, key=lambda known: (abs(known - year), -known)) if near else None


def usable_measure(ask: Ask, leeftijd: str, geslacht: str) -> tuple[Measure, tuple[str, ...]]:
    """The measure that can be shown, and a note when that is another one than was chosen.

    Inhabitants are not always known for the ages of the indicator. Then counts are shown, not a false ratio.
    """
    chosen = ask.selection.maat
    if chosen not in NEEDS_INWONERS:
        return chosen, ()
    year = _inwoner_year(ask.shown, ask.period.year)
    code = gemeente_of(ask.area.code) or ask.area.code
    known = None if year is None else ask.shown.inwoners(year, code, leeftijd, geslacht)
    if known is None:
        instead = WITHOUT_INWONERS[chosen]
        return instead, ("Per inwoner kan hier niet: het aantal inwoners van deze groep is niet bekend.",)
    if year != ask.period.year:
        return chosen, (f"We deelden door het aantal inwoners op 1 januari {year}.",)
    return chosen, ()


def column_name(ask: Ask, measure: Measure) -> str:
    """The name of a measure as a column has it."""
    named = ask.domain.measure(measure)
    return sentence_case(named.naam if named else measure.value.replace("_", " "))


def exists_in(dimension: Dimension, code: str, year: int) -> bool:
    """Whether the source has this code in that year. Groups and totals always exist."""
    told = dimension.codes.get(code)
    return told is None or ((told.vanaf or year) <= year <= (told.tot or year))


def chosen_title(ask: Ask, dimension: str) -> str:
    """The chosen code of a dimension in words."""
    code = getattr(ask.selection, dimension)
    found = ask.indicator.dimension(dimension)
    return found.title(code) if found else ""
