"""What people think of an answer: codes only, and their question where they send it along."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from handlers.contract import Kind


class Reason(StrEnum):
    """Why an answer did not help."""

    WRONG = "wrong"
    UNCLEAR = "unclear"
    INCOMPLETE = "incomplete"
    NOT_MY_QUESTION = "not_my_question"


@dataclass(frozen=True)
class Feedback:
    """A thumb up or down. It names no conversation, so nobody can tell whose it is."""

    at: datetime
    language: str
    kind: Kind
    section: str | None
    """Id of the section that the answer came from."""
    version: str | None
    """Version of the document that the section stands in."""
    helpful: bool
    reason: Reason | None = None
    question: str | None = field(default=None, repr=False)
    """What was asked, only where the person agreed to send it along."""
