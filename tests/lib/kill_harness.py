"""Starts real processes, has them die where they are told to, lets others recover, and looks what is left.

A trial is a list of deaths, one after the other: a process starts, dies at a named kill point, and the next
one meets what it left. At the end a process without a death makes everything final. A death counts when the
process was really killed there, never because it was planned.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.lib import kill_check, kill_walk
from tests.lib.databases import Copies
from tests.lib.kill_walk import Scene
from tests.lib.smtp_sink import Sink, smtp_sink

ROLES = ("sender", "worker")
FINAL_WITHIN = 60.0
"""Seconds after the last death."""
_ONE_AT_A_TIME = threading.Lock()
"""Starting a process asks after all others too; of two threads that ask at once, one is told 255."""


@dataclass(frozen=True)
class Death:
    """Who dies, where, and at which time of passing there."""

    role: str
    point: str
    nth: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a trial gave. seconds: from the last death until everything was final."""

    planned: tuple[Death, ...]
    fired: tuple[Death, ...]
    problems: tuple[str, ...]
    seconds: float


class Harness:
    """Trials on one kind of database. The processes are forked from one that has everything loaded."""

    def __init__(self, copies: Copies, folder: Path) -> None:
        self._copies, self._folder = copies, folder
        self._start = multiprocessing.get_context("forkserver")
        self._start.set_forkserver_preload(["tests.lib.kill_check"])

    def points(self) -> dict[str, Counter[str]]:
        """Which points each role passes in a run without deaths, and how often."""
        found = {}
        with self._copies.copy() as description, smtp_sink() as sink:
            scene = self._scene(description, sink, seed=0)
            for role in ROLES:
                path = scene.folder / f"points-{role}.json"
                assert self._run(kill_walk.play, role, scene, path) == 0, (
                    f"the {role} fails without any death"
                )
                found[role] = Counter(json.loads(path.read_text()))
            assert self._problems(scene, sink) == [], "something is wrong without any death"
        return found

    def trial(
        self, seed: int, deaths: Sequence[Death], *, weakness: str = "", patience: float = FINAL_WITHIN
    ) -> Outcome:
        """One trial on a fresh installation."""
        fired = []
        with self._copies.copy() as description, smtp_sink() as sink:
            scene = replace(self._scene(description, sink, seed), weakness=weakness, patience=patience)
            for death in deaths:
                if death.role == "worker":
                    self._must(kill_walk.play, "sender", scene)
                code = self._run(kill_walk.play, death.role, replace(scene, kill=(death.point, death.nth)))
                if code == -signal.SIGKILL:
                    fired.append(death)
                else:
                    assert code == 0, f"{death} ended with {code}"
            began = time.monotonic()
            self._must(kill_walk.play, "sender", scene)
            self._must(kill_walk.play, "worker", scene)
            seconds = time.monotonic() - began
            return Outcome(tuple(deaths), tuple(fired), tuple(self._problems(scene, sink)), seconds)

    def stale(self, seed: int, point: str, *, weakness: str = "") -> Outcome:
        """A worker stops breathing at a point, another takes over and finishes, and the first comes back."""
        with self._copies.copy() as description, smtp_sink() as sink:
            scene = replace(self._scene(description, sink, seed), weakness=weakness)
            self._must(kill_walk.play, "sender", scene)
            first = self._process(kill_walk.play, "worker", replace(scene, pause=(point, 1)))
            _wait_until_stopped(first.pid)
            try:
                self._must(kill_walk.play, "worker", scene)
            finally:
                os.kill(first.pid, signal.SIGCONT)
            assert _code_of(first) == 0, "the worker that came back failed"
            death = Death("worker", point)
            return Outcome((death,), (death,), tuple(self._problems(scene, sink)), 0.0)

    def together(self, seed: int, workers: int) -> Outcome:
        """Several workers at the same time, one of them killed, while the sender is still sending."""
        death = Death("worker", "step.before_commit", 2)
        with self._copies.copy() as description, smtp_sink() as sink:
            scene = self._scene(description, sink, seed)
            sender = self._process(kill_walk.play, "sender", scene)
            first = self._process(kill_walk.play, "worker", replace(scene, kill=(death.point, death.nth)))
            assert _code_of(sender) == 0, "the sender failed"
            others = [self._process(kill_walk.play, "worker", scene) for _ in range(workers)]
            codes = [_code_of(process) for process in (first, *others)]
            assert set(codes[1:]) == {0}, f"workers ended with {codes}"
            fired = (death,) if codes[0] == -signal.SIGKILL else ()
            self._must(kill_walk.play, "worker", scene)
            return Outcome((death,), fired, tuple(self._problems(scene, sink)), 0.0)

    def many(self, plans: Sequence[Sequence[Death]], *, at_once: int = 3) -> list[Outcome]:
        """One trial per plan, some at the same time: most of a trial is waiting for a lease to end."""
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda numbered: self.trial(*numbered), enumerate(plans, start=1)))

    def _scene(self, description: dict, sink: Sink, seed: int) -> Scene:
        folder = self._folder / f"{seed}-{time.monotonic_ns()}"
        folder.mkdir()
        scene = Scene(description, folder, seed, sink.port)
        self._must(kill_walk.set_up, scene)
        return scene

    def _problems(self, scene: Scene, sink: Sink) -> list[str]:
        answer = scene.folder / "answer.json"
        self._must(kill_check.inspect, scene, answer)
        told = json.loads(answer.read_text())
        shown = sink.shown()
        lost, unknown = set(told["mails"]) - set(shown), set(shown) - set(told["mails"])
        return [
            *told["problems"],
            *([f"{len(lost)} mails are lost"] if lost else []),
            *([f"{len(unknown)} mails came twice, as another mail"] if unknown else []),
        ]

    def _must(self, target: object, *arguments: object) -> None:
        code = self._run(target, *arguments)
        assert code == 0, f"{arguments[0]} ended with {code}"

    def _run(self, target: object, *arguments: object) -> int:
        process = self._process(target, *arguments)
        code = _code_of(process, patience=2 * FINAL_WITHIN)
        if code is None:
            process.kill()
            raise AssertionError(f"{arguments[0]} did not end within {2 * FINAL_WITHIN:.0f} seconds")
        return code

    def _process(self, target: object, *arguments: object) -> Any:
        process = self._start.Process(target=target, args=arguments)
        with _ONE_AT_A_TIME:
            process.start()
        return process


def _code_of(process: Any, *, patience: float = FINAL_WITHIN) -> int | None:
    """The exit code of a process; None when it does not end in time."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with _ONE_AT_A_TIME:
            if (code := process.exitcode) is not None:
                return code
        time.sleep(0.01)
    return None


def each_once(points: dict[str, Counter[str]]) -> list[list[Death]]:
    """Every point that a role passes has one death; two deaths in a trial, the second in the recovery.

    The second is further on the way than the first, so that a process that recovers still comes there.
    """
    plans = []
    for role in ROLES:
        deaths = [Death(role, name) for name in points[role]]
        half = (len(deaths) + 1) // 2
        plans += [list(filter(None, pair)) for pair in zip_longest(deaths[:half], deaths[half:])]
    return plans


def again_and_again(points: dict[str, Counter[str]]) -> list[list[Death]]:
    """Every point twice in a row (in the run and in its recovery), and its last passing, then its first."""
    plans = []
    for role in ROLES:
        for name, times in points[role].items():
            plans.append([Death(role, name), Death(role, name)])
            if times > 1:
                plans.append([Death(role, name, times), Death(role, name)])
    return plans


def _wait_until_stopped(process: int | None) -> None:
    until = time.monotonic() + FINAL_WITHIN
    while time.monotonic() < until:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        if state == "T":
            return
        time.sleep(0.02)
    raise AssertionError("the worker did not reach the point where it stops breathing")
