"""What a file may ask of us. Numbers come from SECURITY.md R-UPL-06 to R-UPL-10."""

from __future__ import annotations

ADDRESS_SPACE = 512 << 20
"""Bytes of memory that the readers of foreign files may map."""
ADDRESS_SPACE_TRUSTED = 8 << 30
"""The same for DuckDB, afterwards, on what the readers checked or wrote. Its own memory limit is the tight
one."""
DUCKDB_MEMORY = "320MB"
OPEN_FILES = 64
CPU_SECONDS = 30
CPU_SECONDS_PER_GB = 240
SHEET_BYTES_PER_SECOND = 4 << 20
"""How fast the slowest machine reads the XML of a sheet; gives a workbook its processor time."""
WALL_SECONDS = 60
WALL_SECONDS_PER_GB = 480

MAX_FIELD = 1 << 20
"""Bytes in one field."""
MAX_LINE = 4 << 20
"""Bytes in one line of text."""
MAX_RECORD_LINES = 1000
"""Lines that one quoted field may span before a missing quote is the likelier story."""
EXTRA_COLUMNS = 50
"""So many columns more than the standard has may stand in a file; beyond that it is not this standard."""
ROWS_SHOWN = 20

ZIP_ENTRIES = 200
ZIP_RATIO = 100
"""Unpacked against packed size of one entry, for entries above ZIP_RATIO_FROM bytes."""
ZIP_RATIO_FROM = 10 << 20
ZIP_TOTAL = 4 << 30

CELL_TEXT = 32 << 10
SHARED_STRINGS = 64 << 20
"""Bytes of text that all shared strings of a workbook may have together."""
SHEET_ROWS = 1_048_576
ANSWER_BYTES = 1 << 20
"""Length of the answer of the child; more is treated as a dead child."""
