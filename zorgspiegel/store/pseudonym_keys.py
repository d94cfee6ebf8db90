"""Keys for pseudonyms: one secret, and out of it a key of its own for every purpose and gemeente.

There are some 90 million BSNs, so a hash without a secret is undone in minutes (SECURITY F12). With the
secret gone, nobody can: destroying the key file is destroying the way back.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from zorgspiegel.terms.errors import SettingError
from zorgspiegel.terms.pseudonym import LETTERS, checksum

_FIRST_LINE = "zorgspiegel pseudonym key 1"
_SECRET_BYTES = 32
_PSEUDONYM_BYTES = 16
_HEX_TO_LETTERS = str.maketrans("0123456789abcdef", LETTERS)


@dataclass(frozen=True)
class PseudonymKey:
    """The secret. It refuses to be printed, so that it never stands in a log or a traceback."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < _SECRET_BYTES:
            raise SettingError(f"A pseudonym key is {_SECRET_BYTES} bytes. Make one with --new-key.")

    @property
    def name(self) -> str:
        """Four letters that tell one key from another and say nothing about it."""
        return _letters(_derive(self.secret, "name", 2))

    def for_persons(self, *, purpose: str, gemeente: str) -> bytes:
        """The key for the persons of one gemeente and purpose. With another gemeente nothing links."""
        assert "|" not in purpose + gemeente, "the bar between them tells purpose and gemeente apart"
        return _derive(self.secret, f"persons|{purpose}|{gemeente}", _SECRET_BYTES)


@dataclass(frozen=True)
class Pseudonymiser:
    """Makes the pseudonyms of one gemeente and purpose."""

    key: bytes = field(repr=False)
    start: str

    def of(self, person: str) -> str:
        """The pseudonym of a person: the same for the same text, always."""
        digest = hmac.digest(self.key, person.encode(), "sha256")[:_PSEUDONYM_BYTES]
        start = self.start + _letters(digest)
        return f"{start}-{checksum(start)}"


def pseudonymiser(key: PseudonymKey, *, purpose: str, gemeente: str) -> Pseudonymiser:
    """Who makes pseudonyms for one purpose (`purpose_of`) and one gemeente (four digits)."""
    return Pseudonymiser(key.for_persons(purpose=purpose, gemeente=gemeente), f"ZP1-{key.name}-")


def purpose_of(standard_id: str) -> str:
    """Standards of one family are about the same persons: `gmsd-wmo` and `gmsd-kostenwmo` are both `gmsd`."""
    return standard_id.split("-", maxsplit=1)[0]


@lru_cache(maxsize=4096)
def _derive(secret: bytes, what: str, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length, salt=None, info=f"{_FIRST_LINE}|{what}".encode()).derive(secret)


def _letters(data: bytes) -> str:
    return data.hex().translate(_HEX_TO_LETTERS)


def new_key(path: Path) -> PseudonymKey:
    """Write a new secret to a file that only its owner can read. An existing file is never overwritten."""
    key = PseudonymKey(secrets.token_bytes(_SECRET_BYTES))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingError(
            f"{path} exists already. With another key every person would get another pseudonym, so it is "
            "not overwritten. Choose another name, or remove it yourself if you are sure."
        ) from None
    except OSError as error:
        raise SettingError(f"{path} could not be made: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{_FIRST_LINE}\n{key.secret.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key(path: Path) -> PseudonymKey:
    """The secret in a key file. SettingError when others may read it, or it is too short, or no key."""
    try:
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            lines = file.read(1024).split("\n")
    except (OSError, UnicodeDecodeError):
        raise SettingError(
            f"{path} is not a key file that can be read. "
            "Make one with: zorgspiegel pseudonymise --new-key FILE."
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        raise SettingError(f"Others than you may use {path}. Run: chmod 600 {path}. Then consider a new key.")
    try:
        if lines[0].strip() != _FIRST_LINE:
            raise ValueError
        secret = bytes.fromhex(lines[1])
    except (IndexError, ValueError):
        raise SettingError(
            f"{path} holds no pseudonym key: its first line must be {_FIRST_LINE!r} and its second line "
            f"{2 * _SECRET_BYTES} hexadecimal digits. Make one with --new-key."
        ) from None
    if len(secret) < _SECRET_BYTES:
        raise SettingError(
            f"The key in {path} is too short: {len(secret)} bytes, not {_SECRET_BYTES}. "
            "Make one with --new-key."
        )
    return PseudonymKey(secret)
