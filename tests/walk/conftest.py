"""Walks on both databases."""

from __future__ import annotations

from tests.lib.database_fixtures import copies, databases

__all__ = ["copies", "databases"]
