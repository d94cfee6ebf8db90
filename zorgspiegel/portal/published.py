"""An indicator as a release tells it. A release never changes, so pages must go on reading the older ones.

The declarations of today (`terms.indicators`) may ask for more than a release of last year says. Here only
what pages need is read, and what is not known is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from zorgspiegel.terms.indicators import Break, Definition, Dimension, Indicator, Source


class PublishedIndicator(BaseModel):
    """What a page says about an indicator. Fields mean the same as in `terms.indicators.Indicator`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    titel: str
    teller: str
    noemer: str
    dimensies: dict[str, Dimension]
    niveaus: tuple[str, ...]
    regio_indelingen: tuple[str, ...] | Literal["alle"] = "alle"
    definities: tuple[Definition, ...]
    breuken: tuple[Break, ...] = ()
    bron: Source
    herkomst_soort: Literal["aangeleverd", "nationaal", "openbaar"]
    peildatum: str = ""
    let_op: tuple[str, ...] = ()

    break_between = Indicator.break_between
    definition_of = Indicator.definition_of

    def dimension(self, name: str) -> Dimension | None:
        """The dimension with this name; None when the indicator does not use it."""
        return self.dimensies.get(name)


def read(told: Mapping[str, Any], source: Mapping[str, str]) -> PublishedIndicator:
    """An indicator out of its declaration in the release, and the row of its source."""
    dimensions = {name: _dimension(part) for name, part in told["dimensies"].items()}
    named = {
        "id": source["bron"],
        "naam": source["titel"],
        "vermelding": source["naamsvermelding"],
        "licentie": source["licentie"],
    }
    return PublishedIndicator.model_validate({**told, "dimensies": dimensions, "bron": named})


def _dimension(told: Mapping[str, Any]) -> dict[str, Any]:
    """Codes keep the order of the declaration: that is how people read them."""
    return {key: value for key, value in told.items() if key in Dimension.model_fields}
