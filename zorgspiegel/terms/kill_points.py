"""Named places at which a process may die without anybody losing anything.

Before and after each durable act stands a `kill_point`. In production it does nothing. The harness in
`tests/walk` sets a hook that kills the process there, and then looks whether everything is still right. A
test reads the source and refuses an fsync, a rename or a transaction of the delivery path without kill points
around it.
"""

from __future__ import annotations

from collections.abc import Callable

_hook: Callable[[str], None] | None = None


def kill_point(name: str) -> None:
    """A place called `name`, such as `blob.before_rename`. Each name stands at one place in the code."""
    if _hook is not None:
        _hook(name)


def set_hook(hook: Callable[[str], None] | None) -> None:
    """Have `hook` called with the name of each kill point that is reached. For the harness only."""
    global _hook  # noqa: PLW0603 - the one switch of a process; nothing else would survive a fork
    _hook = hook
