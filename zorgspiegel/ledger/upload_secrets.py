"""Sealing what resuming an upload needs: in a copy of the database it cannot be read."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


def seal(secret: bytes, *, blob_id: str) -> bytes:
    """The secret of an unfinished blob, sealed under the secret key of this site, for this blob only."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, secret, blob_id.encode())


def unseal(sealed: bytes, *, blob_id: str) -> bytes | None:
    """The secret again, also under a former secret key of the site; None when it cannot be opened."""
    sealed = bytes(sealed)
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_key(key)).decrypt(sealed[:_NONCE], sealed[_NONCE:], blob_id.encode())
        except (InvalidTag, ValueError):
            continue
    return None


def _key(secret: str) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"zorgspiegel unfinished upload")
    return derive.derive(secret.encode())
