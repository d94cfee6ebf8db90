"""What a topic declaration says (`definitions/topics/*.yaml`): a dashboard as figures over indicators.

A new topic is one new file. Keys are Dutch: they are read and reviewed by people who know the subject. Texts
may hold the words {gebied} (name of the area), {maat} (the chosen measure), {jaar}, {onder} (gemeente or
wijk: what the map is divided into), {naast} (the larger areas), {dikke_lijn} (which area
has a thick border, where one has) and {categorie}.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FigureKind(StrEnum):
    """How a figure is drawn, and which cells it needs."""

    KAART = "kaart"
    """The areas of one level, for one period."""
    VERGELIJKING = "vergelijking"
    """The area next to the region and the land."""
    REEKS = "reeks"
    """The area, the region and the land over the years."""
    UITSPLITSING = "uitsplitsing"
    """The codes of the dimension categorie, area next to land."""
    LEEFTIJD_GESLACHT = "leeftijd_geslacht"
    """Age groups, men and women apart."""


class Measure(StrEnum):
    """What is shown of a cell. The first two are in the cell; the others are divided out of it."""

    AANTAL = "aantal"
    KOSTEN = "kosten"
    KOSTEN_PER_PERSOON = "kosten_per_persoon"
    PER_1000 = "per_1000"
    KOSTEN_PER_INWONER = "kosten_per_inwoner"


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TopicMeasure(_Words):
    """A measure with its Dutch name and what it means, as this topic calls it."""

    id: Measure
    naam: str
    uitleg: str
    zin: str
    """Begins a sentence that goes on with the area and the number: 'De kosten per verzekerde waren'."""


class Domain(_Words):
    """One law (Zvw, Wmo) within the topic: an indicator, and what can be shown of it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    naam: str
    indicator: str
    personen: str
    """Whom the indicator counts, plural: verzekerden, cliënten."""
    persoon: str
    maten: tuple[TopicMeasure, ...] = Field(min_length=1)

    def measure(self, name: Measure) -> TopicMeasure | None:
        """The measure with this name, or None when this domain does not have it."""
        return next((measure for measure in self.maten if measure.id is name), None)


class TopicFigure(_Words):
    """One figure: its id in the address of downloads, its kind, title and explanation."""

    id: str = Field(pattern=r"^[a-z][a-z-]*$")
    soort: FigureKind
    titel: str
    uitleg: str


class Topic(_Words):
    """A dashboard. Its id is the first part of its address."""

    id: str = Field(pattern=r"^[a-z][a-z-]*$")
    titel: str
    kort: str
    inleiding: str
    domeinen: tuple[Domain, ...] = Field(min_length=1)
    figuren: tuple[TopicFigure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_id_twice(self) -> Self:
        for name, ids in (
            ("domeinen", [domain.id for domain in self.domeinen]),
            ("figuren", [figure.id for figure in self.figuren]),
        ):
            if len(ids) != len(set(ids)):
                raise ValueError(f"{name}: an id is there twice; give each its own")
        return self

    def domain(self, name: str) -> Domain | None:
        """The domain with this id, or None."""
        return next((domain for domain in self.domeinen if domain.id == name), None)
