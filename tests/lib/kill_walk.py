"""A real walk in real processes, for the harness that kills them: a sender that uploads, a worker that walks.

The sender does what the web process does: upload in pieces, go on after a break, receive, withdraw. It has a
memory of its own (a file), as a browser has: what it was told. The walk reads the encrypted file, writes
files and rows, posts mails and writes the trail. Nothing here is simulated but the death.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.lib import databases
from tests.lib.databases import Description

databases.set_django_up()

from django.conf import settings  # noqa: E402 - models need Django first
from django.utils import timezone  # noqa: E402

from tests.lib import ledger_world  # noqa: E402
from zorgspiegel.ledger import anchor, delivery_actions, upload_secrets  # noqa: E402
from zorgspiegel.ledger.actions import note  # noqa: E402
from zorgspiegel.ledger.delivery_models import Delivery, DeliveryRound, Receipt, Upload  # noqa: E402
from zorgspiegel.ledger.models import Account, Organisation  # noqa: E402
from zorgspiegel.ledger.steps.leases import Policy  # noqa: E402
from zorgspiegel.ledger.steps.models import OutboxMail, Step, WorkState  # noqa: E402
from zorgspiegel.ledger.steps.walks import Effect, Job, Walk  # noqa: E402
from zorgspiegel.pipeline import walks  # noqa: E402
from zorgspiegel.pipeline.worker import Worker  # noqa: E402
from zorgspiegel.store import blobs, durable  # noqa: E402
from zorgspiegel.store.blob_keys import PrivateKey  # noqa: E402
from zorgspiegel.store.home import Home  # noqa: E402
from zorgspiegel.terms import kill_points  # noqa: E402
from zorgspiegel.terms.delivery_states import DeliveryState  # noqa: E402
from zorgspiegel.terms.kill_points import kill_point  # noqa: E402

PRIVATE = PrivateKey(bytes(range(32)))
QUICK = Policy(
    lease=timedelta(seconds=1),
    attempts=60,
    first_wait=timedelta(milliseconds=30),
    longest_wait=timedelta(milliseconds=200),
)
PARTS = (blobs.PIECE + 5000, 40_000, 3000)
"""Bytes per request of an upload: more than a piece, then two small ones."""
CODES = ("GM9991", "GM9992")
"""The second one withdraws."""


@dataclass(frozen=True)
class Scene:
    """Everything that a process must know. kill: die at this point, the n-th time that it is reached.

    pause: like kill, but stop breathing (SIGSTOP) instead. weakness: which protection to leave out, for the
    proof that the harness would see it.
    """

    description: Description
    folder: Path
    seed: int
    smtp_port: int
    kill: tuple[str, int] | None = None
    pause: tuple[str, int] | None = None
    weakness: str = ""
    patience: float = 60.0
    policy: Policy = QUICK

    @property
    def home(self) -> Home:
        """The installation."""
        return Home(self.folder)

    def content(self, code: str) -> bytes:
        """The file that this gemeente sends: noise, other noise for each scene."""
        return random.Random(f"{self.seed} {code}").randbytes(sum(PARTS))


def set_up(scene: Scene) -> None:
    """The world before anything happened."""
    _settle(scene)
    scene.home.make()
    for code in CODES:
        ledger_world.make(now=timezone.now(), code=code)


def _settle(scene: Scene) -> None:
    databases.install(scene.description)
    settings.AUDIT_ANCHOR = scene.folder / "audit.anchor"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", scene.smtp_port, 10
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    anchor._written.clear()


def _arm(scene: Scene, seen: Counter[str]) -> None:
    def reached(name: str) -> None:
        seen[name] += 1
        if (name, seen[name]) == scene.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if (name, seen[name]) == scene.pause:
            os.kill(os.getpid(), signal.SIGSTOP)

    kill_points.set_hook(reached)


def play(role: str, scene: Scene, points: Path | None = None) -> None:
    """One process: `sender` or `worker`. Writes down which points it passed when asked to."""
    _settle(scene)
    seen: Counter[str] = Counter()
    _arm(scene, seen)
    weaken(scene.weakness)
    {"sender": send_all, "worker": work}[role](scene)
    if points is not None:
        points.write_text(json.dumps(seen))


# The sender.


@dataclass
class Memory:
    """What the sender was told, in a file of its own."""

    path: Path
    told: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path.exists():
            self.told = json.loads(self.path.read_text())

    def keep(self, key: str, value: Any) -> None:
        """Remember, at once."""
        self.told[key] = value
        half = self.path.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps(self.told))
        half.rename(self.path)


def send_all(scene: Scene) -> None:
    """Both gemeenten deliver; the second one withdraws."""
    memory = Memory(scene.folder / "sender.json")
    for code in CODES:
        if f"receipt {code}" not in memory.told:
            if scene.weakness == "receipt before it is durable":
                memory.keep(f"receipt {code}", "promised")
            receipt = deliver(scene, code)
            memory.keep(f"receipt {code}", receipt.nummer)
    if "withdrawn" not in memory.told:
        receipt = Receipt.objects.get(nummer=memory.told[f"receipt {CODES[1]}"])
        delivery_actions.withdraw(delivery=receipt.delivery, by=receipt.received_from, now=timezone.now())
        memory.keep("withdrawn", receipt.nummer)


def deliver(scene: Scene, code: str) -> Receipt:
    """Upload one file, from where a former try stopped, and get the receipt. As the web process does it."""
    by = Account.objects.get(email=f"coordinator-{code}@voorbeeld.test".lower())
    upload = delivery_actions.start_upload(
        organisation=Organisation.objects.get(gebiedscode=code),
        ronde=DeliveryRound.objects.get(),
        client_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{scene.seed} {code}"),
        by=by,
        now=timezone.now(),
    )
    if upload.receipt:
        return upload.receipt
    stored = _put(scene, upload, scene.content(code))
    received = delivery_actions.receive(
        upload=upload,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        complete_at=stored.complete_at,
        by=by,
    )
    return received.receipt


def _put(scene: Scene, upload: Upload, content: bytes) -> blobs.Stored:
    folder, blob_id = scene.home.deliveries, upload.blob_id
    secret = upload_secrets.unseal(upload.sealed_secret, blob_id=blob_id) if upload.sealed_secret else None
    if secret and (stored := blobs.finished(folder, blob_id, secret)):
        return stored
    if secret:
        writer = blobs.resume(folder, blob_id, secret)
    else:
        blobs.discard(folder, blob_id)
        writer = blobs.begin(folder, blob_id, PRIVATE.public)
        sealed = upload_secrets.seal(writer.secret, blob_id=blob_id)
        Upload.objects.filter(pk=upload.pk).update(sealed_secret=sealed)
    with writer:
        end = 0
        for size in PARTS:
            end += size
            if writer.size_bytes < end:
                writer.add(content[writer.size_bytes : end])
                writer.flush()
        return writer.finish()


# The worker.


def work(scene: Scene) -> None:
    """A worker with the walks of this test, until everything is final or patience is over."""
    known = {**walks.every_walk(scene.home), delivery_actions.WALK: delivery_walk(scene)}
    worker = Worker(known, policy=scene.policy, mail_policy=scene.policy, pause=timedelta(milliseconds=20))
    anchor.anchor_head()
    durable.sweep(scene.home.root)
    until = time.monotonic() + scene.patience
    while open_work() and time.monotonic() < until:
        worker.run(once=True)
        time.sleep(0.02)  # until somebody's lease ends
    if Delivery.objects.filter(state=DeliveryState.INGETROKKEN).exists():
        delivery_actions.lock_due(
            now=timezone.now() + timedelta(days=11)
        )  # the deadline of the invented round


def open_work() -> int:
    """How much is not final."""
    states = (WorkState.WAITING, WorkState.LEASED)
    return sum(model.objects.filter(state__in=states).count() for model in (Step, OutboxMail))


def delivery_walk(scene: Scene) -> Walk:
    """Check, report, and one step whose effect nothing else guards than the step itself."""

    def check(job: Job) -> Effect:
        receipt = Receipt.objects.select_related("delivery").get(nummer=job.subject)
        if job.attempt == 1:
            raise OSError("the first attempt always fails: so giving back is walked too")
        found = blobs.measure(scene.home.deliveries, receipt.blob_id, PRIVATE)
        assert found.sha256 == receipt.sha256, "the content is not what the receipt says"
        facts = {"sha256": found.sha256, "size_bytes": found.size_bytes}
        durable.write(scene.folder / f"facts-{job.subject}.json", json.dumps(facts).encode())
        return lambda: delivery_actions.record_check(receipt=receipt, accepted=True, now=job.now)

    def report(job: Job) -> Effect:
        receipt = Receipt.objects.select_related("delivery").get(nummer=job.subject)
        durable.write(scene.folder / f"report-{job.subject}.txt", b"Op-orde-rapport (verzonnen)")
        return lambda: delivery_actions.record_report(receipt=receipt, now=job.now)

    def mark(job: Job) -> Effect:
        kill_point("walk.before_mark")
        return lambda: note("proef.merken", f"ontvangst:{job.subject}", by=None)

    return Walk(delivery_actions.WALK, {"controleren": check, "rapporteren": report, "merken": mark})


# Leaving a protection out.


def weaken(weakness: str) -> None:
    """Leave one protection out of this process."""
    if weakness:
        WEAKNESSES[weakness]()


def _no_fence() -> None:
    from zorgspiegel.ledger.steps import leases

    leases._ours = lambda work: type(work)._default_manager.filter(pk=work.pk)


def _no_key_in_mails() -> None:
    from zorgspiegel.ledger import outbox

    original = outbox.message

    def message(mail: OutboxMail) -> Any:
        mail.key = f"{mail.key} {uuid.uuid4()}"
        return original(mail)

    outbox.message = message


def _effect_in_a_transaction_of_its_own() -> None:
    from zorgspiegel.ledger.steps import walks as engine

    original = engine._record

    def record(step: Step, walk: Walk, effect: Effect, *, now: Any) -> None:
        effect()
        original(step, walk, engine.nothing, now=now)

    engine._record = record


def _leases_never_end() -> None:
    from django.db.models import Q

    from zorgspiegel.ledger.steps import leases

    leases._due = lambda now, policy: Q(state=WorkState.WAITING, not_before__lte=now)


WEAKNESSES: dict[str, Callable[[], None]] = {
    "no fence": _no_fence,
    "no key in mails": _no_key_in_mails,
    "effect in a transaction of its own": _effect_in_a_transaction_of_its_own,
    "leases never end": _leases_never_end,
    "receipt before it is durable": lambda: None,
}


def digest(content: bytes) -> str:
    """SHA-256 as on a receipt."""
    return hashlib.sha256(content).hexdigest()
