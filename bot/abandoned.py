"""Files the drafts of conversations that their person left without a yes or a cancel.

Run each minute by ``serve`` and whenever a conversation starts. Any number of workers may do so at
once: the store takes the next reply of a conversation from one of them only.
"""

from datetime import datetime, timedelta

from bot.duplicates import with_proposals
from bot.limits import TICKETS, Limiter
from handlers.abandoned import file_draft, worth_filing
from handlers.contract import Desk
from handlers.register import What
from handlers.store import Conversation, Store
from handlers.tickets import Conflict

LEFT = timedelta(minutes=30)
"""After this time without a message a draft counts as left."""


def file_abandoned(store: Store, desk: Desk, now: datetime) -> int:
    """File the drafts that were left, as received and not confirmed; give how many tickets.

    Raises:
        StoreError: when the store cannot be used; what was filed until then stays.
    """
    filed, limiter = 0, Limiter(store)
    for token, conversation in store.abandoned(now - LEFT):
        if not worth_filing(conversation.dialogue.draft):
            continue
        if not limiter.allows(TICKETS, "", now):
            break  # a later run goes on
        reply = with_proposals(file_draft(conversation.reply, desk, now), store, desk.casework, now)
        following = Conversation(conversation.version + 1, None, conversation.fingerprint, reply)
        try:
            store.adopt(token, following)
        except Conflict:
            continue  # the person came back, or another worker was first
        filed += sum(step.event.what is What.FILED for step in reply.steps)
    return filed
