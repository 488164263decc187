"""Salts of boxes in the SQLite file: kept, read, and wiped in place so that nothing is left."""

from sqlite_utils import Database

from bot.vault import SALT_BYTES, Box, Vault


def keep(db: Database, salt: bytes, number: int | None = None) -> int:
    """Keep a salt, in the place of the one with this number if there is one; give its number."""
    if number is None:
        row = db.execute("select number from salts where free = 1 limit 1").fetchone()
        if row is None:
            cursor = db.execute("insert into salts (free, salt) values (0, ?)", [salt])
            return int(cursor.lastrowid or 0)
        number = int(row[0])
    db.execute("update salts set free = 0, salt = ? where number = ?", [salt, number])
    return number


def box(db: Database, vault: Vault, number: int) -> Box:
    """Give the box of the salt with this number."""
    (salt,) = db.execute("select salt from salts where number = ?", [number]).fetchone()
    return vault.box(salt)


def wipe(db: Database, number: int) -> None:
    """Overwrite a salt, and with it the last way to what was encrypted by it."""
    zeros = bytes(SALT_BYTES)
    db.execute("update salts set free = 1, salt = ? where number = ?", [zeros, number])
