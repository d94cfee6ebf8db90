"""Forgetting protection is impossible: there is one maker of `Protected`, and a test that watches."""

from __future__ import annotations

import ast
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "zorgspiegel"


def makers(source: str) -> int:
    """How many times a module makes a Protected, under whatever name it imported it."""
    tree = ast.parse(source)
    names = {"Protected"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name == "Protected" and alias.asname}
    return sum(
        isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in names)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "Protected")
        )
        for node in ast.walk(tree)
    )


def test_only_the_room_protect_makes_it():
    found = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if makers(path.read_text(encoding="utf-8"))
    }
    assert found == {"protect/door.py"}


def test_the_watch_sees_through_another_name():
    assert makers("from zorgspiegel.terms.protected import Protected as P\nP(cells, 'gzs')")
    assert makers("import zorgspiegel.terms.protected as p\np.Protected(cells, 'gzs')")
    assert not makers("def show(given: Protected) -> None: ...")
