"""The one place that decides: `can(actor, action, figures, now)`. Pure: no database, no clock.

Whoever is refused sees the same page as for an address that does not exist. The reason is for the trail only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zorgspiegel.ledger.roles import ROLES, Action
from zorgspiegel.terms.areas import gemeente_of, level_of


@dataclass(frozen=True)
class Right:
    """One grant, as far as deciding needs it."""

    rol: str
    gebiedscode: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """From the first moment up to, not including, the last; never after it was revoked."""
        is_revoked = self.revoked_at is not None and self.revoked_at <= now
        return self.valid_from <= now < self.valid_until and not is_revoked


@dataclass(frozen=True)
class Actor:
    """Who asks: an account with its rights. Nobody logged in is an actor without rights."""

    account_id: int | None
    rights: tuple[Right, ...] = ()


FEWEST_DELIVERING = 10
"""Gemeenten that must be in a delivered figure of the land. With two, the own figure taken off it is the
other's; with a few, those who work together can do the same (decision 0026)."""


@dataclass(frozen=True)
class Figures:
    """What is asked for: the figures of one area, and whether a gemeente delivered them itself.

    gemeenten: for delivered figures of the land, of how many gemeenten they are made.
    """

    gebiedscode: str
    aangeleverd: bool
    gemeenten: int = 0


@dataclass(frozen=True)
class Decision:
    """Allowed or not, and why: one sentence for the trail."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


class _HasGrants(Protocol):
    pk: int
    is_authenticated: bool
    is_active: bool


def actor_of(account: _HasGrants) -> Actor:
    """The actor behind an account, with all its grants. One query; the answer is kept on the account."""
    if not account.is_authenticated or not account.is_active:
        return Actor(None)
    kept = getattr(account, "_actor", None)
    if kept is None:
        grants = account.grants.select_related("organisation")  # type: ignore[attr-defined]
        kept = Actor(
            account.pk,
            tuple(
                Right(g.rol, g.organisation.gebiedscode, g.valid_from, g.valid_until, g.revoked_at)
                for g in grants
            ),
        )
        account._actor = kept  # type: ignore[attr-defined]
    return kept


def can(actor: Actor, action: Action, figures: Figures, now: datetime) -> Decision:
    """Whether `actor` may do `action` with `figures` at the moment `now`.

    Delivered figures of a region are refused as well: in a region of two gemeenten, the own figure subtracted
    from that of the region is the other gemeente's figure (decision 0026).
    """
    if actor.account_id is None:
        return Decision(False, "nobody is logged in")
    holding = [right for right in actor.rights if right.holds(now)]
    if not holding:
        return Decision(False, "no grant holds at this moment")
    able = [right for right in holding if action in ROLES[right.rol].permissions]
    if not able:
        return Decision(False, "no role with this permission")
    level = level_of(figures.gebiedscode)
    if level is None:
        return Decision(False, "not an area")
    if not figures.aangeleverd:
        return Decision(action is Action.SEE_NATIONAL, "figures from a national source")
    if action is not Action.SEE_DELIVERED:
        return Decision(False, "delivered figures ask for another permission")
    if level == "land":
        is_enough = figures.gemeenten >= FEWEST_DELIVERING
        return Decision(is_enough, f"delivered figures of the land, of {figures.gemeenten} gemeenten")
    own = gemeente_of(figures.gebiedscode)
    if own is not None and any(right.gebiedscode == own for right in able):
        return Decision(True, "delivered figures of the own gemeente")
    return Decision(False, "delivered figures of somebody else")


def gemeenten_of(actor: Actor, now: datetime) -> tuple[str, ...]:
    """Gebiedscodes of the gemeenten that the actor acts for at this moment, sorted."""
    return tuple(
        sorted(
            {r.gebiedscode for r in actor.rights if r.holds(now) and level_of(r.gebiedscode) == "gemeente"}
        )
    )
