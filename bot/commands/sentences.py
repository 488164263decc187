"""What staff are told when a rule forbids something: one table, rule -> sentence."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.tickets import TicketError

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "received_in_future": "the moment of receipt lies in the future",
        "closed": "the ticket is closed; reopen it first",
        "confirmed_before": "the requester confirmed it before",
        "no_identity_needed": "nobody may be asked who they are for this kind of request",
        "not_an_identifier": "the ticket has no such address or number",
        "no_such_task": "the ticket has no such task",
        "extended_once": "the period was extended before, and it can be only once",
        "reason_missing": "a reason is needed",
        "first_month_over": "the first month is over, in which the person had to be told",
        "not_extended": "the period was not extended",
        "cannot_be_refused": "an objection to marketing cannot be refused",
        "explanation_missing": "a refusal needs an explanation for the person",
        "informed_in_future": "the day on which the person was informed lies in the future",
        "informed_before_receipt": "the person cannot have been informed before the receipt",
        "no_duplicate": "the other ticket is closed, or is about another right, or is the same one",
        "breach_is_no_duplicate": "somebody who was still contacted is never a duplicate",
        "not_the_same_person": "the two tickets have no checked address or number in common",
        "only_staff": "only a staff member can say so",
        "no_marketing_stop": "the ticket is not about stopping marketing",
        "still_open": "an open ticket is never erased",
        "legal_hold": "the ticket is kept for a legal claim; release it first",
        "erased": "the ticket's values were erased, so it cannot be opened again",
    }
)
"""Rule of a :class:`~handlers.tickets.TicketError` -> a sentence without its full stop."""
NOT_NOW = "that is not possible now: {rule}"
"""For a step that the table of statuses does not have; the rule names both statuses."""


def sentence(error: TicketError) -> str:
    """Say which rule forbids it, and where that stands."""
    text = SENTENCES.get(error.rule) or NOT_NOW.format(rule=error.rule.replace("_", " "))
    return f"{text} (GDPR article {error.article})" if error.article else text
