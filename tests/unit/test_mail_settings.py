"""The mail server as one address: what it becomes, and what is refused."""

from __future__ import annotations

import pytest

from zorgspiegel.config.mail import mail_settings
from zorgspiegel.terms.errors import SettingError


@pytest.mark.parametrize(
    ("address", "host", "port", "tls", "ssl"),
    [
        ("smtp+starttls://user:p%40ss@mail.test", "mail.test", 587, True, False),
        ("smtps://mail.test:4650", "mail.test", 4650, False, True),
        ("smtp://localhost:25", "localhost", 25, False, False),
    ],
)
def test_an_address_becomes_settings(address, host, port, tls, ssl):
    made = mail_settings(address)
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"], made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"]) == (
        host, port, tls, ssl,
    )  # fmt: skip


def test_a_password_may_hold_any_character():
    assert mail_settings("smtps://user:p%40ss%3A@mail.test")["EMAIL_HOST_PASSWORD"] == "p@ss:"


@pytest.mark.parametrize("address", ["mail.test", "http://mail.test", "smtps://", "smtp://mail.test"])
def test_an_address_that_is_impossible_or_not_safe_is_refused(address):
    with pytest.raises(SettingError, match="ZORGSPIEGEL_MAIL_URL"):
        mail_settings(address)
