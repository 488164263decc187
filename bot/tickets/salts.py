"""Salts of boxes in the SQLite file: taken, read, and wiped in place so that nothing is left."""

from sqlite_utils import Database

from bot.vault import SALT_BYTES, Box, Vault, new_salt


def new_box(db: Database, vault: Vault) -> tuple[int, Box]:
    """Take a salt that is free, or a new one, and give its number and its box."""
    salt = new_salt()
    row = db.execute("select number from salts where free = 1 limit 1").fetchone()
    if row is None:
        number = db.execute("insert into salts (free, salt) values (0, ?)", [salt]).lastrowid
    else:
        (number,) = row
        db.execute("update salts set free = 0, salt = ? where number = ?", [salt, number])
    return int(number or 0), vault.box(salt)


def box(db: Database, vault: Vault, number: int) -> Box:
    """Give the box of the salt with this number."""
    (salt,) = db.execute("select salt from salts where number = ?", [number]).fetchone()
    return vault.box(salt)


def wipe(db: Database, number: int) -> None:
    """Overwrite a salt, and with it the last way to what was encrypted by it."""
    zeros = bytes(SALT_BYTES)
    db.execute("update salts set free = 1, salt = ? where number = ?", [zeros, number])
