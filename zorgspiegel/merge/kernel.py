"""The merge of one group, compiled: records of one gemeente, persoon, type and leveringsvorm to
voorzieningen.

Why compiled code and not one query: the relation of step 2 is not transitive and merging can create as well
as destroy it, so the answer is a fixpoint. Voorzieningen may even cross (1-10 with 12-20, and 5-15 with 17-25
January), hence no sort with running maxima can give it. Within a group the fixpoint is quick: each round is
one sort and four sweeps, and nearly every group is done after one round.

Days are whole numbers since 1970-01-01; the last day of an open record is FAR.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FAR = 2932896
"""9999-12-31 as a day number: no end. GMSD files write 99991231 for it."""
NEAR_DAYS = 3
"""A record that starts at most this many days after the end of another joins it. The same day is 0."""

TOEWIJZINGSNUMMER, GELIJK, BINNEN, AANSLUITEND, OVERLAP = range(5)
"""The reasons, in the order in which one is chosen when several hold."""
REASONS = 5

_SPAN = 1 << 23  # more than twice the day number of 9999-12-31: one whole number sorts on begin, then end


@njit(cache=True)
def _root(parent: Ints, one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one


@njit(cache=True)
def _join(parent: Ints, one: int, other: int) -> int:
    """Put two in one component; 1 when they were apart. The root is the first of them in the sort."""
    one, other = _root(parent, one), _root(parent, other)
    if one == other:
        return 0
    parent[max(one, other)] = min(one, other)
    return 1


@njit(cache=True)
def _note(parent: Ints, counts: Ints, reason: int, one: int, other: int) -> int:
    """Join, and count the merge under its reason, at the first of the two."""
    joined = _join(parent, one, other)
    if joined:
        counts[one, reason] += 1
    return joined


@njit(cache=True)
def _join_within(begin: Ints, end: Ints, top: Ints, parent: Ints, counts: Ints) -> int:
    """Reasons `gelijk` and `binnen`, for items sorted on begin, longest first.

    `top` gets, per item, the last outermost one up to there.

    A record lies within another when its end is not beyond the furthest end before it. It is then joined to
    the last of the outermost records that hold it. It may lie in several, but those stand in one unbroken
    row: each next pair of outermost records in that row has it in common. So per pair the shortest end that
    follows decides, and no pair of records is ever compared.
    """
    n, joined = len(begin), 0
    for i in range(1, n):
        if begin[i] == begin[i - 1] and end[i] == end[i - 1]:
            joined += _note(parent, counts, GELIJK, i - 1, i)
    outer = 0
    for i in range(n):
        if i and end[i] <= end[outer]:
            joined += _note(parent, counts, BINNEN, outer, i)
        else:
            outer = i
        top[i] = outer
    shortest = _SPAN
    for i in range(n - 1, 0, -1):
        if top[i] != i:
            shortest = min(shortest, end[i])
        elif shortest <= end[top[i - 1]]:
            joined += _note(parent, counts, BINNEN, top[i - 1], i)
    return joined


@njit(cache=True)
def _join_near(begin: Ints, end: Ints, by_end: Ints, parent: Ints, counts: Ints) -> int:
    """Reason `aansluitend`: all records that start 0 to 3 days after one ends; both pointers only move on."""
    n, joined = len(begin), 0
    first = linked = 0
    for place in range(n):
        i = by_end[place]
        if end[i] == FAR:
            break  # nothing comes after what has no end
        while first < n and begin[first] < end[i]:
            first += 1
        if first == n:
            break
        if begin[first] > end[i] + NEAR_DAYS:
            continue
        joined += _note(parent, counts, AANSLUITEND, min(i, first), max(i, first))
        linked = max(linked, first)
        while linked + 1 < n and begin[linked + 1] <= end[i] + NEAR_DAYS:
            joined += _note(parent, counts, AANSLUITEND, linked, linked + 1)
            linked += 1
    return joined


@njit(cache=True)
def _join_overlapping(begin: Ints, end: Ints, top: Ints, parent: Ints, counts: Ints) -> int:
    """Reason `overlap`, only with the switch on: neighbours among the outermost records that share days."""
    joined = 0
    for i in range(1, len(begin)):
        if top[i] == i and begin[i] <= end[top[i - 1]]:
            joined += _note(parent, counts, OVERLAP, top[i - 1], i)
    return joined


@njit(cache=True)
def _sorted_places(keys: Ints) -> Ints:
    """Places in ascending order of key; equal keys keep their order. Runs of two, then four, and so on are
    merged.

    NumPy's own sort would do, but compiling it takes ten seconds, and groups hold a handful of records.
    """
    n = len(keys)
    places, spare = np.arange(n), np.empty(n, np.int64)
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            left, right = low, middle
            for k in range(low, high):
                if left < middle and (right >= high or keys[places[left]] <= keys[places[right]]):
                    spare[k] = places[left]
                    left += 1
                else:
                    spare[k] = places[right]
                    right += 1
        places, spare = spare, places
        width *= 2
    return places


@njit(cache=True)
def _first_step(begin: Ints, end: Ints, number: Ints, item: Ints, counts: Ints) -> int:
    """Records with the same number become one item: earliest begin, latest end. A number below 0 is blank.

    Writes the item of each record, and the merges so far; begin and end come to hold the items. Gives the
    number of items.
    """
    places, items = _sorted_places(number), 0
    old_begin, old_end = begin.copy(), end.copy()
    for k in range(len(places)):
        i = places[k]
        if k and number[i] >= 0 and number[places[k - 1]] == number[i]:
            begin[items - 1] = min(begin[items - 1], old_begin[i])
            end[items - 1] = max(end[items - 1], old_end[i])
            counts[items - 1, TOEWIJZINGSNUMMER] += 1
        else:
            begin[items], end[items] = old_begin[i], old_end[i]
            items += 1
        item[i] = items - 1
    return items


@njit(cache=True)
def _one_round(begin: Ints, end: Ints, counts: Ints, new_item: Ints, n: int, overlap: bool) -> int:  # noqa: PLR0917
    """Merge each component of the first n items; as many back means that nothing happened.

    Writes the new item of each old one; begin, end and counts come to hold the new ones, in order of begin.
    """
    keys = np.empty(n, np.int64)
    for i in range(n):
        keys[i] = begin[i] * _SPAN - end[i]
    places = _sorted_places(keys)
    first, last, merges = np.empty(n, np.int64), np.empty(n, np.int64), np.empty((n, REASONS), np.int64)
    for i in range(n):
        first[i], last[i] = begin[places[i]], end[places[i]]
        for reason in range(REASONS):
            merges[i, reason] = counts[places[i], reason]
    parent, top = np.arange(n), np.empty(n, np.int64)
    _join_within(first, last, top, parent, merges)
    _join_near(first, last, _sorted_places(last), parent, merges)
    if overlap:
        _join_overlapping(first, last, top, parent, merges)
    items = 0
    number = np.empty(n, np.int64)
    for i in range(n):
        root = _root(parent, i)
        if root == i:  # the first of its component, so the earliest begin
            number[i] = items
            begin[items], end[items] = first[i], last[i]
            for reason in range(REASONS):
                counts[items, reason] = 0
            items += 1
        to = number[root]
        end[to] = max(end[to], last[i])
        for reason in range(REASONS):
            counts[to, reason] += merges[i, reason]
        new_item[places[i]] = to
    return items


@njit(cache=True)
def merge_group(begin: Ints, end: Ints, number: Ints, item: Ints, counts: Ints, overlap: bool) -> int:  # noqa: PLR0917
    """Voorzieningen of one group: both steps, the second until nothing changes. Gives how many there are.

    In:  one value per record: first day, last day (FAR when open), and a code of the toewijzingsnummer (below
         0 when blank). `overlap` also merges what overlaps in part.
    Out: `item` gets the voorziening of each record, from 0, ascending with the begin. The first values of
         `begin`, `end` and `counts` come to hold those of the voorzieningen; `counts` has the number of
         merges per reason. Merges and voorzieningen together are as many as the records.
    """
    counts[:] = 0
    items = _first_step(begin, end, number, item, counts)
    new_item, before = np.empty(items, np.int64), items + 1
    while 1 < items < before:
        before = items
        items = _one_round(begin, end, counts, new_item, before, overlap)
        for i in range(len(item)):
            item[i] = new_item[item[i]]
    return items


@njit(cache=True)
def merge_groups(  # noqa: PLR0917
    offsets: Ints, record: Ints, begin: Ints, end: Ints, number: Ints, overlap: bool
) -> tuple[Ints, Ints, Ints, Ints]:
    """`merge_group` for many groups that lie one after the other: group g is offsets[g] to offsets[g + 1].

    Overwrites its arrays. `begin` and `end` come to hold those of the voorzieningen, from the front.
    Gives, in the order of the groups: how many voorzieningen lie before each group, how many records before
    each voorziening, its record ids (ascending), and its number of merges per reason.
    """
    groups, records = len(offsets) - 1, len(record)
    group_start, start = np.zeros(groups + 1, np.int64), np.zeros(records + 1, np.int64)
    ids, item = np.empty(records, np.int64), np.zeros(records, np.int64)
    counts = np.zeros((records, REASONS), np.int64)
    done = 0
    for group in range(groups):
        low, high = offsets[group], offsets[group + 1]
        items = high - low
        if items > 1:
            within = slice(low, high)
            items = merge_group(
                begin[within], end[within], number[within], item[within], counts[within], overlap
            )
            _place_ids(record[within], item[within], ids[within], start, done, items, low)
        elif items == 1:  # most groups: nothing to merge
            ids[low], start[done + 1] = record[low], high
        for i in range(items):  # done <= low: what is overwritten here has been read
            begin[done + i], end[done + i] = begin[low + i], end[low + i]
            for reason in range(REASONS):
                counts[done + i, reason] = counts[low + i, reason]
        done += items
        group_start[group + 1] = done
    return group_start, start[: done + 1], ids, counts[:done]


@njit(cache=True)
def _place_ids(record: Ints, item: Ints, ids: Ints, start: Ints, done: int, items: int, low: int) -> None:  # noqa: PLR0917
    """Write the record ids of one group per voorziening, ascending, and where each voorziening's ids end."""
    places, following = _sorted_places(record), np.zeros(items + 1, np.int64)
    for i in range(len(item)):
        following[item[i] + 1] += 1
    for i in range(items):
        following[i + 1] += following[i]
        start[done + i + 1] = low + following[i + 1]
    for k in range(len(places)):
        i = places[k]
        ids[following[item[i]]] = record[i]
        following[item[i]] += 1
