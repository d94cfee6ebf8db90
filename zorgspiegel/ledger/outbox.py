"""Mails: posted in the transaction of what they tell about, sent by the worker, and never with content.

A mail is a kind and a link. Its whole text stands here, so that no figure, name or finding can ever get into
one; the link leads to a page behind the log-in and gives no right by itself.

Sending is at least once, as nothing better exists with SMTP: a process that dies between the server's "250"
and our own commit sends again. The second copy is byte for byte the same, with the same Message-ID made from
the key, by which mail servers and programs show it once.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError, transaction

from zorgspiegel.ledger.steps import leases
from zorgspiegel.ledger.steps.leases import LostLeaseError, Policy
from zorgspiegel.ledger.steps.models import OutboxMail
from zorgspiegel.terms.kill_points import kill_point

POLICY = Policy(attempts=None)
"""A mail server that is down for a week costs a week, not a mail."""
_LINK = re.compile(r"/(?:[a-z0-9-]+/)*")
_PERMANENT = range(500, 600)


@dataclass(frozen=True)
class MailText:
    """Subject and text of one kind of mail. `{link}` is the only thing that differs between two of a kind."""

    subject: str
    text: str


_END = "\n\nU vindt het in de Zorgspiegel, na inloggen:\n{link}\n\nDeze mail bevat met opzet geen gegevens."
KINDS = {
    "aanlevering.ontvangen": MailText(
        "Uw aanlevering is ontvangen",
        "Wij hebben een bestand van u ontvangen. Het ontvangstbewijs staat klaar." + _END,
    ),
    "aanlevering.gecontroleerd": MailText(
        "De controle van uw aanlevering is klaar",
        "Wij hebben uw bestand gecontroleerd. Bekijk de uitkomst: misschien moet u iets verbeteren." + _END,
    ),
    "aanlevering.rapport": MailText(
        "Uw Op-orde-rapport staat klaar",
        "Controleer in het rapport of uw gegevens juist en volledig zijn." + _END,
    ),
    "aanlevering.ingetrokken": MailText(
        "Uw aanlevering is ingetrokken",
        "Een aanlevering van uw organisatie is ingetrokken. De inhoud is vernietigd; het bewijs staat klaar."
        + _END,
    ),
    "aanlevering.herinnering": MailText(
        "Herinnering: aanleveren kan nog",
        "Wij hebben voor deze periode nog geen goedgekeurde aanlevering van u. "
        "Bekijk tot wanneer u kunt aanleveren." + _END,
    ),
}


def post(kind: str, *, to: str, link: str, key: str, now: datetime) -> OutboxMail:
    """Put a mail in the outbox, in the transaction of what it tells about. The same key twice is one mail."""
    assert kind in KINDS, f"there is no mail of kind {kind}"
    assert _LINK.fullmatch(link), "a link is a path of this site, without a question mark"
    row, _ = OutboxMail.objects.get_or_create(
        key=key,
        defaults={"kind": kind, "recipient": to, "link": link, "not_before": now, "made_at": now},
    )
    return row


def take(*, worker: str, now: datetime, policy: Policy = POLICY) -> OutboxMail | None:
    """A mail that is due; None when there is none."""
    return leases.take(OutboxMail, worker=worker, now=now, policy=policy)


def send(mail: OutboxMail, *, clock: Callable[[], datetime], policy: Policy = POLICY) -> str:
    """Send one mail that was taken. What became of it: done, lost, later, or dead (no such address)."""
    try:
        kill_point("mail.before_send")
        with get_connection() as connection:
            connection.send_messages([message(mail)])
        kill_point("mail.after_send")
        with transaction.atomic():
            leases.finish(mail, now=clock())
            kill_point("mail.before_commit")
        kill_point("mail.after_commit")
    except LostLeaseError:
        return "lost"
    except DatabaseError:
        raise
    except Exception as error:  # whatever is wrong with one mail, the next one must not wait for it
        is_refused = _is_refused(error)
        words = _describe(mail, error, is_refused=is_refused)
        leases.give_back(mail, now=clock(), policy=policy, message=words, for_operator=is_refused)
        return "dead" if is_refused else "later"
    return "done"


def message(mail: OutboxMail) -> EmailMessage:
    """The mail as it goes out. Every time the same bytes."""
    site = settings.SITE_ADDRESS
    text = KINDS[mail.kind]
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    headers = {
        "Message-ID": f"<{digest}@{urlsplit(site).hostname}>",
        "Date": format_datetime(mail.made_at),
        "Auto-Submitted": "auto-generated",
    }
    body = text.text.format(link=site + mail.link)
    return EmailMessage(text.subject, body, settings.DEFAULT_FROM_EMAIL, [mail.recipient], headers=headers)


def _is_refused(error: Exception) -> bool:
    """Its address or kind is impossible, for good. Anything else may be better tomorrow."""
    if isinstance(error, ValueError | LookupError):
        return True
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code in _PERMANENT for code, _ in error.recipients.values())


def _describe(mail: OutboxMail, error: Exception, *, is_refused: bool) -> str:
    what = f"Mail {mail.pk} ({mail.kind}) was not sent: {type(error).__name__}."
    if is_refused:
        return (
            f"{what} Nobody can be reached at this address. Correct it at the account, and tell the person."
        )
    return f"{what} It is tried again. If this stays: look whether the mail server answers (EMAIL_HOST)."
