"""A small invented world for tests of the ledger: a gemeente, two people, a round; the clock stands still."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
"""A day in the window of the invented round."""


def make(*, now: datetime = NOW, code: str = "GM9999") -> Any:
    """organisation, coordinator, colleague, and a round that is open for ten more days after `now`."""
    from zorgspiegel.ledger.delivery_models import DeliveryRound
    from zorgspiegel.ledger.models import Account, Organisation

    organisation = Organisation.objects.create(naam="Verzonnen gemeente", soort="gemeente", gebiedscode=code)
    people = [
        Account.objects.create(email=f"{name}-{code}@voorbeeld.test".lower(), naam=name, password="!")
        for name in ("Coordinator", "Collega")
    ]
    ronde, _ = DeliveryRound.objects.get_or_create(
        standaard="gmsd-wmo",
        periode="2026H1",
        defaults={
            "opens_at": now - timedelta(days=10),
            "deadline_at": now + timedelta(days=10),
            "closes_at": now + timedelta(days=10),
            "intrekken_tot": now + timedelta(days=10),
        },
    )
    return SimpleNamespace(organisation=organisation, coordinator=people[0], colleague=people[1], ronde=ronde)


def receive(
    world: Any, content: bytes = b"content", *, now: datetime = NOW, key: uuid.UUID | None = None
) -> Any:
    """Upload and receive one file, without a store: what `store.blobs` would tell."""
    from zorgspiegel.ledger import delivery_actions as actions

    upload = actions.start_upload(
        organisation=world.organisation,
        ronde=world.ronde,
        client_key=key or uuid.uuid4(),
        by=world.coordinator,
        now=now,
    )
    return actions.receive(
        upload=upload,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        complete_at=now,
        by=world.coordinator,
    )
