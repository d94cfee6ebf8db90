"""The environment variables of the web process and what they become. Nothing else reads the environment.

ZORGSPIEGEL_HOME             folder of database, releases, caches and public files (default: var)
ZORGSPIEGEL_HOSTS            host names that the site answers to, comma separated (default: this machine only)
ZORGSPIEGEL_HTTPS            1 (default) or 0; 0 is only possible while all hosts are this machine itself
ZORGSPIEGEL_PROXIES          number of trusted reverse proxies in front (default: 0)
ZORGSPIEGEL_DATABASE_URL     postgresql://user:password@host:port/name (default: SQLite in the home folder)
ZORGSPIEGEL_SECRET_KEY_FILE  file with the secret key (default: secret_key in the home folder)
ZORGSPIEGEL_DATA             folder with public files for the demo (default: ../shared/data)
ZORGSPIEGEL_BRONVERMELDING   source line on every export (default: Zorgspiegel)
ZORGSPIEGEL_SITE             address of the site in mails (default: https:// and the first host name)
ZORGSPIEGEL_MAIL_URL         mail server, smtp+starttls://user:password@host:587 (default: smtp://localhost:25)
ZORGSPIEGEL_MAIL_FROM        sender of mails (default: zorgspiegel@ and the host name of the site)
ZORGSPIEGEL_ANCHOR           file that remembers the audit trail, best on another host (default: home folder)
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from zorgspiegel.store.home import Home
from zorgspiegel.terms.errors import SettingError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
SHORTEST_SECRET = 50


@dataclass(frozen=True)
class Environment:
    """What the settings need to know from outside."""

    home: Home
    hosts: tuple[str, ...]
    https: bool
    proxies: int
    database_url: str
    secret_key_file: Path
    bronvermelding: str
    site: str = "http://localhost"
    mail_url: str = "smtp://localhost:25"
    mail_from: str = "zorgspiegel@localhost"
    anchor: Path = Path("audit.anchor")


def home() -> Home:
    """The folder of this installation. For commands that need nothing else of the environment."""
    return Home(Path(os.environ.get("ZORGSPIEGEL_HOME") or "var").resolve())


def data_folder() -> Path | None:
    """The folder with public files that the demo may import; None when it is not there."""
    folder = Path(os.environ.get("ZORGSPIEGEL_DATA") or "../shared/data").resolve()
    return folder if folder.is_dir() else None


def read() -> Environment:
    """The environment, checked. Raises SettingError that says which variable, and what to write instead."""
    folder = home()
    hosts = tuple(filter(None, map(str.strip, os.environ.get("ZORGSPIEGEL_HOSTS", "").split(","))))
    hosts = hosts or ("localhost", "127.0.0.1", "[::1]")
    if "*" in hosts:
        raise SettingError(
            "ZORGSPIEGEL_HOSTS: * lets everyone choose the host name. Write the names of the site."
        )
    https = _choice("ZORGSPIEGEL_HTTPS", default="1")
    if not https and not LOOPBACK.issuperset(hosts):
        raise SettingError(
            "ZORGSPIEGEL_HTTPS=0 is only possible on this machine itself: with it, sessions travel readable. "
            "Put a reverse proxy with a certificate in front, and leave ZORGSPIEGEL_HTTPS out."
        )
    proxies = os.environ.get("ZORGSPIEGEL_PROXIES", "0")
    if not proxies.isdigit():
        raise SettingError(
            "ZORGSPIEGEL_PROXIES: write a whole number, such as 1 for one reverse proxy in front."
        )
    return Environment(
        home=folder,
        hosts=hosts,
        https=https,
        proxies=int(proxies),
        database_url=os.environ.get("ZORGSPIEGEL_DATABASE_URL", ""),
        secret_key_file=Path(os.environ.get("ZORGSPIEGEL_SECRET_KEY_FILE") or folder.root / "secret_key"),
        bronvermelding=os.environ.get("ZORGSPIEGEL_BRONVERMELDING", "Zorgspiegel"),
        site=(os.environ.get("ZORGSPIEGEL_SITE") or f"http{'s' * https}://{hosts[0]}").rstrip("/"),
        mail_url=os.environ.get("ZORGSPIEGEL_MAIL_URL") or "smtp://localhost:25",
        mail_from=os.environ.get("ZORGSPIEGEL_MAIL_FROM") or f"zorgspiegel@{hosts[0]}",
        anchor=Path(os.environ.get("ZORGSPIEGEL_ANCHOR") or folder.root / "audit.anchor"),
    )


def secret_key(path: Path) -> str:
    """The secret key of this installation, made with mode 0600 when the file is absent.

    A file and not a variable: the environment is printed in crash reports and inherited by children.
    """
    try:
        key = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first: its key is the key
            return secret_key(path)
        key = secrets.token_urlsafe(64)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key)
    if len(key) < SHORTEST_SECRET:
        raise SettingError(
            f"{path} holds less than {SHORTEST_SECRET} characters. Remove it: the next start makes a new one."
        )
    return key


def database(environment: Environment) -> dict[str, Any]:
    """Django's description of the database. SQLite unless a PostgreSQL address is given."""
    if not environment.database_url:
        return _sqlite(environment.home.database)
    url = urlsplit(environment.database_url)
    if url.scheme not in {"postgresql", "postgres"} or not url.path.strip("/"):
        raise SettingError("ZORGSPIEGEL_DATABASE_URL: write postgresql://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.strip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # synchronous=FULL, not the usual NORMAL: after a power cut NORMAL loses commits that were acknowledged,
    # and a receipt must survive. IMMEDIATE makes writers queue at the start instead of failing half-way.
    # Not trusted_schema=OFF: then SQLite refuses the JSON_VALID check that Django writes into the table of
    # the second factor ("unsafe use"). It guards against crafted database files; ours is made by us.
    pragmas = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON"
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
        "CONN_MAX_AGE": 60,
    }


def _choice(name: str, *, default: str) -> bool:
    value = os.environ.get(name, default)
    if value not in {"0", "1"}:
        raise SettingError(f"{name}: write 1 for yes or 0 for no.")
    return value == "1"
