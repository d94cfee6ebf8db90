"""Which cells are hidden because of what they hold themselves, by the rules of a profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zorgspiegel.terms.protection import Profile

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Amounts:
    """What the rules for amounts look at, all of one shape: cells.

    cents: the amount. contributors: how many made it up. largest, second: their largest contributions, in
    cents.
    """

    cents: Ints
    contributors: Ints
    largest: Ints
    second: Ints


def small(counts: Ints, profile: Profile) -> Bools:
    """Counts below the smallest shown. Zero is one of them, unless the profile shows zeros."""
    hidden = counts < profile.smallest_shown
    return hidden if profile.zeros == "hidden" else hidden & (counts > 0)


def risky(amounts: Amounts, profile: Profile) -> Bools:
    """Amounts behind which a contributor can be seen: too few contributors, dominance, or the p % rule.

    Negative contributions are taken by their size (absolute value), and the amount by its size but never less
    than its largest contributions together: the way of the SDC Handbook (Hundepool et al. 2012, 4.2.2), on
    the safe side when contributions cancel out.
    """
    first, second = np.abs(amounts.largest), np.abs(amounts.second)
    total = np.maximum(np.abs(amounts.cents), first + second)
    found = np.zeros(total.shape, np.bool_)
    if profile.smallest_contributors > 1:
        found |= (amounts.contributors > 0) & (amounts.contributors < profile.smallest_contributors)
    if rule := profile.dominance:
        top = first + second if rule.largest == 2 else first
        found |= top * 100 > total * rule.percent
    if profile.p_percent is not None:
        found |= (first > 0) & ((total - first - second) * 100 < first * profile.p_percent)
    return found


def protection_levels(amounts: Amounts, profile: Profile) -> Ints:
    """How many cents an attacker's upper bound must lie above the amount at least, per cell that is hidden
    for the p % or the dominance rule (SDC Handbook table 4.3); 1 for the others."""
    first, second = np.abs(amounts.largest), np.abs(amounts.second)
    total = np.maximum(np.abs(amounts.cents), first + second)
    needed = np.ones(total.shape, np.int64)
    if profile.p_percent is not None:
        needed = np.maximum(needed, -((first * -profile.p_percent) // 100) - (total - first - second))
    if rule := profile.dominance:
        top = first + second if rule.largest == 2 else first
        needed = np.maximum(needed, -((top * -100) // rule.percent) - total)
    return needed
