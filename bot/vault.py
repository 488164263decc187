"""The vault: encrypts personal values, and makes the keyed hashes by which they are found again.

Both kinds of key come from the secret key by HKDF (RFC 5869), each for its own purpose, so that
the file of the database alone gives away nothing.
"""

import hashlib
import hmac
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handlers.store import StoreError

KEY_BYTES = 32
NONCE_BYTES = 12
"""What AES-GCM takes (NIST SP 800-38D)."""
SALT_BYTES = 32
FINGERPRINT_DIGITS = 16
"""Enough to tell keys apart, and to compare by eye."""


class Box:
    """Encrypts the values of one ticket or conversation."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, *place: str) -> bytes:
        """Encrypt a text for one place, such as a ticket's reference and the field's name."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        data = text.encode(errors="surrogatepass")
        return nonce + self._cipher.encrypt(nonce, data, _bound(place))

    def open(self, sealed: bytes, *place: str) -> str:
        """Decrypt a value.

        Raises:
            StoreError: when it was changed, stands in another place, or has another secret key.
        """
        nonce, data = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            text = self._cipher.decrypt(nonce, data, _bound(place))
        except (InvalidTag, ValueError):
            raise StoreError("an encrypted value was changed, or the secret key is wrong") from None
        return text.decode(errors="surrogatepass")


class Vault:
    """Gives boxes and keyed hashes that nobody without the secret key can make."""

    def __init__(self, secret_key: str) -> None:
        secret = secret_key.encode()
        self._values = _derived(secret, b"", b"values")
        self._marks = _derived(secret, b"", b"marks")

    def box(self, salt: bytes) -> Box:
        """Give the box of one ticket or conversation, by the random salt kept with it.

        Once the salt is gone nobody can open the box again, with the secret key or without.
        """
        return Box(_derived(self._values, salt, b"box"))

    def mark(self, kind: str, value: str) -> str:
        """Give the keyed hash of a value (HMAC-SHA256); the same value of another kind differs."""
        data = json.dumps([kind, value]).encode()
        return hmac.new(self._marks, data, hashlib.sha256).hexdigest()

    @property
    def fingerprint(self) -> str:
        """What tells the secret key from others, and nothing of the key."""
        return self.mark("vault", "secret key")[:FINGERPRINT_DIGITS]


def new_salt() -> bytes:
    """Draw the salt of a new box."""
    return secrets.token_bytes(SALT_BYTES)


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt, b"privacy-assistant " + purpose).derive(key)


def _bound(place: tuple[str, ...]) -> bytes:
    return json.dumps(place).encode()
