"""Both databases for the tests: SQLite files, and PostgreSQL in a private cluster that is gone afterwards.

Each is migrated once; a test gets a copy. In the process of the tests the copy takes the place of Django's
own database for as long as the test lasts; `install` does the same for good in a process that was started by
a test.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VENDORS = ("sqlite", "postgresql")
NO_POSTGRESQL = "no PostgreSQL on this machine: apt-get install postgresql"
Description = dict[str, Any]


def set_django_up() -> None:
    """Django with our settings and a home folder of its own, unless somebody did that already.

    The environment is as it was afterwards: what a test starts must not inherit our settings.
    """
    import django
    from django.conf import settings

    if settings.configured:
        return
    home = Path(tempfile.mkdtemp(prefix="zorgspiegel-tests-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "static").mkdir()  # whitenoise warns about a folder that is not there
    kept = dict(os.environ)
    os.environ |= {
        "ZORGSPIEGEL_HOME": str(home),
        "ZORGSPIEGEL_HTTPS": "0",
        "DJANGO_SETTINGS_MODULE": "zorgspiegel.config.settings",
    }
    try:
        django.setup()
    finally:
        os.environ.clear()
        os.environ |= kept


def sqlite(path: Path) -> Description:
    """A SQLite file, opened as in production."""
    return _description("", path.parent) | {"NAME": path}


def _description(url: str, home: Path) -> Description:
    from django.db import ConnectionHandler

    from zorgspiegel.config.environment import Environment, database
    from zorgspiegel.store.home import Home

    environment = Environment(
        home=Home(home),
        hosts=(),
        https=False,
        proxies=0,
        database_url=url,
        secret_key_file=home / "secret_key",
        bronvermelding="",
    )
    return ConnectionHandler({"default": database(environment)}).databases["default"]


def install(description: Description) -> None:
    """From now on this process works on that database."""
    from django.db import connections

    connections.databases["default"] = description
    connections["default"] = connections.create_connection("default")


@contextmanager
def used(description: Description) -> Iterator[None]:
    """Work on that database; afterwards everything is as it was, open connections included."""
    from django.db import connections

    own, kept = connections.databases["default"], connections["default"]
    install(description)
    try:
        yield
    finally:
        connections["default"].close()
        connections.databases["default"] = own
        connections["default"] = kept


def migrate(description: Description) -> None:
    """All tables and triggers, as on a new installation."""
    from django.core.management import call_command

    with used(description):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


class Copies:
    """A migrated database of one kind, and as many fresh copies of it as asked for."""

    def __init__(self, folder: Path, cluster: Cluster | None = None) -> None:
        self._folder, self._cluster = folder, cluster
        self._original = cluster.database("original") if cluster else sqlite(folder / "original.sqlite3")
        if cluster:
            cluster.run("CREATE DATABASE original")
        migrate(self._original)

    @contextmanager
    def copy(self) -> Iterator[Description]:
        """One fresh database; gone at the end."""
        name = f"copy_{uuid.uuid4().hex}"
        if self._cluster:
            self._cluster.run(f"CREATE DATABASE {name} TEMPLATE original")
            try:
                yield self._cluster.database(name)
            finally:
                self._cluster.run(f"DROP DATABASE {name} WITH (FORCE)")
        else:
            path = self._folder / f"{name}.sqlite3"
            shutil.copy(self._original["NAME"], path)
            try:
                yield sqlite(path)
            finally:
                for leftover in self._folder.glob(f"{name}*"):
                    leftover.unlink()


class Cluster:
    """A PostgreSQL server of our own: a temporary folder, a socket in it, no network."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs = folder, programs

    def database(self, name: str) -> Description:
        """One database of this server, opened as in production."""
        return _description(f"postgresql://zorgspiegel@localhost/{name}", self.folder) | {
            "HOST": str(self.folder)
        }

    def run(self, statement: str) -> None:
        """One statement outside any transaction."""
        import psycopg

        with psycopg.connect(
            host=str(self.folder), user="zorgspiegel", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Make the cluster and start it."""
        settings = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c max_connections=60"
        # Killing our processes never harms the server; nobody pulls the plug of this one.
        settings += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        data = str(self.folder / "data")
        self._as_its_user(
            "initdb",
            "--pgdata",
            data,
            "--auth=trust",
            "--username=zorgspiegel",
            "--encoding=UTF8",
            "--no-locale",
        )
        log = str(self.folder / "log")
        self._as_its_user("pg_ctl", "start", "--wait", "--pgdata", data, "--log", log, "--options", settings)

    def stop(self) -> None:
        """Stop it, whatever it was doing."""
        self._as_its_user("pg_ctl", "stop", "--mode=immediate", "--pgdata", str(self.folder / "data"))

    def _as_its_user(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root; on a machine where the tests do, its own user is there.
        user = "postgres" if os.geteuid() == 0 else None
        subprocess.run(
            [self._programs / program, *arguments],
            user=user,
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def quick_folder(name: str) -> Path:
    """A new folder, in memory where that is possible: a killed process leaves what it wrote, on any disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a place, not a name that somebody could guess
    return Path(tempfile.mkdtemp(prefix=f"zorgspiegel-{name}-", dir=memory if memory.is_dir() else None))


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A running server; None where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    folder = quick_folder("postgresql")
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        server = Cluster(folder, programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Where Debian puts initdb and pg_ctl, newest version first; or wherever the PATH says."""
    try:
        import psycopg  # noqa: F401 - without it Django cannot reach PostgreSQL
    except ImportError:
        return None
    if os.geteuid() == 0 and "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        return None
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = debian[0] if debian else shutil.which("initdb")
    return Path(found).parent if found else None
