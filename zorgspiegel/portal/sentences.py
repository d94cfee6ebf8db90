"""One true Dutch sentence per figure, made of the numbers in its table. Silent when it has nothing to say."""

from __future__ import annotations

from decimal import Decimal

from zorgspiegel.portal.figure import FigureData, Row
from zorgspiegel.portal.numbers import Answer, percent

ABOUT_THE_SAME = Decimal("0.5")
"""Percent. A smaller difference is not worth a direction."""


def comparison(figure: FigureData, *, begin: str, period: str) -> str:
    """The area next to the land: the last row."""
    own, land = figure.own_row, figure.rows[-1]
    if own is None or own is land or not (own.answers[0].shown and land.answers[0].shown):
        return ""
    start = f"{begin} {figure.text(own.answers[0])} in {own.labels[0]} ({period})."
    if not _is_relative(figure):
        return f"{start} In {land.labels[0]} was dat {figure.text(land.answers[0])}."
    difference = _difference(land.answers[0], own.answers[0])
    beside = f"in {land.labels[0]} ({figure.text(land.answers[0])})"
    if difference is None:
        return start
    if abs(difference) < ABOUT_THE_SAME:
        return f"{start} Dat is ongeveer evenveel als {beside}."
    return f"{start} Dat is {_more_or_less(difference, 'hoger', 'lager')} dan {beside}."


def series(figure: FigureData) -> str:
    """The last step in time of the area itself, when the two years can be compared."""
    pairs = [(row, row.answers[0]) for row in figure.rows if row.answers[0].shown]
    if len(pairs) < 2:
        return ""
    (before, old), (after, new) = pairs[-2:]
    years = [row.key for row in figure.rows]
    if any(key in figure.breaks for key in years[years.index(before.key) + 1 : years.index(after.key) + 1]):
        return ""
    difference = _difference(old, new)
    if difference is None:
        return ""
    steps = f"van {figure.text(old)} naar {figure.text(new)}"
    between = f"Tussen {before.labels[0]} en {after.labels[0]}"
    if abs(difference) < ABOUT_THE_SAME:
        return f"{between} bleef dit in {figure.value_columns[0]} ongeveer gelijk: {steps}."
    verb = "steeg" if difference > 0 else "daalde"
    return f"{between} {verb} dit in {figure.value_columns[0]} met {percent(abs(difference), 1)}: {steps}."


def areas(figure: FigureData, *, plural: str) -> str:
    """The highest and the lowest area, and how many are higher than the own one."""
    shown = sorted((row for row in figure.rows if row.answers[0].shown), key=_value)
    if len(shown) < 3 or _value(shown[0]) == _value(shown[-1]):
        return ""
    highest = [row for row in shown if _value(row) == _value(shown[-1])]
    lowest = [row for row in shown if _value(row) == _value(shown[0])]
    ends = []
    if len(highest) == 1:
        ends.append(f"het hoogst in {highest[0].labels[0]} ({figure.text(highest[0].answers[0])})")
    if len(lowest) == 1:
        ends.append(f"het laagst in {lowest[0].labels[0]} ({figure.text(lowest[0].answers[0])})")
    among = "" if len(shown) == len(figure.rows) else f"Van de {plural} met een cijfer is dit "
    first = f"{among or 'Dit is '}{' en '.join(ends)}." if ends else ""
    own = figure.own_row
    if own is None or not own.answers[0].shown:
        return first
    above = sum(_value(row) > _value(own) for row in shown)
    second = f"In {above} van de {len(shown)} {plural} met een cijfer is het hoger dan in {own.labels[0]}."
    return f"{first} {second}".strip()


def parts(figure: FigureData, *, what_part: str) -> str:
    """The largest part of the total, when that is published and no hidden part can be larger."""
    total = next((row for row in figure.rows if not row.in_drawing), None)
    shown = [row for row in figure.rows if row.in_drawing and row.answers[0].shown]
    if total is None or not total.answers[0].shown or len(shown) < 2 or not total.answers[0].value:
        return ""
    most = max(shown, key=_value)
    if [_value(row) for row in shown].count(_value(most)) > 1:
        return ""
    whole = Decimal(total.answers[0].value)
    left = whole - sum(_value(row) for row in shown)
    some_hidden = len(shown) < sum(row.in_drawing for row in figure.rows)
    share = 100 * _value(most) / whole
    if not 0 < share <= 100 or (some_hidden and left >= _value(most)):
        return ""
    return f"Het grootste deel van {what_part} gaat naar {inside(most.labels[0])}: {percent(share)}."


def ages(figure: FigureData) -> str:
    """The age and sex with the highest answer."""
    found = [
        (answer.value, row.labels[0], column)
        for row in figure.rows
        if row.in_drawing
        for column, answer in zip(figure.value_columns, row.answers, strict=True)
        if answer.value is not None
    ]
    if len(found) < 4:
        return ""
    top = max(found, key=lambda one: one[0])
    if sum(one[0] == top[0] for one in found) > 1:
        return ""
    row = next(r for r in figure.rows if r.labels[0] == top[1])
    answer = row.answers[figure.value_columns.index(top[2])]
    begin = "Van de cijfers die er staan, is dit" if figure.hidden or figure.unknown else "Dit is"
    return f"{begin} het hoogst bij {top[2].lower()} van {inside(top[1])}: {figure.text(answer)}."


def _is_relative(figure: FigureData) -> bool:
    """Whether a percentage of difference makes sense: not for a count, since the land is always larger."""
    return figure.measure.value not in {"aantal", "kosten"}


def _difference(old: Answer, new: Answer) -> Decimal | None:
    """Percent that `new` differs from `old`; None when that cannot be said. Computed from what is shown."""
    if old.value is None or new.value is None or old.value <= 0:
        return None
    return 100 * (new.value - old.value) / old.value


def _more_or_less(difference: Decimal, more: str, less: str) -> str:
    return f"{percent(abs(difference), 0 if abs(difference) >= 10 else 1)} {more if difference > 0 else less}"


def _value(row: Row) -> Decimal:
    value = row.answers[0].value
    assert value is not None, "only rows with a value are compared"
    return value


def inside(label: str) -> str:
    """A label inside a sentence. Names that begin with an acronym (GGZ, Wlz) stay as they are."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
