"""Keys of deliveries: one random key each, locked with a public key. Only the worker can unlock it.

The web process therefore cannot read a delivery once it is complete, and destroying one small file (the
locked key) destroys the content everywhere it was copied to. Locking is HPKE (RFC 9180: X25519, HKDF-SHA-256,
AES-256-GCM).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from zorgspiegel.store import durable
from zorgspiegel.terms.errors import BlobError, SettingError

KEY_BYTES = 32
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_PURPOSE = b"zorgspiegel key of a delivery\n"


@dataclass(frozen=True)
class PublicKey:
    """Locks keys of deliveries. Everybody may have it."""

    raw: bytes

    @property
    def fingerprint(self) -> str:
        """Says which private key opens what this key locked."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def lock(self, key: bytes, *, blob_id: str) -> bytes:
        """The key, locked for this blob only, as the text of a key file."""
        public = X25519PublicKey.from_public_bytes(self.raw)
        locked = _SUITE.encrypt(key, public, info=_PURPOSE + blob_id.encode())
        content = {"format": 1, "recipient": self.fingerprint, "locked": b64encode(locked).decode()}
        return json.dumps(content).encode()


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """Unlocks keys of deliveries. For the worker only. Never shows itself."""

    raw: bytes

    @property
    def public(self) -> PublicKey:
        """The public half."""
        public = X25519PrivateKey.from_private_bytes(self.raw).public_key()
        return PublicKey(public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def unlock(self, content: bytes, *, blob_id: str) -> bytes:
        """The key in a key file. Raises BlobError when the file is damaged or was locked for another key."""
        try:
            found = json.loads(content)
            locked, recipient = b64decode(found["locked"], validate=True), found["recipient"]
        except (ValueError, KeyError, TypeError) as error:
            raise BlobError(f"The key file of {blob_id} is damaged. Restore it from a backup.") from error
        if recipient != self.public.fingerprint:
            raise BlobError(
                f"{blob_id} was locked for key {recipient}, and this worker has {self.public.fingerprint}. "
                "Give the worker the private key with that fingerprint."
            )
        private = X25519PrivateKey.from_private_bytes(self.raw)
        try:
            return _SUITE.decrypt(locked, private, info=_PURPOSE + blob_id.encode())
        except InvalidTag as error:
            raise BlobError(
                f"The key file of {blob_id} is damaged or belongs to another delivery."
            ) from error


def make_pair(private_file: Path, public_file: Path) -> PublicKey:
    """Make a key pair, the private half readable by its owner only. What exists already is kept."""
    if not private_file.exists():
        raw = X25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        # Of two workers that start at once one makes the key: what the other locked, nobody could open.
        with contextlib.suppress(FileExistsError):
            durable.write(private_file, b64encode(raw) + b"\n", mode=0o400, only_first=True)
    public = load_private(private_file).public
    durable.write(public_file, b64encode(public.raw) + b"\n", mode=0o444)
    return public


def load_public(path: Path) -> PublicKey:
    """The public key in a file. Raises SettingError when there is none."""
    return PublicKey(_read(path, "public"))


def load_private(path: Path) -> PrivateKey:
    """The private key in a file. Raises SettingError when there is none, or when others can read it."""
    raw = _read(path, "private")
    if stat.S_IMODE(os.stat(path).st_mode) & 0o077:  # noqa: PTH116 - one call for the mode
        raise SettingError(f"Others can read the private key {path}. Run: chmod 0400 {path}")
    return PrivateKey(raw)


def _read(path: Path, kind: str) -> bytes:
    try:
        raw = b64decode(path.read_bytes().strip(), validate=True)
    except FileNotFoundError:
        raise SettingError(f"There is no {kind} key at {path}. Make one, or give the right path.") from None
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SettingError(f"{path} holds no {kind} key: 32 bytes in base64 were expected.")
    return raw
