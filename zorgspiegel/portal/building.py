"""Builds the figures of a topic page from published cells: one function per kind of figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from zorgspiegel.portal import sentences
from zorgspiegel.portal.ask import (
    Ask,
    answer_of,
    cells_of,
    chosen_title,
    column_name,
    exists_in,
    usable_measure,
)
from zorgspiegel.portal.figure import FigureData, Row
from zorgspiegel.portal.measures import Cell
from zorgspiegel.portal.names import sort_key
from zorgspiegel.portal.releases import Key
from zorgspiegel.portal.selection import SEXES, period_name, region_set_name, sentence_case
from zorgspiegel.terms.areas import LAND, gemeente_of
from zorgspiegel.terms.indicators import TOTAL, Dimension
from zorgspiegel.terms.indicators import UNKNOWN as CODE_UNKNOWN
from zorgspiegel.terms.periods import Period
from zorgspiegel.terms.topics import FigureKind, Measure, TopicFigure

MOST_NAMED = 5
PLURALS = {"gemeente": "gemeenten", "wijk": "wijken", "buurt": "buurten"}


@lru_cache(maxsize=128)
def figures(ask: Ask) -> tuple[FigureData, ...]:
    """The figures of the page, in the order of the topic. One that cannot be made is left out."""
    built = (KINDS[figure.soort](ask, figure) for figure in ask.topic.figuren)
    return tuple(figure for figure in built if figure is not None)


def figure(ask: Ask, name: str) -> FigureData | None:
    """One figure by its id."""
    return next((one for one in figures(ask) if one.id == name), None)


def _map(ask: Ask, about: TopicFigure) -> FigureData | None:
    level = map_level(ask)
    codes = map_codes(ask, level)
    if len(codes) < 2:
        return None
    measure, notes = usable_measure(ask, ask.selection.leeftijd, ask.selection.geslacht)
    cells = cells_of(ask, gebied_niveau=level, periode=ask.selection.jaar)
    named = sorted((ask.shown.areas[code] for code in codes), key=lambda area: sort_key(area.naam))
    rows = tuple(
        Row(
            key=area.code,
            labels=(area.naam, area.code),
            answers=(answer_of(ask, cells, ask.cell_key(gebiedscode=area.code), measure),),
            href=ask.selection.but(gebied=area.code).url,
            is_own=area.code == ask.area.code,
        )
        for area in named
    )
    on_map = set(ask.shown.borders(level, ask.division)["gebiedscode"].to_pylist())
    if missing := [row.labels[0] for row in rows if row.key not in on_map]:
        names = ", ".join(missing[:MOST_NAMED]) + (" en andere" if len(missing) > MOST_NAMED else "")
        notes = (*notes, f"Niet op de kaart, wel in de tabel: {names}. Van dat jaar hebben we de grens niet.")
    made = _figure(
        ask, about, measure, notes, (sentence_case(level), "Code"), (column_name(ask, measure),), rows
    )
    made = replace(made, level=level)
    return replace(made, sentence=sentences.areas(made, plural=PLURALS[level]))


def map_level(ask: Ask) -> str:
    """Wijken where the indicator has them (and we may see them), else gemeenten."""
    has_wijken = "wijk" in ask.indicator.niveaus and gemeente_of(ask.area.code) is not None
    return "wijk" if has_wijken else "gemeente"


def map_codes(ask: Ask, level: str) -> list[str]:
    """The areas of the map. Delivered figures: only the wijken of the gemeente that the page is about."""
    if level == "wijk":
        own = gemeente_of(ask.area.code)
        return [code for code in ask.shown.codes("wijk", ask.division) if gemeente_of(code) == own]
    if ask.is_delivered:
        return []
    present = ask.shown.cells(
        ask.indicator.id,
        gebied_niveau="gemeente",
        periode=ask.selection.jaar,
        categorie=TOTAL,
        leeftijd=TOTAL,
        geslacht=TOTAL,
    )
    return [key[1] for key in present if key[1] in ask.shown.areas]


def _comparison(ask: Ask, about: TopicFigure) -> FigureData | None:
    if not ask.beside:
        return None
    measure, notes = usable_measure(ask, ask.selection.leeftijd, ask.selection.geslacht)
    areas = (ask.area, *ask.beside)
    cells = cells_of(ask, gebiedscode=[area.code for area in areas], periode=ask.selection.jaar)
    rows = tuple(
        Row(
            key=area.code,
            labels=(sentence_case(area.naam), sentence_case(region_set_name(area.level))),
            answers=(answer_of(ask, cells, ask.cell_key(gebiedscode=area.code), measure),),
            href=ask.selection.but(gebied=area.code).url,
            is_own=area.code == ask.area.code,
        )
        for area in areas
    )
    notes = (*notes, *ask.about_the_land)
    made = _figure(ask, about, measure, notes, ("Gebied", "Soort gebied"), (column_name(ask, measure),), rows)
    named = ask.domain.measure(measure)
    begin = named.zin if named else "Dit was"
    said = sentences.comparison(made, begin=begin, period=period_name(ask.selection.jaar))
    return replace(made, sentence=said)


def _series(ask: Ask, about: TopicFigure) -> FigureData | None:
    periods = [p for p in ask.shown.periods(ask.indicator.id) if Period.parse(p).half == ask.period.half]
    if len(periods) < 2:
        return None
    measure, notes = usable_measure(ask, ask.selection.leeftijd, ask.selection.geslacht)
    areas = (ask.area, *ask.beside)
    cells = cells_of(ask, gebiedscode=[area.code for area in areas])
    rows = tuple(
        Row(
            key=period,
            labels=(period_name(period),),
            answers=tuple(
                answer_of(ask, cells, ask.cell_key(gebiedscode=area.code, periode=period), measure)
                for area in areas
            ),
            href=ask.selection.but(jaar=period).url,
            note=ask.shown.period_statuses.get(period, ""),
        )
        for period in periods
    )
    breaks = _breaks(ask, periods)
    notes = (*notes, *ask.about_the_land, *(f"Stippellijn: {reason}" for reason in breaks.values()))
    made = _figure(
        ask, about, measure, notes, ("Jaar",), tuple(sentence_case(area.naam) for area in areas), rows
    )
    made = replace(made, breaks=breaks)
    return replace(made, sentence=sentences.series(made))


def _breaks(ask: Ask, periods: list[str]) -> dict[str, str]:
    """Per period that cannot be compared with the one before it: why."""
    found: dict[str, str] = {}
    for before, after in pairwise(periods):
        cut = ask.indicator.break_between(
            Period.parse(before).year, Period.parse(after).year, ask.selection.categorie
        )
        if cut:
            found[after] = cut.reden
    return found


def _parts(ask: Ask, about: TopicFigure) -> FigureData | None:
    dimension = ask.indicator.dimension("categorie")
    if dimension is None:
        return None
    measure, notes = usable_measure(ask, ask.selection.leeftijd, ask.selection.geslacht)
    if measure is Measure.AANTAL and dimension.personen == "same":
        return None  # each kind of care is about the same persons: the bars would all be equally long
    areas = (ask.area, *(area for area in ask.beside if area.code == LAND))
    whole = ask.selection.categorie if ask.selection.categorie in dimension.cell_groups else TOTAL
    codes = [code for code in parts_of(dimension, whole) if exists_in(dimension, code, ask.period.year)]
    cells = cells_of(
        ask, all_of="categorie", gebiedscode=[area.code for area in areas], periode=ask.selection.jaar
    )
    rows = [
        Row(
            key=code,
            labels=(dimension.title(code),),
            answers=tuple(
                answer_of(ask, cells, ask.cell_key(gebiedscode=area.code, categorie=code), measure)
                for area in areas
            ),
            href=ask.selection.but(categorie=code).url,
            in_drawing=code != whole,
        )
        for code in (*_with_cells(codes, cells, position=2), whole)
    ]
    rows[:-1] = sorted(rows[:-1], key=_largest_first)
    columns = tuple(sentence_case(area.naam) for area in areas)
    notes = (*notes, *ask.about_the_land)
    made = _figure(ask, about, measure, notes, ("Soort zorg",), columns, tuple(rows))
    if len(areas) == 1:
        made = replace(made, explanation="")  # it tells about the mark of the land
    adds_up = measure in {Measure.KOSTEN, Measure.KOSTEN_PER_INWONER} or (
        measure is Measure.KOSTEN_PER_PERSOON and dimension.personen == "same"
    )
    what = "de kosten" if whole == TOTAL else f"de kosten van {sentences.inside(dimension.title(whole))}"
    return replace(made, sentence=sentences.parts(made, what_part=what) if adds_up else "")


def parts_of(dimension: Dimension, whole: str) -> list[str]:
    """The parts of a group, or of the total: codes and groups that lie directly below it."""
    division = dimension.divisions[0]
    return [part for where, part, above in dimension.parents() if where == division and above == whole]


def _largest_first(row: Row) -> tuple[int, float]:
    value = row.answers[0].value
    return (0, -float(value)) if value is not None else (1, 0.0)


def _ages(ask: Ask, about: TopicFigure) -> FigureData | None:
    ages, sexes = ask.indicator.dimension("leeftijd"), ask.indicator.dimension("geslacht")
    if ages is None or sexes is None or not set(SEXES) <= set(sexes.codes):
        return None
    first = next(iter(ages.codes))
    measure, notes = usable_measure(ask, first, "M")
    cells = cells_of(ask, all_of="leeftijd geslacht", gebiedscode=ask.area.code, periode=ask.selection.jaar)
    rows = tuple(
        Row(
            key=code,
            labels=(ages.title(code),),
            answers=tuple(
                answer_of(ask, cells, ask.cell_key(leeftijd=code, geslacht=sex), measure) for sex in SEXES
            ),
            href=ask.selection.but(leeftijd=code).url,
        )
        for code in _with_cells(list(ages.codes), cells, position=3)
    )
    made = _figure(ask, about, measure, notes, ("Leeftijd",), tuple(SEXES.values()), rows)
    return replace(made, sentence=sentences.ages(made))


KINDS: dict[FigureKind, Callable[[Ask, TopicFigure], FigureData | None]] = {
    FigureKind.KAART: _map,
    FigureKind.VERGELIJKING: _comparison,
    FigureKind.REEKS: _series,
    FigureKind.UITSPLITSING: _parts,
    FigureKind.LEEFTIJD_GESLACHT: _ages,
}


def _with_cells(codes: list[str], cells: dict[Key, Cell], *, position: int) -> Iterable[str]:
    """The codes that occur in the release, in declared order; 'onbekend' at the end when anybody is in it."""
    there = {key[position] for key in cells}
    yield from (code for code in codes if code in there and code != CODE_UNKNOWN)
    left = [cell for key, cell in cells.items() if key[position] == CODE_UNKNOWN]
    if any(cell.aantal_personen != 0 for cell in left):
        yield CODE_UNKNOWN


def _figure(  # noqa: PLR0917 - the parts of a figure, in the order in which a reader meets them
    ask: Ask,
    about: TopicFigure,
    measure: Measure,
    notes: tuple[str, ...],
    label_columns: tuple[str, ...],
    value_columns: tuple[str, ...],
    rows: tuple[Row, ...],
) -> FigureData:
    words = {
        "gebied": ask.area.naam,
        "naast": " en ".join(area.naam for area in ask.beside) or ask.area.naam,
        "maat": column_name(ask, measure).lower(),
        "jaar": period_name(ask.selection.jaar),
        "onder": map_level(ask),
        "dikke_lijn": f"De dikke lijn is {ask.area.naam}." if map_level(ask) == ask.area.level else "",
        "categorie": chosen_title(ask, "categorie"),
    }
    return FigureData(
        id=about.id,
        kind=about.soort,
        title=about.titel.format(**words),
        subtitle=_subtitle(ask, about.soort, measure),
        explanation=" ".join(about.uitleg.format(**words).split()),
        measure=measure,
        label_columns=label_columns,
        value_columns=value_columns,
        rows=rows,
        notes=notes,
        is_invented=ask.indicator.id in ask.shown.invented,
    )


def _subtitle(ask: Ask, kind: FigureKind, measure: Measure) -> str:
    """What exactly is shown, in one line: measure, kind of care, group of people, area, period."""
    said = [column_name(ask, measure)]
    care = ask.indicator.dimension("categorie")
    is_divided = care is not None and ask.selection.categorie in care.cell_groups
    if ask.selection.categorie != TOTAL and (kind is not FigureKind.UITSPLITSING or is_divided):
        said.append(sentences.inside(chosen_title(ask, "categorie")))
    if kind is not FigureKind.LEEFTIJD_GESLACHT:
        said += [
            sentences.inside(chosen_title(ask, name))
            for name in ("leeftijd", "geslacht")
            if getattr(ask.selection, name) != TOTAL
        ]
    if kind in {FigureKind.UITSPLITSING, FigureKind.LEEFTIJD_GESLACHT, FigureKind.REEKS}:
        said.append(ask.area.naam)
    if kind is not FigureKind.REEKS:
        said.append(period_name(ask.selection.jaar))
    return ", ".join(said)
