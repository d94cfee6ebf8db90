"""An intruder with full access to the database changes the trail, in one of many ways chosen by chance."""

from __future__ import annotations

import random
from typing import Any

from django.db import connection

from zorgspiegel.ledger.chain import FIRST, digest_of
from zorgspiegel.ledger.models import AuditLine

DROP = {
    "sqlite": [f"DROP TRIGGER ledger_auditline_{name}" for name in ("no_update", "no_delete", "follows")],
    "postgresql": [
        f"DROP TRIGGER ledger_auditline_{name} ON ledger_auditline"
        for name in ("only_added", "follows", "never_emptied")
    ],
}
TEXTS = ("what", "which", "outcome", "rol", "doel", "waarvandaan", "verzoek", "digest", "previous")


def take_the_locks_off() -> None:
    """What somebody with all rights on the database does first."""
    with connection.cursor() as cursor:
        for statement in DROP[connection.vendor]:
            cursor.execute(statement)


def edit(chance: random.Random) -> str:
    """One field of one line."""
    line = _any(chance)
    field = chance.choice((*TEXTS, "at", "by_id"))
    _change(line, field, chance)
    AuditLine.objects.filter(pk=line.pk).update(**{field: getattr(line, field)})
    return f"edit {field} of {line.nr}"


def edit_and_seal(chance: random.Random) -> str:
    """One field of one line, and its digest made to fit."""
    line = _any(chance)
    _change(line, chance.choice(TEXTS[:-2]), chance)
    _write(line)
    return f"edit and seal {line.nr}"


def remake(chance: random.Random) -> str:
    """One field of one line, and everything after it made to fit."""
    lines = list(AuditLine.objects.order_by("nr"))
    victim = chance.choice(lines)
    _change(victim, chance.choice(TEXTS[:-2]), chance)
    _chain_anew(lines)
    return f"remake from {victim.nr}"


def delete(chance: random.Random) -> str:
    """One line, anywhere."""
    line = _any(chance)
    _remove([line.pk])
    return f"delete {line.nr}"


def delete_and_remake(chance: random.Random) -> str:
    """One line, and everything after it renumbered and made to fit."""
    lines = list(AuditLine.objects.order_by("nr"))
    victim = lines.pop(chance.randrange(len(lines)))
    _remove([victim.pk])
    _chain_anew(lines)
    return f"delete {victim.nr} and remake"


def swap(chance: random.Random) -> str:
    """What two lines say."""
    one, two = chance.sample(list(AuditLine.objects.order_by("nr")), 2)
    for field in ("what", "which", "outcome", "at", "by_id", "digest"):
        mine, its = getattr(one, field), getattr(two, field)
        setattr(one, field, its)
        setattr(two, field, mine)
    for line in (one, two):
        AuditLine.objects.filter(pk=line.pk).update(
            what=line.what,
            which=line.which,
            outcome=line.outcome,
            at=line.at,
            by_id=line.by_id,
            digest=line.digest,
        )
    return f"swap {one.nr} and {two.nr}"


def cut_tail(chance: random.Random) -> str:
    """The last lines."""
    count = chance.randint(1, AuditLine.objects.count())
    _remove(AuditLine.objects.order_by("-nr").values_list("pk", flat=True)[:count])
    return f"cut {count}"


WAYS = (edit, edit_and_seal, remake, delete, delete_and_remake, swap, cut_tail)


def _any(chance: random.Random) -> AuditLine:
    return chance.choice(list(AuditLine.objects.order_by("nr")))


def _change(line: Any, field: str, chance: random.Random) -> None:
    value = getattr(line, field)
    if field == "at":
        line.at = value.replace(microsecond=(value.microsecond + 1) % 1_000_000)
    elif field == "by_id":
        line.by_id = None
    else:
        place = chance.randrange(len(value) + 1)
        setattr(line, field, (value[:place] + chance.choice("0z") + value[place + 1 :])[:40] + "!")


def _write(line: Any) -> None:
    line.digest = digest_of(line)
    values = {name: getattr(line, name) for name in ("nr", "at", "previous", "digest", *TEXTS[:-2])}
    AuditLine.objects.filter(pk=line.pk).update(**values)


def _chain_anew(lines: list[Any]) -> None:
    previous = FIRST
    for nr, line in enumerate(lines, start=1):
        line.nr, line.previous = nr, previous
        _write(line)
        previous = line.digest


def _remove(keys: Any) -> None:
    # Not through Django's own delete: that would ask who refers to these lines, and nobody does.
    rows = AuditLine.objects.filter(pk__in=list(keys))
    rows._raw_delete("default")
