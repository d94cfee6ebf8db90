"""Is the trail whole? And what its lines mean: the events that exist, and where NEN 7513 finds its fields.

`verify` reads every line once, in the order of their numbers, and compares with the anchor. It finds a line
that was edited, removed, added in between or swapped, a tail that was cut off, and a chain that was made
anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings

from zorgspiegel.ledger import anchor
from zorgspiegel.ledger.anchor import Anchors
from zorgspiegel.ledger.chain import FIRST, digest_of
from zorgspiegel.ledger.models import AuditLine


class Act(StrEnum):
    """What was done to the object, in the letters of NEN 7513 (after DICOM and RFC 3881)."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


NEN_7513 = {
    "gebeurtenis: soort": "what, with its Act in EVENTS",
    "gebeurtenis: tijdstip": "at (UTC)",
    "gebeurtenis: uitkomst": "outcome",
    "gebruiker": "by (empty: the system itself)",
    "verantwoordelijke gebruiker": "organisation, on whose behalf by acts",
    "rol van de gebruiker": "rol",
    "doel of toestemmingsprofiel": "doel",
    "toegangspunt": "waarvandaan",
    "object: soort en identificatie": "which (kind:id); a person in the data has no id here",
    "bron van het loggegeven": "verzoek (the request) and nr (place in the trail)",
}
"""Field of NEN 7513 -> where it stands in a line."""

EVENTS = {
    "account.maken": Act.CREATE,
    "account.wachtwoord": Act.UPDATE,
    "organisatie.maken": Act.CREATE,
    "toegang.geven": Act.CREATE,
    "toegang.intrekken": Act.DELETE,
    "trail.bekijken": Act.READ,
    "ronde.openen": Act.CREATE,
    "ronde.intrekken": Act.UPDATE,
    "bestand.beginnen": Act.CREATE,
    "aanlevering.ontvangen": Act.CREATE,
    "aanlevering.controleren": Act.EXECUTE,
    "aanlevering.rapporteren": Act.EXECUTE,
    "aanlevering.lezen": Act.READ,
    "aanlevering.bevestigen": Act.UPDATE,
    "aanlevering.intrekken": Act.DELETE,
    "aanlevering.vernietigen": Act.DELETE,
    "aanlevering.vergrendelen": Act.UPDATE,
    "aanlevering.publiceren": Act.UPDATE,
    "aanlevering.heropenen": Act.UPDATE,
    "aanlevering.heropenen.goedkeuren": Act.UPDATE,
    "stap.opnieuw": Act.EXECUTE,
}
"""Every event that a line can tell about, and its act. A test compares with the code that writes lines."""


class FaultKind(StrEnum):
    """In which way the trail is not what was written."""

    MISSING = "missing"
    EDITED = "edited"
    UNLINKED = "unlinked"
    REMADE = "remade"
    CUT = "cut"
    NO_ANCHOR = "no anchor"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, at which line."""

    kind: FaultKind
    nr: int
    message: str


@dataclass(frozen=True)
class Verdict:
    """The outcome. not_anchored: lines after the last anchor; a few while somebody writes, none at rest."""

    lines: int
    anchored: int
    not_anchored: int
    unreadable_anchors: int
    faults: tuple[Fault, ...]


def verify_database() -> Verdict:
    """Verify the trail of this installation against its anchor."""
    # The anchor first: lines that are added while we read are then newer than it, never missing from it.
    anchors = anchor.read(settings.AUDIT_ANCHOR)
    return verify(AuditLine.objects.order_by("nr").iterator(chunk_size=2000), anchors)


def verify(lines: Iterable[Any], anchors: Anchors | None) -> Verdict:
    """Verify lines in the order of their numbers. Reads each once; memory does not grow with the trail."""
    known = anchors or Anchors({}, 0)
    faults: list[Fault] = []
    previous, nr, count = FIRST, 0, 0
    for line in lines:
        faults += _faults_of(line, nr, previous, known.digests.get(line.nr, set()))
        previous, nr, count = line.digest, line.nr, count + 1
    if anchors is None and count:
        faults.append(
            Fault(
                FaultKind.NO_ANCHOR, nr, "The anchor file is gone: a tail that was cut off could not be seen."
            )
        )
    if known.last > nr:
        cut = (
            f"The trail ends at line {nr}, and the anchor remembers line {known.last}: the tail was cut off."
        )
        faults.append(Fault(FaultKind.CUT, nr, cut))
    return Verdict(count, len(known.digests), max(nr - known.last, 0), known.unreadable, tuple(faults))


def _faults_of(line: Any, former: int, previous: str, anchored: set[str]) -> Iterable[Fault]:
    if line.nr != former + 1:
        yield Fault(
            FaultKind.MISSING, line.nr, f"Between line {former} and line {line.nr} lines are missing."
        )
    elif line.previous != previous:
        yield Fault(FaultKind.UNLINKED, line.nr, f"Line {line.nr} does not follow from line {former}.")
    if digest_of(line) != line.digest:
        yield Fault(FaultKind.EDITED, line.nr, f"Line {line.nr} is not what was written.")
    if anchored and anchored != {line.digest}:
        yield Fault(FaultKind.REMADE, line.nr, f"The anchor remembers another line {line.nr}.")
