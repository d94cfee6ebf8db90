"""Names as Dutch readers look them up."""

from __future__ import annotations

import unicodedata


def sort_key(name: str) -> str:
    """'s-Hertogenbosch stands under the H; capitals and accents do not count."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return plain.removeprefix("'s-").removeprefix("'s ").removeprefix("'t ").strip("'- ")
