"""`Protected`: the only thing that `publish` takes, and that only `protect` makes.

Forgetting protection is then impossible, not just forbidden: there is no way from cells to a release that
does not go through `protect`. A test walks the source and fails when any other module makes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis

from zorgspiegel.terms.tables import PROTECTED_CELLS


@dataclass(frozen=True)
class Protected:
    """Cells that may be shown, with the name of the profile that hid the rest and the report of the attack.

    cells:   one row per cell of the full cube; shape PROTECTED_CELLS.
    profile: id of the protection profile.
    report:  the report of the attack, for inside use; plain data that can be written as JSON.
    """

    cells: ibis.Table
    profile: str
    report: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        PROTECTED_CELLS.check(self.cells, where="Protected")
