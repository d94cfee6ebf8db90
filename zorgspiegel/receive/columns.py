"""Finds the declared columns in the header of a file: by name, never by place."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zorgspiegel.terms.errors import SourceError
from zorgspiegel.terms.sources import SHORTEST_CUT, Layout, Source, SourceColumn, name_key, without_number

ROW_NUMBER = "rijnummer"


@dataclass(frozen=True)
class Topic:
    """A column with figures about areas: our name, the column of the file, the unit."""

    kenmerk: str
    column: str
    unit: str


@dataclass(frozen=True)
class Matched:
    """A file whose header was understood: which layout, where each declared column stands, and the topics."""

    layout: Layout
    columns: Mapping[str, str]
    """Our name -> name in the file. Optional columns that the file does not have are absent."""
    topics: tuple[Topic, ...]

    def declared(self, name: str) -> SourceColumn:
        """The declaration of one of our columns."""
        return next(column for column in self.layout.columns if column.name == name)


def match_columns(source: Source, header: Iterable[str], *, year: int | None) -> Matched:
    """The layout whose required columns are all there, and what every column of the file is.

    Raises SourceError when no layout fits, when a column is there twice, or when one is not known. Names of
    columns are no data about persons: the message quotes them.
    """
    names = [name for name in header if name != ROW_NUMBER]
    candidates = [(layout, _places(layout, names)) for layout in source.layouts]
    fitting = [(layout, places) for layout, places in candidates if not _missing(layout, places, year)]
    if not fitting:
        raise SourceError(_nothing_fits(source, candidates, names, year))
    # Of the layouts that fit, the one that knows most of the file.
    layout, places = max(fitting, key=lambda candidate: len(candidate[1]))
    _refuse_double(source, layout, places)
    rest = [name for name in names if name not in places]
    topics, unknown = _split_rest(layout, rest)
    if unknown:
        raise SourceError(_unknown_columns(source, layout, unknown))
    columns = {ours: name for name, ours in places.items()}
    declared = tuple(
        Topic(c.name, columns[c.name], c.unit or "onbekend")
        for c in layout.columns
        if c.topic and c.name in columns
    )
    return Matched(layout, columns, declared + topics)


def _places(layout: Layout, names: list[str]) -> dict[str, str]:
    """Name in the file -> our name, for every column of the file that is declared."""
    keys = {
        name_key(text): column.name for column in layout.columns for text in (column.name, *column.aliases)
    }
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        key = name_key(name)
        # StatLine repeats short names (`Nederland_17`, `Nederland_20`): only the first can be the declared
        # one.
        is_repeat = keys.get(key) in taken and without_number(name) != name
        if key in keys and not is_repeat:
            found[name] = keys[key]
            taken.add(keys[key])
    for name in names:
        if name not in found and (ours := _cut_off(name_key(name), keys)) and ours not in taken:
            found[name] = ours
            taken.add(ours)
    return found


def _cut_off(key: str, keys: Mapping[str, str]) -> str | None:
    """The one declared column of which this name is the beginning; None when there is not exactly one."""
    if len(key) < SHORTEST_CUT:
        return None
    whole = {ours for declared, ours in keys.items() if declared.startswith(key)}
    return whole.pop() if len(whole) == 1 else None


def _missing(layout: Layout, places: Mapping[str, str], year: int | None) -> list[str]:
    there = set(places.values())
    return [c.name for c in layout.columns if c.is_required_in(year) and c.name not in there]


def _refuse_double(source: Source, layout: Layout, places: Mapping[str, str]) -> None:
    double = [ours for ours, count in Counter(places.values()).items() if count > 1]
    if double:
        raise SourceError(
            f"{source.id}: the header names the same column more than once: {', '.join(sorted(double))} "
            f"(layout {layout.id}). Remove the column that should not be there."
        )


def _is_left_out(layout: Layout, name: str) -> bool:
    return any(re.fullmatch(pattern, name.strip()) for pattern in layout.ignored)


def _split_rest(layout: Layout, rest: list[str]) -> tuple[tuple[Topic, ...], list[str]]:
    topics: list[Topic] = []
    unknown: list[str] = []
    seen: Counter[str] = Counter(name_key(column.name) for column in layout.columns)
    for name in rest:
        if _is_left_out(layout, name):
            continue
        rule = next((topic for topic in layout.topics if re.fullmatch(topic.pattern, name.strip())), None)
        if rule is None:
            unknown.append(name)
            continue
        kenmerk = topic_name(name)
        seen[kenmerk] += 1
        # A repeated short name keeps its own rank: 'appartement' (electricity) and 'appartement_2' (gas).
        topics.append(Topic(kenmerk if seen[kenmerk] == 1 else f"{kenmerk}_{seen[kenmerk]}", name, rule.unit))
    return tuple(topics), unknown


def topic_name(name: str) -> str:
    """Our spelling of a topic that is not declared: StatLine's name without its number, in snake case."""
    last = re.sub(r"\s*\([^()]*\)\s*$", "", without_number(name.strip().split("/")[-1]))
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last.removeprefix("k_"))
    return re.sub(r"[^0-9a-z]+", "_", spaced.casefold()).strip("_")


def _nothing_fits(
    source: Source, candidates: list[tuple[Layout, dict[str, str]]], names: list[str], year: int | None
) -> str:
    layout, places = min(candidates, key=lambda candidate: len(_missing(candidate[0], candidate[1], year)))
    missing = _missing(layout, places, year)
    strangers = [name for name in names if name not in places and not _is_left_out(layout, name)][:8]
    others = f" It has columns that are not known: {', '.join(strangers)}." if strangers else ""
    near = [
        f"{want} (did you mean {close[0]}?)"
        for want in missing
        if (close := difflib.get_close_matches(want, strangers, n=1, cutoff=0.75))
    ]
    hint = f" {'; '.join(near)}." if near else ""
    return (
        f"{source.id}: the file is none of the kinds that this source has. Nearest is '{layout.id}' "
        f"({layout.title}); missing there: {', '.join(missing)}.{others}{hint} "
        "Give the file as its publisher provides it; if the publisher renamed a column, add the new name to "
        f"`aliases` in definitions/sources/{source.id}.yaml."
    )


def _unknown_columns(source: Source, layout: Layout, unknown: list[str]) -> str:
    known = [text for column in layout.columns for text in (column.name, *column.aliases)]
    hints = []
    for name in unknown[:8]:
        close = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
        hints.append(f"{name!r}" + (f" (nearest known: {close[0]})" if close else ""))
    more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
    return (
        f"{source.id}: the file has columns that its definition does not know: {', '.join(hints)}{more} "
        f"(layout '{layout.id}'). Nothing was imported: an unknown column could be a cost or a count that "
        "would be lost without a word. Declare it under `columns` or `ignored` in "
        f"definitions/sources/{source.id}.yaml."
    )
