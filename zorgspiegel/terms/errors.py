"""What the operator must mend. One small tree; every class has its own exit code for the command line.

Faults of a *sender* are findings (`terms.findings`), never exceptions. Our own mistakes are asserts.
A message says what and where, the nearest thing that would have worked, and what to do. It never quotes
a value out of a data file: row number and column, nothing more.
"""

from __future__ import annotations


class ZorgspiegelError(Exception):
    """The command could not be carried out; the message is for the operator, in English."""

    exit_code = 2


class DefinitionError(ZorgspiegelError):
    """A file in `definitions/` is broken: says which file, which line and what to write instead."""


class SettingError(ZorgspiegelError):
    """A setting is missing or impossible."""


class SourceError(ZorgspiegelError):
    """A public source file is not what its definition says. Nothing of it was imported."""


class ShapeError(ZorgspiegelError):
    """A table at a door does not have the promised columns or types."""


class CellsError(ZorgspiegelError):
    """Cells or hierarchies that cannot be protected as they are: nothing was written."""


class ReleaseError(ZorgspiegelError):
    """A release is missing, damaged, or differs from what its manifest promises."""


class BlobError(ZorgspiegelError):
    """An encrypted delivery is missing, damaged, destroyed, in use, or its key is not here."""


class StoreFullError(ZorgspiegelError):
    """The disk is full. What was acknowledged is safe; what was not can be sent again."""


class RecoverableError(ZorgspiegelError):
    """The attack got hidden cells back. The release is blocked; the data were refused."""

    exit_code = 1


class RefusedError(ZorgspiegelError):
    """The data that a command was given are not right, and nothing was written. Names rows, never values."""

    exit_code = 1
