"""Who may do what, as a privacy officer can read it. A role is a description and a list of permissions.

A permission always counts for the area of the own organisation, unless its words say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What can be asked of the site."""

    SEE_NATIONAL = "landelijke cijfers zien"
    """Figures from national sources (Zvw, Wlz, CBS), of every area."""
    SEE_DELIVERED = "aangeleverde cijfers zien"
    """Figures that a gemeente delivered (Wmo, Jeugdwet): of the own gemeente and of the land."""


@dataclass(frozen=True)
class Role:
    """One role: its id, Dutch name and description, and what it may."""

    id: str
    naam: str
    omschrijving: str
    permissions: frozenset[Action]


_LOOK = frozenset({Action.SEE_NATIONAL, Action.SEE_DELIVERED})

ROLES = {
    role.id: role
    for role in (
        Role(
            "gemeente-gebruiker",
            "gebruiker van een gemeente",
            "Werkt bij of voor een gemeente en bekijkt de cijfers van de eigen gemeente, "
            "naast die van het land, de regio en andere gemeenten.",
            _LOOK,
        ),
        Role(
            "gemeente-coordinator",
            "coördinator van een gemeente",
            "Levert de gegevens van de gemeente aan en bekijkt de cijfers van de eigen gemeente.",
            _LOOK,
        ),
        Role(
            "zorgverzekeraar-gebruiker",
            "gebruiker van een zorgverzekeraar",
            "Bekijkt cijfers uit landelijke bronnen. Ziet geen cijfers die gemeenten zelf aanleveren.",
            frozenset({Action.SEE_NATIONAL}),
        ),
        Role(
            "zorgkantoor-gebruiker",
            "gebruiker van een zorgkantoor",
            "Bekijkt cijfers uit landelijke bronnen. Ziet geen cijfers die gemeenten zelf aanleveren.",
            frozenset({Action.SEE_NATIONAL}),
        ),
        Role(
            "beheerder",
            "beheerder van de site",
            "Zorgt dat de site werkt en maakt accounts aan. Ziet geen cijfers van gemeenten.",
            frozenset(),
        ),
    )
}
