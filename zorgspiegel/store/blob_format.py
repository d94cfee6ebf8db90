"""How an encrypted delivery stands on disk: a line that names the format, then numbered pieces (1 MiB at
most):

    length (4 bytes) | nonce (12 bytes) | AES-256-GCM of the piece, with its tag

The blob's id, the number of the piece and whether it is the last one are authenticated with each piece: a
file that was cut off, lengthened, reordered or mixed with another does not decrypt. The nonce is random and
not a counter, because a piece that was half written and then sent again may not share a nonce with its first
try.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from io import FileIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"zorgspiegel blob 1\n"
PIECE = 1 << 20
_LENGTH = struct.Struct(">I")
_NUMBER = struct.Struct(">Q?")
_NONCE = 12
_TAG = 16
_LONGEST = PIECE + _TAG


class Broken(Exception):  # noqa: N818 - never leaves the store: it becomes a BlobError or the end of what is whole
    """From here on the file is not what was written."""


def sealed(cipher: AESGCM, blob_id: str, number: int, plain: bytes, *, is_last: bool) -> tuple[bytes, bytes]:
    """One piece as it goes to disk: what stands before it, and the piece."""
    nonce = os.urandom(_NONCE)
    body = cipher.encrypt(nonce, plain, _context(blob_id, number, is_last=is_last))
    return _LENGTH.pack(len(body)) + nonce, body


def pieces(file: FileIO, cipher: AESGCM, blob_id: str) -> Iterator[tuple[bytes, bool]]:
    """Each piece and whether it is the last, from the start of the file. Raises Broken where it is not."""
    file.seek(0)
    if read_all(file, len(MAGIC)) != MAGIC:
        raise Broken("another format")
    number, is_last = 0, False
    while head := read_all(file, _LENGTH.size + _NONCE):
        if is_last or len(head) < _LENGTH.size + _NONCE:
            raise Broken(f"after piece {number}")
        (length,) = _LENGTH.unpack(head[: _LENGTH.size])
        body = read_all(file, length) if _TAG <= length <= _LONGEST else b""
        if len(body) != length:
            raise Broken(f"in piece {number + 1}")
        plain, is_last = _opened(cipher, blob_id, number, head[_LENGTH.size :], body)
        number += 1
        yield plain, is_last
    if not is_last:
        raise Broken(f"after piece {number}: the end is missing")


def read_all(file: FileIO, size: int) -> bytes:
    """As many bytes as asked for; fewer only at the end of the file."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_all(file: FileIO, data: bytes) -> None:
    """Every byte: a file without a buffer may take only some at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _opened(cipher: AESGCM, blob_id: str, number: int, nonce: bytes, body: bytes) -> tuple[bytes, bool]:
    for is_last in (False, True):
        try:
            return cipher.decrypt(nonce, body, _context(blob_id, number, is_last=is_last)), is_last
        except InvalidTag:
            continue
    raise Broken(f"in piece {number + 1}")


def _context(blob_id: str, number: int, *, is_last: bool) -> bytes:
    return MAGIC + blob_id.encode() + b"\n" + _NUMBER.pack(number, is_last)
