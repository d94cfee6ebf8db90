"""The environment: a wrong setting stops the start and says what to write; the secret key is kept safe."""

from __future__ import annotations

import stat

import pytest

from zorgspiegel.config import environment
from zorgspiegel.terms.errors import SettingError

NAMES = ("HOME", "HOSTS", "HTTPS", "PROXIES", "DATABASE_URL", "SECRET_KEY_FILE", "BRONVERMELDING")


@pytest.fixture
def env(monkeypatch, tmp_path):
    for name in NAMES:
        monkeypatch.delenv(f"ZORGSPIEGEL_{name}", raising=False)
    monkeypatch.setenv("ZORGSPIEGEL_HOME", str(tmp_path))
    return lambda **values: [monkeypatch.setenv(f"ZORGSPIEGEL_{k}", v) for k, v in values.items()]


def test_without_any_setting_the_site_is_safe_and_for_this_machine_only(env, tmp_path):
    found = environment.read()
    assert found.https is True
    assert set(found.hosts) <= environment.LOOPBACK
    assert found.proxies == 0
    assert found.home.root == tmp_path


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"HOSTS": "*"}, "Write the names of the site"),
        ({"HTTPS": "0", "HOSTS": "zorgspiegel.example"}, "only possible on this machine itself"),
        ({"HTTPS": "nee"}, "write 1 for yes or 0 for no"),
        ({"PROXIES": "een"}, "write a whole number"),
    ],
)
def test_an_impossible_setting_says_what_to_write(env, values, said):
    env(**values)
    with pytest.raises(SettingError, match=said):
        environment.read()


def test_plain_http_is_possible_on_this_machine(env):
    env(HTTPS="0", HOSTS="localhost, 127.0.0.1")
    assert environment.read().https is False


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "new" / "secret_key"
    key = environment.secret_key(path)
    assert len(key) >= environment.SHORTEST_SECRET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert environment.secret_key(path) == key
    assert environment.secret_key(tmp_path / "other") != key


def test_a_short_secret_key_is_refused(tmp_path):
    (tmp_path / "key").write_text("short", encoding="ascii")
    with pytest.raises(SettingError, match="less than 50 characters"):
        environment.secret_key(tmp_path / "key")


def test_sqlite_keeps_what_it_acknowledged(env):
    options = environment.database(environment.read())["OPTIONS"]
    assert "synchronous=FULL" in options["init_command"] and "journal_mode=WAL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"


@pytest.mark.django_db
def test_the_pragmas_are_really_on():
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_postgresql_comes_out_of_its_address(env):
    env(DATABASE_URL="postgresql://zs:p%40ss@db.example:5433/spiegel")
    found = environment.database(environment.read())
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "zs", "p@ss", "db.example", "5433", "spiegel",
    )  # fmt: skip


@pytest.mark.parametrize("address", ["mysql://x/y", "postgresql://host", "nonsense"])
def test_another_address_is_refused_without_repeating_it(env, address):
    env(DATABASE_URL=address)
    with pytest.raises(SettingError, match="write postgresql://") as caught:
        environment.database(environment.read())
    assert address not in str(caught.value)
