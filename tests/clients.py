"""A program that the tests start, and kill: it files tickets, and prints each that was confirmed.

python tests/clients.py file URL         for each line of input, in a process of its own
python tests/clients.py race URL WHEN    confirms the same drafts as others at the same moment
"""

import os
import sys
import threading
import time
from datetime import UTC, date, datetime

from bot.tickets import open_store
from bot.vault import Vault
from handlers.casework import Step
from handlers.contract import Dialogue, Kind, Reply
from handlers.references import new_reference
from handlers.register import Event, What
from handlers.store import Conversation, Store
from handlers.tickets import Conflict, Contact, ContactKind, Status, Ticket

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
DAY = date(2026, 4, 7)
THREADS = 4
DRAFTS = 20


def filed() -> Step:
    """Make a step that files a ticket."""
    reference = new_reference()
    contacts = (Contact(ContactKind.EMAIL, f"{reference.lower()}@example.com"),)
    ticket = Ticket(
        *(reference, "access", Status.RECEIVED, "nl", "web", NOW, NOW, DAY, DAY, DAY, None, "BE"),
        contacts=contacts,
        details="my data",
    )
    return Step(ticket, Event(What.FILED, reference, "requester", NOW))


def replied(version: int, *steps: Step) -> Conversation:
    """Make a conversation whose reply takes these steps."""
    references = tuple(step.ticket.reference for step in steps)
    reply = Reply(Kind.REQUEST, "nl", "text", Dialogue(filed=references), steps=steps)
    return Conversation(version, "m", "fingerprint", reply)


def tell(line: str) -> None:
    """Print a line, whole, whatever happens next."""
    os.write(1, f"{line}\n".encode())


def file(store: Store) -> None:
    """File until the end, which comes from outside."""
    while True:
        step = filed()
        store.save(step.ticket.reference, replied(1, step), NOW)
        tell(step.ticket.reference)


def file_in_rounds(url: str) -> None:
    """Start a process for each line of input; it files from several threads until it is killed."""
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            tell(f"pid {os.getpid()}")
            store = open_store(url, Vault("k" * 32))
            for _ in range(THREADS):
                threading.Thread(target=file, args=[store]).start()
            threading.Event().wait()
        os.waitpid(child, 0)
        tell("killed")


def race(url: str, when: float) -> None:
    """Confirm each draft at the moment that was agreed, and print what was filed."""
    store = open_store(url, Vault("k" * 32))
    for number in range(DRAFTS):
        time.sleep(max(0.0, when + number * 0.02 - time.time()))
        step = filed()
        try:
            store.save(f"draft {number}", replied(2, step), NOW)
        except Conflict:
            continue
        tell(step.ticket.reference)


if __name__ == "__main__":
    if sys.argv[1] == "file":
        file_in_rounds(sys.argv[2])
    else:
        race(sys.argv[2], float(sys.argv[3]))
