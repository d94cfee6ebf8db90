"""The mail server as one address, like that of the database: smtp+starttls://user:password@host:587."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from zorgspiegel.terms.errors import SettingError

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
SECONDS = 10
"""So long may one answer of the mail server take; less than a lease lasts."""


def mail_settings(address: str) -> dict[str, Any]:
    """Django's settings for a mail server. Raises SettingError when the address is impossible."""
    url = urlsplit(address)
    if url.scheme not in PORTS or not url.hostname:
        raise SettingError(
            "ZORGSPIEGEL_MAIL_URL: write smtp+starttls://user:password@host:587, or smtps://. Only for a "
            "server on this machine: smtp://localhost:25."
        )
    if url.scheme == "smtp" and url.hostname not in {"localhost", "127.0.0.1"}:
        raise SettingError(
            "ZORGSPIEGEL_MAIL_URL: mail to another machine must be encrypted. Use smtp+starttls://."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or PORTS[url.scheme],
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": url.scheme == "smtp+starttls",
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_TIMEOUT": SECONDS,
    }
