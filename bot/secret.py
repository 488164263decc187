"""The secret key: what it signs, and where it is kept."""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path

from bot.vault import Vault
from handlers.store import StoreError

KEY_LENGTH = 22
"""Hexadecimal digits of a follow link's key: 88 bits, which nobody guesses over the network."""
TOKEN_LENGTH = 36
"""Characters of a token that belongs to a message's id: 144 bits."""


class Secret:
    """Makes keys and fingerprints that nobody without the secret key can make."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self.vault = Vault(key)
        """Encrypts what is personal in the store."""

    def follow_key(self, reference: str) -> str:
        """Give the key with which a requester may follow the ticket with this reference."""
        return self._signed("follow", reference)[:KEY_LENGTH]

    def may_follow(self, reference: str, key: str) -> bool:
        """Tell whether a key belongs to a reference, in the same time for each wrong key."""
        return hmac.compare_digest(
            self.follow_key(reference).encode(), key.encode(errors="replace")
        )

    def fingerprint(self, text: str) -> str:
        """Give a keyed hash by which the same message is known again and none can be read."""
        return self._signed("message", text)

    def place_token(self, channel: str, *place: str) -> str:
        """Give the token of the conversation at a place of a channel, such as a thread.

        The same place gives the same token, also after a restart, and nobody without the secret
        key can work it out.
        """
        return self._signed("place", json.dumps([channel, *place]))

    def message_mark(self, message_id: str) -> str:
        """Give a keyed hash by which a message's id is known again and cannot be read."""
        return self._signed("message id", message_id)

    def first_token(self, message_id: str) -> str:
        """Give the token of the conversation that the message with this id begins.

        Only whoever knows the id gets it, so the id has to be as hard to guess as a token.
        """
        return self._signed("first message", message_id)[:TOKEN_LENGTH]

    def seal(self, text: str) -> str:
        """Give the proof that this server wrote a text which it hands out and takes back."""
        return self._signed("seal", text)

    def sealed(self, text: str, proof: str) -> bool:
        """Tell whether a proof belongs to a text."""
        return hmac.compare_digest(self.seal(text).encode(), proof.encode(errors="replace"))

    def _signed(self, purpose: str, value: str) -> str:
        data = f"{purpose}:{value}".encode(errors="surrogatepass")
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()


def kept_secret(database: str, *, make: bool = True) -> Secret:
    """Give the secret kept beside the database, made now if there is none (mode 0600).

    Raises:
        StoreError: when it can neither be read nor written, or there is none and none may be made.
    """
    if not database.startswith("sqlite:///"):
        return Secret(secrets.token_urlsafe(32))
    path = Path(database.removeprefix("sqlite:///") + ".secret")
    if not make and not path.exists():
        raise StoreError(
            f"the secret key is not here: put it into '{path}', or name it in the settings"
        )
    try:
        return Secret(_made_once(path))
    except OSError as error:
        raise StoreError(f"the secret key '{path}' cannot be used: {error.strerror}") from error


def _made_once(path: Path) -> str:
    # written aside and linked into place, so that of several workers all read the same whole key
    if not path.exists():
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
        Path(aside).unlink()
    return path.read_text().strip()
