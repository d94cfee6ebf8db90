"""Reads the reviewed data files of `definitions/`: YAML, one schema (a pydantic model in `terms`) per kind.

A broken definition stops the start and says which file, which line, and what to write instead.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from zorgspiegel.terms.errors import DefinitionError

ROOT = Path(__file__).resolve().parent.parent / "definitions"
M = TypeVar("M", bound=BaseModel)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML that refuses a key written twice: the first would vanish without a word."""


# YAML 1.1 reads ja/nee-like words, dates and 0307 as other things than text. A definition says what it means:
# only true/false are booleans, and a date or a code with a leading zero stays the text that stands there.
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)


def _unique_keys(loader: Any, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"{key!r} is written twice", problem_mark=key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_keys)


def names(kind: str, *, root: Path = ROOT) -> list[str]:
    """Ids of all definitions of a kind (`standards`, `sources`, `indicators`, ...), sorted."""
    return sorted(path.stem for path in (root / kind).glob("*.yaml"))


def load(kind: str, name: str, model: type[M], *, root: Path = ROOT) -> M:
    """One definition, checked against its model. Raises DefinitionError with file, line and what to do."""
    path = root / kind / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(names(kind, root=root)) or "none yet"
        raise DefinitionError(
            f"There is no {kind} definition {name!r}. Known: {known}. Add it as {kind}/{name}.yaml."
        )
    stamp = path.stat().st_mtime_ns
    return _load(path, stamp, model)


def load_all(kind: str, model: type[M], *, root: Path = ROOT) -> dict[str, M]:
    """All definitions of a kind by id, in the order of their ids."""
    return {name: load(kind, name, model, root=root) for name in names(kind, root=root)}


@functools.lru_cache(maxsize=512)
def _load(path: Path, _stamp: int, model: type[M]) -> M:
    text = path.read_text(encoding="utf-8")
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # _Loader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError(f"{path.parent.name}/{path.name}, line {line}: {error.problem}.") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = "\n".join(_fault(path, node, fault) for fault in error.errors())
        raise DefinitionError(faults) from error


def _fault(path: Path, node: yaml.Node | None, fault: Any) -> str:
    where = ".".join(str(step) for step in fault["loc"]) or "the file"
    return f"{path.parent.name}/{path.name}, line {_line(node, fault['loc'])}: {where}: {fault['msg']}."


def _line(node: yaml.Node | None, steps: tuple[str | int, ...]) -> int:
    """The line of the deepest part of the path that stands in the file: a missing key has no line."""
    line = 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        else:
            found = None
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line
