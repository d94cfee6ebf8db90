"""Tables for spreadsheets, in which no text can become a formula.

A text that begins with a sign such as = makes Excel and LibreOffice compute. Texts that are not ours (names
of areas, of organisations, in files of others) could so run a command on the reader's machine (SECURITY T8).
"""

from __future__ import annotations

import re

_LEADING = " \t\r\n\x0b\x0c\u00a0\u200b\u2007\u202f\u3000\ufeff\"'‘’“”`´"
_STARTS = "=+@\t\r\n＝＋－＠\\-"
DANGEROUS_START = f"^[{_LEADING}]*[{_STARTS}]"
"""Signs that start a formula, full-width forms included, also behind spaces and quote marks. The expression
means the same to Python's `re` and to DuckDB's RE2: only literal characters, no classes."""

_dangerous = re.compile(DANGEROUS_START)


def neutralise(text: str) -> str:
    """The text with a leading ' when a spreadsheet could read a formula in it; otherwise unchanged."""
    return f"'{text}" if _dangerous.match(text) else text


def restore(text: str) -> str:
    """The text as it was before `neutralise`; the pair loses nothing, whatever the text."""
    return text[1:] if text.startswith("'") and _dangerous.match(text[1:]) else text
