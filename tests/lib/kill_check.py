"""After the deaths: is everything there, once, and final? Says in words what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.lib import kill_walk
from tests.lib.kill_walk import CODES, PRIVATE, Scene, digest
from zorgspiegel.ledger import audit, outbox
from zorgspiegel.ledger.delivery_models import Delivery, Receipt, Tombstone
from zorgspiegel.ledger.models import AuditLine
from zorgspiegel.ledger.steps.models import OutboxMail, Step
from zorgspiegel.store import blobs, shredding
from zorgspiegel.terms.errors import BlobError

ONCE = {
    "aanlevering.ontvangen": 2,
    "aanlevering.intrekken": 1,
    "aanlevering.vernietigen": 1,
    "aanlevering.vergrendelen": 1,
    "bestand.beginnen": 2,
}
MARKED = ("aanlevering.controleren", "aanlevering.rapporteren", "proef.merken")


def inspect(scene: Scene, answer: Path) -> None:
    """Write down what is wrong, and which mails must have arrived."""
    kill_walk._settle(scene)
    expected = [str(outbox.message(mail).extra_headers["Message-ID"]) for mail in OutboxMail.objects.all()]
    answer.write_text(json.dumps({"problems": list(problems(scene)), "mails": expected}))


def problems(scene: Scene) -> Iterator[str]:
    """Everything that was lost, doubled, not final or changed."""
    if open_work := kill_walk.open_work():
        yield f"not final: {open_work} steps and mails"
    told = json.loads((scene.folder / "sender.json").read_text())
    yield from _receipts(scene, told)
    yield from _kept(scene)
    yield from _withdrawn(scene, told)
    yield from _trail(scene)
    yield from _rows()
    if leftovers := [path.name for path in scene.folder.rglob(".half-*")]:
        yield f"half-written files are left: {leftovers}"


def _receipts(scene: Scene, told: dict[str, str]) -> Iterator[str]:
    for code in CODES:
        content = scene.content(code)
        found = Receipt.objects.filter(delivery__organisation__gebiedscode=code)
        if len(found) != 1:
            yield f"{code} has {len(found)} receipts"
        for receipt in found:
            if told.get(f"receipt {code}") != receipt.nummer:
                yield f"{code} was told of another receipt"
            if (receipt.sha256, receipt.size_bytes) != (digest(content), len(content)):
                yield f"the receipt of {code} is of another file"
    if (count := Delivery.objects.count()) != 2:
        yield f"{count} deliveries, not 2"


def _kept(scene: Scene) -> Iterator[str]:
    receipt = Receipt.objects.filter(delivery__organisation__gebiedscode=CODES[0]).first()
    if receipt is None:
        return
    try:
        content = b"".join(blobs.read(scene.home.deliveries, receipt.blob_id, PRIVATE))
    except BlobError as error:
        yield f"a delivery with a receipt is lost: {error}"
        return
    if content != scene.content(CODES[0]):
        yield "the content is not what was sent"
    if receipt.delivery.state != "vergrendeld":
        yield f"the delivery that was kept is {receipt.delivery.state}"
    facts = scene.folder / f"facts-{receipt.nummer}.json"
    if not facts.exists() or json.loads(facts.read_text())["sha256"] != receipt.sha256:
        yield "the file of the check is lost or wrong"


def _withdrawn(scene: Scene, told: dict[str, str]) -> Iterator[str]:
    receipt = Receipt.objects.filter(delivery__organisation__gebiedscode=CODES[1]).first()
    if receipt is None or told.get("withdrawn") != receipt.nummer:
        yield "the withdrawal is lost"
        return
    if receipt.delivery.state != "ingetrokken":
        yield f"the delivery that was withdrawn is {receipt.delivery.state}"
    for kind in ("blob", "key", "part"):
        if blobs.path_of(scene.home.deliveries, receipt.blob_id, kind).exists():
            yield f"the {kind} of what was withdrawn is still there"
    stones = Tombstone.objects.filter(receipt=receipt)
    if len(stones) != 1:
        yield f"{len(stones)} proofs of destruction, not 1"
    elif stones[0].key_sha256 != shredding.proof_of(scene.home.deliveries, receipt.blob_id).key_sha256:
        yield "the proof in the ledger is not the proof in the store"


def _trail(scene: Scene) -> Iterator[str]:
    verdict = audit.verify_database()
    if verdict.faults or verdict.not_anchored or verdict.unreadable_anchors:
        yield f"the trail is not whole: {verdict}"
    lines = Counter(AuditLine.objects.values_list("what", "which"))
    doubled = [f"{what} ({count} times)" for (what, _), count in lines.items() if count > 1]
    if doubled:
        yield f"doubled in the trail: {', '.join(doubled)}"
    per_kind = Counter(what for what, _ in lines)
    for what, count in ONCE.items():
        if per_kind[what] != count:
            yield f"{per_kind[what]} lines of {what}, not {count}"
    for what in MARKED:
        if not 1 <= per_kind[what] <= 2:  # the withdrawn one may have been checked before it was withdrawn
            yield f"{per_kind[what]} lines of {what}"


def _rows() -> Iterator[str]:
    for model in (Step, OutboxMail):
        for work in model.objects.filter(state="dead"):
            yield f"waits for the operator: {work.message}"
    told_of = Counter(OutboxMail.objects.values_list("kind", flat=True))
    lines = Counter(AuditLine.objects.values_list("what", flat=True))
    pairs = {
        "aanlevering.ontvangen": "aanlevering.ontvangen",
        "aanlevering.gecontroleerd": "aanlevering.controleren",
        "aanlevering.rapport": "aanlevering.rapporteren",
        "aanlevering.ingetrokken": "aanlevering.vernietigen",
    }
    for kind, what in pairs.items():
        if told_of[kind] != lines[what]:
            yield f"{told_of[kind]} mails of {kind}, and {lines[what]} lines of {what}"
