"""Everything that changes a delivery: keyword-only, `by=` required, one transaction with its audit line and its mail.

`by` is the account that acts; None for the system itself. What is refused raises RefusedError with a Dutch sentence
for the one who tried. The content itself is not here: `store.blobs` holds it, under `delivery.blob_id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from zorgspiegel.ledger import outbox
from zorgspiegel.ledger.actions import note
from zorgspiegel.ledger.delivery_models import Delivery, DeliveryRound, Receipt, Tombstone
from zorgspiegel.ledger.models import Account, Organisation
from zorgspiegel.ledger.steps import walks
from zorgspiegel.terms.calendar import Window
from zorgspiegel.terms.delivery_states import CURRENT, Circumstances, DeliveryState, refusal
from zorgspiegel.terms.kill_points import kill_point

S = DeliveryState
WALK = "aanlevering"
"""The walk of a delivery that was received: check, report."""
DESTROY_WALK = "vernietiging"
"""The walk that destroys content. Its subject is the number of a receipt."""
BUSY = "Uw vorige bestand wordt nog gecontroleerd. Probeer het over enkele minuten opnieuw."
CLOSED = "Deze periode is afgesloten. Een verbetering kan alleen in een correctieronde; neem contact op."


class RefusedError(Exception):
    """It is not possible now. The message is a Dutch sentence for the one who tried."""


@dataclass(frozen=True)
class Received:
    """The receipt of a file. is_new: False when exactly this file was received before; the new copy is of no use."""

    receipt: Receipt
    is_new: bool


@transaction.atomic
def open_round(*, standaard: str, window: Window, by: Account | None) -> DeliveryRound:
    """The round of this standard and period; made from the calendar when it is not there yet."""
    made, is_new = DeliveryRound.objects.get_or_create(
        standaard=standaard,
        periode=str(window.period),
        defaults={
            "opens_at": window.opens_at,
            "deadline_at": window.deadline_at,
            "closes_at": window.closes_at,
            "intrekken_tot": window.intrekken_tot,
        },
    )
    if is_new:
        note("ronde.openen", f"ronde:{made}", by=by)
    return made


@transaction.atomic
def switch_withdrawal(*, ronde: DeliveryRound, is_open: bool, by: Account) -> None:
    """Open or close withdrawing for a whole round."""
    ronde.intrekken_open = is_open
    ronde.save(update_fields=["intrekken_open"])
    note("ronde.intrekken.open" if is_open else "ronde.intrekken.dicht", f"ronde:{ronde}", by=by)


@transaction.atomic
def start(
    *, organisation: Organisation, ronde: DeliveryRound, client_key: UUID, by: Account, now: datetime
) -> Delivery:
    """The delivery for which a file is about to come. The same client key gives the same delivery."""
    found = Delivery.objects.filter(organisation=organisation, client_key=client_key).first()
    if found:
        return found
    rejected = _locked(organisation, ronde).filter(state=S.TECHNISCH_AFGEKEURD).first()
    if rejected:
        return rejected
    _refuse_when_closed(organisation, ronde, now)
    made = Delivery.objects.create(
        organisation=organisation, ronde=ronde, client_key=client_key, state_at=now, moved_by=by
    )
    note("aanlevering.beginnen", _which(made), by=by, organisation=organisation)
    return made
