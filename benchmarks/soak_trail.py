"""Tamper with the audit trail in 1,000 random ways on each database: all must be found."""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from pathlib import Path

from tests.lib import databases
from tests.lib.databases import Copies

TRIALS = 1000
LINES = 60


def main() -> int:
    """Each trial changes a fresh trail; 1 when one of them was not found."""
    databases.set_django_up()
    print("| database | tamperings | found | by way |")
    print("| --- | ---: | ---: | --- |")
    unseen = 0
    with databases.cluster() as cluster:
        for vendor in databases.VENDORS if cluster else databases.VENDORS[:1]:
            folder = databases.quick_folder("soak")
            try:
                copies = Copies(folder, cluster if vendor == "postgresql" else None)
                with copies.copy() as description, databases.used(description):
                    unseen += soak(vendor, folder)
            finally:
                shutil.rmtree(folder)
    return 1 if unseen else 0


def soak(vendor: str, folder: Path) -> int:
    """How many tamperings were not found on this database."""
    from django.conf import settings
    from django.db import transaction

    from tests.lib import ledger_world, tamper
    from zorgspiegel.ledger import anchor, audit
    from zorgspiegel.ledger.actions import note

    settings.AUDIT_ANCHOR = folder / "audit.anchor"
    anchor._written.clear()
    world = ledger_world.make()
    for number in range(LINES):
        note("aanlevering.lezen", f"aanlevering:{number}", by=world.coordinator)
    assert audit.verify_database().faults == (), "a fresh trail is whole"
    tamper.take_the_locks_off()
    chance, ways, unseen = random.Random(11), Counter(), []
    for _ in range(TRIALS):
        with transaction.atomic():
            way = chance.choice(tamper.WAYS)
            done = way(chance)
            ways[way.__name__] += 1
            if not audit.verify_database().faults:
                unseen.append(done)
            transaction.set_rollback(True)
    counts = ", ".join(f"{way} {count}" for way, count in sorted(ways.items()))
    print(f"| {vendor} | {TRIALS} | {TRIALS - len(unseen)} | {counts} |", flush=True)
    for done in unseen:
        print(f"not found on {vendor}: {done}", file=sys.stderr)
    return len(unseen)


if __name__ == "__main__":
    raise SystemExit(main())
