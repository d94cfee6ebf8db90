"""Mails: posted with what they tell about, sent at least once, always the same bytes, never with content."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.db import transaction

from tests.lib.ledger_world import NOW
from tests.lib.smtp_sink import smtp_sink
from zorgspiegel.ledger import outbox
from zorgspiegel.ledger.steps.models import OutboxMail, WorkState
from zorgspiegel.pipeline.worker import Worker

KIND = "aanlevering.gecontroleerd"


@pytest.fixture
def sink(in_one_transaction, settings):
    with smtp_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.SITE_ADDRESS = "https://zorgspiegel.test"
        settings.DEFAULT_FROM_EMAIL = "zorgspiegel@voorbeeld.test"
        yield sink


def post(key="k", to="iemand@voorbeeld.test"):
    return outbox.post(KIND, to=to, link="/aanleveren/7f3c/", key=key, now=NOW)


def work(*, after=timedelta(0)):
    return Worker({}, clock=lambda: NOW + after).run(once=True)


def state(key="k"):
    return OutboxMail.objects.get(key=key).state


def test_a_mail_holds_a_link_and_nothing_else_of_ours(sink):
    post()
    post()
    assert work() == 1
    (mail,) = sink.mails
    assert mail["To"] == "iemand@voorbeeld.test"
    assert mail["Subject"] == "De controle van uw aanlevering is klaar"
    text = mail.get_payload(decode=True).decode().replace("\r\n", "\n")
    assert "https://zorgspiegel.test/aanleveren/7f3c/" in text
    assert text.replace("https://zorgspiegel.test/aanleveren/7f3c/", "{link}").strip() == (
        outbox.KINDS[KIND].text.strip()
    )
    assert state() == WorkState.DONE


@pytest.mark.parametrize(
    "link", ["/a/?bsn=999900006", "https://elders.test/", "//elders.test/", "/a/#x", "/A/", "/999900006\n/"]
)
def test_a_link_can_carry_nothing(ledger, link):
    with pytest.raises(AssertionError, match="a link is a path"):
        outbox.post(KIND, to="iemand@voorbeeld.test", link=link, key="k", now=NOW)


def test_a_kind_that_is_not_known_is_a_mistake_of_ours(ledger):
    with pytest.raises(AssertionError, match="no mail of kind"):
        outbox.post("losse tekst", to="iemand@voorbeeld.test", link="/", key="k", now=NOW)


def test_a_mail_about_what_never_happened_is_never_sent(sink):
    with pytest.raises(RuntimeError), transaction.atomic():
        post()
        raise RuntimeError
    assert work() == 0
    assert sink.raw == []


def test_sending_again_sends_the_same_bytes(sink):
    mail = post()
    for _ in range(2):
        OutboxMail.objects.filter(pk=mail.pk).update(state=WorkState.WAITING)
        work(after=timedelta(hours=1))
    assert len(sink.raw) == 2
    assert len(sink.shown()) == 1


def test_two_mails_have_two_message_ids(sink):
    post("a")
    post("b")
    work()
    assert len(sink.shown()) == 2


def test_a_mail_server_that_is_down_costs_no_mail(sink, settings):
    post()
    settings.EMAIL_PORT = 1  # nobody listens there
    waited = timedelta(0)
    for _ in range(30):
        work(after=waited)
        assert state() == WorkState.WAITING
        waited += timedelta(minutes=15)
    mail = OutboxMail.objects.get()
    assert mail.attempts == 30
    assert "tried again" in mail.message
    settings.EMAIL_PORT = sink.port
    work(after=waited)
    assert state() == WorkState.DONE
    assert len(sink.raw) == 1


@pytest.mark.parametrize(
    ("answer", "became"),
    [("550 no such user", WorkState.DEAD), ("451 greylisted", WorkState.WAITING)],
)
def test_an_address_that_is_refused_for_good_is_for_the_operator(sink, answer, became):
    sink.refuse["weg@voorbeeld.test"] = answer
    post("weg", to="weg@voorbeeld.test")
    post("goed")
    work()
    assert state("weg") == became
    assert state("goed") == WorkState.DONE, "one never keeps the other waiting"
    assert "weg@voorbeeld.test" not in OutboxMail.objects.get(key="weg").message


def test_a_server_that_takes_the_address_and_refuses_the_mail_is_tried_again(sink):
    sink.answer_to_data = "554 not now"
    post()
    work()
    assert state() == WorkState.WAITING
    sink.answer_to_data = "250 taken"
    work(after=timedelta(minutes=1))
    assert (state(), len(sink.raw)) == (WorkState.DONE, 1)


def test_a_broken_line_in_an_address_cannot_add_a_header(sink):
    post(to="iemand@voorbeeld.test\nBcc: ander@voorbeeld.test")
    work()
    assert sink.raw == []


def test_the_sink_notices_one_message_id_for_two_mails(sink):
    for body in (b"een", b"twee"):
        sink.raw.append(b"Message-ID: <a@b>\n\n" + body)
    with pytest.raises(AssertionError, match="two different mails"):
        sink.shown()


def test_the_sink_speaks_smtp(sink):
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@b.test", ["c@d.test"], "Subject: x\n\n.dot\n")
    assert sink.raw[0].endswith(b".dot\r\n")
