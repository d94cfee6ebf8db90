"""`zorgspiegel worker`: the process that walks the pipeline, and what the operator asks about it."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from zorgspiegel.terms.errors import SettingError


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due any more.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only show what waits for the operator.")] = False,
    retry: Annotated[int, typer.Option(help="Try this step again, after mending the cause.")] = 0,
) -> None:
    """Do what waits: checks, reports, deletions, mails. Runs until it is stopped; any number may run."""
    from zorgspiegel.config.prepare import prepare

    prepare()
    if retry:
        _retry(retry)
    if status:
        _show()
    elif once or not retry:
        _work(once=once)


def _work(*, once: bool) -> None:
    from django.conf import settings

    from zorgspiegel.pipeline.walks import every_chore, every_walk
    from zorgspiegel.pipeline.worker import Worker
    from zorgspiegel.store import blob_keys

    # Made once, by the process that owns it; the web process only ever reads the public half.
    blob_keys.make_pair(settings.HOME.private_key, settings.HOME.public_key)
    worker = Worker(walks=every_walk(settings.HOME), chores=every_chore(settings.HOME))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    typer.echo(f"worker {worker.name} is at work", err=True)
    taken = worker.run(once=once)
    typer.echo(f"{taken} steps and mails done", err=True)


def _show() -> None:
    from zorgspiegel.ledger.steps.models import OutboxMail, Step, WorkState

    for model, noun in ((Step, "steps"), (OutboxMail, "mails")):
        counts = {state: model.objects.filter(state=state).count() for state in WorkState.values}
        typer.echo(f"{noun}: " + ", ".join(f"{count} {state}" for state, count in counts.items()))
        for work in model.objects.filter(state=WorkState.DEAD).order_by("pk"):
            typer.echo(f"  {work.pk}: {work.message}")


def _retry(number: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from zorgspiegel.ledger.actions import note
    from zorgspiegel.ledger.steps import walks
    from zorgspiegel.ledger.steps.models import Step

    step = Step.objects.filter(pk=number).first()
    with transaction.atomic():
        if step is None or not walks.retry(step, now=timezone.now()):
            raise SettingError(f"No step {number} waits for the operator. See: zorgspiegel worker --status")
        note("stap.opnieuw", f"stap:{number}", by=None)
    typer.echo(f"step {number} is tried again")
