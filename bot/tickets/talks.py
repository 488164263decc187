"""Open conversations in the SQLite file: the token hashed, the reply encrypted."""

import hashlib
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError
from sqlite_utils import Database

from bot.tickets import salts
from bot.tickets.steps import drafts, mentioned, without_steps
from bot.vault import Vault, new_salt
from handlers.contract import Reply
from handlers.store import Conversation
from handlers.tickets import Conflict

REPLY = TypeAdapter(Reply)
SELECT = (
    "select c.version, c.message_id, c.fingerprint, c.reply, c.token, s.salt"
    " from conversations c join salts s on s.number = c.salt"
)


def hashed(token: str) -> str:
    """Hash a token: whoever reads the file must not be able to go on with a conversation."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def load(db: Database, vault: Vault, token: str) -> Conversation | None:
    """Give the conversation with this hashed token."""
    row = db.execute(f"{SELECT} where c.token = ?", [token]).fetchone()
    return _conversation(vault, row) if row else None


def abandoned(db: Database, vault: Vault, before: float) -> list[tuple[str, Conversation]]:
    """Give the conversations, by hashed token, with a draft that nobody has gone on with."""
    rows = db.execute(f"{SELECT} where c.drafts = 1 and c.updated_at < ?", [before]).fetchall()
    found = ((row[4], _conversation(vault, row)) for row in rows)
    return [(token, conversation) for token, conversation in found if conversation is not None]


@dataclass(frozen=True)
class Sealed:
    """A conversation, encrypted before the write lock is taken: nobody waits for that."""

    token: str
    conversation: Conversation = field(repr=False)
    salt: bytes = field(repr=False)
    reply: bytes = field(repr=False)


def seal(vault: Vault, token: str, conversation: Conversation) -> Sealed:
    """Encrypt a conversation's next reply; each has a salt of its own, and outlives none."""
    reply = REPLY.dump_json(without_steps(conversation).reply).decode()
    salt = new_salt()
    sealed = vault.box(salt).seal(reply, "conversation", token)
    return Sealed(token, conversation, salt, sealed)


def write(db: Database, sealed: Sealed, updated_at: float | None) -> None:
    """Write a conversation's next reply; without a moment its last message is as old as before.

    Raises:
        Conflict: when the version kept is not the one just before.
    """
    token, conversation = sealed.token, sealed.conversation
    kept = db.execute(
        "select version, salt, mentions from conversations where token = ?", [token]
    ).fetchone()
    gone = kept is None and updated_at is None
    if gone or (kept[0] if kept else 0) != conversation.version - 1:
        raise Conflict
    before = kept[2].split() if kept else ()
    db.execute(
        "insert into conversations (token, version, message_id, fingerprint, salt, reply, mentions,"
        " drafts, updated_at) values (:token, :version, :message_id, :fingerprint, :salt, :reply,"
        " :mentions, :drafts, :updated_at)"
        " on conflict (token) do update set version = excluded.version,"
        " message_id = excluded.message_id, fingerprint = excluded.fingerprint,"
        " reply = excluded.reply, mentions = excluded.mentions, drafts = excluded.drafts,"
        " updated_at = coalesce(:moved, updated_at)",
        {
            "token": token,
            "version": conversation.version,
            "message_id": conversation.message_id,
            "fingerprint": conversation.fingerprint,
            "salt": salts.keep(db, sealed.salt, kept[1] if kept else None),
            "reply": sealed.reply,
            "mentions": " ".join(sorted({*before, *mentioned(conversation)})),
            "drafts": drafts(conversation),
            "updated_at": updated_at or 0.0,
            "moved": updated_at,
        },
    )


def forget(db: Database, where: str, value: str | float) -> int:
    """Delete the conversations for which a condition holds, and give their number."""
    for (number,) in db.execute(
        f"select salt from conversations where {where}",
        [value],
    ).fetchall():
        salts.wipe(db, number)
    return db.execute(f"delete from conversations where {where}", [value]).rowcount


def _conversation(vault: Vault, row: tuple[object, ...]) -> Conversation | None:
    version, message_id, fingerprint, sealed, token, salt = row
    text = vault.box(salt).open(sealed, "conversation", token)  # type: ignore[arg-type]
    try:
        reply = REPLY.validate_json(text)
    except ValidationError:
        # an earlier version wrote it: the person starts anew, and no error quotes it
        return None
    return Conversation(version, message_id, fingerprint, reply)  # type: ignore[arg-type]
