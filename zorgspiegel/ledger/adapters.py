"""Where allauth asks us: nobody signs up, and the database holds no readable second factor."""

from __future__ import annotations

import base64
import os

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest

NONCE_BYTES = 12


class AccountAdapter(DefaultAccountAdapter):
    """An account exists only through an invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what allauth would keep as it is: the secret of an authenticator app and the recovery seed."""

    def build_totp_svg(self, url: str) -> str:
        """The square as SVG in the page itself: our pages may not load pictures from data addresses."""
        svg = super().build_totp_svg(url)
        inside = svg[svg.index("<svg") + len("<svg") :]
        return f'<svg role="img" aria-label="Vierkant met de sleutel voor de app"{inside}'

    def encrypt(self, text: str) -> str:
        """AES-256-GCM under a key derived from the secret key; the nonce stands in front."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), None)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The opposite of `encrypt`, also for what was sealed under a former secret key."""
        raw = base64.urlsafe_b64decode(encrypted_text)
        nonce, sealed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        for secret in settings.SECRET_KEY_FALLBACKS:
            try:
                return AESGCM(_key(secret)).decrypt(nonce, sealed, None).decode()
            except Exception:  # noqa: S112 - not this key: the present one has the last word
                continue
        return AESGCM(_key(settings.SECRET_KEY)).decrypt(nonce, sealed, None).decode()


def _key(secret: str) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"zorgspiegel second factor")
    return derive.derive(secret.encode())
