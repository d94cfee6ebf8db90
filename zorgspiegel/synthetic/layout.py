"""Files exactly as a standard declares them: its record kinds, its columns in their order, its file name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.standards import Resource, Standard

INVENTED = "VERZONNEN gegevens, gemaakt met zorgspiegel invent"
"""Stands in every file that has a place for it."""


def file_name(standard: Standard, values: Mapping[str, str]) -> str:
    """The name that the standard wants, with these values for its named parts."""
    if standard.file.name is None:
        return f"{standard.id}_{'_'.join(values.values())}.csv"
    name = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda part: values[part[1]], standard.file.name)
    return f"{name}.csv"


def records(resource: Resource, columns: Mapping[str, Any], count: int) -> list[str]:
    """Lines of one record kind. A column with one text has that text on every line; a column that the
    standard has and we do not is empty, when it may be."""
    filled = []
    for field in resource.fields:
        if field.name in columns:
            value = columns[field.name]
            filled.append([value] * count if isinstance(value, str) else [str(one) for one in value])
        elif field.constraints.required:
            raise SettingError(
                f"zorgspiegel invent does not know column {field.name} of {resource.title}. "
                "Teach it in zorgspiegel/synthetic, or make the column optional in the standard."
            )
        else:
            filled.append([""] * count)
    return [";".join(line) for line in zip(*filled, strict=True)]


def as_file(standard: Standard, parts: Iterable[list[str]], *, header: Resource | None = None) -> bytes:
    """The whole file: UTF-8, LF, with the names of the columns on top where the standard wants them."""
    lines = (
        [";".join(field.name for field in header.fields)]
        if header is not None and standard.file.header
        else []
    )
    for part in parts:
        lines += part
    return ("\n".join(lines) + "\n").encode()
