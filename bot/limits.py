"""Limits against floods: one table, counted in the store, so that they hold across processes.

Over a limit nothing is lost: what was filed stays, and a draft stays to be confirmed later.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from handlers.contract import Reply
from handlers.register import What
from handlers.store import Store

MINUTE, HOUR, DAY = 60, 3600, 86400


class Limit(NamedTuple):
    """So many uses of one kind within a window of seconds."""

    name: str
    most: int
    seconds: int


MESSAGES = Limit("messages", 30, MINUTE)
"""Of one conversation: nobody types a message every two seconds for a minute."""
SENDER_TICKETS = Limit("tickets of a conversation", 10, DAY)
"""Of one conversation: there are nine rights, and nobody needs each of them twice on one day. It is
not counted by address: a stranger who files under somebody's address must not hold up its owner."""
TICKETS = Limit("tickets", 300, HOUR)
"""Of everybody: ten times what a company of this size gets in its busiest week; staff could not
read more, and a flood must not fill the disk."""
MAILS = Limit("mails to an address", 5, DAY)
"""To one address: the assistant must not be a means to fill a stranger's mailbox."""

MAILS_PER_TICKET = 3
"""One-time codes for one ticket, for the same reason; counted in the register, whatever the day."""


@dataclass(frozen=True)
class Limiter:
    """Counts uses in the store and tells whether there may be one more."""

    store: Store

    def allows(self, limit: Limit, key: str, now: datetime) -> bool:
        """Count one more use under a key and tell whether it is within the limit.

        Raises:
            StoreError: when the store cannot be used.
        """
        return self.store.count(f"{limit.name}:{key}", now, limit.seconds) <= limit.most

    def allows_filing(self, reply: Reply, sender: str, now: datetime) -> bool:
        """Count the tickets that a reply files for a sender, and tell whether it may."""
        filed = sum(step.event.what is What.FILED for step in reply.steps)
        # each is counted, whatever the others say
        allowed = [self.allows(SENDER_TICKETS, sender, now) for _ in range(filed)]
        allowed += [self.allows(TICKETS, "", now) for _ in range(filed)]
        return all(allowed)
