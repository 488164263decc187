"""What staff are told when a rule forbids something: one table, rule -> sentence."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.tickets import TicketError

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "received_in_future": "the moment of receipt lies in the future",
        "received_before_law": "the GDPR did not apply yet on the day of receipt",
        "received_then": "that is the receipt that the ticket has already",
        "closed": "the ticket is closed; reopen it first",
        "not_closed": "the ticket is open; only a closed one can be reopened",
        "in_progress": "the ticket is in progress already",
        "taken_before": "the same person has taken it already",
        "checked_before": "that address or number was checked in the same way before",
        "confirmed_before": "the requester confirmed it before",
        "no_identity_needed": "nobody may be asked who they are for this kind of request",
        "not_an_identifier": "the ticket has no such address or number",
        "no_such_task": "the ticket has no such task",
        "task_done_before": "the task is done already",
        "extended_once": "the period was extended before, and it can be only once",
        "reason_missing": "a reason is needed",
        "first_month_over": "the first month is over, in which the person had to be told",
        "not_extended": "the period was not extended",
        "cannot_be_refused": "an objection to marketing cannot be refused",
        "explanation_missing": "a refusal needs an explanation for the person",
        "informed_in_future": "the day on which the person was informed lies in the future",
        "informed_before_receipt": "the person cannot have been informed before the receipt",
        "duplicate_of_itself": "a ticket is no duplicate of itself",
        "duplicate_of_closed": "the other ticket is closed, so nobody works on the request there",
        "duplicate_of_another_right": "the other ticket is about another right",
        "breach_is_no_duplicate": "somebody who was still contacted is never a duplicate",
        "not_the_same_person": "the two tickets have no checked address or number in common",
        "only_staff": "only a staff member can say so",
        "no_marketing_stop": "the ticket is not about stopping marketing",
        "still_open": "an open ticket is never erased",
        "legal_hold": "the ticket is kept for a legal claim; release it first",
        "held_before": "the ticket is kept for a legal claim already",
        "not_held": "the ticket is not kept for a legal claim",
        "erased": "the ticket was erased, so nothing more can be done to it",
    }
)
"""Rule of a :class:`~handlers.tickets.TicketError` -> a sentence without its full stop."""
NOT_NOW = "that is not possible now: {rule}; resume the work first"
"""For a step that the table of statuses does not have, which is then one out of a wait for the
person; the rule names both statuses."""


def sentence(error: TicketError) -> str:
    """Say which rule forbids it, and where that stands."""
    text = SENTENCES.get(error.rule) or NOT_NOW.format(rule=error.rule.replace("_", " "))
    return f"{text} (GDPR article {error.article})" if error.article else text
