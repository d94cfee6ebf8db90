"""`zorgspiegel worker` as the operator has it: a process of its own, that stops when it is asked to."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from zorgspiegel.cli import main; main()", "worker"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("ZORGSPIEGEL", "DJANGO"))
    }
    return {**inherited, "ZORGSPIEGEL_HOME": str(home), "ZORGSPIEGEL_HTTPS": "0"}


def ask(environment, *words):
    done = subprocess.run([*PROGRAM, *words], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def dead_step(environment):
    """A step that waits for the operator, in the database of a worker that has run once."""
    assert ask(environment, "--once")[0] == 0
    with sqlite3.connect(f"{environment['ZORGSPIEGEL_HOME']}/db.sqlite3") as database:
        values = {
            "walk": "vernietiging", "subject": "ONBEKEND-1", "name": "vernietigen", "state": "dead",
            "fence": 6, "attempts": 6, "not_before": "2026-01-01", "leased_by": "",
            "message": "Put the key back.", "made_at": "2026-01-01",
        }  # fmt: skip
        marks = ", ".join(f":{name}" for name in values)
        database.execute(f"INSERT INTO ledger_step ({', '.join(values)}) VALUES ({marks})", values)
        (number,) = database.execute("SELECT id FROM ledger_step").fetchone()
    database.close()
    return number


def test_the_operator_sees_what_waits_and_has_it_tried_again(environment, dead_step):
    code, out, _ = ask(environment, "--status")
    assert code == 0
    assert "steps: 0 waiting, 0 leased, 0 done, 1 dead, 0 cancelled" in out
    assert f"{dead_step}: Put the key back." in out
    assert ask(environment, "--retry", str(dead_step))[:2] == (0, f"step {dead_step} is tried again\n")
    code, _, err = ask(environment, "--retry", str(dead_step))
    assert code == 2
    assert "waits for the operator. See: zorgspiegel worker --status" in err


def test_it_stops_when_it_is_asked_to(environment):
    worker = subprocess.Popen(PROGRAM, env=environment, stderr=subprocess.PIPE, text=True)
    assert "is at work" in next(line for line in worker.stderr if "is at work" in line)
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate(timeout=60)
    assert worker.returncode == 0
    assert "steps and mails done" in rest


def test_the_private_key_is_for_the_worker_only(environment, dead_step):
    keys = Path(environment["ZORGSPIEGEL_HOME"]) / "keys"
    assert oct((keys / "deliveries.key").stat().st_mode)[-3:] == "400"
    assert (keys / "deliveries.pub").stat().st_size == 45


def test_processes_that_start_at_once_on_a_new_installation_wait_for_each_other(environment, tmp_path):
    own = {**environment, "ZORGSPIEGEL_HOME": str(tmp_path)}
    started = [
        subprocess.Popen([*PROGRAM, "--once"], env=own, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in started]
    assert [code for _, code in ended] == [0, 0, 0], [text[-300:] for text, _ in ended]
