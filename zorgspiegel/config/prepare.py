"""Make an installation ready: folders, key, tables, public files. Safe to run again and again."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zorgspiegel.terms.errors import SettingError


def setup() -> None:
    """Start Django for a command. Raises SettingError when the environment is impossible."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zorgspiegel.config.settings")
    django.setup()


def prepare() -> None:
    """Bring database and public files up to date with this version. Quick when nothing is new."""
    from django.conf import settings
    from django.core.management import call_command

    setup()
    _refuse_faults()
    settings.HOME.make()
    with _our_turn(settings.HOME.root / "prepare.lock"):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if _public_files_changed(settings.STATIC_ROOT / "staticfiles.json"):
            call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def _our_turn(path: Path) -> Iterator[None]:
    """The site and its workers start at the same time: one makes the tables, the others wait for it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the process dies, too
        yield


def _refuse_faults() -> None:
    """Raise SettingError when the site is not whole: an address without a policy, a broken model."""
    from django.core.checks import ERROR, run_checks

    if faults := [fault for fault in run_checks() if fault.is_serious(ERROR)]:
        raise SettingError("The site cannot start.\n" + "\n".join(str(fault) for fault in faults))


def _public_files_changed(manifest: Path) -> bool:
    """Collecting compresses every file again, which takes seconds: only when one is newer."""
    from django.contrib.staticfiles.finders import get_finders

    if not manifest.is_file():
        return True
    collected = manifest.stat().st_mtime
    files = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    return any(Path(path).stat().st_mtime > collected for path in files)
