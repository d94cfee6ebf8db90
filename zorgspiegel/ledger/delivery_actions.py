"""Everything that changes a delivery: keyword-only, `by=` required, one transaction with its audit line and
its mail.

`by` is the account that acts; None for the system itself. What is not possible raises RefusedError with a
Dutch sentence for the one who tried. The content is not here: `store.blobs` holds it under the `blob_id`.

Locks are taken in one order, so that on PostgreSQL two never wait for each other: steps, deliveries, the
trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from zorgspiegel.ledger import outbox
from zorgspiegel.ledger.actions import note
from zorgspiegel.ledger.delivery_models import Delivery, DeliveryRound, Receipt, Tombstone, Upload
from zorgspiegel.ledger.models import Account, Organisation
from zorgspiegel.ledger.steps import walks
from zorgspiegel.terms.calendar import Window
from zorgspiegel.terms.delivery_states import FINAL, Circumstances, DeliveryState, refusal
from zorgspiegel.terms.kill_points import kill_point

S = DeliveryState
WALK = "aanlevering"
"""The walk of a file that was received. Its subject is the number of the receipt."""
DESTROY_WALK = "vernietiging"
"""The walk that destroys the content of a file. Its subject is the number of the receipt."""
KEEP_REJECTED = timedelta(days=7)
BUSY = "Uw vorige bestand wordt nog gecontroleerd. Probeer het over enkele minuten opnieuw."
CLOSED = "Deze periode is voor u afgesloten. Een verbetering kan alleen nog in een correctieronde."


class RefusedError(Exception):
    """It is not possible now. The message is a Dutch sentence for the one who tried."""


@dataclass(frozen=True)
class Received:
    """The receipt of a file. is_new: False when exactly this file was received before; drop this copy."""

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
    note("ronde.intrekken", f"ronde:{ronde}", by=by, outcome="open" if is_open else "dicht")


@transaction.atomic
def start_upload(
    *, organisation: Organisation, ronde: DeliveryRound, client_key: UUID, by: Account, now: datetime
) -> Upload:
    """A file is about to come. The same client key gives the same upload, also after it was received."""
    found = Upload.objects.filter(organisation=organisation, client_key=client_key).first()
    if found is None:
        _place_for(organisation, ronde)  # refuses now what it would refuse at the end
        if not ronde.opens_at <= now < ronde.closes_at:
            raise RefusedError(_why(S.CONCEPT, S.GEUPLOAD, ronde, now))
        # Of two clicks at the same moment one makes it, and the other finds it.
        found, is_new = Upload.objects.get_or_create(
            organisation=organisation,
            client_key=client_key,
            defaults={"ronde": ronde, "begun_at": now, "begun_by": by},
        )
        if is_new:
            note("bestand.beginnen", f"upload:{found.public_id}", by=by, organisation=organisation)
    return found


def receive(*, upload: Upload, sha256: str, size_bytes: int, complete_at: datetime, by: Account) -> Received:
    """The receipt for a file that `store.blobs` has made durable. Asking again gives the same receipt.

    complete_at: when its last byte was written; that counts for the deadline, not when we come to say so.
    Exactly the same file in the same round is not a second delivery. A file after a rejected one is its new
    version; a file after an approved one is a new delivery, and the old one counts until this one is
    approved.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=upload.organisation_id)
        upload = Upload.objects.select_related("receipt", "organisation", "ronde").get(pk=upload.pk)
        known = upload.receipt or _same_file(upload, sha256)
        receipt = known or _write_receipt(upload, sha256, size_bytes, complete_at, by)
        if upload.receipt is None:
            Upload.objects.filter(pk=upload.pk).update(receipt=receipt, sealed_secret=b"")
        if known is None:
            walks.begin(WALK, receipt.nummer, now=complete_at)
            _tell("aanlevering.ontvangen", receipt, now=complete_at)
            note("aanlevering.ontvangen", _which(receipt.delivery), by=by, organisation=upload.organisation)
        kill_point("receipt.before_commit")
    kill_point("receipt.after_commit")
    return Received(receipt, receipt.blob_id == upload.blob_id)


@transaction.atomic
def record_check(*, receipt: Receipt, accepted: bool, now: datetime) -> None:
    """The outcome of the technical check. An approved file takes the place of the one that it replaces."""
    delivery = receipt.delivery
    if accepted:
        others = _of(delivery.organisation, delivery.ronde)
        for old in others.filter(state=S.HERLEVERING).exclude(pk=delivery.pk):
            _move(old, S.VERVANGEN, at=now, by=None)
            _destroy_later(old, now=now)
        _move(delivery, S.TECHNISCH_GOEDGEKEURD, at=now, by=None)
    else:
        _move(delivery, S.TECHNISCH_AFGEKEURD, at=now, by=None)
        walks.begin(DESTROY_WALK, receipt.nummer, now=now + KEEP_REJECTED)
    _tell("aanlevering.gecontroleerd", receipt, now=now)
    outcome = "goedgekeurd" if accepted else "afgekeurd"
    note(
        "aanlevering.controleren",
        _which(delivery),
        by=None,
        organisation=delivery.organisation,
        outcome=outcome,
    )


@transaction.atomic
def record_report(*, receipt: Receipt, now: datetime) -> None:
    """The Op-orde-rapport is ready."""
    _move(receipt.delivery, S.OP_ORDE_KLAAR, at=now, by=None)
    _tell("aanlevering.rapport", receipt, now=now)
    delivery = receipt.delivery
    note("aanlevering.rapporteren", _which(delivery), by=None, organisation=delivery.organisation)


@transaction.atomic
def confirm(*, delivery: Delivery, by: Account, now: datetime) -> None:
    """The sender says that the figures are right. Saying nothing means the same; twice is once."""
    if delivery.state != S.BEVESTIGD:
        _move(delivery, S.BEVESTIGD, at=now, by=by)
        note("aanlevering.bevestigen", _which(delivery), by=by, organisation=delivery.organisation)


def withdraw(*, delivery: Delivery, by: Account, now: datetime) -> None:
    """The sender takes it back: it will never be published, and its content is destroyed by the worker."""
    with transaction.atomic():
        _stop_walking(delivery)  # first: a worker that has the step goes on to the delivery
        if _move(delivery, S.INGETROKKEN, at=now, by=by):
            _destroy_later(delivery, now=now)
            note("aanlevering.intrekken", _which(delivery), by=by, organisation=delivery.organisation)
        kill_point("withdraw.before_commit")
    kill_point("withdraw.after_commit")


@transaction.atomic
def record_destruction(*, receipt: Receipt, at: datetime, reden: str, key_sha256: str) -> None:
    """The content of one file is gone; keep the proof. Who withdrew it is told."""
    Tombstone.objects.create(receipt=receipt, at=at, reden=reden, key_sha256=key_sha256)
    delivery = receipt.delivery
    if delivery.state == S.INGETROKKEN:
        _tell("aanlevering.ingetrokken", receipt, now=at)
    note("aanlevering.vernietigen", _which(delivery), by=None, organisation=delivery.organisation)


def lock_due(*, now: datetime) -> int:
    """Lock what can no longer be withdrawn; how many. What is being replaced waits for that check."""
    locked = 0
    due = Delivery.objects.filter(ronde__intrekken_tot__lte=now)
    for delivery in due.filter(state__in=[S.OP_ORDE_KLAAR, S.BEVESTIGD, S.HERLEVERING]).order_by("pk"):
        others = _of(delivery.organisation, delivery.ronde).exclude(pk=delivery.pk)
        if delivery.state == S.HERLEVERING and others.filter(state=S.GEUPLOAD).exists():
            continue
        with transaction.atomic():  # one by one: nobody waits for all of them
            if not _move(delivery, S.VERGRENDELD, at=now, by=None):
                continue
            note("aanlevering.vergrendelen", _which(delivery), by=None, organisation=delivery.organisation)
            kill_point("lock.before_commit")
        kill_point("lock.after_commit")
        locked += 1
    return locked


@transaction.atomic
def record_publication(*, delivery: Delivery, by: Account | None, now: datetime) -> None:
    """Its figures are in a release. The two people who published stand with the release."""
    if _move(delivery, S.GEPUBLICEERD, at=now, by=by):
        note("aanlevering.publiceren", _which(delivery), by=by, organisation=delivery.organisation)


@transaction.atomic
def reopen(*, delivery: Delivery, by: Account, approved_by: Account, now: datetime) -> None:
    """Correction round: a new file may take the place of this one. Takes two people; the old figures stay."""
    _move(delivery, S.HERLEVERING, at=now, by=by, approved_by=approved_by)
    note("aanlevering.heropenen", _which(delivery), by=by, organisation=delivery.organisation)
    note(
        "aanlevering.heropenen.goedkeuren",
        _which(delivery),
        by=approved_by,
        organisation=delivery.organisation,
    )


def _write_receipt(
    upload: Upload, sha256: str, size_bytes: int, complete_at: datetime, by: Account
) -> Receipt:
    rejected = _place_for(upload.organisation, upload.ronde)
    for old in _of(upload.organisation, upload.ronde).filter(state__in=[S.OP_ORDE_KLAAR, S.BEVESTIGD]):
        _move(old, S.HERLEVERING, at=complete_at, by=by)
    delivery = rejected or Delivery.objects.create(
        organisation=upload.organisation, ronde=upload.ronde, state_at=complete_at, moved_by=by
    )
    if rejected:
        Delivery.objects.filter(pk=delivery.pk).update(versie=delivery.versie + 1)
    _move(delivery, S.GEUPLOAD, at=complete_at, by=by)
    return Receipt.objects.create(
        delivery=delivery,
        versie=delivery.versie,
        nummer=f"{delivery.public_id.hex[:12].upper()}-{delivery.versie}",
        blob_id=upload.blob_id,
        sha256=sha256,
        size_bytes=size_bytes,
        received_at=complete_at,
        received_from=by,
        is_late=complete_at >= upload.ronde.deadline_at,
        intrekken_tot=upload.ronde.intrekken_tot,
    )


def _place_for(organisation: Organisation, ronde: DeliveryRound) -> Delivery | None:
    """The rejected delivery that a new file is a version of, or None. Refuses when no file can come."""
    states = {delivery.state: delivery for delivery in _of(organisation, ronde)}
    if S.GEUPLOAD in states or S.TECHNISCH_GOEDGEKEURD in states:
        raise RefusedError(BUSY)
    if S.VERGRENDELD in states or S.GEPUBLICEERD in states:
        raise RefusedError(CLOSED)
    return states.get(S.TECHNISCH_AFGEKEURD)


def _same_file(upload: Upload, sha256: str) -> Receipt | None:
    alive = _of(upload.organisation, upload.ronde)
    return Receipt.objects.filter(delivery__in=alive, sha256=sha256, tombstone=None).order_by("pk").first()


def _of(organisation: Organisation, ronde: DeliveryRound) -> QuerySet[Delivery]:
    return Delivery.objects.filter(organisation=organisation, ronde=ronde).exclude(state__in=FINAL)


def _move(
    delivery: Delivery,
    naar: DeliveryState,
    *,
    at: datetime,
    by: Account | None,
    approved_by: Account | None = None,
) -> bool:
    """Move it, under a lock. False when it was there already; RefusedError when it cannot."""
    now = Delivery.objects.select_for_update(of=("self",)).select_related("ronde").get(pk=delivery.pk)
    if now.state == naar:
        return False
    at = max(at, now.state_at)
    persons = frozenset(person.pk for person in (by, approved_by) if person)
    if why := _why(DeliveryState(now.state), naar, now.ronde, at, persons):
        raise RefusedError(why)
    Delivery.objects.filter(pk=now.pk).update(state=naar, state_at=at, moved_by=by, approved_by=approved_by)
    delivery.refresh_from_db()
    return True


def _why(
    van: DeliveryState,
    naar: DeliveryState,
    ronde: DeliveryRound,
    now: datetime,
    persons: frozenset[int] = frozenset(),
) -> str | None:
    times = Circumstances(
        now, ronde.opens_at, ronde.closes_at, ronde.intrekken_tot, ronde.intrekken_open, persons
    )
    return refusal(van, naar, times)


def _destroy_later(delivery: Delivery, *, now: datetime) -> None:
    for receipt in delivery.receipts.filter(tombstone=None):
        walks.begin(DESTROY_WALK, receipt.nummer, now=now)


def _stop_walking(delivery: Delivery) -> None:
    for nummer in delivery.receipts.values_list("nummer", flat=True):
        walks.cancel(WALK, nummer)


def _tell(kind: str, receipt: Receipt, *, now: datetime) -> None:
    link = f"/aanleveren/{receipt.delivery.public_id}/"
    outbox.post(kind, to=receipt.received_from.email, link=link, key=f"{kind}:{receipt.nummer}", now=now)


def _which(delivery: Delivery) -> str:
    return f"aanlevering:{delivery.public_id}"
