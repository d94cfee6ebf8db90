"""What a protection profile says: one declaration per file in `definitions/protection/`.

A profile is changed only together with the privacy officer: each file says who decided and on what ground.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_RULES = ConfigDict(extra="forbid", frozen=True)

PersonsOver = Literal["sum", "unique", "same"]
"""How persons of the parts of a dimension relate to its total T: they add up; T counts each person once while
the parts overlap; or every part is about the very same persons (insured persons per care type)."""


class Dominance(BaseModel):
    """The (n, k) rule: an amount is hidden when its n largest contributors make up more than k percent of
    it."""

    model_config = _RULES

    largest: Literal[1, 2]
    percent: int = Field(ge=1, le=100)


class Profile(BaseModel):
    """The rules by which cells are hidden and rounded. Source: DOMAIN.md section 12, PROTECTION.md section
    2."""

    model_config = _RULES

    id: str
    titel: str
    herkomst: str
    """Where the rules come from, and who decided."""
    smallest_shown: int = Field(ge=1)
    """A count below it is hidden."""
    zeros: Literal["hidden", "shown"] = "hidden"
    """Whether a count of zero is hidden under the same symbol as a small one."""
    secondary: bool = True
    """False: hide small counts and round all the rest, without hiding more. Only together with
    `round_counts_to`."""
    round_counts_to: int = Field(default=1, ge=1)
    """Shown counts become the nearest multiple, half always up."""
    round_amounts_to_eur: int = Field(default=0, ge=0)
    """Shown amounts become the nearest multiple of so many euro, half up; 0 = to the cent as they are."""
    smallest_contributors: int = Field(default=1, ge=1)
    """Fewer contributors behind an amount than this: hidden, count and amount together."""
    dominance: Dominance | None = None
    p_percent: int | None = Field(default=None, ge=1, le=100)
    """Hidden when the second largest contributor could estimate the largest within this percentage."""
    smallest_denominator: int = Field(default=20, ge=1)
    """No percentage over fewer persons than this."""
    singletons: bool = True
    """Whether a contributor who is alone in a cell counts as an attacker who knows that cell."""

    @model_validator(mode="after")
    def _rounding_replaces_secondary(self) -> Profile:
        if not self.secondary and self.round_counts_to < 2:
            raise ValueError(
                "secondary: false needs round_counts_to of 2 or more, otherwise totals give cells away"
            )
        return self
