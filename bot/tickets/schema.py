"""The SQLite file's tables, as a list of changes that only grows: a released one never changes."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("privacy-assistant")


@MIGRATIONS()
def m001_tickets(db: Database) -> None:
    """Tickets: what data subjects asked for, and by when they get an answer."""
    db.table("tickets").create(
        {
            "reference": str,
            "request": str,
            "status": str,
            "language": str,
            "channel": str,
            "received_at": str,
            "filed_at": str,
            "due_on": str,
            "stop_by": str,
            "contacts": str,
            "details": str,
        },
        pk="reference",
        not_null={"request", "status", "language", "channel", "received_at", "due_on", "contacts"},
        strict=True,
    )
    db.table("tickets").create_index(["status", "due_on"])
    db.table("tickets").create_index(["due_on"])


@MIGRATIONS()
def m002_conversations(db: Database) -> None:
    """Open conversations: the latest reply, which holds what is open."""
    db.table("conversations").create(
        {
            "token": str,
            "version": int,
            "message_id": str,
            "fingerprint": str,
            "reply": str,
            "updated_at": float,
        },
        pk="token",
        not_null={"version", "fingerprint", "reply", "updated_at"},
        strict=True,
    )
    db.table("conversations").create_index(["updated_at"])
