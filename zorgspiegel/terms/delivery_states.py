"""The life of a delivery as data: states, and the moves between them (DOMAIN 3.2). No other move is possible.

The database holds the same table in a trigger; a test tries every pair of states on both databases.
Three things are ours, since the source leaves them open (decision 0050):

- a delivery can be withdrawn from every state in which content is held, not only after the report;
- confirming closes no door: before the deadline a confirmed delivery can still be replaced or withdrawn;
- reopening after publication leads to HERLEVERING: the old figures stay until new ones take their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """Where a delivery is in its life."""

    CONCEPT = "concept"
    """Being uploaded; there is no receipt yet."""
    GEUPLOAD = "geupload"
    TECHNISCH_AFGEKEURD = "technisch_afgekeurd"
    TECHNISCH_GOEDGEKEURD = "technisch_goedgekeurd"
    OP_ORDE_KLAAR = "op_orde_klaar"
    """The Op-orde-rapport is ready. Saying nothing means yes."""
    BEVESTIGD = "bevestigd"
    HERLEVERING = "herlevering"
    """A new delivery is on its way; this one counts until the new one takes its place."""
    VERVANGEN = "vervangen"
    INGETROKKEN = "ingetrokken"
    VERGRENDELD = "vergrendeld"
    GEPUBLICEERD = "gepubliceerd"


class Mover(StrEnum):
    """Who makes a move."""

    COORDINATOR = "coordinator"
    SYSTEM = "systeem"
    OPERATORS = "beheerders"


class Guard(StrEnum):
    """What must hold at the moment of the move, besides being in the table."""

    WINDOW_OPEN = "window_open"
    """The round takes files now."""
    MAY_WITHDRAW = "may_withdraw"
    """The withdrawal deadline has not passed, and the round's flag `intrekken_open` is on."""
    DEADLINE_PASSED = "deadline_passed"
    """The withdrawal deadline has passed."""
    TWO_PERSONS = "two_persons"
    """Somebody asked for it, somebody else approved."""


@dataclass(frozen=True)
class Move:
    """One possible move."""

    van: DeliveryState
    naar: DeliveryState
    by: Mover
    guard: Guard | None = None


_S = DeliveryState
HOLDS_CONTENT = frozenset(_S) - {_S.CONCEPT, _S.VERVANGEN, _S.INGETROKKEN}
"""States in which the delivered file exists. Entering VERVANGEN or INGETROKKEN destroys it."""
UNDER_WAY = frozenset({_S.GEUPLOAD, _S.TECHNISCH_AFGEKEURD})
"""Received, not approved. An organisation has at most one of these per round."""
CURRENT = HOLDS_CONTENT - UNDER_WAY - {_S.HERLEVERING}
"""Approved and counting. An organisation has at most one of these per round, besides one under way."""
FINAL = frozenset({_S.VERVANGEN, _S.INGETROKKEN})

_WITHDRAWABLE = sorted(HOLDS_CONTENT - {_S.VERGRENDELD, _S.GEPUBLICEERD})
_LOCKABLE = (_S.OP_ORDE_KLAAR, _S.BEVESTIGD, _S.HERLEVERING)

MOVES: tuple[Move, ...] = (
    Move(_S.CONCEPT, _S.GEUPLOAD, Mover.COORDINATOR, Guard.WINDOW_OPEN),
    Move(_S.GEUPLOAD, _S.TECHNISCH_AFGEKEURD, Mover.SYSTEM),
    Move(_S.GEUPLOAD, _S.TECHNISCH_GOEDGEKEURD, Mover.SYSTEM),
    Move(_S.TECHNISCH_AFGEKEURD, _S.GEUPLOAD, Mover.COORDINATOR, Guard.WINDOW_OPEN),
    Move(_S.TECHNISCH_GOEDGEKEURD, _S.OP_ORDE_KLAAR, Mover.SYSTEM),
    Move(_S.OP_ORDE_KLAAR, _S.BEVESTIGD, Mover.COORDINATOR),
    Move(_S.OP_ORDE_KLAAR, _S.HERLEVERING, Mover.COORDINATOR, Guard.WINDOW_OPEN),
    Move(_S.BEVESTIGD, _S.HERLEVERING, Mover.COORDINATOR, Guard.WINDOW_OPEN),
    Move(_S.HERLEVERING, _S.VERVANGEN, Mover.SYSTEM),
    *(Move(state, _S.INGETROKKEN, Mover.COORDINATOR, Guard.MAY_WITHDRAW) for state in _WITHDRAWABLE),
    *(Move(state, _S.VERGRENDELD, Mover.SYSTEM, Guard.DEADLINE_PASSED) for state in _LOCKABLE),
    Move(_S.VERGRENDELD, _S.GEPUBLICEERD, Mover.SYSTEM),
    Move(_S.VERGRENDELD, _S.HERLEVERING, Mover.OPERATORS, Guard.TWO_PERSONS),
    Move(_S.GEPUBLICEERD, _S.HERLEVERING, Mover.OPERATORS, Guard.TWO_PERSONS),
)
_BY_PAIR = {(move.van, move.naar): move for move in MOVES}


@dataclass(frozen=True)
class Circumstances:
    """What the guards look at.

    opens_at, closes_at: the round takes files from opens_at up to, not including, closes_at.
    intrekken_tot:       the first moment at which withdrawing is too late.
    persons:             ids of the different people who asked for and approved the move.
    """

    now: datetime
    opens_at: datetime
    closes_at: datetime
    intrekken_tot: datetime
    intrekken_open: bool
    persons: frozenset[int] = frozenset()


NO_SUCH_MOVE = "Deze stap is niet mogelijk in de huidige staat van de aanlevering."
WINDOW_CLOSED = "De aanleverperiode is niet open. U kunt nu geen bestand aanleveren."
TOO_LATE = "De termijn voor intrekken is voorbij. De aanlevering kan niet meer worden ingetrokken."
WITHDRAWAL_CLOSED = "Op dit moment kunnen er geen leveringen ingetrokken worden."
"""CBS' own sentence on its page about withdrawing."""
TOO_EARLY = "De termijn voor intrekken loopt nog. Vergrendelen kan pas daarna."
ONE_PERSON = "Heropenen vraagt twee personen: een die het vraagt en een ander die het goedkeurt."


def find_move(van: DeliveryState, naar: DeliveryState) -> Move | None:
    """The move between two states, or None when there is no such move."""
    return _BY_PAIR.get((van, naar))


def refusal(van: DeliveryState, naar: DeliveryState, at: Circumstances) -> str | None:
    """Why the move is impossible now, as a Dutch sentence for the one who tries; None when it is possible."""
    move = find_move(van, naar)
    if move is None:
        return NO_SUCH_MOVE
    match move.guard:
        case Guard.WINDOW_OPEN if not at.opens_at <= at.now < at.closes_at:
            return WINDOW_CLOSED
        case Guard.MAY_WITHDRAW if at.now >= at.intrekken_tot:
            return TOO_LATE
        case Guard.MAY_WITHDRAW if not at.intrekken_open:
            return WITHDRAWAL_CLOSED
        case Guard.DEADLINE_PASSED if at.now < at.intrekken_tot:
            return TOO_EARLY
        case Guard.TWO_PERSONS if len(at.persons) < 2:
            return ONE_PERSON
    return None
