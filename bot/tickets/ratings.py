"""What people think of answers, in the SQLite file: codes, and an encrypted question."""

from collections.abc import Iterator
from datetime import datetime

from sqlite_utils import Database

from bot.tickets import salts
from bot.tickets.rows import written
from bot.vault import Vault, new_salt
from handlers.contract import Kind
from handlers.feedback import Feedback, Reason

PLACE = "rating"


def write(db: Database, vault: Vault, feedback: Feedback) -> None:
    """Add a rating."""
    salt = sealed = None
    if feedback.question is not None:
        drawn = new_salt()
        salt = salts.keep(db, drawn)
        sealed = vault.box(drawn).seal(feedback.question, PLACE)
    db.execute(
        "insert into ratings (at, language, kind, section, version, helpful, reason, salt,"
        " question) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            written(feedback.at),
            feedback.language,
            feedback.kind.value,
            feedback.section,
            feedback.version,
            int(feedback.helpful),
            feedback.reason.value if feedback.reason else None,
            salt,
            sealed,
        ],
    )


def load(db: Database, vault: Vault) -> Iterator[Feedback]:
    """Give every rating, the latest first."""
    rows = db.execute(
        "select at, language, kind, section, version, helpful, reason, salt, question from ratings"
        " order by number desc"
    ).fetchall()
    for at, language, kind, section, version, helpful, reason, salt, sealed in rows:
        yield Feedback(
            at=datetime.fromisoformat(at),
            language=language,
            kind=Kind(kind),
            section=section,
            version=version,
            helpful=bool(helpful),
            reason=Reason(reason) if reason else None,
            question=salts.box(db, vault, salt).open(sealed, PLACE) if salt else None,
        )


def old_questions(db: Database, before: datetime) -> int:
    """Give the number of questions of older ratings."""
    sql = "select count(*) from ratings where salt is not null and at < ?"
    return int(db.execute(sql, [written(before)]).fetchone()[0])


def forget_questions(db: Database, before: datetime) -> int:
    """Leave the codes of older ratings and drop their questions; give how many."""
    rows = db.execute(
        "select number, salt from ratings where salt is not null and at < ?", [written(before)]
    ).fetchall()
    for number, salt in rows:
        salts.wipe(db, salt)
        db.execute("update ratings set salt = null, question = null where number = ?", [number])
    return len(rows)
