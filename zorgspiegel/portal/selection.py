"""The state of a topic page. It stands entirely in the address, so every view can be kept, sent and cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from zorgspiegel.portal.published import PublishedIndicator
from zorgspiegel.portal.releases import Area, Shown
from zorgspiegel.terms.indicators import TOTAL, UNKNOWN
from zorgspiegel.terms.topics import Domain, Measure, Topic

NOTHING = "geen"
"""Compare with no region."""

PREFERRED_SET = "zorgkantoorregio"
SEXES = {"M": "Mannen", "V": "Vrouwen"}


@dataclass(frozen=True)
class Selection:
    """What is shown: every field is valid within the release."""

    topic: str
    gebied: str
    domein: str
    categorie: str
    jaar: str
    maat: Measure
    vergelijk: str
    leeftijd: str
    geslacht: str

    def but(self, **changes: Any) -> Selection:
        """The same with other choices."""
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The choices as they stand in an address, always all of them and in one order."""
        return urlencode(
            {
                "domein": self.domein,
                "categorie": self.categorie,
                "jaar": self.jaar,
                "maat": self.maat.value,
                "vergelijk": self.vergelijk,
                "leeftijd": self.leeftijd,
                "geslacht": self.geslacht,
            }
        )

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"/{self.topic}/{self.gebied}/?{self.query}"

    def file_url(self, name: str, suffix: str) -> str:
        """The address of a download: of one figure by its id, or of the whole page."""
        return f"/{self.topic}/{self.gebied}/{name}.{suffix}?{self.query}"


@dataclass(frozen=True)
class Option:
    """One choice of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter of the page: one select box."""

    name: str
    label: str
    options: tuple[Option, ...]

    @property
    def changed(self) -> bool:
        """Whether something else than the first option is chosen."""
        return not self.options[0].is_chosen


def read(
    asked: Mapping[str, str],
    *,
    topic: Topic,
    domain: Domain,
    indicator: PublishedIndicator,
    area: Area,
    shown: Shown,
) -> tuple[Selection, tuple[str, ...]]:
    """The selection that was asked for, and a Dutch remark for each choice that does not exist here.

    A choice that is absent gets its usual value without a remark. Raises LookupError when the indicator has
    no period with figures at all.
    """
    periods = shown.periods(indicator.id)
    if not periods:
        raise LookupError(f"no figures of {indicator.id}")
    remarks: list[str] = []

    def one_of(name: str, known: tuple[str, ...], usual: str, remark: str) -> str:
        value = asked.get(name, usual)
        if value in known:
            return value
        remarks.append(remark)
        return usual

    measures = tuple(measure.id.value for measure in domain.maten)
    sets = region_sets(shown, area)
    selection = Selection(
        topic=topic.id,
        gebied=area.code,
        domein=domain.id,
        categorie=one_of(
            "categorie",
            codes(indicator, "categorie"),
            TOTAL,
            "Deze soort zorg is er niet. U ziet alle soorten samen.",
        ),
        jaar=one_of(
            "jaar", periods, periods[-1], f"Van dit jaar zijn er geen cijfers. U ziet {periods[-1]}."
        ),
        maat=Measure(
            one_of("maat", measures, measures[0], f"Deze maat is er niet. U ziet {domain.maten[0].naam}.")
        ),
        vergelijk=one_of(
            "vergelijk", (*sets, NOTHING), sets[0] if sets else NOTHING, "Deze regio is er niet."
        ),
        leeftijd=one_of(
            "leeftijd",
            codes(indicator, "leeftijd"),
            TOTAL,
            "Deze leeftijd is er niet. U ziet alle leeftijden.",
        ),
        geslacht=one_of(
            "geslacht",
            codes(indicator, "geslacht"),
            TOTAL,
            "Dit geslacht is er niet. U ziet mannen en vrouwen samen.",
        ),
    )
    return selection, tuple(remarks)


def codes(indicator: PublishedIndicator, dimension: str) -> tuple[str, ...]:
    """The codes that can be chosen: the total, then each group followed by its parts."""
    return (TOTAL, *(code for code, _ in tree(indicator, dimension)))


def tree(indicator: PublishedIndicator, dimension: str) -> list[tuple[str, int]]:
    """(code, depth) of all codes and groups of a dimension, a group before its parts."""
    found = indicator.dimension(dimension)
    if found is None:
        return []
    below: dict[str, list[str]] = {}
    for division, part, above in found.parents():
        if division == found.divisions[0] and part != UNKNOWN:
            below.setdefault(above, []).append(part)
    order = {code: place for place, code in enumerate(found.codes)}
    listed: list[tuple[str, int]] = []

    def first_place(code: str) -> int:
        return order[code] if code in order else min(first_place(part) for part in below.get(code, ()))

    def walk(above: str, depth: int) -> None:
        for code in sorted(below.get(above, ()), key=first_place):
            listed.append((code, depth))
            walk(code, depth + 1)

    walk(TOTAL, 0)
    return listed


def region_sets(shown: Shown, area: Area) -> tuple[str, ...]:
    """The region sets in which this area has a region; the usual one first."""
    there = [name for name in shown.region_sets if shown.region_of(area, name)]
    return tuple(sorted(there, key=lambda name: (name != PREFERRED_SET, name)))


def filters(
    selection: Selection,
    *,
    domain: Domain,
    indicator: PublishedIndicator,
    area: Area,
    shown: Shown,
    regions: bool,
) -> tuple[Filter, ...]:
    """The filters of the page with their options; one without a choice is left out."""
    periods = tuple(reversed(shown.periods(indicator.id)))
    found = [
        Filter(
            "maat",
            "Wat wilt u zien?",
            _options([(m.id.value, sentence_case(m.naam)) for m in domain.maten], selection.maat.value),
        ),
        Filter(
            "categorie",
            "Soort zorg",
            _coded(indicator, "categorie", "Alle soorten samen", selection.categorie),
        ),
        Filter(
            "jaar", "Jaar", _options([(period, period_name(period)) for period in periods], selection.jaar)
        ),
        Filter("leeftijd", "Leeftijd", _coded(indicator, "leeftijd", "Alle leeftijden", selection.leeftijd)),
        Filter(
            "geslacht", "Geslacht", _coded(indicator, "geslacht", "Mannen en vrouwen", selection.geslacht)
        ),
    ]
    if regions:
        sets = [(name, sentence_case(region_set_name(name))) for name in region_sets(shown, area)]
        found.append(
            Filter(
                "vergelijk",
                "Vergelijk met",
                _options([*sets, (NOTHING, "Alleen Nederland")], selection.vergelijk),
            )
        )
    return tuple(one for one in found if len(one.options) > 1)


def region_set_name(name: str) -> str:
    """A set of regions in words."""
    return {"ggdregio": "GGD-regio"}.get(name, name)


def period_name(period: str) -> str:
    """2025H1 as the reader says it."""
    year, _, half = period.partition("H")
    return f"{ {'1': 'eerste', '2': 'tweede'}[half] } helft van {year}".strip() if half else year


def sentence_case(text: str) -> str:
    """The first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]


def _coded(
    indicator: PublishedIndicator, dimension: str, all_of_them: str, chosen: str
) -> tuple[Option, ...]:
    found = indicator.dimension(dimension)
    named = [
        (code, "\N{EM SPACE}" * depth + found.title(code))
        for code, depth in tree(indicator, dimension)
        if found
    ]
    return _options([(TOTAL, all_of_them), *named], chosen)


def _options(named: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, label, value == chosen) for value, label in named)
