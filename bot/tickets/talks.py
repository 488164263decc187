"""Open conversations in the SQLite file: the token hashed, the reply encrypted."""

import hashlib

from pydantic import TypeAdapter, ValidationError
from sqlite_utils import Database

from bot.tickets import salts
from bot.tickets.steps import drafts, mentioned, without_steps
from bot.vault import Vault
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
    return row and _conversation(vault, row)


def abandoned(db: Database, vault: Vault, before: float) -> list[tuple[str, Conversation]]:
    """Give the conversations, by hashed token, with a draft that nobody has gone on with."""
    rows = db.execute(f"{SELECT} where c.drafts = 1 and c.updated_at < ?", [before]).fetchall()
    found = ((row[4], _conversation(vault, row)) for row in rows)
    return [(token, conversation) for token, conversation in found if conversation is not None]


def write(
    db: Database, vault: Vault, token: str, conversation: Conversation, updated_at: float | None
) -> None:
    """Write a conversation's next reply; without a moment its last message is as old as before.

    Raises:
        Conflict: when the version kept is not the one just before.
    """
    kept = db.execute("select version, salt from conversations where token = ?", [token]).fetchone()
    gone = kept is None and updated_at is None
    if gone or (kept[0] if kept else 0) != conversation.version - 1:
        raise Conflict
    if kept is None:
        number, box = salts.new_box(db, vault)
    else:
        number, box = kept[1], salts.box(db, vault, kept[1])
    reply = REPLY.dump_json(without_steps(conversation).reply).decode()
    db.execute(
        "insert into conversations"
        " (token, version, message_id, fingerprint, salt, reply, drafts, updated_at) values"
        " (:token, :version, :message_id, :fingerprint, :salt, :reply, :drafts, :updated_at)"
        " on conflict (token) do update set version = excluded.version,"
        " message_id = excluded.message_id, fingerprint = excluded.fingerprint,"
        " reply = excluded.reply, drafts = excluded.drafts,"
        " updated_at = coalesce(:moved, updated_at)",
        {
            "token": token,
            "version": conversation.version,
            "message_id": conversation.message_id,
            "fingerprint": conversation.fingerprint,
            "salt": number,
            "reply": box.seal(reply, "conversation", token),
            "drafts": drafts(conversation),
            "updated_at": updated_at or 0.0,
            "moved": updated_at,
        },
    )
    for reference in sorted(mentioned(conversation)):
        db.execute(
            "insert into mentions (reference, token) values (?, ?) on conflict do nothing",
            [reference, token],
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
