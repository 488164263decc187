"""STORES: which kind of address opens which store."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.tickets.memory import MemoryStore
from bot.tickets.sqlite import SqliteStore
from bot.vault import Vault
from handlers.store import Store, StoreError

STORES: Mapping[str, Callable[[str, Vault], Store]] = MappingProxyType(
    {"sqlite": SqliteStore.open, "memory": MemoryStore.open}
)
"""The one list of stores: URL scheme -> what opens it."""


def open_store(url: str, vault: Vault) -> Store:
    """Open the store at this URL, ready to use; the vault encrypts what is personal in it.

    Raises:
        StoreError: with one line that says what is wrong.
    """
    scheme = urlsplit(url).scheme
    if scheme not in STORES:
        known = ", ".join(f"{name}://" for name in sorted(STORES))
        raise StoreError(f"no store is known for '{url}'; it must start with one of {known}")
    return STORES[scheme](url, vault)
