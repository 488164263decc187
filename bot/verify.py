"""Is the register whole, and does every ticket agree with it?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from bot.tickets.steps import STATE, state_of
from handlers.register import Entry, Event, What, first_wrong
from handlers.store import Store, StoreError
from handlers.tickets import OPEN, Status, Ticket

MOVES: Mapping[What, Status] = MappingProxyType(
    {
        What.FILED: Status.RECEIVED,
        What.IDENTITY_ASKED: Status.AWAITING_IDENTITY,
        What.CLARIFICATION_ASKED: Status.AWAITING_CLARIFICATION,
        What.RESUMED: Status.IN_PROGRESS,
        What.FULFILLED: Status.FULFILLED,
        What.WITHDRAWN: Status.WITHDRAWN,
        What.DUPLICATE: Status.DUPLICATE,
        What.NOT_A_REQUEST: Status.NOT_A_REQUEST,
        What.REOPENED: Status.RECEIVED,
    }
)
"""Events that lead to one status whatever was before."""
TRIES = 3
"""Looks at a ticket that seems wrong: somebody may just have changed it."""


@dataclass(frozen=True)
class Account:
    """What the events so far say of one ticket."""

    status: Status = Status.RECEIVED
    due_on: str = ""
    state: str = ""
    """Hash of the ticket's codes after the latest event that changed it."""
    seq: int = 0
    """Place of that event in the register."""


@dataclass(frozen=True)
class Head:
    """The register's end as somebody kept it elsewhere."""

    seq: int
    hash: str

    def __str__(self) -> str:
        """Write it as it is kept."""
        return f"{self.seq}:{self.hash}"


def problems(store: Store, kept: Head | None = None) -> Iterator[str]:
    """Give what is wrong, a line each: the register's first bad entry before any ticket."""
    accounts: dict[str, Account] = {}
    seen: dict[int, str] = {}

    def watched() -> Iterator[Entry]:
        for entry in store.register():
            if entry.event.reference:
                known = accounts.get(entry.event.reference)
                accounts[entry.event.reference] = followed(known, entry)
            if kept is not None and entry.seq == kept.seq:
                seen[entry.seq] = entry.hash
            yield entry

    wrong = list(first_wrong(watched()))
    if wrong:
        yield wrong[0][1]
        return  # what stands behind a bad entry proves nothing
    if kept is not None and kept.seq > 0:
        yield from _against(kept, seen, store.head()[0])
    yield from _tickets(store, accounts)


def followed(account: Account | None, entry: Entry) -> Account:
    """Give what is to be said of a ticket after one more event."""
    before, event = account or Account(), entry.event
    state, due_on = event.codes.get(STATE), event.codes.get("due_on")
    if not isinstance(state, str):
        return before  # it changed no ticket
    return replace(
        before,
        status=_status(before.status, event),
        due_on=due_on if isinstance(due_on, str) else before.due_on,
        state=state,
        seq=entry.seq,
    )


def _status(before: Status, event: Event) -> Status:
    """Give the status after an event, as :mod:`handlers.casework` sets it."""
    match event.what:
        case What.TAKEN if before is Status.RECEIVED:
            return Status.IN_PROGRESS
        case What.IDENTITY_CHECKED if before is Status.AWAITING_IDENTITY:
            return Status.IN_PROGRESS
        case What.REFUSED:
            return Status.FULFILLED if event.codes.get("partial") else Status.REFUSED
        case What.BREACH_SIGNALLED if before not in OPEN:
            return Status.RECEIVED
        case what:
            return MOVES.get(what, before)


def _against(kept: Head, seen: Mapping[int, str], length: int) -> Iterator[str]:
    if kept.seq > length:
        yield (
            f"entry {length + 1} is missing: the register ends at entry {length}, "
            f"and the head that was kept is entry {kept.seq}"
        )
    elif seen.get(kept.seq) != kept.hash:
        yield f"entry {kept.seq} is not the one whose hash was kept: it or one before was rewritten"


def _tickets(store: Store, accounts: Mapping[str, Account]) -> Iterator[str]:
    for reference, account in accounts.items():
        found = _difference(store, reference, account)
        if found:
            yield f"ticket {reference}: {found}"
    for reference in store.references():
        if reference not in accounts and not any(store.register(reference)):
            yield f"ticket {reference}: no event says that it was filed"


def _difference(store: Store, reference: str, account: Account) -> str | None:
    """Say in what a ticket differs from its events; None where it does not."""
    found = _compared(store, reference, account)
    for _ in range(TRIES):
        if found is None:
            return None
        # it may have been changed since the register was read: with its event, or by hand
        account = _told(store.register(reference))
        found = _compared(store, reference, account)
    return found


def _told(entries: Iterable[Entry]) -> Account:
    account: Account | None = None
    for entry in entries:
        account = followed(account, entry)
    return account or Account()


def _compared(store: Store, reference: str, account: Account) -> str | None:
    try:
        ticket = store.ticket(reference)
    except (StoreError, ValueError, KeyError, TypeError):
        return f"it cannot be read, so it was changed after entry {account.seq}"
    if ticket is None:
        return f"it is missing, and entry {account.seq} tells of it"
    return _disagreement(ticket, account)


def _disagreement(ticket: Ticket, account: Account) -> str | None:
    if ticket.status is not account.status:
        return f"its status is {ticket.status}, and by entry {account.seq} {account.status}"
    if account.due_on and ticket.due_on != date.fromisoformat(account.due_on):
        return f"its due date is {ticket.due_on}, and by the register {account.due_on}"
    if state_of(ticket) != account.state:
        return f"a code or date of it is not as entry {account.seq} left it"
    return None
