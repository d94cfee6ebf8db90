"""Stops questions to DuckDB that take too long (SECURITY R-PRO-08). One thread looks after all of them.

A timer per question would start a thread per question; on a busy machine that costs more than the question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOOKS_PER_LIMIT = 20
"""How often per time limit the watchdog looks: a question runs at most 5 % over."""


class Watchdog:
    """Interrupts whatever runs longer than `seconds`. Its thread starts with the first question."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[int, tuple[float, Any]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    @contextmanager
    def over(self, cursor: Any) -> Iterator[None]:
        """Look after one cursor while the block runs; DuckDB raises InterruptException in it when stopped."""
        key = id(cursor)
        with self._guard:
            self._running[key] = (time.monotonic() + self.seconds, cursor)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="duckdb-watchdog", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._guard:
                del self._running[key]

    def stop(self) -> None:
        """Interrupt all that runs and end the thread."""
        self._stop.set()
        with self._guard:
            for _, cursor in self._running.values():
                cursor.interrupt()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(self.seconds / LOOKS_PER_LIMIT):
            now = time.monotonic()
            with self._guard:
                for deadline, cursor in self._running.values():
                    if deadline < now:
                        cursor.interrupt()
