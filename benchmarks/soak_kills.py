"""Kill processes at every named point, again and again, on both databases: at least 500 deaths that fired.

Every point once with another death in the recovery; every point twice in a row; the last passing of a point;
and then points and passings by chance. Prints a table; exit 1 when anything was lost, doubled or not final in
time.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections import Counter

from tests.lib import databases
from tests.lib.databases import Copies

FEWEST = 500
BY_CHANCE = 60
"""Trials per database at points by chance, three deaths each."""


def main(arguments: list[str]) -> int:
    """Run everything on each database that is here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=4, help="trials at the same time")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    databases.set_django_up()
    print("| database | trials | deaths planned | deaths fired | points | damage | slowest recovery |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    fired, damage = 0, 0
    with databases.cluster() as cluster:
        if cluster is None:
            print(f"\n{databases.NO_POSTGRESQL}\n", file=sys.stderr)
        for vendor in databases.VENDORS if cluster else databases.VENDORS[:1]:
            folder = databases.quick_folder("soak")
            try:
                copies = Copies(folder, cluster if vendor == "postgresql" else None)
                more = soak(vendor, copies, folder, seed=options.seed, at_once=options.at_once)
            finally:
                shutil.rmtree(folder)
            fired, damage = fired + more[0], damage + more[1]
    print(f"\n{fired} deaths fired, {damage} trials with damage.")
    return 1 if damage or fired < FEWEST else 0


def soak(vendor: str, copies: Copies, folder: object, *, seed: int, at_once: int) -> tuple[int, int]:
    """All trials on one database: deaths that fired, and trials with damage."""
    from tests.lib.kill_harness import FINAL_WITHIN, Harness, again_and_again, each_once

    harness = Harness(copies, folder)
    points = harness.points()
    plans = [*each_once(points), *again_and_again(points), *by_chance(points, random.Random(seed))]
    began = time.monotonic()
    outcomes = harness.many(plans, at_once=at_once)
    broken = [outcome for outcome in outcomes if outcome.problems or outcome.seconds > FINAL_WITHIN]
    for outcome in broken:
        print(outcome, file=sys.stderr)
    deaths = [death for outcome in outcomes for death in outcome.fired]
    places = Counter((death.role, death.point) for death in deaths)
    planned, slowest = sum(map(len, plans)), max(outcome.seconds for outcome in outcomes)
    counts = (len(plans), planned, len(deaths), len(places), len(broken))
    print(f"| {vendor} | {' | '.join(map(str, counts))} | {slowest:.1f} s |", flush=True)
    print(f"{vendor}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return len(deaths), len(broken)


def by_chance(points: dict[str, Counter[str]], chance: random.Random) -> list[list[object]]:
    """Three deaths at any points and passings, in any order of roles."""
    from tests.lib.kill_harness import Death

    every = [(role, name, times) for role, names in points.items() for name, times in names.items()]
    plans = []
    for _ in range(BY_CHANCE):
        picked = chance.sample(every, 3)
        # The sender first: a worker that dies before there is work proves nothing.
        picked.sort(key=lambda place: place[0])
        plans.append([Death(role, name, chance.randint(1, times)) for role, name, times in picked])
    return plans


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
