"""The classes in which the GMSD is published, and the persons whom it counts."""

from __future__ import annotations

from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zorgspiegel.terms.periods import Period


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublishedClass(_Words):
    """One published class: its name, StatLine's code if known, and its productcategorieen (WMO020)."""

    titel: str
    statline: str | None = None
    delen: tuple[str, ...] = Field(min_length=1)


class ClassVersion(_Words):
    """The classes as they hold from one year up to and including another."""

    versie: str
    vanaf: int
    tot: int | None = None
    bron: str
    klassen: dict[str, PublishedClass]


class GmsdClasses(_Words):
    """`definitions/gmsd/*.yaml`: every version of the classes; no two hold in the same year."""

    id: str
    versies: tuple[ClassVersion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_version_a_year(self) -> GmsdClasses:
        ordered = sorted(self.versies, key=lambda version: version.vanaf)
        for one, following in pairwise(ordered):
            if one.tot is None or one.tot >= following.vanaf:
                raise ValueError(f"versions {one.versie} and {following.versie} hold in the same year")
        return self

    def of(self, period: Period) -> dict[str, tuple[str, ...]]:
        """Class -> productcategorieen in the year of this period. ValueError when no version holds."""
        for version in self.versies:
            if version.vanaf <= period.year and (version.tot is None or period.year <= version.tot):
                return {code: one.delen for code, one in version.klassen.items()}
        raise ValueError(f"no version of {self.id} holds in {period.year}; add one to definitions/gmsd")
