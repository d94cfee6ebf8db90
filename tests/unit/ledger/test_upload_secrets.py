"""What resuming needs is not readable in a copy of the database, and is of use for one upload only."""

from __future__ import annotations

import os

from zorgspiegel.ledger.upload_secrets import seal, unseal


def test_what_was_sealed_opens_for_its_own_upload_only():
    secret = os.urandom(32)
    sealed = seal(secret, blob_id="a")
    assert secret not in sealed
    assert unseal(sealed, blob_id="a") == secret
    assert unseal(memoryview(sealed), blob_id="a") == secret, "as the database gives it back"
    assert unseal(sealed, blob_id="b") is None
    assert unseal(sealed[:-1], blob_id="a") is None
    assert unseal(b"", blob_id="a") is None
    assert seal(secret, blob_id="a") != sealed


def test_a_new_secret_key_of_the_site_does_not_break_uploads_under_way(settings):
    sealed = seal(b"secret", blob_id="a")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the site, long enough to be one, and then some"
    assert unseal(sealed, blob_id="a") == b"secret"
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(sealed, blob_id="a") is None
