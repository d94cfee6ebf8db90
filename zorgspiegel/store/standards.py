"""Delivery standards with the code lists that they name, out of `definitions/`."""

from __future__ import annotations

from pathlib import Path

from zorgspiegel.store import definitions
from zorgspiegel.terms.errors import DefinitionError
from zorgspiegel.terms.standards import CodeList, Standard


def load_standard(name: str, *, root: Path = definitions.ROOT) -> Standard:
    """One standard by id. DefinitionError when there is none, or when the file is not right."""
    standard = definitions.load("standards", name, Standard, root=root)
    if standard.id != name:
        raise DefinitionError(f"standards/{name}.yaml: id is {standard.id!r}. Write id: {name}.")
    return standard


def load_codelists(standard: Standard, *, root: Path = definitions.ROOT) -> dict[str, CodeList]:
    """The code lists that the columns of this standard name, by id."""
    return {
        name: definitions.load("codelists", name, CodeList, root=root) for name in standard.codelist_ids()
    }


def standard_names(*, root: Path = definitions.ROOT) -> list[str]:
    """Ids of all standards, sorted."""
    return definitions.names("standards", root=root)
